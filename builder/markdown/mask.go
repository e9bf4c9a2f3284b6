package markdown

import (
	"bytes"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// Texts saved from web pages differ from one to the next in little but targets:
// sessions and signatures within the addresses of links and images. In half of
// all pairs of versions of the Platform Governance Archive nothing else does.
// So a part is rendered with its targets masked, and gets its own ones after. Without
// that a build of these 4,840 revisions takes 6 % more processor time.
//
// Only letters, digits, "-" and "_" behind the first "/" of a target are masked,
// each by one digit. To a target neither goldmark nor the pass over its HTML
// makes a difference between these: they are copied as they are, from one place
// of the source to one place of the HTML. What stands before the first "/" may be
// a scheme, which is looked at, and two digits after a "%" are, too. What only looks
// like a target (in code, in raw HTML, in a link's title or an image's text)
// gives itself away, since each mask is another: it is no link's target then.

// maxMasks bounds the targets of a part that are masked; maskDigits tell them
// apart.
const (
	maskDigits = 3
	maxMasks   = 1000
)

// masks are the masked targets of one part.
type masks struct {
	text    []byte         // of the part, with masks
	targets []policy.Span  // that are masked, in the text
	places  map[string]int // of targets: their indexes, by masked target
}

// mask masks the targets of a part, and reports whether there are any.
func (m *masks) mask(text []byte) bool {
	m.text, m.targets = m.text[:0], m.targets[:0]
	for at := 0; len(m.targets) < maxMasks; {
		i := bytes.Index(text[at:], []byte("]("))
		if i < 0 {
			break
		}
		at += i + len("](")
		start := at
		for at < len(text) && ofTarget(text[at]) {
			at++
		}
		if at == len(text) || text[at] != ')' {
			continue
		}
		slash := bytes.IndexByte(text[start:at], '/')
		if slash < 0 {
			continue
		}
		if len(m.text) == 0 {
			m.text = append(m.text, text...)
		}
		if maskTarget(m.text[start+slash:at], len(m.targets)) {
			m.targets = append(m.targets, policy.Span{Start: start, End: at})
		}
	}
	return len(m.targets) > 0
}

// ofTarget reports whether a target with a byte can be masked: if it means
// nothing beyond the target, to nobody.
func ofTarget(c byte) bool {
	return masked(c) || bytes.IndexByte([]byte("/.:?=&%#+,@"), c) >= 0
}

// masked reports whether a byte of a target is masked.
func masked(c byte) bool {
	return isLetter(c) || isDigit(c) || c == '-' || c == '_'
}

// maskTarget masks a target from its first "/" on by the digits of a number. It
// leaves the target alone, and reports false, when there is no room for them.
func maskTarget(target []byte, number int) bool {
	room := 0
	for i := range target {
		if maskedAt(target, i) {
			room++
		}
	}
	if room < maskDigits {
		return false
	}
	for i := range target {
		if maskedAt(target, i) {
			target[i] = '0' + byte(number%10)
			number /= 10
		}
	}
	return true
}

// maskedAt reports whether a byte of a target that starts with "/" is masked.
func maskedAt(target []byte, i int) bool {
	return masked(target[i]) && target[i-1] != '%' && (i < 2 || target[i-2] != '%')
}

// unmask makes the piece of a part of the piece of the part with masks; nil when
// a mask is something else than one link's target.
func (m *masks) unmask(text []byte, of *piece) *piece {
	if of.whole || len(of.links) < len(m.targets) {
		return nil
	}
	clear(m.places)
	for i, t := range m.targets {
		m.places[string(m.text[t.Start:t.End])] = i
	}
	p := *of
	part := *of.part
	p.text, p.part = string(text), &part
	p.links = slices.Clone(of.links)
	var html strings.Builder
	html.Grow(len(part.HTML))
	copied := 0
	for i := range p.links {
		link := &p.links[i]
		at, ok := m.places[link.Target]
		if !ok {
			continue
		}
		if strings.HasPrefix(of.part.HTML[link.Element.End:], escape(link.Target)) {
			return nil // an address in text, which shows its target
		}
		delete(m.places, link.Target)
		link.Target = p.text[m.targets[at].Start:m.targets[at].End]
		m.text = appendTarget(m.text[:0], link.Target)
		value := link.Attr.End - len(`"`) - len(m.text)
		html.WriteString(of.part.HTML[copied:value])
		html.Write(m.text)
		copied = value + len(m.text)
	}
	if len(m.places) > 0 {
		return nil
	}
	html.WriteString(of.part.HTML[copied:])
	part.HTML = html.String()
	return &p
}
