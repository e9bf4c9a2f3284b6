package importer

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// Source is one text as it was found.
type Source struct {
	Name    string // what messages call it: a file's path or an address
	Address string // where it stands on the web; "" for a file
	Type    string // the Content-Type it came with, or ""
	Data    []byte
}

// maxSource is how large a source may be, in bytes. Policies are a hundred
// times smaller; pages carry scripts and images that are not looked at.
const maxSource = 10 << 20

var errTooLarge = fmt.Errorf("has more than %d bytes", maxSource)

// maxVisible bounds the visible text of a source, in bytes.
const maxVisible = 1 << 20

// Text is what became of a source.
type Text struct {
	Form     Form
	Markdown []byte // without front matter, ended by a newline
	Title    string // from front matter, the page or the first block
	Declared policy.Declared
	Removed  []Passage // in the order of the text
	In       int       // words of the source, without numbers that became those of a list
	Kept     int       // of them, those in the Markdown
	Address  string    // where the text was published, or ""
	Capture  *Capture  // the archived copy that it was taken from, or nil
	Sure     bool      // it is a page of this program, and has the SHA-256 sum that the page states

	meta     policy.Meta     // front matter of a Markdown source
	warnings policy.Problems // marks of a Markdown source that readers see
}

// Passage is something that was removed from a text.
type Passage struct {
	Why   string `json:"why"` // "navigation", "cookie banner" …
	Words int    `json:"words"`
	Text  string `json:"text"` // as a reader saw it, one line for each block
}

// Form is what a source is written in.
type Form string

const (
	HTML     Form = "HTML"
	Plain    Form = "plain text"
	Markdown Form = "Markdown"
)

// Read makes Markdown of a source; render reads Markdown as the site does. Errors
// say what is wrong with the source, without its name.
func Read(src Source, render func(source []byte) *policy.Text) (*Text, error) {
	if len(src.Data) > maxSource {
		return nil, errTooLarge
	}
	content, form, err := decode(src)
	if err != nil {
		return nil, err
	}
	t, err := attempt(content, form, src, render, false)
	if errors.Is(err, errLoss) {
		// Its Markdown is so broken that it cannot be taken apart.
		if whole, err := attempt(content, form, src, render, true); err == nil {
			return whole, nil
		}
	}
	return t, err
}

func attempt(content string, form Form, src Source, render func([]byte) *policy.Text, untidied bool) (*Text, error) {
	r := &reading{text: &Text{Form: form}, render: render, untidied: untidied, bagIn: bag{}, numbers: bag{}, removed: bag{}}
	read := r.markdown
	switch form {
	case HTML:
		read = func(page string) error { return r.html(page, src) }
	case Plain:
		read = r.plain
	}
	if err := read(content); err != nil {
		return nil, err
	}
	return r.text, r.finish()
}

// errLoss means that the Markdown does not have the words of the source.
var errLoss = errors.New("cannot be imported without a loss")

// reading is one Read.
type reading struct {
	text     *Text
	render   func(source []byte) *policy.Text
	bagIn    bag      // the source's words
	numbers  bag      // of them, those that became numbers of a list, which are not text
	removed  bag      // words of the passages that were removed
	untidied bool     // Markdown stays as it is
	exact    bool     // the source is a page of this program
	sums     []string // of such a page: the SHA-256 sums it states
	body     string   // Markdown, as far as it has come
	err      error    // why Markdown could not be rendered
}

// remove takes note of a passage that the body no longer has.
func (r *reading) remove(why, visible string) {
	visible = strings.TrimSpace(visible)
	n := countWords(visible)
	if n == 0 {
		return // an icon or a line, which nobody misses
	}
	r.removed.add(visible)
	if all := r.text.Removed; len(all) > 0 && all[len(all)-1].Why == why {
		last := &all[len(all)-1]
		last.Text += "\n" + visible
		last.Words += n
		return
	}
	r.text.Removed = append(r.text.Removed, Passage{why, n, visible})
}

// piece renders a piece of Markdown. Once there is an error, every piece is
// empty.
func (r *reading) piece(markdown string) *policy.Text {
	if r.err == nil {
		text := r.render([]byte("\n" + markdown)) // a rule in the first line would be front matter
		if r.err = text.Err; r.err == nil {
			return text
		}
	}
	return &policy.Text{Doc: &policy.Document{}}
}

// visible is what a reader sees of a piece of Markdown.
func (r *reading) visible(markdown string) string { return r.piece(markdown).Doc.Text("") }

// markdown reads a Markdown source.
func (r *reading) markdown(content string) error {
	whole := r.render([]byte(content))
	if whole.Err != nil {
		return whole.Err
	}
	_, body, line, _ := policy.ParseSource([]byte(content))
	r.body, r.text.meta = string(body), whole.Meta
	r.bagIn.add(whole.Doc.Text(""))
	r.text.warnings = slips(r.body, line)
	r.tidy()
	return nil
}

// finish counts the words.
func (r *reading) finish() error {
	t := r.text
	t.Markdown = []byte(strings.TrimSpace(r.body) + "\n")
	read := r.piece(string(t.Markdown))
	if r.err != nil {
		return r.err
	}
	visible := read.Doc.Text("")
	out := bag{}
	out.add(visible)
	t.Kept = out.count()
	out.merge(r.numbers)
	out.merge(r.removed)
	t.In = r.bagIn.count() - r.numbers.count()
	if t.Kept == 0 {
		return errors.New("has no text")
	}
	message := ""
	if missing := r.bagIn.without(out); missing != "" {
		message += "; these words would be missing: " + missing
	}
	if surplus := out.without(r.bagIn); surplus != "" {
		message += "; these would be added: " + surplus
	}
	if message != "" {
		return fmt.Errorf("%w%s", errLoss, message)
	}
	switch {
	case r.states(visible):
		t.Title, t.Sure = "", true // the page's title is its heading, or made of its file's name
	case r.states(read.Doc.Text(t.Title)):
		t.Sure = true
	}
	whole := *read
	whole.Meta = t.meta
	t.Title, t.Declared = cmp.Or(t.Title, whole.Title("")), whole.Declared(policy.Date{})
	return nil
}

// states reports whether a page of this program states the sum of a text.
func (r *reading) states(visible string) bool {
	sum := sha256.Sum256([]byte(visible))
	return slices.Contains(r.sums, hex.EncodeToString(sum[:]))
}
