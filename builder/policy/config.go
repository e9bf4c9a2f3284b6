package policy

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"
)

// ConfigFile is the name of the file that configures a site.
const ConfigFile = "policysite.yaml"

// OtherName is the other name that a file of settings may have: with .yml.
func OtherName(file string) string { return strings.TrimSuffix(file, ".yaml") + ".yml" }

// Config is what policysite.yaml says; its zero value, made whole by
// ParseConfig, is a site without one.
type Config struct {
	SiteConfig
	FolderConfig
	AuthorDates    bool              // dates: author
	Archived       []string          // ids of policies gone from the built commit whose record stays
	Since          map[string]string // id → commit or day
	CommitSubjects bool
	TrustedHTML    bool     // html: trusted
	RulesAlone     bool     // redirects: rules
	Docx           bool     // a Word document beside each redline
	Silence        []string // names of rules
}

// SiteConfig is what the configuration says of the whole site.
type SiteConfig struct {
	Title        string
	BaseURL      string
	Organization string
	Brand        Brand
	Language     string   // of texts that state none; "en"
	Languages    []string // the default first; nil when the site has one language
	Controlling  string   // the language whose version prevails; "" when none does
	Timezone     *time.Location
	NoticeDays   int
}

// FolderConfig says where the files are, relative to the source folder; "" where
// nothing is stated.
type FolderConfig struct {
	Content string // content folder; "." for the source folder itself
	Include []string
	Exclude []string
	Layouts string
	Static  string
}

// commitPrefix is how a commit is named: as git shortens its id, or whole.
var commitPrefix = regexp.MustCompile(`^[0-9a-f]{7,64}$`)

// ParseConfig reads policysite.yaml; nil data is a site without one. Problems
// have no path.
func ParseConfig(data []byte) (Config, Problems) {
	c := Config{SiteConfig: SiteConfig{Language: "en", Timezone: time.UTC}}
	fields, problem := yamlFields(data, 1)
	if problem != nil {
		return c, Problems{problem}
	}
	var r reader
	r.set(fields, c.keys(&r))
	stated := func(key string) bool { return slices.ContainsFunc(fields, func(f field) bool { return f.key == key }) }
	if len(c.Languages) > 0 {
		if !stated("language") {
			c.Language = c.Languages[0]
		}
		c.Languages = append([]string{c.Language}, slices.DeleteFunc(c.Languages, func(l string) bool { return l == c.Language })...)
	} else if stated("language") {
		c.Languages = []string{c.Language}
	}
	return c, r.problems
}

// keys are those of the file, with what reads them.
func (c *Config) keys(r *reader) map[string]func(field) {
	return map[string]func(f field){
		"title":        func(f field) { c.Title = r.word(f) },
		"baseURL":      func(f field) { c.BaseURL = r.baseURL(f) },
		"organization": func(f field) { c.Organization = r.word(f) },
		"brand":        func(f field) { c.Brand = r.brand(f) },
		"language":     func(f field) { c.Language = r.lang(f) },
		"languages": func(f field) {
			for _, w := range r.words(f) {
				c.Languages = append(c.Languages, r.lang(field{key: f.key, line: f.line, values: []string{w}}))
			}
		},
		"controlling": func(f field) { c.Controlling = r.lang(f) },
		"timezone": func(f field) {
			loc, err := time.LoadLocation(r.word(f))
			if err != nil || r.word(f) == "Local" {
				r.fail(f, "", "expected a time zone such as Europe/Berlin, found %q", r.word(f))
				return
			}
			c.Timezone = loc
		},
		"content": func(f field) { c.Content = r.folder(f) },
		"include": func(f field) { c.Include = r.globs(f) },
		"exclude": func(f field) { c.Exclude = r.globs(f) },
		"dates":   func(f field) { c.AuthorDates = r.oneOf(f, "committer", "author") == "author" },
		"layouts": func(f field) { c.Layouts = r.folder(f) },
		"static":  func(f field) { c.Static = r.folder(f) },
		"archived": func(f field) {
			for _, w := range r.words(f) {
				c.Archived = append(c.Archived, strings.Trim(w, "/"))
			}
		},
		"since": func(f field) {
			r.is("map")
			if !f.mapping {
				r.fail(f, "since:\n  privacy: 2020-01-01", "expected a commit or a day for each policy")
				return
			}
			c.Since = map[string]string{}
			for _, n := range f.nested {
				w := r.word(n)
				if _, err := ParseDate(w); err != nil && !commitPrefix.MatchString(w) {
					r.fail(field{key: "since: " + n.key, line: n.line}, "", "expected a day such as 2020-01-01 or a commit, found %q", w)
				}
				c.Since[strings.Trim(n.key, "/")] = w
			}
		},
		"commit-subjects": func(f field) { c.CommitSubjects = r.flag(f) },
		"html":            func(f field) { c.TrustedHTML = r.oneOf(f, "sanitize", "trusted") == "trusted" },
		"docx":            func(f field) { c.Docx = r.flag(f) },
		"redirects":       func(f field) { c.RulesAlone = r.oneOf(f, "both", "rules") == "rules" },
		"notice-days":     func(f field) { c.NoticeDays = r.number(f) },
		"silence": func(f field) {
			words := r.words(f)
			r.is("words", ruleNames()...)
			for _, w := range words {
				if c.Silence = append(c.Silence, w); !slices.Contains(ruleNames(), w) {
					r.fail(f, suggest(w, ruleNames()), "expected names of rules, found %q", w)
				}
			}
		},
	}
}

