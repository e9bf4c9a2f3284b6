package record

import (
	"hash/maphash"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/redline"
)

// chain follows the lines of a policy's text from version to version: see policy.Origin.
// It keeps 64 bytes for each line of the latest text that could be read, 24 for each
// time that the wording of such a line changed, and 24 for each line that went, which
// may come back: all that is told of a version takes more.
type chain struct {
	source *source // of the latest version that could be read; nil before the first
	latest int32   // that version
	back   bool    // the policy was withdrawn since
	lines  []line  // of that version; it is not written to any more
	gone   map[uint64]goneLine
	seed   maphash.Seed
	names  int32
}

// line is what is known of a line of a text.
type line struct {
	words  uint64  // a hash of them, as they were read last; 0 for never
	since  int32   // see policy.Origin
	first  int32   // likewise
	before int32   // likewise: StoodBefore
	read   int32   // where words of it are withheld: the version in which all were read last, -1 for none; else readNow
	unread []int32 // versions that withhold words of it
	edits  *edit   // the latest one
	name   int32   // the same for all that became of one line
	short  bool
}

const readNow = -2

// edit is a change of a line's wording. Where several lines became one, there is an
// edit of version -1 for each but the first, with what changed both.
type edit struct {
	version      int32
	before, also *edit
}

// goneLine is a line that went.
type goneLine struct {
	last, first int32 // versions in which it stood
	edits       *edit // that which took it away is the latest
}

// tellingBytes is how long a line must be to be known by its words when it comes anew:
// shorter ones say the same by chance.
const tellingBytes = 20

// add takes the next version, with its text as the site shows it. compare finds what
// leads to that from the latest text that could be read.
func (c *chain) add(n int, v *policy.Version, src *source, compare func(old *source) *redline.Redline) {
	c.back = c.back || v.Kind == policy.Restored
	if src.text.Doc == nil {
		return
	}
	old, before, last := c.source, c.lines, c.latest
	back := c.back && old != nil
	c.source, c.latest, c.back = src, int32(n), false
	if old == nil {
		c.gone, c.seed = map[uint64]goneLine{}, maphash.MakeSeed()
	} else if !back && sameLines(old, src) {
		return
	}
	text := src.text.Doc.Text(src.text.Meta.Title)
	withheld := map[int]bool{}
	for _, r := range v.Redactions {
		withheld[r.Block-1] = true
	}
	c.lines = make([]line, strings.Count(text, "\n"))
	var from [][]int32
	if old != nil {
		from = sources(compare(old), len(c.lines), len(before))
	}
	stayed := make([]bool, len(before))
	k := -1
	for words := range strings.Lines(text) {
		k++
		now := &c.lines[k]
		*now = line{words: maphash.String(c.seed, words) | 1, short: len(words) < tellingBytes, since: c.latest, first: c.latest, before: -1, read: readNow}
		var was []int32
		if from != nil {
			was = from[k]
		}
		i := slices.IndexFunc(was, func(i int32) bool { return withheld[k] || before[i].words == now.words })
		switch {
		case i >= 0:
			stayed[was[i]] = true
			now.stay(&before[was[i]])
			if back {
				now.since, now.before = c.latest, last
			}
		default:
			c.change(now, before, was)
		}
		if withheld[k] {
			now.withhold(i >= 0, last, c.latest)
		}
	}
	c.leave(before, stayed, last)
}

// at are the lines of the version that was taken last.
func (c *chain) at(version int) linesOf {
	if c.source == nil || int(c.latest) != version {
		return linesOf{version: version}
	}
	return linesOf{version, c.lines}
}

// sources are, for each of n lines, the lines of m that it comes from.
func sources(r *redline.Redline, n, m int) [][]int32 {
	out, memory := make([][]int32, n), make([]int32, 0, n)
	r.Lines(func(new, old int) {
		switch {
		case new >= n || old >= m: // without words that the other text withholds, a title and a heading may say the same
		case out[new] == nil && len(memory) < n:
			memory = append(memory, int32(old))
			out[new] = memory[len(memory)-1 : len(memory) : len(memory)]
		case !slices.Contains(out[new], int32(old)):
			out[new] = append(out[new], int32(old))
		}
	})
	return out
}

// sameLines reports whether two texts are known to have the same lines.
func sameLines(a, b *source) bool {
	return a == b || a.redacted == nil && b.redacted == nil && a.text.TextSHA256 == b.text.TextSHA256
}

// stay takes what was known of a line that has the same words.
func (l *line) stay(was *line) {
	at := l.since
	*l = *was
	if l.read != readNow && slices.Contains(l.unread, l.since) {
		l.since = at // it came back in a version that withholds it
	}
	l.read = readNow
}

// withhold says that a version withholds words of a line. known: they could be read
// before, the last time in another version.
func (l *line) withhold(known bool, last, version int32) {
	switch {
	case !known:
		l.words, l.read = 0, -1
	case l.read == readNow:
		l.read = last
	}
	l.unread = append(slices.Clip(l.unread), version)
}

