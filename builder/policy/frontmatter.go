package policy

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Meta is what a text's front matter says.
type Meta struct {
	Title, Description string
	Weight             int
	Draft              bool
	Layout             string
	PublishDate        Date // read of the built commit alone, as ExpiryDate is
	ExpiryDate         Date
	TermsType          string // one of TermsTypes, or ""
	Identity
	OfVersion
	Lines  map[string]int // the lines of keys, from 1
	Params map[string]any // of the author's own, for templates: words, lists of words, and maps of these
	TOML   bool           // it is TOML between lines +++, not YAML
}

// Identity is what front matter says of which policy a text is, and where.
type Identity struct {
	ID            string
	Formerly      []string
	Lang          string
	Slug, URL     string // URL: of url or permalink
	Aliases       []string
	TranslationOf string
}

// OfVersion is what front matter says of one version of a text.
type OfVersion struct {
	Version     string // the author's label, always as written
	LastUpdated Date
	Effective   Date
	Retroactive bool
	Change      string // Material, Minor, Editorial or ""
	Summary     string
	Translates  string
	Source      string
}

// keys of front matter: the name that counts, and how its field is read. Keys are
// matched without regard to case, as Hugo does.
var frontMatterKeys = []struct {
	name     string
	synonyms []string
	set      func(m *Meta, r *reader, f field)
}{
	{"title", nil, func(m *Meta, r *reader, f field) { m.Title = r.word(f) }},
	{"description", nil, func(m *Meta, r *reader, f field) { m.Description = r.word(f) }},
	{"weight", nil, func(m *Meta, r *reader, f field) { m.Weight = r.number(f) }},
	{"draft", nil, func(m *Meta, r *reader, f field) { m.Draft = r.flag(f) || m.Draft }},
	{"lang", nil, func(m *Meta, r *reader, f field) { m.Lang = r.lang(f) }},
	{"layout", nil, func(m *Meta, r *reader, f field) { m.Layout = r.word(f) }},
	{"slug", nil, func(m *Meta, r *reader, f field) { r.slug(m, f) }},
	{"published", nil, func(m *Meta, _ *reader, f field) { m.Draft = m.Draft || isFalse(f) }},
	{"publishdate", []string{"publish-date", "publish_date"}, func(m *Meta, r *reader, f field) { m.PublishDate = r.day(f) }},
	{"expirydate", []string{"expiry-date", "expiry_date"}, func(m *Meta, r *reader, f field) { m.ExpiryDate = r.day(f) }},
	{"url", []string{"permalink"}, func(m *Meta, r *reader, f field) { r.permalink(m, f) }},
	{"aliases", []string{"redirect_from"}, func(m *Meta, r *reader, f field) { m.Aliases = append(m.Aliases, r.words(f)...) }},
	{"id", nil, func(m *Meta, r *reader, f field) { m.ID = r.word(f) }},
	{"formerly", nil, func(m *Meta, r *reader, f field) { m.Formerly = r.words(f) }},
	{"version", nil, func(m *Meta, r *reader, f field) { m.Version = r.word(f) }},
	{"last-updated", []string{"last_updated", "lastmod", "last_modified_at", "updated"}, func(m *Meta, r *reader, f field) { m.LastUpdated = r.day(f) }},
	{"effective", []string{"effective-date", "effective_date"}, func(m *Meta, r *reader, f field) { m.Effective = r.day(f) }},
	{"change", nil, func(m *Meta, r *reader, f field) { m.Change = r.oneOf(f, Material, Minor, Editorial) }},
	{"summary", nil, func(m *Meta, r *reader, f field) { m.Summary = CollapseSpace(r.word(f)) }},
	{"retroactive", nil, func(m *Meta, r *reader, f field) { m.Retroactive = r.flag(f) }},
	{"translation-of", nil, func(m *Meta, r *reader, f field) { m.TranslationOf = r.word(f) }},
	{"translates", nil, func(m *Meta, r *reader, f field) { m.Translates = r.word(f) }},
	{"source", nil, func(m *Meta, r *reader, f field) { m.Source = r.word(f) }},
	{"terms-type", nil, func(m *Meta, r *reader, f field) { m.TermsType = r.termsType(f) }},
	{"params", nil, func(m *Meta, _ *reader, f field) { m.Params = params(f.nested) }},
}