func (r *reader) baseURL(f field) string {
	w := r.word(f)
	r.is("address")
	if _, err := ParseBaseURL(w); err != nil {
		r.fail(f, "baseURL: https://example.com/legal/", "%v", err)
	}
	return w
}

// ParseBaseURL reads the address at which the site is published.
func ParseBaseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if s != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.Fragment != "") {
		return nil, fmt.Errorf("expected an address such as https://example.com/legal/, found %q", s)
	}
	return u, nil
}

// folder reads a folder below the source folder.
func (r *reader) folder(f field) string {
	w := r.word(f)
	clean := path.Clean(strings.ReplaceAll(w, `\`, "/"))
	if w == "" || path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") {
		r.fail(f, "", "expected a folder below the one that holds %s, found %q", ConfigFile, w)
		return ""
	}
	return clean
}

func (r *reader) globs(f field) []string {
	var out []string
	for _, w := range r.words(f) {
		g := strings.TrimPrefix(strings.TrimPrefix(w, "./"), "/")
		if !doublestar.ValidatePattern(g) {
			r.fail(f, "", "%q is not a pattern such as legal/*.md", w)
			continue
		}
		out = append(out, g)
	}
	return out
}

// Layout is how a repository is laid out: which of its files are policies, and
// what their ids are. All paths are relative to the repository's root.
type Layout struct {
	Source    string   // the folder that holds policysite.yaml; "" at the root
	Content   string   // the content folder; "" at the root
	Skip      []string // folders that hold no texts: layouts, static, the output
	Include   []string
	Exclude   []string
	Language  string
	Languages []string
	Named     []string // files that history.yaml names: they are never policies
}

var (
	// Names that hosts and tools give a meaning: a repository's own papers, not a
	// company's. Some mean something else where they are not in capitals.
	notPolicies = set("readme license licence contributing contributors code_of_conduct changelog maintainers authors codeowners agents claude gemini copilot-instructions todo 404 pull_request_template issue_template")
	inCapitals  = set("SECURITY SUPPORT COPYING FUNDING SUMMARY")
	// languageSuffix is a language behind such a name: README_fr, README-zh-CN.
	languageSuffix = regexp.MustCompile(`^[-_][A-Za-z]{2}(?:[-_][A-Za-z0-9]{2,8})*$`)
	otherFormats   = set(".mdx .rst .adoc .asciidoc .html .htm")
)

// Why a text that might be meant is none of the policies.
const (
	ByName   = "names that hosts and tools give a meaning"
	ByFormat = "formats that are not read"
	ByFolder = "folders that begin with _"
)

// Selected reports whether a text at path is a policy (or the introduction).
func (l *Layout) Selected(p string) bool {
	selected, _ := l.Choose(p)
	return selected
}

// Choose tells whether a text at path is a policy, or the introduction, and why one
// that might be meant is none; "" for a file that nobody takes for one.
func (l *Layout) Choose(p string) (selected bool, passed string) {
	fromSource, ok := below(l.Source, p)
	if !ok || slices.Contains(l.Named, p) {
		return false, ""
	}
	fromContent, inContent := below(l.Content, p)
	if len(l.Include) > 0 {
		return l.matches(l.Include, p) && !l.matches(l.Exclude, p), ""
	}
	if !inContent || l.matches(l.Exclude, p) || strings.HasPrefix(path.Base(p), ".") {
		return false, ""
	}
	for _, skip := range l.Skip {
		if _, ok := below(skip, p); ok {
			return false, ""
		}
	}
	hidden := false
	for dir := path.Dir(fromContent); dir != "."; dir = path.Dir(dir) {
		name := path.Base(dir)
		if strings.HasPrefix(name, ".") || name == "node_modules" || name == "vendor" {
			return false, ""
		}
		hidden = hidden || strings.HasPrefix(name, "_")
	}
	ext := path.Ext(p)
	name, _, _ := strings.Cut(strings.TrimSuffix(path.Base(fromSource), ext), ".") // without a language
	switch lower := strings.ToLower(ext); {
	case otherFormats[lower]:
		return false, ByFormat
	case lower != ".md" && lower != ".markdown":
		return false, ""
	case hidden:
		return false, ByFolder
	case hasMeaning(name):
		return false, ByName
	}
	return true, ""
}

// hasMeaning reports whether hosts and tools give a name a meaning, in whatever
// language.
func hasMeaning(name string) bool {
	for i := len(name); i > 0; i = strings.LastIndexAny(name[:i], "-_") {
		if known := notPolicies[strings.ToLower(name[:i])] || inCapitals[name[:i]]; known && (i == len(name) || languageSuffix.MatchString(name[i:])) {
			return true
		}
	}
	return false
}

// matches reports whether one of some globs matches a path, seen from the source
// folder or from the content folder.
func (l *Layout) matches(globs []string, p string) bool {
	return slices.ContainsFunc(globs, func(g string) bool {
		for _, folder := range []string{l.Source, l.Content} {
			if rel, ok := below(folder, p); ok {
				if ok, _ := doublestar.Match(g, rel); ok {
					return true
				}
			}
		}
		return false
	})
}

// Matches reports whether a pattern of the configuration matches a path.
func (l *Layout) Matches(glob, p string) bool { return l.matches([]string{glob}, p) }

// below returns p relative to folder, and whether it lies in it.
func below(folder, p string) (string, bool) {
	if folder == "" {
		return p, true
	}
	return strings.CutPrefix(p, folder+"/")
}

// Introduction tells whether the text at path is the introduction of the home
// page: index.md of the content folder.
func (l *Layout) Introduction(p string) bool {
	rel, ok := below(l.Content, p)
	lang, rest := l.language(rel)
	return ok && lang == l.Language && slices.Contains([]string{"index.md", "index.markdown", "_index.md"}, rest)
}

// language takes the language off a path that states one: the folder it starts
// with, or the suffix before the extension. The default language is assumed.
func (l *Layout) language(rel string) (lang, rest string) {
	first, after, ok := strings.Cut(rel, "/")
	if ok && slices.Contains(l.Languages, first) {
		return first, after
	}
	ext := path.Ext(rel)
	stem := strings.TrimSuffix(rel, ext)
	if suffix := strings.TrimPrefix(path.Ext(stem), "."); suffix != "" && slices.Contains(l.Languages, suffix) {
		return suffix, strings.TrimSuffix(stem, "."+suffix) + ext
	}
	return l.Language, rel
}

// ID is the id that a path gives, with the language it is in and the id
// without that language. The id is "" where none can be made of the path.
func (l *Layout) ID(p string) (id, lang, base string) {
	rel, ok := below(l.Content, p)
	if !ok {
		rel = p
	}
	lang, rel = l.language(rel)
	rel = strings.TrimSuffix(rel, path.Ext(rel))
	if dir, name := path.Split(rel); dir != "" && (name == "index" || name == "_index") {
		rel = strings.TrimSuffix(dir, "/")
	}
	base, err := Slug(rel)
	if err != nil {
		return "", lang, ""
	}
	if lang != l.Language {
		return strings.ToLower(lang) + "/" + base, lang, base
	}
	return base, lang, base
}
