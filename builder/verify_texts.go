package builder

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strconv"
	"strings"

	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/policy"
)

// checkTexts holds sources against archive.json, and pages against sources, one
// policy after the other.
func (v *verifier) checkTexts(ctx context.Context) error {
	policies := v.manifest.Policies
	return v.inParallel(ctx, "reading texts", len(policies), func(next func() (int, bool)) error {
		c := &textChecker{verifier: v}
		for i := range c.renderers {
			c.renderers[i] = markdown.New(markdown.Options{Trusted: i == 1})
		}
		for i, ok := next(); ok; i, ok = next() {
			p := &policies[i]
			own := p.own()
			for j := range p.Versions {
				if err := ctx.Err(); err != nil {
					return err
				}
				c.check(p, j, j == own)
			}
		}
		return nil
	})
}

// own is the index of the version that stands at the policy's own address: the
// one in force, else the first to come, else the last there was; -1 for none.
func (p *manifestPolicy) own() int {
	for i := range p.Versions {
		ver := &p.Versions[i]
		if p.Current != nil && ver.ID == *p.Current || p.Current == nil && p.Status == string(policy.StatusUpcoming) && ver.InForce != nil {
			return i
		}
	}
	return len(p.Versions) - 1
}

// textChecker is what one goroutine checks texts with.
type textChecker struct {
	*verifier
	// Which of the two a site was built with is not recorded: either may have
	// made a text. The one that made the last text comes first.
	renderers [2]*markdown.Renderer
}

// check checks the source of a version, and the pages that show it.
func (c *textChecker) check(p *manifestPolicy, i int, own bool) {
	ver := &p.Versions[i]
	if ver.Redacted {
		return // what it said is withheld: there is nothing to recompute
	}
	file := fileAt(ver.SourceURL)
	if file == "" {
		return // told already
	}
	source, err := c.read(file)
	if err != nil {
		if _, listed := c.listed[file]; !listed {
			c.differ(file, DiffMissing, "a file", err.Error())
		}
		return
	}
	where := p.ID + "@" + ver.ID
	if ver.unread() {
		c.checkNoText(ver, where, []string{fileAt(ver.URL)})
		return
	}
	if have := hexSum(sha256.New(), source); have != orNull(ver.SourceSHA256) {
		// What its pages have to say, nobody knows any more.
		c.differFile(file, DiffSource, orNull(ver.SourceSHA256), have)
		return
	}
	if recorded := ver.SourceBlob; recorded != nil {
		if have := gitBlob(source, len(*recorded)); have != *recorded {
			c.differ(where, DiffSource, "source_blob "+have, *recorded)
		}
	}
	pages := []string{fileAt(ver.URL)}
	if own {
		pages = append(pages, fileAt(p.URL))
	}
	if ver.Error != nil {
		c.checkNoText(ver, where, pages)
		return
	}
	c.checkText(ver, where, source, pages)
}

// unread reports whether the source was too large to be read, so that a note
// stands in its place.
func (v *manifestVersion) unread() bool { return v.Error != nil && v.SourceSHA256 == nil }

// checkNoText checks a version that could not be rendered.
func (c *textChecker) checkNoText(ver *manifestVersion, where string, pages []string) {
	if ver.TextSHA256 != nil || ver.WordingSHA256 != nil {
		c.differ(where, DiffRecord, "no hashes of a text that cannot be rendered", orNull(ver.TextSHA256)+" and "+orNull(ver.WordingSHA256))
	}
	for _, page := range pages {
		content, err := c.read(page)
		if err != nil {
			continue // told as missing
		}
		if words, _ := wordsOf(content); strings.TrimSpace(words) != "" {
			c.differFile(page, DiffWording, "no text of a version that cannot be rendered", strconv.Quote(around(words, 0)))
		}
	}
}

// checkText holds the rendered source of a version against the recorded hashes
// of its text, and against the words on pages.
func (c *textChecker) checkText(ver *manifestVersion, where string, source []byte, pages []string) {
	said := map[string]string{}
	for _, page := range pages {
		content, err := c.read(page)
		if err != nil {
			continue // told as missing
		}
		words, texts := wordsOf(content)
		if texts != 1 {
			c.differFile(page, DiffWording, "one element with data-policy-text", strconv.Itoa(texts))
			continue
		}
		said[page] = words
	}
	r := c.reading(0, source)
	if !r.fits(ver, said) {
		if other := c.reading(1, source); other.fits(ver, said) || !r.isOf(ver) && other.isOf(ver) {
			r = other
			c.renderers[0], c.renderers[1] = c.renderers[1], c.renderers[0]
		}
	}
	if r.err != nil {
		c.differ(where, DiffText, "a source that can be rendered", r.err.Error())
		return
	}
	if want := orNull(ver.TextSHA256); r.text != want {
		c.differ(where, DiffText, "text_sha256 "+r.text, want)
	}
	if want := orNull(ver.WordingSHA256); r.wording != want {
		c.differ(where, DiffText, "wording_sha256 "+r.wording, want)
	}
	for page, words := range said {
		listed, have := c.listed[page], c.have[page]
		switch want, is, same := compareWords(r.words, words); {
		case !same:
			c.differFile(page, DiffWording, strconv.Quote(want), strconv.Quote(is))
		case listed != have:
			c.differFile(page, DiffPresentation, listed, have)
		}
	}
}

// reading is a source as one of the renderers reads it.
type reading struct {
	err           error  // why it cannot be rendered
	text, wording string // SHA-256 of each, hexadecimal
	words         string // see wordsOf
}

func (c *textChecker) reading(renderer int, source []byte) reading {
	t := c.renderers[renderer].Text(source)
	if t.Err != nil {
		return reading{err: t.Err}
	}
	words, _ := wordsOf([]byte("<div data-policy-text>" + t.Doc.Whole().Parts[0].HTML + "</div>"))
	return reading{text: t.TextSHA256, wording: t.WordingSHA256, words: words}
}

// isOf tells whether this is the text that archive.json has the hashes of.
func (r *reading) isOf(ver *manifestVersion) bool {
	return r.err == nil && r.text == orNull(ver.TextSHA256) && r.wording == orNull(ver.WordingSHA256)
}

// fits tells whether it is, and says the words on every page.
func (r *reading) fits(ver *manifestVersion, said map[string]string) bool {
	if !r.isOf(ver) {
		return false
	}
	for _, words := range said {
		if _, _, same := compareWords(r.words, words); !same {
			return false
		}
	}
	return true
}

func hexSum(h hash.Hash, content []byte) string {
	h.Write(content)
	return hex.EncodeToString(h.Sum(nil))
}

// gitBlob is the id that git gives a file's content, in the hash whose ids have
// so many hexadecimal digits; in SHA-1 for every other number.
// https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
func gitBlob(content []byte, digits int) string {
	h := sha1.New()
	if digits == 2*sha256.Size {
		h = sha256.New()
	}
	fmt.Fprintf(h, "blob %d\x00", len(content))
	return hexSum(h, content)
}
