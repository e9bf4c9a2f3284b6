package history

import (
	"bytes"
	"math/bits"
	"regexp"
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/policysite/policysite/builder/policy"
)

// sample is a text as likeness sees it: the hashes of its word triples, sorted,
// each as often as it occurs. Of 4000 million hashes a text of a thousand words takes
// so few that two different triples of one hash do not matter.
type sample []uint32

// likeness is how alike two texts are: the triples they share, by those of the
// larger.
func likeness(shared, a, b int) float64 {
	if shared == 0 {
		return 0
	}
	return float64(shared) / float64(max(a, b))
}

// shared counts what two samples have in common.
func shared(a, b sample) (n int) {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			a = a[1:]
		case a[0] > b[0]:
			b = b[1:]
		default:
			n++
			a, b = a[1:], b[1:]
		}
	}
	return n
}

// spaceless are the scripts that are written without spaces between words: each
// of their characters counts as a word.
var spaceless = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Yi,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan,
}

const (
	fnvStart = 14695981039346656037
	fnvPrime = 1099511628211
)

// newSample reads a text. A word is a run of letters, marks and digits; front
// matter, comments, tags and link targets are left out. A text of one or two
// words is one triple.
func newSample(text []byte) sample {
	var out sample
	var last [2]uint64 // the words before, by their hashes
	words := 0
	word := func(h uint64) {
		if words++; words > 2 {
			out = append(out, mix(last[0], last[1], h))
		}
		last[0], last[1] = last[1], h
	}
	h, open := uint64(fnvStart), false
	end := func() {
		if open {
			word(h)
		}
		h, open = fnvStart, false
	}
	text = bytes.ToLower(norm.NFC.Bytes(prose(text)))
	for at := 0; at < len(text); {
		r, size := rune(text[at]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(text[at:])
		}
		alone := r >= 0x0E00 && !unicode.IsMark(r) && unicode.In(r, spaceless...)
		if alone || !isWord(r) {
			end()
		}
		if isWord(r) {
			for _, c := range text[at : at+size] {
				h = (h ^ uint64(c)) * fnvPrime
			}
			open = true
		}
		at += size
		if alone && !followedByMark(text[at:]) {
			end()
		}
	}
	end()
	if words == 1 || words == 2 {
		out = sample{mix(0, last[0], last[1])}
	}
	slices.Sort(out)
	return out
}

func isWord(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z'
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
}

func followedByMark(text []byte) bool {
	r, _ := utf8.DecodeRune(text)
	return unicode.IsMark(r)
}

// mix makes one hash of three, in their order.
func mix(a, b, c uint64) uint32 {
	h := uint64(fnvStart)
	for _, x := range [...]uint64{a, b, c} {
		h = (h ^ x) * fnvPrime
		h ^= h >> 32
	}
	return uint32(h)
}

var (
	definition = regexp.MustCompile(`(?m)^ {0,3}\[[^\]\n^][^\]\n]*\]:[ \t]*\S.*$`)
	comment    = []byte("<!--")
)

// maxTarget bounds where the end of a link's target is looked for.
const maxTarget = 2000

// prose returns a text without its front matter, comments, tags and link
// targets. What opens and does not close is text.
func prose(text []byte) []byte {
	text = definition.ReplaceAll(policy.Body(text), nil)
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		at := bytes.IndexAny(text, "<]")
		if at < 0 {
			break
		}
		out, text = append(out, text[:at]...), text[at:]
		n := 0
		switch {
		case bytes.HasPrefix(text, comment):
			if end := bytes.Index(text, []byte("-->")); end > 0 {
				n = end + len("-->")
			}
		case text[0] == '<':
			n = tagEnd(text)
		default:
			n = targetEnd(text)
		}
		out = append(out, ' ')
		text = text[max(n, 1):]
	}
	return append(out, text...)
}

// tagEnd returns the length of the tag that a text starts with, 0 for none.
func tagEnd(text []byte) int {
	if len(text) < 2 || !isWord(rune(text[1])|0x20) && text[1] != '/' && text[1] != '!' && text[1] != '?' || '0' <= text[1] && text[1] <= '9' {
		return 0
	}
	n := bytes.IndexAny(text[1:], "<>") + 1
	if n == 0 || text[n] == '<' {
		return 0
	}
	return n + 1
}

// targetEnd returns the length of "](target)" at the start of a text, 0 for
// none.
func targetEnd(text []byte) int {
	if len(text) < 2 || text[1] != '(' {
		return 0
	}
	depth := 0
	for i, c := range text[1:min(len(text), maxTarget)] {
		switch c {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 2
			}
		case '\n':
			if i+2 < len(text) && text[i+2] == '\n' {
				return 0
			}
		}
	}
	return 0
}

// index finds which of many texts share triples with another. To ask it about
// one text takes time in proportion to that text and what it shares.
type index struct {
	sizes    []int     // of the texts
	shift    int       // makes the number of a hash's bucket of it
	starts   []int     // of each bucket in postings, and the end
	postings []posting // by bucket
}

// posting is a triple that a text has.
type posting struct {
	hash, text, count uint32
}

func newIndex(samples []sample) *index {
	x := &index{sizes: make([]int, len(samples))}
	total := 0
	for i, s := range samples {
		x.sizes[i] = len(s)
		for range s.runs {
			total++
		}
	}
	x.shift = 32 - min(bits.Len(uint(total)), 24)
	x.starts = make([]int, 1<<(32-x.shift)+1)
	for _, s := range samples {
		for hash := range s.runs {
			x.starts[hash>>x.shift]++
		}
	}
	for i, n := 0, 0; i < len(x.starts); i++ {
		n += x.starts[i]
		x.starts[i] = n // the end of the bucket, until it is filled
	}
	x.postings = make([]posting, total)
	for i, s := range samples {
		for hash, count := range s.runs {
			x.starts[hash>>x.shift]--
			x.postings[x.starts[hash>>x.shift]] = posting{hash, uint32(i), uint32(count)}
		}
	}
	return x
}

// runs yields each triple with how often it occurs.
func (s sample) runs(yield func(hash uint32, count int) bool) {
	for len(s) > 0 {
		n := 1
		for n < len(s) && s[n] == s[0] {
			n++
		}
		if !yield(s[0], n) {
			return
		}
		s = s[n:]
	}
}

// likeness returns how alike a text is to each of those in the index.
func (x *index) likeness(s sample) []float64 {
	counts := make([]int, len(x.sizes))
	for hash, count := range s.runs {
		bucket := hash >> x.shift
		for _, p := range x.postings[x.starts[bucket]:x.starts[bucket+1]] {
			if p.hash == hash {
				counts[p.text] += min(count, int(p.count))
			}
		}
	}
	out := make([]float64, len(counts))
	for i, n := range counts {
		out[i] = likeness(n, len(s), x.sizes[i])
	}
	return out
}
