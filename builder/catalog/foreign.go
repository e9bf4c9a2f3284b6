package catalog

import (
	"cmp"
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
	{"config/_default/hugo.toml", "Hugo"}, {"config/_default/hugo.yaml", "Hugo"}, {"config/_default/hugo.yml", "Hugo"}, {"config/_default/hugo.json", "Hugo"},
	{"config/_default/config.toml", "Hugo"}, {"config/_default/config.yaml", "Hugo"}, {"config/_default/config.yml", "Hugo"}, {"config/_default/config.json", "Hugo"},
	{"config.toml", "Hugo"}, {"config.yaml", "Hugo"}, {"config.yml", "Hugo"}, {"config.json", "Hugo"}, // see isHugo
	{"_config.yml", "Jekyll"}, {"_config.yaml", "Jekyll"}, {"_config.toml", "Jekyll"},
	{"mkdocs.yml", "MkDocs"}, {"mkdocs.yaml", "MkDocs"},
	{"docusaurus.config.js", "Docusaurus"}, {"docusaurus.config.ts", "Docusaurus"}, {"docusaurus.config.mjs", "Docusaurus"}, {"docusaurus.config.cjs", "Docusaurus"},
	{"antora.yml", "Antora"}, {"antora-playbook.yml", "Antora"}, {"antora-playbook.yaml", "Antora"},
	{".eleventy.js", "Eleventy"}, {"eleventy.config.js", "Eleventy"}, {"eleventy.config.mjs", "Eleventy"}, {"eleventy.config.cjs", "Eleventy"}, {"eleventy.config.ts", "Eleventy"},
	{"book.toml", "mdBook"},
	{"conf.py", "Sphinx"}, {"docs/conf.py", "Sphinx"}, {"docs/source/conf.py", "Sphinx"}, {"source/conf.py", "Sphinx"},
	{".vitepress/config.js", "VitePress"}, {".vitepress/config.ts", "VitePress"}, {".vitepress/config.mjs", "VitePress"}, {".vitepress/config.mts", "VitePress"},
	{"docs/.vitepress/config.js", "VitePress"}, {"docs/.vitepress/config.ts", "VitePress"}, {"docs/.vitepress/config.mjs", "VitePress"}, {"docs/.vitepress/config.mts", "VitePress"},
	{"astro.config.mjs", "Astro"}, {"astro.config.js", "Astro"}, {"astro.config.ts", "Astro"}, {"astro.config.mts", "Astro"}, {"astro.config.cjs", "Astro"},
}

// isHugo reports whether a lone config.toml, .yaml or .json is that of a generator:
// many programs have one. It is with Hugo's folders, or with the address of a site
// in it, which Zola spells base_url.
func (r *reader) isHugo(name string) (generator string, err error) {
	data, err := r.committed(r.cat.InSource(name))
	if err != nil {
		return "", err
	}
	switch {
	case regexp.MustCompile(`(?m)^\s*base_url\s*=`).Match(data):
		return "Zola", nil
	case regexp.MustCompile(`(?mi)^[\s{]*"?baseURL"?\s*[:=]`).Match(data),
		r.cat.Log.IsDir(r.cat.Head(), r.cat.InSource("archetypes")), r.cat.Log.IsDir(r.cat.Head(), r.cat.InSource("themes")):
		return "Hugo", nil
	}
	return "", nil
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
		if strings.HasPrefix(f.name, "config.") {
			generator, err := r.isHugo(f.name)
			if err != nil {
				return err
			}
			if generator == "" && f.name != "config.toml" {
				continue
			}
			f.generator = cmp.Or(generator, f.generator)
		}
		r.foreign = f.name
		if folder != "" || len(r.cat.Config.Include) > 0 {
			return nil
		}
		config, err := r.suggestConfig()
		if err != nil {
			return err
		}
		return &ForeignSite{Generator: f.generator, File: r.cat.InSource(f.name), Config: config}
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
// policies by their names or titles; where none does, the folder of all of them.
func (r *reader) suggestConfig() (string, error) {
	source := r.cat.Layout.Source
	layout := policy.Layout{Source: source, Content: source, Language: "en"}
	var all, found []string
	for f := range r.cat.Log.Files(r.cat.Head()) {
		if !layout.Selected(f.Path) || !f.Mode.IsFile() {
			continue
		}
		rel := strings.TrimPrefix(strings.TrimPrefix(f.Path, source), "/")
		all = append(all, rel)
		// Of the path, the last folder and the name: "docs/legal/terms.md" is one,
		// "terms-project/src/x.md" is not.
		stem := strings.TrimSuffix(rel, path.Ext(rel))
		named := policyName.MatchString(path.Base(path.Dir(stem)) + "/" + path.Base(stem))
		if !named {
			data, err := r.src.Repo.Blob(f.Blob)
			if err != nil {
				return "", err
			}
			meta, body, _, _ := policy.ParseSource(data)
			title := meta.Title
			if first, _, _ := strings.Cut(strings.TrimSpace(string(body)), "\n"); title == "" && strings.HasPrefix(first, "# ") {
				title = first
			}
			named = policyTitle.MatchString(title)
		}
		if named {
			found = append(found, rel)
		}
	}
	within := found
	if len(found) == 0 {
		within = all
	}
	content := "."
	for _, folder := range []string{"content", "docs", "src"} {
		in := func(p string) bool { return strings.HasPrefix(p, folder+"/") }
		if len(found) > 0 && !slices.ContainsFunc(found, func(p string) bool { return !in(p) }) || len(found) == 0 && slices.ContainsFunc(within, in) {
			content = folder
			for i := range found {
				found[i] = strings.TrimPrefix(found[i], folder+"/")
			}
			break
		}
	}
	var b strings.Builder
	b.WriteString("# policysite.yaml: which texts of this repository are policies.\n")
	fmt.Fprintf(&b, "content: %s\n", content)
	if len(found) == 0 {
		b.WriteString("# No text says in its name or title that it is a policy, so all are taken; `include` names those that are:\n# include:\n#   - legal/*.md\n")
		return b.String(), nil
	}
	b.WriteString("include:\n")
	for _, p := range found {
		fmt.Fprintf(&b, "  - %s\n", quoteYAML(p))
	}
	return b.String(), nil
}

// policyTitle is what the titles of policies say.
var policyTitle = regexp.MustCompile(`(?i)\b(policy|policies|privacy|terms (of|and)|terms|conditions|bylaws|by-laws|code of conduct|agreement|cookies|disclaimer|imprint|impressum|datenschutz\w*|agb|charter)\b`)

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
