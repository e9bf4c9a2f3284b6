package record

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/redline"
	"github.com/policysite/policysite/builder/redline/docx"
	"github.com/policysite/policysite/builder/words"
)

// Resolved is a policy on the site of one catalog.
type Resolved struct {
	Record   *Record // nil when git does not have the policy
	Policy   *policy.Policy
	Assets   []Asset // the files that its versions link to
	Problems policy.Problems
	Dates    []policy.DateNote // what to know of the dates in the newest text
}

// Resolve reads the record of a policy and gives it its place on the site.
func (r *Reader) Resolve(ctx context.Context, p *catalog.Policy) (*Resolved, error) {
	rec, err := r.Read(ctx, p)
	if err != nil {
		return nil, err
	}
	if rec.Empty() {
		return nil, errNoVersion(p)
	}
	return r.Place(p, rec)
}

func errNoVersion(p *catalog.Policy) error {
	return policy.Problems{{Path: p.History.Path, Message: "has no version to show: every revision of it is a draft", Hint: "remove `draft`, or the policy from `archived`"}}
}

// Place gives the policy of a record, which has a version, its place on the site.
func (r *Reader) Place(p *catalog.Policy, rec *Record) (_ *Resolved, err error) {
	out := &Resolved{Record: rec, Policy: rec.policy(p), Dates: rec.Dates}
	if out.Assets, err = r.attach(p, rec, out.Policy); err != nil {
		return nil, err
	}
	out.Problems = append(slices.Clip(rec.Problems), r.cat.CheckVersions(p.Place.ID, rec.Life.Versions)...)
	return out, nil
}

// Texts are the texts of a policy and the redlines between them, each made when
// it is asked for. What they say beside the words of the policy is in the words w.
func (r *Reader) Texts(of *catalog.Policy, resolved *Resolved, w *words.Words) pages.Texts {
	p := resolved.Policy
	t := &texts{reader: r, texter: pages.Texter{Words: w}, of: of, record: resolved.Record, policy: p}
	return pages.Texts{Text: t.text, Source: func(i int) ([]byte, error) { return r.Source(&p.Versions[i]) }, Changes: t.changes, Since: func(i int) (pages.Redline, error) { return t.redline(i, p.Current) }, Noted: t.noted}
}

// texts are those of one policy.
type texts struct {
	reader *Reader
	of     *catalog.Policy
	record *Record
	policy *policy.Policy
	texter pages.Texter
}

// read returns the text of a version and the addresses of its links.
func (t *texts) read(i int) (*source, []pages.Address, error) {
	v := &t.policy.Versions[i]
	if v.Kind == policy.Withdrawn {
		return &source{text: nothing()}, nil, nil
	}
	src, err := t.reader.shown(v)
	if err != nil || src.text.Doc == nil {
		return &source{text: nothing()}, nil, err
	}
	var from catalog.Origin
	if v.Draft {
		last := t.of.History.Revisions[len(t.of.History.Revisions)-1]
		from = catalog.Origin{Path: last.Path, Step: last.Step}
	} else {
		at := &t.record.places[t.record.Life.Cut+i]
		from = catalog.Origin{Path: at.path, Step: t.reader.stepOf(at), Published: at.published}
	}
	addresses, _, err := t.reader.addresses(src.text.Doc, from)
	return src, addresses, err
}

func (t *texts) text(i int) (pages.Text, error) {
	src, addresses, err := t.read(i)
	if err != nil {
		return pages.Text{}, err
	}
	return t.texter.Text(src.text.Doc, addresses), nil
}

func (t *texts) noted(i int, notes pages.Notes) (pages.Text, error) {
	src, addresses, err := t.read(i)
	if err != nil {
		return pages.Text{}, err
	}
	return t.texter.Noted(src.text.Doc, src.text.Meta.Title, addresses, notes), nil
}

// changes is the redline of a version.
func (t *texts) changes(i int) (pages.Redline, error) {
	return t.redline(before(t.policy, i), i)
}

// redline is what leads from one version to another. Its HTML holds until the
// next call.
func (t *texts) redline(from, to int) (pages.Redline, error) {
	found, addresses, err := t.compare(from, to)
	if err != nil {
		return pages.Redline{}, err
	}
	r := t.reader
	snapshot := t.policy.URL + t.policy.Versions[to].ID + "/"
	*r.buf = found.HTML(redline.HTMLOptions{
		Into: (*r.buf)[:0],
		Address: func(i int) (string, bool) {
			a := addresses[i]
			if a.URL == "" && strings.HasPrefix(a.Href, "#") {
				a.URL = snapshot // on a redline that heading may be folded
			}
			href := a.String()
			return href, href != ""
		},
		Snapshot: pages.Address{URL: snapshot}.String(),
		Words:    t.texter.Words.Phrases,
	})
	found.Comparison.With = t.policy.Versions[from].ID
	return pages.Redline{Comparison: found.Comparison, HTML: *r.buf, Excerpt: func() string { return excerpt(found, t.texter.Words) },
		Word: func() ([]byte, error) { return t.word(found, addresses, to) }}, nil
}

