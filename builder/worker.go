package builder

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/redline"
)

// worker takes one policy at a time from its blobs to its pages. Nothing of it
// is shared: go-git's storage and goldmark's parser must not be.
type worker struct {
	survey   *survey
	composer *pages.Composer
	out      *output
	reader   *history.Reader
	renderer *markdown.Renderer
	spill    *spill
	recent   []*source

	// Of the policy at hand:
	versions  []kept // all of them, those that are not shown too
	cut       int    // how many are not shown
	latest    standing
	change    standing  // the latest change
	changes   []*source // the texts of the last changes, oldest first
	current   *source   // of the version in force, once it was asked for
	addresses []pages.Address
	blocks    pages.Blocks
	comparer  redline.Comparer
	buf       [5][]byte // for three kinds of pieces, and for redlines, as made and minified
}

// kept is what the pages of one version need of its text.
type kept struct {
	step     int
	path     string
	html     piece
	source   piece
	changes  piece // the redline
	headings []pages.Heading
	files    []attached

	elsewhere bool                // no revision started it
	published []policy.Attachment // of one that git no longer gives
}

// attached is a file that a version's text links to.
type attached struct {
	path string // as linked
	file history.File
}

// source is a blob with what it was read as.
type source struct {
	blob  string
	bytes []byte
	text  *policy.Text

	prepared redline.Side // see side
	withheld []string     // words that are not in text, and were
	aside    *aside       // nil when no version had it
}

// aside is what was put aside of a source for the last version that had it.
type aside struct {
	source, html piece
	headings     []pages.Heading
	addresses    []pages.Address // of the links in html
}

// standing is a version whose text may be compared with the next one's.
type standing struct {
	version int
	source  *source
}

// keepRecent is how many texts may come back: many policies flip between two.
const keepRecent = 3

func (s *survey) newWorker(composer *pages.Composer, out *output) (*worker, error) {
	reader, err := s.repo.Reader()
	if err != nil {
		return nil, err
	}
	spill, err := newSpill()
	if err != nil {
		return nil, errors.Join(err, reader.Close())
	}
	return &worker{
		survey: s, composer: composer, out: out, reader: reader, spill: spill,
		renderer: markdown.New(markdown.Options{Trusted: s.config.TrustedHTML}),
	}, nil
}

func (w *worker) close() {
	w.reader.Close()
	w.spill.close()
}

// resolve reads the revisions of a policy, oldest first, into versions, and
// puts the texts and redlines of the versions aside.
func (w *worker) resolve(ctx context.Context, sub *subject) (*policy.Policy, *record, error) {
	w.spill.reset()
	w.current = nil
	w.blocks, w.comparer = pages.Blocks{}, redline.Comparer{}
	r, err := w.record(ctx, sub, func(src *source, timeline *policy.Timeline) error {
		return w.keep(src, sub.place, timeline)
	})
	if err != nil {
		return nil, nil, err
	}
	if len(r.Versions) == 0 {
		return nil, nil, errNoVersion(sub)
	}
	p := r.policy(sub.place)
	w.cut = r.Life.Cut
	if err := w.survey.attach(p, w.cut, w.survey.recorded(sub), w.versions, w.out, w.reader.Blob); err != nil {
		return nil, nil, err
	}
	r.Problems = append(r.Problems, w.survey.unsaid(sub.place.ID, r.Life.Versions)...)
	return p, r, nil
}

// read renders a blob, or finds it among the recent ones.
func (w *worker) read(blob string) (*source, error) {
	for i, src := range w.recent {
		if src.blob == blob {
			w.recent = append(slices.Delete(w.recent, i, i+1), src)
			return src, nil
		}
	}
	bytes, err := w.reader.Blob(blob)
	if errors.Is(err, policy.ErrContent) {
		// It is too large to read. At the built commit that is an error; in
		// the past it keeps its place, and its page says why.
		return &source{blob: blob, bytes: []byte("> " + err.Error() + "\n"), text: &policy.Text{Err: err}}, nil
	}
	if err != nil {
		return nil, err
	}
	return w.render(blob, bytes), nil
}

// render reads a source, and keeps it among the recent ones.
func (w *worker) render(blob string, bytes []byte) *source {
	src := &source{blob: blob, bytes: bytes, text: readText(w.renderer, bytes, w.recent...)}
	if len(w.recent) == keepRecent {
		w.recent = slices.Delete(w.recent, 0, 1)
	}
	w.recent = append(w.recent, src)
	return src
}

