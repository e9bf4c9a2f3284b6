package catalog

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/policy"
)

// Links knows where the links of texts lead, at any step of the chain. It never
// changes.
type Links struct {
	log      *history.Log
	content  string // content folder
	source   string // source folder
	intro    string // path of the introduction; "" when there is none
	basePath string // of the site's address, "/" or "/legal/"
	byPath   map[string][]tenure
	byURL    map[string]*Policy
	static   map[string]bool // addresses of files that the site serves as they are: "/files/dpa.pdf"
	trusted  bool            // texts may bring pages of their own
	unused   *sync.Map       // by path and blob, why a file is not published
}

// tenure is the time during which a policy held a path: the steps
// [from, until).
type tenure struct {
	from, until int
	policy      *Policy // nil when the policy is not on the site
}

func newLinks(c *Catalog) *Links {
	l := &Links{
		log: c.Log, content: c.Layout.Content, source: c.Layout.Source, basePath: "/",
		byPath: map[string][]tenure{}, byURL: map[string]*Policy{}, static: map[string]bool{},
		trusted: c.Config.TrustedHTML, unused: &sync.Map{},
	}
	for name := range c.Files(c.Folders.Static) {
		l.static["/"+norm.NFC.String(name)] = true
	}
	if u, err := policy.ParseBaseURL(c.Config.BaseURL); err == nil && strings.Trim(u.Path, "/") != "" {
		l.basePath = "/" + strings.Trim(u.Path, "/") + "/"
	}
	if c.Introduction != nil {
		l.intro = c.Introduction.Path
	}
	// The better claim to a former address is that of pages.Moves.
	rank := map[string]int{}
	claim := func(at string, p *Policy, by int) {
		if at != "" && (l.byURL[at] == nil || by > rank[at]) {
			l.byURL[at], rank[at] = p, by
		}
	}
	for _, p := range c.Policies {
		for _, former := range p.Place.Former {
			by := policy.ByText
			if slices.Contains(p.Kept, former) {
				by = -1
			}
			claim(strings.TrimSuffix(strings.TrimSuffix(former, "/"), ".html")+"/", p, by)
		}
		for _, r := range p.History.Revisions {
			claim(c.Layout.FormerURL(r.Path, &policy.Meta{}), p, r.Step)
		}
	}
	for _, p := range c.Policies {
		l.byURL[p.Place.URL] = p
		l.hold(p.History.Revisions, c.Head(), p)
	}
	for _, h := range c.Rest.Unpublished {
		l.hold(h.Revisions, c.Head(), nil)
	}
	return l
}

// Base is the path below which the site is published: "/" or "/legal/".
func (l *Links) Base() string { return l.basePath }

func (l *Links) hold(revisions []policy.Revision, head int, of *Policy) {
	for i, r := range revisions {
		until := head + 1
		if i+1 < len(revisions) {
			until = revisions[i+1].Step
		}
		if r.Blob != "" {
			l.byPath[r.Path] = append(l.byPath[r.Path], tenure{r.Step, until, of})
		}
	}
}

// policyAt is the policy of the site that held path after a step, and whether
// any policy did.
func (l *Links) policyAt(step int, p string) (found *Policy, held bool) {
	for _, t := range l.byPath[p] {
		if t.from <= step && step < t.until {
			return t.policy, true
		}
	}
	return nil, false
}

// Origin is the text in which links stand.
type Origin struct {
	Path string
	Step int             // the links are those of the chain after this step
	IDs  map[string]bool // what a fragment can point to on the text's own page
	Read func(blob string) ([]byte, error)
	// Published are the files that the text linked to on the previous site,
	// when git no longer gives it.
	Published []policy.Attachment
}