// compare finds what leads from one version to another, as the site may show it, and
// the addresses of the links of the other. It holds until the next call.
func (t *texts) compare(from, to int) (*redline.Redline, []pages.Address, error) {
	old, _, err := t.read(from)
	if err != nil {
		return nil, nil, err
	}
	new, addresses, err := t.read(to)
	if err != nil {
		return nil, nil, err
	}
	if len(old.redacted)+len(new.redacted) > 0 {
		masked := new.without(old.redacted)
		old, addresses = old.without(new.redacted), addressesIn(masked.text.Doc, new.text.Doc, addresses)
		new = masked
	}
	t.reader.comparer.Characters = words.Characters(t.policy.Lang)
	return t.reader.comparer.Compare(old.side(), new.side()), addresses, nil
}

// excerpt is what a redline marks, for where no style sheet is.
func excerpt(found *redline.Redline, w *words.Words) string {
	return found.Text(redline.TextOptions{HTML: true, Words: w.Phrases})
}

// Again gives texts of these policies once more. What it says beside them is in the
// words of their languages.
func (r *Reader) Again(all []*catalog.Policy, resolved []*Resolved, in func(lang string) *words.Words) pages.Again {
	return pages.Again{
		Source: func(p *policy.Policy, i int) ([]byte, error) { return r.Source(&p.Versions[i]) },
		Excerpt: func(p *policy.Policy, i int) (string, error) {
			n := slices.IndexFunc(resolved, func(q *Resolved) bool { return q.Policy == p })
			found, err := r.Redline(all[n], resolved[n], before(p, i), i)
			if err != nil {
				return "", err
			}
			return excerpt(found, in(p.Lang)), nil
		},
		Word: func(p *policy.Policy, i int) ([]byte, error) {
			n := slices.IndexFunc(resolved, func(q *Resolved) bool { return q.Policy == p })
			return r.Word(all[n], resolved[n], before(p, i), i)
		},
	}
}

// before is the version with which a version is compared.
func before(p *policy.Policy, i int) int {
	return slices.IndexFunc(p.Versions, func(v policy.Version) bool { return v.ID == p.Versions[i].Comparison.With })
}

// Redline is what leads from one version of a policy to another, as the site may show
// it. It holds until the next call.
func (r *Reader) Redline(of *catalog.Policy, resolved *Resolved, from, to int) (*redline.Redline, error) {
	t := &texts{reader: r, of: of, record: resolved.Record, policy: resolved.Policy}
	found, _, err := t.compare(from, to)
	return found, err
}

// Word is what leads from one version of a policy to another as a Word document with
// tracked changes, as the site may show it.
func (r *Reader) Word(of *catalog.Policy, resolved *Resolved, from, to int) ([]byte, error) {
	t := &texts{reader: r, of: of, record: resolved.Record, policy: resolved.Policy}
	found, addresses, err := t.compare(from, to)
	if err != nil {
		return nil, err
	}
	return t.word(found, addresses, to)
}

// word writes a redline as a Word document. The changes are the organization's, of the
// day on which the other version was recorded.
func (t *texts) word(found *redline.Redline, addresses []pages.Address, to int) ([]byte, error) {
	config := &t.reader.cat.Config
	return docx.Write(found, docx.Options{
		Title:  t.policy.Title,
		Lang:   t.policy.Lang,
		Author: cmp.Or(config.Organization, docx.Program),
		Date:   t.policy.Versions[to].Recorded,
		Address: func(link int) string {
			a := addresses[link]
			if a.URL == "" {
				return a.Href
			}
			whole, _ := pages.Absolute(config.BaseURL, a.URL)
			return whole + a.Href
		},
	})
}

// Words are the visible text of a version as the site may show it; "" where it
// cannot be rendered.
func (r *Reader) Words(v *policy.Version) (string, error) {
	src, err := r.shown(v)
	if err != nil || src.text.Doc == nil {
		return "", err
	}
	return src.text.Doc.Text(src.text.Meta.Title), nil
}

// Facts is the text of a version as its author wrote it, with what it states.
func (r *Reader) Facts(v *policy.Version) (*policy.Text, error) {
	src, err := r.text(v, true)
	if err != nil {
		return nil, err
	}
	return src.text, nil
}

// Introduction is the text of the home page; nil when there is none.
func (r *Reader) Introduction(w *words.Words) (*pages.Text, []Asset, error) {
	intro := r.cat.Introduction
	if intro == nil || intro.Meta.Draft {
		return nil, nil, nil
	}
	f, _ := r.cat.Log.Lookup(r.cat.Head(), intro.Path)
	content, err := r.blobs.Blob(f.Blob)
	if err != nil {
		return nil, nil, err
	}
	_, body, line, _ := policy.ParseSource(content)
	doc, err := r.renderer.Render(body, line)
	if err != nil {
		return nil, nil, err
	}
	addresses, assets, err := r.addresses(doc, catalog.Origin{Path: intro.Path, Step: r.cat.Head()})
	if err != nil {
		return nil, nil, err
	}
	texter := pages.Texter{Words: w}
	text := texter.Text(doc, addresses)
	return &text, assets, nil
}