// change takes what was known of lines that became a line with other words.
func (c *chain) change(now *line, before []line, was []int32) {
	if len(was) == 0 {
		c.names++
		now.name = c.names
	} else {
		now.name = before[was[0]].name
	}
	for _, i := range was {
		b := &before[i]
		now.first, now.edits = min(now.first, b.first), join(now.edits, b.edits)
		for _, v := range b.unread {
			if b.read != readNow && v > b.read {
				now.unread = append(now.unread, v)
			}
		}
	}
	if g, ok := c.gone[now.key()]; ok {
		delete(c.gone, now.key())
		now.before, now.first, now.edits = g.last, min(now.first, g.first), join(now.edits, g.edits)
	}
	if now.first < now.since {
		now.edits = &edit{version: now.since, before: now.edits}
	}
}

// leave remembers the lines that did not stay, unless another says the same.
func (c *chain) leave(before []line, stayed []bool, last int32) {
	var left map[uint64]*line
	for i := range before {
		if b := &before[i]; !stayed[i] && b.words != 0 {
			if left == nil {
				left = map[uint64]*line{}
			}
			left[b.key()] = b
		}
	}
	if left == nil {
		return
	}
	for i := range c.lines {
		delete(left, c.lines[i].key())
	}
	for key, b := range left {
		g := goneLine{last, b.first, &edit{version: c.latest, before: b.edits}}
		if b.read != readNow {
			g.last = b.read
		}
		c.gone[key] = g
	}
}

// key is by what a line that went is known when it comes back.
func (l *line) key() uint64 {
	if l.short { // only in its own place
		return l.words ^ uint64(l.name)*0x9e3779b97f4a7c15
	}
	return l.words
}

func join(a, b *edit) *edit {
	switch {
	case a == nil || a == b:
		return b
	case b == nil:
		return a
	}
	return &edit{-1, a, b}
}

// versions are those of an edit and of the ones before it, oldest first.
func (e *edit) versions() []int32 {
	var out []int32
	seen, todo := map[*edit]bool{}, []*edit{e}
	for len(todo) > 0 {
		e := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if e == nil || seen[e] {
			continue
		}
		seen[e] = true
		if e.version >= 0 {
			out = append(out, e.version)
		}
		todo = append(todo, e.before, e.also)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// linesOf are the lines of a version's text; none where it cannot be read.
type linesOf struct {
	version int
	lines   []line
}

// origins are those of the lines, for a record that shows the versions from cut on.
func (l linesOf) origins(versions []policy.Version, cut int) []policy.Origin {
	var unreadable []int // versions up to this one
	for i := range versions[:l.version-cut+1] {
		if versions[i].Error != "" || versions[i].Withheld() {
			unreadable = append(unreadable, i)
		}
	}
	var out []policy.Origin
	for i := range l.lines {
		b := &l.lines[i]
		o := policy.Origin{Line: i + 1, Lines: 1, Withheld: b.read != readNow, Since: -1, First: -1, StoodBefore: -1}
		if !o.Withheld {
			o.Since, o.First, o.StoodBefore = int(b.since)-cut, int(b.first)-cut, max(int(b.before)-cut, -1)
			for _, v := range b.edits.versions() {
				o.Changes = append(o.Changes, int(v)-cut)
			}
			for _, v := range b.unread {
				o.Unread = append(o.Unread, int(v)-cut)
			}
			directly := o.Since
			for _, v := range slices.Backward(unreadable) {
				if v > o.Since || v == directly-1 {
					o.Unread, directly = append(o.Unread, v), min(directly, v)
				}
			}
			slices.Sort(o.Unread)
			o.Unread = slices.Compact(o.Unread)
		}
		if n := len(out); n > 0 && out[n-1].Same(&o) {
			out[n-1].Lines++
		} else {
			out = append(out, o)
		}
	}
	return out
}

// followed keeps the lines of those versions of which one is the one that the policy
// will show: which, is known at the end.
type followed struct {
	inForce, coming, latest linesOf
	from                    policy.Date // of coming
}

// see takes the lines of the latest version, which counts from a day. at is the day
// that the site is built for.
func (f *followed) see(l linesOf, from, at policy.Date) {
	f.latest = l
	switch {
	case !from.After(at):
		f.inForce = l
	case f.from.IsZero() || !from.After(f.from):
		f.coming, f.from = l, from
	}
}

// origins are those of the version that a policy shows.
func (f *followed) origins(life *policy.Lifecycle) []policy.Origin {
	p := policy.Policy{Status: life.Status, Versions: life.Versions, Current: life.Current}
	for _, l := range []linesOf{f.inForce, f.coming, f.latest} {
		if l.lines != nil && l.version == life.Cut+p.Shown() {
			return l.origins(life.Versions, life.Cut)
		}
	}
	return nil
}