// Target is where a link leads.
type Target struct {
	Keep     bool         // elsewhere, or on the same page: as the author wrote it
	URL      string       // of a page of the site: "/terms/"
	Fragment string       // on that page or in that file, with its "#"; or ""
	File     history.File // an attachment
	Path     string       // of the attachment as linked; File.Path is what it is a symbolic link to
	Nowhere  string       // why it leads nowhere: "leads to no file"
	Lost     bool         // the page does not have the fragment
	Hint     string
}

const relativeHint = "links are relative to the text's own file; a link to another site starts with https://"

// isAbsolute reports whether a link has a scheme or a host of its own.
func isAbsolute(link string) bool {
	for i, c := range []byte(link) {
		switch {
		case c == ':':
			return i > 0
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
		case i == 0 || (c < '0' || c > '9') && c != '+' && c != '-' && c != '.':
			return strings.HasPrefix(link, "//")
		}
	}
	return false
}

// Resolve finds where a link of a text leads.
func (l *Links) Resolve(link string, from Origin) (Target, error) {
	if isAbsolute(link) {
		return Target{Keep: true}, nil
	}
	rest, fragment, hasFragment := strings.Cut(link, "#")
	rest, _, _ = strings.Cut(rest, "?")
	if rest == "" {
		if id, ok := findID(from.IDs, fragment); ok {
			return Target{Fragment: "#" + escapeFragment(id)}, nil
		}
		switch {
		case hasFragment && fragment == "":
			return Target{Keep: true}, nil // the top of the page
		case link == "":
			return Target{Nowhere: "has no target", Hint: relativeHint}, nil
		case !hasFragment:
			return Target{Fragment: "#"}, nil // the page itself, asked for something
		}
		return Target{Fragment: "#", Lost: true}, nil
	}
	if decoded, err := url.PathUnescape(rest); err == nil {
		rest = decoded
	}
	kept := Target{} // a file that is not published: beside terms.html there may be terms.md
	for _, p := range l.candidates(rest, from.Path) {
		t, ok, err := l.at(p, from, fragment)
		if ok || err != nil {
			return t, err
		}
		if kept.Nowhere == "" {
			kept = t
		}
	}
	if at := l.address(rest); l.static[at] {
		return Target{URL: at, Fragment: fragmentOf(fragment)}, nil
	}
	at := l.pageAddress(rest, from)
	if at == "/" && (l.basePath == "/" || !strings.HasPrefix(rest, "/")) {
		return Target{URL: "/"}, nil
	}
	if l.isPage(at) {
		return Target{URL: at, Fragment: fragmentOf(fragment)}, nil
	}
	if to := l.byURL[at]; to != nil {
		own, _ := l.policyAt(from.Step, from.Path)
		return l.page(to, own == to, from, fragment), nil
	}
	if strings.HasPrefix(rest, "/") && l.basePath != "/" && !strings.HasPrefix(rest+"/", l.basePath) {
		return Target{Keep: true}, nil // another part of the host
	}
	if kept.Nowhere != "" {
		return kept, nil
	}
	if m := versionAddress.FindStringSubmatch(at); m != nil && l.byURL[m[1]] != nil {
		return Target{Nowhere: "leads to the page of a version, which is not known while texts are read", Hint: "write its whole address, with https://"}, nil
	}
	return Target{Nowhere: "leads to no file of the commit", Hint: relativeHint}, nil
}

// versionAddress is the address of a version, or one below it, behind its policy's.
var versionAddress = regexp.MustCompile(`^(.*/)\d{4}-\d{2}-\d{2}(?:-\d+)?/`)