// unread are keys that front matter may have and that mean nothing here: those of
// templates, and those that other generators and their usual themes define.
var unread = set(`date tags tag categories category keywords author authors type types toc image images template status icon search social extra data
	linktitle menu menus markup outputs resources headless cascade iscjklanguage series sitemap translationkey videos audio build _build
	modified pubdate unpublishdate
	excerpt excerpt_separator comments collection nav_order nav_exclude nav_fold has_children has_toc parent grand_parent ancestor
	search_exclude redirect_to header subtitle render_with_liquid feed author_profile read_time share related classes toc_label toc_icon
	toc_sticky canonical canonical_url og_title og_description robots locale twitter
	hide links readtime boost pin hidden seo meta theme css js
	hide_title hide_table_of_contents sidebar sidebar_position sidebar_label sidebar_class_name sidebar_custom_props sidebar_key title_meta
	toc_min_heading_level toc_max_heading_level pagination_label pagination_next pagination_prev custom_edit_url id_prefix displayed_sidebar
	unlisted parse_number_prefixes last_update wrapperclassname
	navtitle reftext contributors owner topic product products versions
	pagination eleventynavigation eleventyexcludefromcollections eleventycomputed eleventyimport templateengineoverride dynamicpermalink
	permalinkbypassoutputdir
	myst jupytext kernelspec orphan tocdepth nosearch no-search nocomments html_meta html_theme.sidebar_secondary.remove hide-toc
	hide-navigation sd_hide_title heading layout_options short_title subject license open_access copyright doi arxiv github binder venue
	biblio volume issue first_page last_page numbering abbreviations exports downloads math parts abstract thumbnail banner bibliography
	reviewers editors affiliations funding label edit_url source_url site options references
	path taxonomies in_search_index page_template render transparent sort_by paginate_by paginate_path paginate_reversed
	insert_anchor_links generate_feed generate_feeds
	titletemplate head hero features prev next editlink lastupdated outline aside footer pageclass navbar ishome markdownstyles dir
	editurl tableofcontents pagefind updateddate heroimage setup`)

// isUnread reports whether a key, in lower case, is of another generator.
func isUnread(key string) bool {
	return unread[key] || strings.HasPrefix(key, "page-") || strings.HasPrefix(key, "ms.") || strings.HasPrefix(key, "override:")
}

// set makes a set of words separated by white space.
func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// params are fields as templates see them.
func params(fields []field) map[string]any {
	if fields == nil {
		return nil
	}
	out := map[string]any{}
	for _, f := range fields {
		switch {
		case f.mapping:
			out[f.key] = params(f.nested)
		case f.list:
			out[f.key] = f.values
		default:
			out[f.key] = strings.Join(f.values, "")
		}
	}
	return out
}

func isFalse(f field) bool {
	return len(f.values) == 1 && !f.list && slices.Contains([]string{"false", "no", "off"}, strings.ToLower(f.values[0]))
}

// permalink reads `url` or `permalink`. What other generators mean by one and is no
// address of one page is left out: the home page, a pattern, another host.
func (r *reader) permalink(m *Meta, f field) {
	switch {
	case f.list, f.mapping:
		r.warn(f, "", "is not an address, and is not read")
	case isFalse(f):
		m.Draft = true
	case len(f.values) == 1 && strings.EqualFold(f.values[0], "true"):
	default:
		w := r.word(f)
		switch bare := strings.TrimSuffix(strings.Trim(w, "/"), "index.html"); {
		case w == "":
		case bare == "":
			r.warn(f, "", "%s is the home page, and is not read", w)
		case strings.Contains(w, "://"), strings.HasPrefix(w, "//"), strings.Contains(w, ":"), strings.Contains(w, "{{"):
			r.warn(f, "url: /legal/privacy/", "%q is not a path of this site, and is not read", w)
		default:
			m.URL = w
		}
	}
}

