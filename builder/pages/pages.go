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
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/words"
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
	Title        string // "" means "Policies", with the organization's name where there is one
	Organization string
	BaseURL      string // "https://example.com/legal/", "/legal/", or "" when unknown
	Lang         string // of texts that do not say, and of pages that belong to no policy
	Brand        Brand
	Generator    string      // "policysite 1.2.0"
	At           policy.Date // the day the site is built for: feeds leave out what is recorded later
	Preview      bool        // every page says that it is not published
	Trusted      bool        // texts may bring scripts and styles of their own
	Docx         bool        // a Word document stands beside each redline
	RulesAlone   bool        // lead on from former addresses: no pages and copies do
	Fragments    bool        // pages are what another site mounts: see Fragment
	Minified     bool        // the theme is, and so is the manifest
	Places       []policy.Place
	Languages    []string // configured, the default first
	Controlling  string   // the language whose text prevails; "" when none does
	NoticeDays   int      // when above 0, notices of a coming version count the days from its record
	Timezone     string   // in which recorded days are counted: "UTC", "Europe/Berlin"
	Headers      []byte   // the user's own lines of _headers and _redirects, which
	Redirects    []byte   // follow those of the site

	Static map[string]bool // paths of the user's files
}

// Brand is how an organization's site looks.
type Brand struct {
	policy.Brand
	Files []File // that it brings along
}

// File is a file of the site, at a URL that has the hash of its content in it.
type File struct {
	URL     string
	Content []byte
}

// Use adds a picture to the brand, and returns its URL.
func (b *Brand) Use(name string, content []byte) string {
	f := File{assetOf(string(content), name), content}
	if !slices.ContainsFunc(b.Files, func(g File) bool { return g.URL == f.URL }) {
		b.Files = append(b.Files, f)
	}
	return f.URL
}

// HomeName is what people call the organization's own site: "example.com".
func (b Brand) HomeName() string {
	u, err := url.Parse(b.Home)
	if err != nil {
		return b.Home
	}
	return strings.TrimPrefix(u.Host, "www.")
}

// Text is one version's text as a page shows it: see Texter.
type Text struct {
	HTML     []byte // sanitized, addresses resolved, permalinks in; until the next is made
	Headings []Heading
	Leads    []string // URLs of this site that its links lead to, in order
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
	// Since is the redline from a superseded change to the version in force.
	Since func(i int) (Redline, error)
	// Noted is the Text of a version with notes.
	Noted func(i int, notes Notes) (Text, error)
}

// Again is what files of the whole site ask for of texts that their policies' pages
// have shown.
type Again struct {
	Source  func(p *policy.Policy, i int) ([]byte, error) // as Texts has it
	Excerpt func(p *policy.Policy, i int) (string, error) // of the redline of a version that has one
	Word    func(p *policy.Policy, i int) ([]byte, error) // the same as a Word document
}

// Redline is what changed from one version to another. Like that of a Text its
// HTML belongs to the caller until the next call.
type Redline struct {
	policy.Comparison
	HTML []byte // unchanged runs are folded into links to the snapshot of the newer version
	// Excerpt is what changed alone, as HTML that needs no style sheet, a paragraph in
	// each line.
	Excerpt func() string
	// Word is the redline as a Word document with tracked changes.
	Word func() ([]byte, error)
}

// Built says what a site was built from and for.
type Built struct {
	Commit   string      // object id, hexadecimal
	At       policy.Date // the day the site is built for
	Timezone string
	Source   string // folders, from the root of the repository
	Content  string
	// NextChange is the next day on which front matter publishes a text or takes one
	// off the site; zero when none does.
	NextChange policy.Date
}

// ShortCommit is the commit, short enough to read.
func (b Built) ShortCommit() string { return shortCommit(b.Commit) }

// Composer writes pages. It is safe for use by several goroutines at a time.
type Composer struct {
	site     Site
	theme    *Theme
	base     base
	families map[string]*family        // by policy id: one policy in all its languages
	others   map[string]*policy.Policy // by id: see Beside
	urls     map[string]bool           // URLs of policies
	buffers  *sync.Pool                // of *buffers
	shared   *sync.Map                 // what sharedFiles write, by what they are given
	only     string                    // path of the one file to write; "" writes all
}

// New returns a Composer of a site's pages.
func New(site Site, theme *Theme) *Composer {
	if site.Title == "" {
		w := words.English()
		if theme != nil { // there is none where no page is written
			w = theme.book.Words(site.Lang)
		}
		if site.Title = w.T("policies-title"); site.Organization != "" {
			site.Title = w.T("policies-of", "Organization", site.Organization)
		}
	}
	c := &Composer{
		site:     site,
		theme:    theme,
		base:     parseBase(site.BaseURL),
		families: families(site.Places, site.Lang),
		urls:     map[string]bool{},
		buffers:  &sync.Pool{New: func() any { return new(buffers) }},
		shared:   &sync.Map{},
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