// candidates are the paths that a link may mean, from the repository's root.
func (l *Links) candidates(rest, from string) []string {
	var bases []string
	if strings.HasPrefix(rest, "/") {
		rest = strings.TrimLeft(strings.TrimPrefix(rest, strings.TrimSuffix(l.basePath, "/")), "/")
		bases = []string{l.content, l.source, ""}
	} else {
		bases = []string{path.Dir(from)}
	}
	var named []string // a name has two forms, of which any system may have made the file's
	for _, base := range bases {
		p := path.Join(base, rest)
		named = append(named, p)
		if strings.IndexFunc(p, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
			named = append(named, norm.NFC.String(p), norm.NFD.String(p))
		}
	}
	var out []string
	for _, p := range named {
		if p == ".." || strings.HasPrefix(p, "../") {
			continue
		}
		out = append(out, p, p+".md", p+".markdown", path.Join(p, "index.md"), path.Join(p, "index.markdown"), path.Join(p, "_index.md"))
		if stem, ok := strings.CutSuffix(p, ".html"); ok {
			out = append(out, stem+".md", stem+".markdown")
		}
	}
	return out
}

// isPage reports whether a page that every site has is at an address: an archive of
// changes, or what it says of itself.
func (l *Links) isPage(at string) bool {
	of, is := strings.CutSuffix(at, "changes/")
	to := l.byURL[of]
	return is && (of == "/" || to != nil && to.Place.URL == of) || at == "/about-this-archive/"
}

// at is what a link to a path leads to, if anything is there that is published.
func (l *Links) at(p string, from Origin, fragment string) (Target, bool, error) {
	if p == l.intro {
		return Target{URL: "/"}, true, nil
	}
	if t, ok := l.atPolicy(p, from, fragment); ok {
		return t, true, nil
	}
	if _, ok := l.log.Lookup(from.Step, p); !ok {
		return Target{}, false, nil
	}
	f, ok, err := l.file(p, from.Step, from.Read)
	if err != nil {
		return Target{}, false, err
	}
	if !ok {
		return Target{Nowhere: "leads to no file of this repository", Hint: "link to it by its address"}, true, nil
	}
	if t, ok := l.atPolicy(f.Path, from, fragment); ok {
		return t, true, nil
	}
	why, hint, err := l.Unpublished(p, f, from.Read)
	if why != "" || err != nil {
		return Target{Nowhere: "leads to a file that is not published: " + why, Hint: hint}, false, err
	}
	return Target{File: f, Path: p, Fragment: fragmentOf(fragment)}, true, nil
}

// Unpublished says why a file to which a path leads is not published, and what to
// do; "" when it is published.
func (l *Links) Unpublished(p string, f history.File, read func(string) ([]byte, error)) (why, hint string, err error) {
	key := [3]string{p, f.Path, f.Blob}
	if known, ok := l.unused.Load(key); ok {
		said := known.([2]string)
		return said[0], said[1], nil
	}
	content, err := read(f.Blob)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", f.Path, err)
	}
	for _, name := range []string{p, f.Path} { // of a symbolic link, both count
		if why == "" {
			why, hint = Unpublished(name, content, l.trusted)
		}
	}
	l.unused.Store(key, [2]string{why, hint})
	return why, hint, nil
}

// file is the file at a path after a step, or that to which a symbolic link
// there leads.
func (l *Links) file(p string, step int, read func(string) ([]byte, error)) (history.File, bool, error) {
	for range 8 { // a bound: symbolic links can form a circle
		f, ok := l.log.Lookup(step, p)
		switch {
		case !ok:
		case f.Mode == history.Regular || f.Mode == history.Executable:
			return f, true, nil
		case f.Mode == history.Symlink:
			to, err := read(f.Blob)
			if err != nil {
				return f, false, err
			}
			if !path.IsAbs(string(to)) {
				p = path.Join(path.Dir(p), string(to))
				continue
			}
		}
		break
	}
	return history.File{}, false, nil
}

// States are the contents of the file to which a path leads, in the steps from
// and to and between them, oldest first.
func (l *Links) States(p string, from, to int, read func(string) ([]byte, error)) ([]history.State, error) {
	var out []history.State
	at := l.log.States(p, from, to) // of a symbolic link: where it leads
	for i, state := range at {
		until := to
		if i+1 < len(at) {
			until = at[i+1].Step - 1
		}
		since := max(from, state.Step)
		f, ok, err := l.file(p, since, read)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		for _, s := range l.log.States(f.Path, since, until) {
			if n := len(out); (n == 0 || out[n-1].File.Blob != s.File.Blob) && (s.File.Mode == history.Regular || s.File.Mode == history.Executable) {
				s.Step = max(s.Step, state.Step) // since then the path leads there
				out = append(out, s)
			}
		}
	}
	return out, nil
}