// slug reads `slug`. One that starts at the root, as Docusaurus has it, is a path.
func (r *reader) slug(m *Meta, f field) {
	w := r.word(f)
	if strings.HasPrefix(w, "/") {
		if m.URL == "" {
			r.permalink(m, f)
		}
		return
	}
	m.Slug = strings.TrimPrefix(w, "./")
}

// termsType reads `terms-type`. What Open Terms Archive does not know harms no page.
func (r *reader) termsType(f field) string {
	w := r.word(f)
	r.is("open", TermsTypes...)
	if w == "" || TermsType(w) != "" {
		return TermsType(w)
	}
	r.warn(f, cmp.Or(suggest(w, TermsTypes), "docs/open-terms-archive.md lists the types"), "expected one of the types of Open Terms Archive, found %q", w)
	return ""
}

var langTag = regexp.MustCompile(`^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*$`)

func (r *reader) lang(f field) string {
	w := r.word(f)
	r.is("language")
	if w != "" && !langTag.MatchString(w) {
		r.fail(f, "", "expected a language tag such as en or pt-BR, found %q", w)
		return ""
	}
	return strings.ReplaceAll(w, "_", "-")
}

// maxFrontMatter bounds what is given to the YAML and TOML readers.
const maxFrontMatter = 64 << 10

// matter is a source divided into front matter and text.
type matter struct {
	fence     string // "---", "+++" or ""
	front     []byte
	body      []byte
	frontLine int // number of the first line of front
	bodyLine  int
	problem   *Problem // why it cannot be divided
}

// lead is what may stand before front matter: empty lines and comments.
var lead = regexp.MustCompile(`^(?:[ \t\r]*\n|<!--(?s:.*?)-->[ \t\r]*\n)+`)

var (
	// taggedFence opens front matter in a form that is not read.
	taggedFence = regexp.MustCompile(`^(---|\+\+\+)(?i:[ \t]*(ya?ml|json5?|toml|js|javascript|cson|coffee)|[a-z]+)$`)
	// keyLine is a line that gives a key of one word its value.
	keyLine = regexp.MustCompile(`(?m)^[ \t]*["']?[\pL_][\pL\pN_.-]*["']?[ \t]*:(?:[ \t\r]|$)`)
	// tomlLine is one that does so in TOML.
	tomlLine = regexp.MustCompile(`(?m)^[ \t]*["']?[\pL_][\pL\pN_.-]*["']?[ \t]*=[ \t]*(?:["'\[{0-9+-]|true\b|false\b)`)
	jsonKey  = regexp.MustCompile(`^\{\s*"[^"\n]*"\s*:`)
)

// lines makes those end in "\n" that end as on old Macintoshes.
func lines(source []byte) []byte {
	if bytes.IndexByte(source, '\n') >= 0 {
		return source
	}
	return bytes.ReplaceAll(source, []byte("\r"), []byte("\n"))
}

// split separates front matter from the text.
func split(source []byte) matter {
	rest := bytes.TrimPrefix(source, []byte("\xEF\xBB\xBF"))
	text := matter{body: rest, bodyLine: 1}
	before := len(lead.Find(rest))
	m := splitAt(rest[before:], bytes.Count(rest[:before], []byte("\n"))+1)
	switch {
	case m.fence == "" && m.problem == nil:
		return text
	case before > 0 && m.problem == nil && !hasKnownKey(m.front):
		return text // a rule and what follows it
	}
	return m
}

