package record

import (
	"errors"

	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/redline"
)

// Reader reads the records of policies and the texts of their versions, for one
// goroutine at a time. It keeps the texts that it read last, by their blobs. A Pool
// lends readers.
type Reader struct {
	cat      *catalog.Catalog
	blobs    *history.Reader
	renderer *markdown.Renderer
	sums     *Sums
	texts    *policy.Cache[string, *source]
	comparer *redline.Comparer
	buf      *[]byte // for redlines
}

// keptTexts bounds the texts that a Reader keeps, by the bytes of their sources;
// what they are read as takes several times as much.
const keptTexts = 4 << 20

func newReader(cat *catalog.Catalog, blobs *history.Reader, sums *Sums) *Reader {
	return &Reader{
		cat: cat, blobs: blobs, sums: sums,
		renderer: markdown.New(markdown.Options{Trusted: cat.Config.TrustedHTML}),
		texts:    &policy.Cache[string, *source]{Limit: keptTexts},
		comparer: new(redline.Comparer), buf: new([]byte),
	}
}

// reads reports whether a reader keeps texts as they are read for another catalog.
func (r *Reader) reads(cat *catalog.Catalog) bool {
	return r.cat.Built.Commit == cat.Built.Commit && r.cat.Config.TrustedHTML == cat.Config.TrustedHTML
}

// with returns a reader of another catalog that shares what r keeps: the two are
// for the same goroutine.
func (r *Reader) with(cat *catalog.Catalog, blobs *history.Reader) *Reader {
	other := *r
	other.cat, other.blobs = cat, blobs
	return &other
}

// source is a blob with what it was read as.
type source struct {
	blob  string
	bytes []byte
	text  *policy.Text
	facts bool // text has them

	prepared redline.Side // see side
	redacted []string     // words that are not in text, and were
}

// side is the source as a redline takes it, made ready once: most are compared
// with the version before, with the one after, and with the one in force.
func (s *source) side() redline.Side {
	if s.prepared.Doc == nil {
		s.prepared = redline.SideOf(s.text).Prepare()
	}
	return s.prepared
}

// nothing is the text of a policy that was deleted.
func nothing() *policy.Text { return &policy.Text{Doc: &policy.Document{}} }

// read reads a blob of the repository. With facts the text has what decides about
// versions: two hashes and the dates that it states, a quarter of what reading it
// takes, and pages need none of them.
func (r *Reader) read(blob string, facts bool) (*source, error) {
	return r.keep(blob, facts, r.blobs.Blob)
}

// keep reads a text, unless it is kept.
func (r *Reader) keep(blob string, facts bool, read func(blob string) ([]byte, error)) (*source, error) {
	if src, ok := r.texts.Get(blob); ok && (src.facts || !facts) {
		return src, nil
	}
	bytes, err := read(blob)
	if errors.Is(err, policy.ErrContent) {
		// It is too large to read. At the built commit that is an error; in
		// the past it keeps its place, and its page says why.
		return &source{blob: blob, bytes: []byte("> " + err.Error() + "\n"), text: &policy.Text{Err: err}}, nil
	}
	if err != nil {
		return nil, err
	}
	src := &source{blob: blob, bytes: bytes, facts: facts}
	if facts {
		src.text = r.renderer.Text(bytes)
	} else {
		src.text = r.renderer.Read(bytes)
	}
	r.texts.Put(blob, src, len(bytes))
	return src, nil
}

// text is that of a version, from where it is kept: git, or the previous site.
// Of one whose words were redacted on the previous site nothing is left.
func (r *Reader) text(v *policy.Version, facts bool) (*source, error) {
	switch {
	case v.Blob == "":
		return &source{text: &policy.Text{}}, nil
	case v.Carried:
		return r.keep(v.Blob, facts, r.cat.Previous.Source)
	}
	return r.read(v.Blob, facts)
}

// shown is the text of a version as the site may show it: all texts of versions
// reach the site this way.
func (r *Reader) shown(v *policy.Version) (*source, error) {
	src, err := r.text(v, false)
	if err != nil {
		return nil, err
	}
	return redact(src, v), nil
}

// Source returns the bytes that can be had as the source of a version.
func (r *Reader) Source(v *policy.Version) ([]byte, error) {
	if _, kept := r.texts.Get(v.Blob); !kept && len(v.Redactions) == 0 && !v.Carried {
		// There is no need to render it, unless it is too large to read.
		if bytes, err := r.blobs.Blob(v.Blob); !errors.Is(err, policy.ErrContent) {
			return bytes, err
		}
	}
	src, err := r.shown(v)
	if err != nil {
		return nil, err
	}
	return src.bytes, nil
}
