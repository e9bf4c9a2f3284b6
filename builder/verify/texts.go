package verify

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"

	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/policy"
)

// checkTexts holds sources against archive.json, and pages against sources.
func (v *verifier) checkTexts(ctx context.Context) error {
	c := &textChecker{verifier: v, renderers: [2]*markdown.Renderer{
		markdown.New(markdown.Options{}), markdown.New(markdown.Options{Trusted: true}),
	}}
	for i := range v.manifest.Policies {
		v.progress("reading texts", i, len(v.manifest.Policies))
		p := &v.manifest.Policies[i]
		own := p.own()
		for j := range p.Versions {
			if err := ctx.Err(); err != nil {
				return err
			}
			c.check(p, j, j == own)
		}
	}
	return nil
}

// own is the index of the version that stands at the policy's own address: the
// one in force, else the first to come, else the last there was; -1 for none.
func (p *manifestPolicy) own() int {
	for i := range p.Versions {
		ver := &p.Versions[i]
		if ver.ID == p.Current || p.Current == "" && p.Status == string(policy.StatusUpcoming) && ver.InForce != nil {
			return i
		}
	}
	return len(p.Versions) - 1
}

// textChecker reads texts as the site may have read them.
type textChecker struct {
	*verifier
	renderers [2]*markdown.Renderer // a site does not say whether it trusts the HTML of its texts
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
	source, err := c.read(file, maxRead)
	if err != nil {
		if _, listed := c.listed[file]; !listed {
			c.differ(file, Missing, "a file", err.Error())
		}
		return
	}
	where := p.ID + "@" + ver.ID
	pages := []string{fileAt(ver.URL)}
	if own {
		pages = append(pages, fileAt(p.URL))
		if origins := fileAt(p.URL + "origins/"); c.listed[origins] != "" {
			pages = append(pages, origins)
		}
	}
	// Where the source was too large to be read, a note stands in its place.
	if have := fmt.Sprintf("%x", sha256.Sum256(source)); have != ver.SourceSHA256 && (ver.Error == "" || ver.SourceSHA256 != "") {
		// What its pages have to say, nobody knows any more.
		c.differFile(file, Source, orNull(ver.SourceSHA256), have)
		return
	}
	if have := gitBlob(source, len(ver.SourceBlob)); have != ver.SourceBlob && ver.SourceBlob != "" && ver.SourceSHA256 != "" {
		c.differ(where, Source, "source_blob "+have, ver.SourceBlob)
	}
	if ver.Error != "" {
		c.checkNoText(ver, where, pages)
		return
	}
	c.checkText(ver, where, source, pages)
}

// checkNoText checks a version that could not be rendered.
func (c *textChecker) checkNoText(ver *manifestVersion, where string, pages []string) {
	if ver.TextSHA256+ver.WordingSHA256 != "" {
		c.differ(where, Record, "no hashes of a text that cannot be rendered", orNull(ver.TextSHA256)+" and "+orNull(ver.WordingSHA256))
	}
	for _, page := range pages {
		content, err := c.read(page, maxRead)
		if err != nil {
			continue // told as missing
		}
		if words, _ := wordsOf(content); words != "" {
			c.differFile(page, Wording, "no text of a version that cannot be rendered", strconv.Quote(around(words, 0)))
		}
	}
}

// checkText holds the rendered source of a version against the recorded hashes
// of its text, and against the words on pages.
func (c *textChecker) checkText(ver *manifestVersion, where string, source []byte, pages []string) {
	said := map[string]string{}
	for _, page := range pages {
		content, err := c.read(page, maxRead)
		if err != nil {
			continue // told as missing
		}
		words, texts := wordsOf(content)
		if texts != 1 {
			c.differFile(page, Wording, "one element with data-policy-text", strconv.Itoa(texts))
			continue
		}
		said[page] = words
	}
	r := c.reading(0, source)
	if n := r.misses(ver, said); n > 0 {
		if other := c.reading(1, source); other.misses(ver, said) < n {
			r = other
		}
	}
	if r.err != nil {
		c.differ(where, Text, "a source that can be rendered", r.err.Error())
		return
	}
	if r.text != ver.TextSHA256 {
		c.differ(where, Text, "text_sha256 "+r.text, orNull(ver.TextSHA256))
	}
	if r.wording != ver.WordingSHA256 {
		c.differ(where, Text, "wording_sha256 "+r.wording, orNull(ver.WordingSHA256))
	}
	for page, words := range said {
		listed, have := c.listed[page], c.have[page]
		switch want, is, same := compareWords(r.words, words); {
		case !same:
			c.differFile(page, Wording, strconv.Quote(want), strconv.Quote(is))
		case listed != have:
			c.differFile(page, Presentation, listed, have)
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

// misses counts what does not fit the reading: hashes of archive.json, and pages.
func (r *reading) misses(ver *manifestVersion, said map[string]string) (n int) {
	if r.err != nil {
		return math.MaxInt
	}
	if r.text != ver.TextSHA256 {
		n++
	}
	if r.wording != ver.WordingSHA256 {
		n++
	}
	for _, words := range said {
		if _, _, same := compareWords(r.words, words); !same {
			n++
		}
	}
	return n
}

// gitBlob is the id that git gives a file's content, in the hash whose ids have
// so many hexadecimal digits; in SHA-1 for every other number.
// https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
func gitBlob(content []byte, digits int) string {
	h := sha1.New()
	if digits == 2*sha256.Size {
		h = sha256.New()
	}
	fmt.Fprintf(h, "blob %d\x00%s", len(content), content)
	return hex.EncodeToString(h.Sum(nil))
}
