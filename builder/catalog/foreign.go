package catalog

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// foreignConfigs are the files by which other generators know their sites.
var foreignConfigs = []struct{ name, generator string }{
	{"hugo.toml", "Hugo"}, {"hugo.yaml", "Hugo"}, {"hugo.yml", "Hugo"}, {"hugo.json", "Hugo"},
	{"config.toml", "Hugo"}, {"config/_default/hugo.toml", "Hugo"}, {"config/_default/hugo.yaml", "Hugo"}, {"config/_default/config.toml", "Hugo"},
	{"_config.yml", "Jekyll"}, {"_config.yaml", "Jekyll"}, {"_config.toml", "Jekyll"},
	{"mkdocs.yml", "MkDocs"}, {"mkdocs.yaml", "MkDocs"},
	{"docusaurus.config.js", "Docusaurus"}, {"docusaurus.config.ts", "Docusaurus"}, {"docusaurus.config.mjs", "Docusaurus"}, {"docusaurus.config.cjs", "Docusaurus"},
	{"antora.yml", "Antora"}, {"antora-playbook.yml", "Antora"}, {"antora-playbook.yaml", "Antora"},
	{".eleventy.js", "Eleventy"}, {"eleventy.config.js", "Eleventy"}, {"eleventy.config.mjs", "Eleventy"}, {"eleventy.config.cjs", "Eleventy"}, {"eleventy.config.ts", "Eleventy"},
}

// policyName is what files are called that are probably policies.
var policyName = regexp.MustCompile(`(?i)(^|[-_ ./])(privacy|terms|tos|cookies?|legal|imprint|impressum|datenschutz|agb|gdpr|ccpa|dpa|aup|sla|eula|dmca|copyright|disclaimer|refunds?|cancellation|acceptable[-_ ]use|data[-_ ]processing|sub-?processors?|conditions)([-_ ./]|$)`)

// checkForeign refuses to take another generator's content, layouts and static
// files for its own, unless it is told which texts are meant. folder is the
// content folder as far as it was stated.
func (r *reader) checkForeign(folder string) error {
	for _, f := range foreignConfigs {
		if _, ok := r.cat.Log.Lookup(r.cat.Head(), r.cat.InSource(f.name)); !ok {
			continue
		}
		r.foreign = f.name
		if folder != "" || len(r.cat.Config.Include) > 0 {
			return nil
		}
		return &ForeignSite{Generator: f.generator, File: r.cat.InSource(f.name), Config: r.suggestConfig()}
	}
	return nil
}

// ForeignSite is refused: the repository belongs to another generator, and
// nothing says which of its texts are policies.
type ForeignSite struct {
	Generator string
	File      string // by which it is known
	Config    string // a policysite.yaml ready to use
}

func (f *ForeignSite) Error() string {
	return fmt.Sprintf("%s: this is a site of %s, and nothing says which of its texts are policies", f.File, f.Generator)
}

func (f *ForeignSite) Unwrap() error { return policy.ErrUsage }

// suggestConfig writes the policysite.yaml that names the texts which look like
// policies.
func (r *reader) suggestConfig() string {
	source := r.cat.Layout.Source
	layout := policy.Layout{Source: source, Content: source, Language: "en"}
	var found []string
	for f := range r.cat.Log.Files(r.cat.Head()) {
		rel := strings.TrimPrefix(strings.TrimPrefix(f.Path, source), "/")
		stem := strings.TrimSuffix(rel, path.Ext(rel))
		// Jekyll's _posts and _includes, Docusaurus' _partials: no pages.
		hidden := strings.HasPrefix(rel, "_") || strings.Contains(rel, "/_")
		if layout.Selected(f.Path) && policyName.MatchString(stem) && !hidden {
			found = append(found, rel)
		}
	}
	// Hugo and Docusaurus keep all texts in one folder, which says nothing.
	content := "."
	for _, folder := range []string{"content", "docs", "src"} {
		if len(found) > 0 && !slices.ContainsFunc(found, func(p string) bool { return !strings.HasPrefix(p, folder+"/") }) {
			content = folder
			for i := range found {
				found[i] = strings.TrimPrefix(found[i], folder+"/")
			}
			break
		}
	}
	var b strings.Builder
	b.WriteString("# policysite.yaml: which texts of this repository are policies.\n")
	fmt.Fprintf(&b, "content: %s\ninclude:\n", content)
	for _, p := range found {
		fmt.Fprintf(&b, "  - %s\n", quoteYAML(p))
	}
	if len(found) == 0 {
		b.WriteString("  - privacy.md # put the paths of your policies here\n")
	}
	return b.String()
}

var plainYAML = regexp.MustCompile(`^[A-Za-z0-9_./-]+$`)

// quoteYAML writes a path as a pattern in YAML: special characters of patterns
// are taken literally.
func quoteYAML(p string) string {
	for _, c := range []string{`\`, "*", "?", "[", "]", "{", "}"} {
		p = strings.ReplaceAll(p, c, `\`+c)
	}
	if plainYAML.MatchString(p) {
		return p
	}
	return "'" + strings.ReplaceAll(p, "'", "''") + "'"
}
