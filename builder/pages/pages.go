// Package pages turns policies and a theme into the files of a site: the pages
// of each policy and of each version, the pages and files of the whole site,
// and the manifest. It decides the URL of everything.
//
// A page depends on its own policy, the site's configuration and structure
// (Site) and the theme. Only what Composer.Site writes depends on other
// policies, and only the home page and the newest page of the site's changes
// archive say for which commit and day the site was built, so that the files
// of an unchanged policy stay the same bytes.
package pages

import (
	"bytes"
	"html/template"
	"io"
	"strings"
	"sync"

	"github.com/policysite/policysite/builder/policy"
)

// Emit takes one file of the site. The path is relative to the site's root,
// with slashes and not percent-encoded: "privacy/index.html". The content
// belongs to the caller: it must not be kept after Emit has returned.
type Emit func(path string, content []byte) error

// EmitFrom takes one file as Emit does, but piece by piece, as write writes it:
// one that may be too large to be made in memory.
type EmitFrom func(path string, write func(io.Writer) error) error

// Minify makes a file of the site smaller, by the kind that its name says, and
// leaves what a reader sees as it is. A template of HTML has ".tmpl" behind its name.
type Minify func(name string, content []byte) ([]byte, error)

// Site is what every page may depend on beside its own policy.
type Site struct {
	Title        string // "" means "Policies", with the organization before it where there is one
	Organization string
	BaseURL      string // "https://example.com/legal/", "/legal/", or "" when unknown
	Lang         string // of texts that do not say; the frame is always English
	Generator    string // "policysite 1.2.0"
	Preview      bool   // every page says that it is not published
	Minified     bool   // the theme is, and so is the manifest
	Places       []policy.Place
	Languages    []string // configured, the default first
	NoticeDays   int      // when above 0, notices of a coming version count the days from its record
	Timezone     string   // in which recorded days are counted: "UTC", "Europe/Berlin"
}

// Text is one version's text as it stands on a page: see Composer.NewText.
type Text struct {
	HTML     []byte // sanitized, addresses resolved, permalinks in
	Headings []Heading
}

// Heading is a heading of a text, in order of appearance.
type Heading struct {
	Level int    // 1 to 6
	ID    string // what a fragment points to
	Text  string // visible text
}

// Texts are the texts of one policy, by the index of the version.
type Texts struct {
	// Text is that of a version without an Error.
	Text func(i int) (Text, error)
	// Source are the bytes of a version.
	Source func(i int) ([]byte, error)
	// Changes is the redline of a version against the one its Comparison names;
	// it is asked for only where there is a Comparison.
	Changes func(i int) (Redline, error)
	// Since is the redline from a superseded change to the version in force;
	// nil when none was made.
	Since func(i int) (*Redline, error)
}

// Redline is what changed from one version to another. Like that of a Text its
// HTML belongs to the caller until the next call.
type Redline struct {
	policy.Comparison
	HTML []byte // unchanged runs are folded into links to the snapshot of the newer version
}

// Built says what a site was built from and for.
type Built struct {
	Commit   string      // object id, hexadecimal
	At       policy.Date // the day the site is built for
	Timezone string
	Source   string // folders, from the root of the repository
	Content  string
}

// ShortCommit is the commit, short enough to read.
func (b Built) ShortCommit() string { return shortCommit(b.Commit) }

// Composer writes pages. It is safe for use by several goroutines at a time.
type Composer struct {
	site     Site
	theme    *Theme
	base     base
	families map[string][]policy.Place // by policy id: one policy in all its languages
	urls     map[string]bool           // URLs of policies
	buffers  *sync.Pool                // of *buffers
	only     string                    // path of the one file to write; "" writes all
}

// New returns a Composer of a site's pages.
func New(site Site, theme *Theme) *Composer {
	if site.Title == "" {
		site.Title = strings.TrimSpace(site.Organization + " policies")
		if site.Organization == "" {
			site.Title = "Policies"
		}
	}
	c := &Composer{
		site:     site,
		theme:    theme,
		base:     parseBase(site.BaseURL),
		families: families(site.Places),
		urls:     map[string]bool{},
		buffers:  &sync.Pool{New: func() any { return new(buffers) }},
	}
	for _, p := range site.Places {
		c.urls[p.URL] = true
	}
	return c
}

// buffers are what one page is made in.
type buffers struct {
	frame, whole bytes.Buffer // without its text, and with it
}

// Only returns a Composer that writes one file and skips all others, for who
// wants one page and not to wait for the site. Texts that are not on it are not
// asked for.
func (c *Composer) Only(path string) *Composer {
	only := *c
	only.only = path
	return &only
}

// wants reports whether the file at a URL is to be written.
func (c *Composer) wants(url string) bool { return c.only == "" || c.only == file(url) }

