// Package importer turns texts from elsewhere (saved web pages, plain text,
// Markdown, copies in an archive) into the Markdown that this program keeps.
// It finds out what a text itself says of its past, and guesses nothing.
//
// Every word of a source ends up in one of two places: in the Markdown, or in
// a passage that was removed, with the reason. [Read] counts both sides and
// fails when a word is in neither, so an import can lose no clause silently.
//
// What is removed is removed by rules that can be told in a sentence each (see
// clean.go and furniture.go), not by a readability library: those score
// paragraphs and keep the best of them, which is right for an article and
// wrong for a contract, where a short clause in a list of links counts as much
// as a long one. In doubt a passage is kept.
package importer

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
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

// MaxSource is how large a source may be, in bytes. Policies are a hundred
// times smaller; pages carry scripts and images that are not looked at.
const MaxSource = 10 << 20

// maxVisible bounds what is left of a source once scripts and mark-up are gone.
const maxVisible = 1 << 20

// Text is what became of a source.
type Text struct {
	Form     Form
	Markdown []byte      // without front matter, ended by a newline
	Title    string      // its first block, if that is a heading; of a page of this program, the page's title
	Meta     policy.Meta // front matter of a Markdown source
	Removed  []Passage   // in the order of the text, those of one kind together
	Slips    []Slip      // what its author probably meant otherwise; nothing was changed
	In       int         // words of the source, without numbers that became those of a list
	Kept     int         // of them, those in the Markdown

	Address string   // where the text stood, if it says so itself; or ""
	Capture *Capture // the archived copy it was taken from; nil when it says nothing of one
	Sure    bool     // it is a page of this program, and its text has the SHA-256 sum that the page states

	sums []string // of a page of this program: the SHA-256 sums it states
}

// states reports whether a page of this program states the sum of this text.
func (t *Text) states(visible string) bool {
	sum := sha256.Sum256([]byte(visible))
	return slices.Contains(t.sums, hex.EncodeToString(sum[:]))
}

// Passage is something that was removed from a text.
type Passage struct {
	Why   string // "navigation", "cookie banner" …
	Text  string // as a reader saw it, one line for each block
	Words int
}

// Slip is a place where Markdown does not mean what its author meant by it.
type Slip struct {
	Line int    // of the source, from 1; 0 when the source is no Markdown
	Have string // as it stands there
	Want string // what was probably meant
}

// Form is what a source is written in.
type Form string

const (
	HTML     Form = "HTML"
	Plain    Form = "plain text"
	Markdown Form = "Markdown"
)

// Render makes a document of Markdown, as the site will.
type Render func(markdown []byte) (*policy.Document, error)

// Read makes Markdown of a source. Its errors say what is wrong with the
// source; they have no name in front.
func Read(src Source, render Render) (*Text, error) {
	if len(src.Data) > MaxSource {
		return nil, fmt.Errorf("has %d bytes, want at most %d", len(src.Data), MaxSource)
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

func attempt(content string, form Form, src Source, render Render, untidied bool) (*Text, error) {
	t := &Text{Form: form}
	r := &reading{text: t, render: render, untidied: untidied, bagIn: bag{}, numbers: bag{}, removed: bag{}}
	var err error
	switch form {
	case HTML:
		err = r.html(content, src)
	case Plain:
		err = r.plain(content)
	default:
		err = r.markdown(content)
	}
	if err == nil {
		err = r.finish()
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

// errLoss is why a text is not imported of which a word would be lost.
var errLoss = errors.New("cannot be imported without a loss")

// reading is one Read.
type reading struct {
	text     *Text
	render   Render
	bagIn    bag    // the source's words
	numbers  bag    // of them, those that became numbers of a list, which are not text
	removed  bag    // words of what was removed
	untidied bool   // Markdown stays as it is
	exact    bool   // the source is a page of this program
	body     string // Markdown, as far as it has come
}

// remove takes note of a passage that is not in the body any more.
func (r *reading) remove(why, visible string) {
	visible = strings.TrimSpace(visible)
	n := countWords(visible)
	if n == 0 {
		return // an icon, a line: nothing that anybody could miss
	}
	r.removed.add(visible)
	if all := r.text.Removed; len(all) > 0 && all[len(all)-1].Why == why {
		last := &all[len(all)-1]
		last.Text += "\n" + visible
		last.Words += n
		return
	}
	r.text.Removed = append(r.text.Removed, Passage{why, visible, n})
}

// visible is what a reader sees of a piece of Markdown.
func (r *reading) visible(markdown string) (string, error) {
	doc, err := r.render([]byte(markdown))
	if err != nil {
		return "", err
	}
	return doc.Text(""), nil
}

// markdown reads a Markdown source.
func (r *reading) markdown(content string) error {
	meta, body, line, problems := policy.ParseSource([]byte(content))
	if wrong := problems.Errors(false); len(wrong) > 0 {
		return wrong
	}
	r.text.Meta = meta
	r.body = string(body)
	visible, err := r.visible(r.body)
	if err != nil {
		return err
	}
	r.bagIn.add(visible)
	r.text.Slips = slips(r.body, line)
	return r.tidy()
}

// finish counts the words.
func (r *reading) finish() error {
	t := r.text
	t.Markdown = []byte(strings.TrimSpace(r.body) + "\n")
	doc, err := r.render(t.Markdown)
	if err != nil {
		return err
	}
	out := bag{}
	out.add(doc.Text(""))
	t.Kept = out.count()
	out.merge(r.numbers)
	out.merge(r.removed)
	t.In = r.bagIn.count() - r.numbers.count()
	if t.Kept == 0 {
		return fmt.Errorf("has no text")
	}
	if missing, surplus := r.bagIn.compare(out); missing != "" || surplus != "" {
		message := ""
		if missing != "" {
			message += "; these words would be missing: " + missing
		}
		if surplus != "" {
			message += "; these would be added: " + surplus
		}
		return fmt.Errorf("%w%s", errLoss, message)
	}
	switch {
	case t.states(doc.Text("")):
		t.Title, t.Sure = "", true // the page's title is its heading, or made of its file's name
	case t.states(doc.Text(t.Title)):
		t.Sure = true
	}
	if b := doc.First(); t.Title == "" && b != nil && b.Kind == policy.Heading {
		t.Title = b.Text
	}
	return nil
}

// NameSays is what a file's name says of its text: a day, as in
// terms-2021-01-01.html, and a label, as in privacy-v3.txt.
func NameSays(name string) (day policy.Date, label string) {
	stem := strings.TrimSuffix(path.Base(name), path.Ext(name))
	if m := nameDay.FindStringSubmatch(stem); m != nil {
		day, _ = policy.ParseDate(m[1] + "-" + m[2] + "-" + m[3]) // 2021-02-30 is no day, and no error either
	}
	if m := nameLabel.FindStringSubmatch(stem); m != nil {
		label = m[1]
	}
	return day, label
}