// keep puts aside what the pages of the latest version need.
func (w *worker) keep(src *source, place policy.Place, timeline *policy.Timeline) (err error) {
	k := &w.versions[len(w.versions)-1]
	a, again := src.aside, src.aside != nil
	if !again {
		a = &aside{}
		if a.source, err = w.spill.put(src.bytes); err != nil {
			return err
		}
		src.aside = a
	}
	k.source = a.source
	doc := src.text.Doc
	if doc == nil {
		return nil
	}
	addresses, files, err := w.survey.addresses(doc, w.origin(k, doc), w.out)
	if err != nil {
		return err
	}
	if !again || !slices.Equal(a.addresses, addresses) {
		text, err := w.composer.NewText(doc, addresses, &w.blocks)
		if err != nil {
			return err
		}
		if a.html, err = w.spill.put(text.HTML); err != nil {
			return err
		}
		a.headings, a.addresses = text.Headings, addresses
	}
	k.html, k.headings, k.files = a.html, a.headings, files
	if before := w.before(timeline); before != nil {
		r, err := w.compare(before, src, addresses, place.URL+timeline.Latest().ID+"/")
		if err != nil {
			return err
		}
		if k.changes, err = w.spill.put(r.HTML); err != nil {
			return err
		}
		timeline.Compare(&r.Comparison)
	}
	return nil
}

// compare writes the redline of two texts. addresses are those of the new
// text's links, and snapshot is the URL of the page that has it whole. The HTML holds
// until the next call.
func (w *worker) compare(old, new *source, addresses []pages.Address, snapshot string) (pages.Redline, error) {
	if len(old.withheld)+len(new.withheld) > 0 {
		masked := new.without(old.withheld)
		old, addresses = old.without(new.withheld), addressesIn(masked.text.Doc, new.text.Doc, addresses)
		new = masked
	}
	r := w.comparer.Compare(old.side(), new.side())
	w.buf[3] = r.HTML(redline.HTMLOptions{
		Into: w.buf[3][:0],
		Address: func(i int) (string, bool) {
			a := addresses[i]
			if a.URL == "" && strings.HasPrefix(a.Href, "#") {
				a.URL = snapshot // on a redline that heading may be folded
			}
			href := a.String()
			return href, href != ""
		},
		Snapshot: pages.Address{URL: snapshot}.String(),
	})
	out, err := w.composer.Redline(r.Comparison, w.buf[3], w.buf[4])
	w.buf[4] = out.HTML
	return out, err
}

// get returns a piece, to be read only, in the buffer of that number or where it
// was put.
func (w *worker) get(p piece, n int) (b []byte, err error) {
	b, err = w.spill.get(p, w.buf[n])
	if cap(b) > cap(w.buf[n]) && p.at >= spillMemory {
		w.buf[n] = b
	}
	return b, err
}

// origin is where the links of a version start from.
func (w *worker) origin(k *kept, doc *policy.Document) origin {
	return origin{k.path, k.step, doc.IDs, w.reader.Blob, k.published}
}

// texts are those of the policy at hand.
func (w *worker) texts(p *policy.Policy) pages.Texts {
	since := sinceRedlines(p)
	return pages.Texts{
		Text: func(i int) (pages.Text, error) {
			k := &w.versions[w.cut+i]
			html, err := w.get(k.html, 0)
			return pages.Text{HTML: html, Headings: k.headings}, err
		},
		Source: func(i int) ([]byte, error) { return w.get(w.versions[w.cut+i].source, 1) },
		Changes: func(i int) (pages.Redline, error) {
			html, err := w.get(w.versions[w.cut+i].changes, 2)
			return pages.Redline{Comparison: *p.Versions[i].Comparison, HTML: html}, err
		},
		Since: func(i int) (*pages.Redline, error) {
			if !since[i] {
				return nil, nil
			}
			return w.since(p, i)
		},
	}
}

// sinceChanges is how many of the last superseded changes get a redline to the
// version in force. Of earlier ones only the last of each year does, so that
// the work for one new version does not grow with the archive.
const sinceChanges = 10