// atPolicy is what a link to a path leads to, if a policy held it. The source
// of one that is not on the site does not get there as another's attachment.
func (l *Links) atPolicy(p string, from Origin, fragment string) (Target, bool) {
	to, held := l.policyAt(from.Step, p)
	switch {
	case to != nil:
		return l.page(to, p == from.Path, from, fragment), true
	case held:
		return Target{Nowhere: "leads to a policy that is not on the site", Hint: "a draft can be linked once it is published"}, true
	}
	return Target{}, false
}

// Published is the file that a link led to on the previous site; nil when it
// led to none.
func (l *Links) Published(link string, from Origin) *policy.Attachment {
	if len(from.Published) == 0 {
		return nil
	}
	rest, _, _ := strings.Cut(link, "#")
	rest, _, _ = strings.Cut(rest, "?")
	if decoded, err := url.PathUnescape(rest); err == nil {
		rest = decoded
	}
	if rest == "" {
		return nil
	}
	for _, p := range l.candidates(rest, from.Path) {
		for i := range from.Published {
			if from.Published[i].Path == p {
				return &from.Published[i]
			}
		}
	}
	return nil
}

// page is a policy's page. A fragment is kept when the page is known to have
// it: own tells that it is the page of the text itself.
func (l *Links) page(to *Policy, own bool, from Origin, fragment string) Target {
	ids := to.IDs
	if own {
		ids = from.IDs
	}
	id, ok := findID(ids, fragment)
	switch {
	case ok && own:
		return Target{Fragment: "#" + escapeFragment(id)}
	case ok:
		return Target{URL: to.Place.URL, Fragment: "#" + escapeFragment(id)}
	}
	return Target{URL: to.Place.URL, Lost: fragment != "" && ids != nil}
}

// fragmentOf is a fragment as it stands in a link; "" for none.
func fragmentOf(fragment string) string {
	if fragment == "" {
		return ""
	}
	return "#" + escapeFragment(fragment)
}

// address is the address of the site that a link from the root means; "" for others.
func (l *Links) address(rest string) string {
	if !strings.HasPrefix(rest, "/") {
		return ""
	}
	return norm.NFC.String(path.Clean("/" + strings.TrimPrefix(rest, strings.TrimSuffix(l.basePath, "/"))))
}

// pageAddress is the address of the site that a link means, as authors write who think
// of pages rather than of files; "" for none.
func (l *Links) pageAddress(rest string, from Origin) string {
	at := path.Clean("/" + strings.TrimPrefix(rest, strings.TrimSuffix(l.basePath, "/")))
	if !strings.HasPrefix(rest, "/") {
		own, _ := l.policyAt(from.Step, from.Path)
		if own == nil {
			return ""
		}
		at = path.Join(own.Place.URL, rest)
	}
	return strings.TrimSuffix(strings.TrimSuffix(norm.NFC.String(at), "/"), ".html") + "/"
}

// findID finds the id that a fragment means. GitHub, where many policies live,
// prefixes the ids of its pages and ignores case.
func findID(ids map[string]bool, fragment string) (string, bool) {
	if fragment == "" || ids == nil {
		return "", false
	}
	if decoded, err := url.PathUnescape(fragment); err == nil {
		fragment = decoded
	}
	fragment = norm.NFC.String(fragment)
	for _, id := range []string{fragment, strings.TrimPrefix(fragment, "user-content-"), strings.ToLower(fragment)} {
		if ids[id] {
			return id, true
		}
	}
	return "", false
}

func escapeFragment(id string) string {
	return (&url.URL{Fragment: id}).EscapedFragment()
}