// hasKnownKey reports whether front matter has a key that is known, to us or to
// others.
func hasKnownKey(front []byte) bool {
	for line := range strings.Lines(string(front)) {
		if i := strings.IndexAny(line, ":="); i > 0 {
			key := strings.ToLower(strings.Trim(line[:i], " \t\"'"))
			if isUnread(key) || slices.ContainsFunc(frontMatterNames(), func(n string) bool { return n == key }) {
				return true
			}
		}
	}
	return false
}

// splitAt reads front matter that opens at the start of a text, which is at the given
// line of its file.
func splitAt(rest []byte, line int) matter {
	first, after, _ := bytes.Cut(rest, []byte("\n"))
	fence := string(bytes.TrimRight(first, " \t\r"))
	wrong := func(hint, format string, args ...any) matter {
		return matter{fence: fence, front: rest, bodyLine: 1, problem: &Problem{Line: line, Message: fmt.Sprintf(format, args...), Hint: hint}}
	}
	const form = "write YAML between two lines ---, or TOML between two lines +++"
	switch {
	case fence == "---" || fence == "+++":
	case taggedFence.MatchString(fence) && (keyLine.Match(after) || tomlLine.Match(after)), taggedFence.MatchString(fence) && bytes.HasPrefix(bytes.TrimSpace(after), []byte("{")):
		return wrong(form, "front matter opens with %s, which is not read", fence)
	case jsonKey.Match(rest):
		return wrong(form, "front matter in JSON is not read")
	default:
		return matter{}
	}
	m := matter{fence: fence, frontLine: line + 1}
	n := line + 1
	for at := 0; at < len(after); n++ {
		end := bytes.IndexByte(after[at:], '\n')
		next := at + end + 1
		if end < 0 {
			next = len(after)
		}
		l := string(bytes.TrimRight(after[at:next], " \t\r\n"))
		if l == fence || fence == "---" && l == "..." {
			m.front, m.body, m.bodyLine = after[:at], after[next:], n+1
			if len(m.front) > maxFrontMatter {
				m.front, m.problem = nil, &Problem{Line: line, Message: fmt.Sprintf("front matter of %d bytes, at most %d are read", len(m.front), maxFrontMatter)}
			}
			if holdsNothing(m.front) && secondBlock(m.body) {
				return wrong("delete the empty block", "an empty block of front matter stands above the one with keys")
			}
			return m
		}
		at = next
	}
	if beginning, _, _ := bytes.Cut(bytes.TrimLeft(after, " \t\r\n"), []byte("\n")); fence == "---" && !keyLine.Match(beginning) {
		return matter{} // a rule
	}
	return wrong("end it with a line "+fence, "front matter opens with %s and never closes", fence)
}

// holdsNothing reports whether front matter has neither keys nor other text: comments
// at most.
func holdsNothing(front []byte) bool {
	for line := range bytes.Lines(front) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return false
		}
	}
	return true
}

// secondBlock reports whether a text begins with keys and a line that closes them.
func secondBlock(body []byte) bool {
	fence := []byte("---")
	body = bytes.TrimLeft(body, " \t\r\n")
	if bytes.HasPrefix(body, []byte("+++")) {
		fence = []byte("+++")
	}
	front, _, closed := bytes.Cut(bytes.TrimPrefix(body, fence), append([]byte("\n"), fence...))
	if !closed {
		return false
	}
	fields, problem := yamlFields(front, 1)
	return problem == nil && len(fields) > 0 || tomlLine.Match(front)
}

// read reads the fields of front matter. A block between rules that has no keys
// is text.
func (m *matter) read(source []byte) (fields []field) {
	var problem *Problem
	switch {
	case m.problem != nil:
		return nil
	case m.fence == "---":
		fields, problem = yamlFields(m.front, m.frontLine)
		switch {
		case problem == nil || keyLine.Match(m.front):
		case tomlLine.Match(m.front):
			problem = &Problem{Line: m.frontLine, Message: "expected YAML between two lines ---, found TOML", Hint: "write it between two lines +++"}
		default:
			*m = matter{body: bytes.TrimPrefix(source, []byte("\xEF\xBB\xBF")), bodyLine: 1}
			return nil
		}
	case m.fence == "+++":
		fields, problem = tomlFields(m.front, m.frontLine)
	}
	m.problem = problem
	return fields
}