// families groups places that are one policy in several languages: by the
// name they share without the language, and by what their authors state.
func families(places []policy.Place) map[string][]policy.Place {
	baseOf := map[string]string{}
	for _, p := range places {
		baseOf[p.ID] = p.Base
	}
	root := map[string]string{} // a base → the base of the policy it translates
	for _, p := range places {
		if original, ok := baseOf[p.TranslationOf]; ok && original != p.Base {
			root[p.Base] = original
		}
	}
	find := func(b string) string {
		for range len(root) { // a bound: authors can state a circle
			next, ok := root[b]
			if !ok {
				break
			}
			b = next
		}
		return b
	}
	grouped := map[string][]policy.Place{}
	for _, p := range places {
		grouped[find(p.Base)] = append(grouped[find(p.Base)], p)
	}
	byID := map[string][]policy.Place{}
	for _, p := range places {
		if family := grouped[find(p.Base)]; len(family) > 1 {
			byID[p.ID] = family
		}
	}
	return byID
}

// Frame is what every page is given, whatever its kind. Templates can say its
// name: what base.html takes of it is found sooner in the Frame itself than
// through the page it is embedded in.
type Frame struct {
	Site        *Site
	URL         string // of the page, below the site's root
	Permalink   string // the page's whole address, or its path when the site does not know its own
	Title       string // of the page alone: "Changes to Privacy policy"
	Description string
	NoIndex     bool
	Canonical   string
	Relations   []relation // other <link>s of the head
	Crumbs      []link     // from the home page to this one
	Home        string     // addresses, as seen from this page
	Changes     string
	Manifest    string
	Style       string
	Script      string
	Inline      template.CSS  // the style sheet itself, on the page for addresses that do not exist
	Text        template.HTML // stands for the text; written in its place when the page is done
}

// relation is a <link> of the head.
type relation struct{ Rel, Href, Type, Lang string }

// link is a link of the frame with the language of its text.
type link struct {
	Text string
	Href string // "" when there is nothing to link to
	Lang string // "" when it is the frame's
	Dir  string // "rtl", "ltr", or "" when it is the frame's
}

// textMark is what a template writes for a text, and contentsMark for a table
// of contents. They themselves are put in afterwards: the template packages would copy it three times, and a site may
// have tens of thousands of pages with a text of 200 KB. NUL cannot come from
// anywhere else, html/template replaces it.
const (
	textMark     = "\x00text\x00"
	contentsMark = "\x00contents\x00"
)

// parts are what stands on a page in the place of marks.
type parts map[string][]byte

func (c *Composer) frame(url, title string) Frame {
	f := Frame{
		Site:      &c.site,
		URL:       url,
		Permalink: c.permalink(url),
		Title:     title,
		NoIndex:   c.site.Preview,
		Canonical: Href(url, url),
		Crumbs:    []link{{Text: "Home", Href: Href(url, "/")}},
		Home:      Href(url, "/"),
		Changes:   Href(url, "/changes/"),
		Manifest:  Href(url, "/archive.json"),
		Style:     Href(url, c.theme.styleURL),
		Script:    Href(url, c.theme.scriptURL),
		Text:      textMark,
	}
	if whole, ok := c.base.absolute(url); ok {
		f.Canonical = whole
	}
	return f
}

// permalink is an address to cite: whole when the site knows its own.
func (c *Composer) permalink(url string) string {
	if whole, ok := c.base.absolute(url); ok {
		return whole
	}
	return escapePath(url)
}

// crumbs adds the folders above a policy and the policy itself. A folder is a
// link when a policy lives at its URL.
func (c *Composer) crumbs(f *Frame, p *policy.Policy) {
	segments := strings.Split(strings.Trim(p.URL, "/"), "/")
	at := "/"
	for i, s := range segments[:len(segments)-1] {
		at += s + "/"
		crumb := link{Text: c.folderName(s, i == 0)}
		if c.urls[at] {
			crumb.Href = Href(f.URL, at)
		}
		f.Crumbs = append(f.Crumbs, crumb)
	}
	f.Crumbs = append(f.Crumbs, policyLink(f.URL, p))
}

// write executes a template and emits the page, with its parts where the
// template has put them.
func (c *Composer) write(emit Emit, url, name string, data any, parts parts) error {
	if !c.wants(url) {
		return nil
	}
	b := c.buffers.Get().(*buffers)
	defer c.buffers.Put(b)
	b.frame.Reset()
	b.whole.Reset()
	if err := c.theme.execute(&b.frame, name, data); err != nil {
		return err
	}
	root := []byte(Href(url, "/"))
	frame := b.frame.Bytes()
	size := len(frame)
	for _, html := range parts {
		size += len(html) + len(html)/64 // ways to the root are longer than their marks
	}
	b.whole.Grow(size)
	for {
		before, after, found := bytes.Cut(frame, []byte("\x00"))
		b.whole.Write(before)
		if !found {
			break
		}
		mark, after, _ := bytes.Cut(after, []byte("\x00"))
		writeText(&b.whole, parts["\x00"+string(mark)+"\x00"], root)
		frame = after
	}
	return emit(file(url), b.whole.Bytes())
}