// sinceRedlines tells which versions get a redline to the version in force.
func sinceRedlines(p *policy.Policy) map[int]bool {
	out := map[int]bool{}
	if p.Current < 0 {
		return out
	}
	year := 0
	for i := p.ChangeOf(p.Current) - 1; i >= 0; i-- {
		if v := &p.Versions[i]; v.IsChange() {
			out[i] = len(out) < sinceChanges || v.Day.Year != year
			year = v.Day.Year
		}
	}
	return out
}

// since writes the redline from a superseded version to the one in force; nil
// when one of the two cannot be rendered.
func (w *worker) since(p *policy.Policy, i int) (*pages.Redline, error) {
	if w.current == nil {
		src, err := w.shown(&p.Versions[p.Current])
		if err != nil {
			return nil, err
		}
		w.current = src
		if src.text.Doc != nil {
			k := &w.versions[w.cut+p.Current]
			if w.addresses, _, err = w.survey.addresses(src.text.Doc, w.origin(k, src.text.Doc), w.out); err != nil {
				return nil, err
			}
		}
	}
	old, err := w.superseded(&p.Versions[i])
	if err != nil || old.text.Doc == nil || w.current.text.Doc == nil {
		return nil, err
	}
	r, err := w.compare(old, w.current, w.addresses, p.URL+p.Versions[p.Current].ID+"/")
	r.Comparison.With = p.Versions[i].ID
	return &r, err
}

// superseded is the text of an earlier version as the site may show it.
func (w *worker) superseded(v *policy.Version) (*source, error) {
	if len(v.Redactions) == 0 {
		for _, src := range w.changes {
			if src.blob == v.Blob && src.text.Doc != nil && len(src.withheld) == 0 {
				return src, nil
			}
		}
	}
	return w.shown(v)
}

// mostChanges bounds the texts of changes that are kept, by the bytes of their
// sources: what they were read as takes several times as much.
const mostChanges = 1 << 20

// keepChange keeps the text of a change for its redline to the version in force:
// those of the last ones are most of all.
func (w *worker) keepChange(src *source) {
	w.changes = append(w.changes, src)
	size := 0
	for i, src := range slices.Backward(w.changes) {
		if size += len(src.bytes); size > mostChanges || len(w.changes)-i > sinceChanges+1 {
			w.changes = slices.Delete(w.changes, 0, i+1)
			break
		}
	}
}

// attach publishes the files that the versions of a policy link to: as they
// were then, and as they became while the version was the latest. versions are
// all of them, of which the first so many are not shown.
func (s *survey) attach(p *policy.Policy, cut int, revisions []policy.Revision, versions []kept, out *output, read func(string) ([]byte, error)) error {
	dates := policy.TimelineOptions{Zone: s.config.Timezone, AuthorDates: s.config.AuthorDates}
	for i, k := range versions {
		if i < cut {
			continue
		}
		if k.published != nil {
			for _, a := range k.published {
				if err := out.again(&a, s.previous); err != nil {
					return err
				}
			}
			continue
		}
		until := s.until(revisions, versions[i+1:])
		if k.elsewhere {
			until = k.step
		}
		var attachments []policy.Attachment
		for _, a := range k.files {
			states, err := s.links.states(a.path, k.step, until, read)
			if err != nil {
				return err
			}
			for n, state := range states {
				if draft, err := s.isDraft(state.File.Path, state.File.Blob, read); draft || err != nil {
					if err != nil {
						return err
					}
					continue
				}
				sum, url, err := out.attach(state.File, a.path, read)
				if err != nil {
					return err
				}
				step := s.log.Steps[state.Step]
				attachments = append(attachments, policy.Attachment{
					Path: a.path, URL: url, SHA256: sum, Commit: step.Commit,
					Day: policy.DateOf(dates.Recorded(step), dates.Zone), Later: n > 0,
				})
			}
		}
		p.Versions[i-cut].Attachments = attachments
	}
	return nil
}

// until is the last step at which a version was the latest; next are those
// after it.
func (s *survey) until(revisions []policy.Revision, next []kept) int {
	for _, k := range next {
		if !k.elsewhere {
			return k.step - 1
		}
	}
	if n := len(revisions); n > 0 && revisions[n-1].Blob == "" {
		return revisions[n-1].Step - 1
	}
	return s.recordedHead()
}

func errNoVersion(sub *subject) error {
	return policy.Problems{{Path: sub.history.Path, Message: "has no version to show: every revision of it is a draft", Hint: "remove `draft`, or the policy from `archived`"}}
}