// ParseSource separates a source into front matter and Markdown. body is the
// Markdown, bodyLine the number of its first line. Problems have no path; any
// that is no warning means that the text cannot be published as it stands.
func ParseSource(source []byte) (meta Meta, body []byte, bodyLine int, problems Problems) {
	if problem := CheckEncoding(source, 1); problem != nil {
		meta.Draft = draftInAnyEncoding(source)
		return meta, nil, 1, Problems{problem}
	}
	source = lines(source)
	m := split(source)
	fields := m.read(source)
	if m.problem != nil {
		meta.Draft = draftLine.Match(m.front) || m.front == nil && draftLine.Match(source)
		m.problem.Value = m.body != nil
		return meta, m.body, m.bodyLine, Problems{m.problem}
	}
	meta, problems = readMeta(fields)
	meta.TOML = m.fence == "+++"
	return meta, m.body, m.bodyLine, problems
}

// draftLine keeps a draft off the site even when its front matter cannot be
// read: what may not be published must not slip through by a typing mistake.
var draftLine = regexp.MustCompile(`(?mi)^[\s{]*["']?(?:draft["']?\s*[:=]\s*["']?(true|yes|on)|published["']?\s*[:=]\s*["']?(false|no|off))\b`)

// draftInAnyEncoding finds the same in what is no UTF-8. Without its NULs and
// marks of byte order, UTF-16 reads like it as far as keys go.
func draftInAnyEncoding(source []byte) bool {
	plain := bytes.ReplaceAll(source, []byte{0}, nil)
	m := split(bytes.TrimPrefix(bytes.TrimPrefix(plain, []byte("\xff\xfe")), []byte("\xfe\xff")))
	if m.problem != nil {
		return draftLine.Match(plain)
	}
	return draftLine.Match(m.front)
}

// frontMatterNames are the keys that mean something here.
func frontMatterNames() (names []string) {
	for _, k := range frontMatterKeys {
		names = append(append(names, k.name), k.synonyms...)
	}
	return names
}

func readMeta(fields []field) (Meta, Problems) {
	m := Meta{Lines: map[string]int{}}
	var r reader
	spelled := map[string]string{}
next:
	for _, f := range fields {
		key := strings.ToLower(f.key)
		if mark := f.deceptive(); mark != "" {
			r.fail(f, "remove it: titles and addresses are made of front matter", "has %s, which makes what is read differ from what is written", mark)
			continue
		}
		for _, k := range frontMatterKeys {
			if key != k.name && !slices.Contains(k.synonyms, key) {
				continue
			}
			if line := m.Lines[k.name]; line != 0 && k.name != "aliases" {
				if strings.EqualFold(spelled[k.name], f.key) || k.name != "last-updated" && k.name != "url" {
					r.fail(f, "keep one of the two", "stands twice, as %s on line %d too", spelled[k.name], line)
				} else {
					r.warn(f, "keep one of the two", "stands twice, as %s on line %d too, which is the one that is read", spelled[k.name], line)
				}
				continue next
			}
			m.Lines[k.name], spelled[k.name] = f.line, f.key
			k.set(&m, &r, f)
			continue next
		}
		if !isUnread(key) {
			r.problems = append(r.problems, &Problem{Line: f.line, Message: fmt.Sprintf("unknown key %q in front matter", f.key), Hint: suggest(f.key, frontMatterNames()), Warning: true, Key: key})
		}
	}
	return m, r.problems
}

// Body is a source without its front matter.
func Body(source []byte) []byte {
	source = lines(source)
	m := split(source)
	if m.read(source); m.problem != nil && m.body == nil {
		return source
	}
	return m.body
}
