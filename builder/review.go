package builder

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/record"
	"github.com/policysite/policysite/builder/redline"
	"github.com/policysite/policysite/builder/words"
)

// Review is what a commit would publish if it were merged into its base.
type Review struct {
	Base, Head string // commits
	Changes    []Change
	Findings   policy.Problems // of the rules, sorted
	Held       []catalog.Held  // texts that the commit changes, and that are not published before a day
}

// Change is what became of one policy.
type Change struct {
	ID, Title, Path string
	Kind            policy.Kind     // of the version that it makes, or of the revision where it makes none
	Version         *policy.Version // nil where it makes none
	Address         string          // of its redline, once it is published; "" when that is not known
	lang            string
	redline         string // HTML; "" where there is none
}

// readBase finds the commit that the built one would be merged into, and reads both
// as they would be then.
func (in *input) readBase(ctx context.Context) error {
	onto, err := in.repo.Resolve(in.opt.Base)
	if err != nil {
		return err
	}
	if in.base, err = in.repo.MergeBase(ctx, onto, in.commit); err != nil {
		return err
	}
	if in.baseLog, err = in.repo.Read(ctx, in.base, nil); err != nil || in.base == in.commit {
		in.log = in.baseLog
		return err
	}
	in.log, err = in.repo.ReadMerged(ctx, in.base, in.commit, in.opt.progress("reading history"))
	return err
}

// review finds what became of the policies since the base, and what their authors
// forgot; nil without a base. found are the problems of the texts as they are.
func (in *input) review(ctx context.Context, cat *catalog.Catalog, policies []*record.Resolved, found policy.Problems) (*Review, error) {
	if in.base == "" {
		return nil, nil
	}
	out := &Review{Base: in.base, Head: in.commit}
	if in.base == in.commit {
		return out, nil
	}
	src := in.source()
	src.Log, src.Commit = in.baseLog, in.base
	base, before, err := catalog.Read(src)
	if err != nil { // where the base itself cannot be published, all is new
		if errors.Is(err, policy.ErrHistory) {
			return nil, err
		}
		base = &catalog.Catalog{}
	}
	err = in.with(ctx, cat, func(r *record.Reader) error {
		for i, resolved := range policies {
			if err := out.add(cat, cat.Policies[i], resolved, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, h := range cat.Rest.Held {
		was, _ := in.baseLog.Lookup(len(in.baseLog.Steps)-1, h.Path)
		if is, _ := in.log.Lookup(cat.Head(), h.Path); is.Blob != was.Blob {
			out.Held = append(out.Held, h)
		}
	}
	for _, was := range base.Policies {
		out.addGone(cat, was, policies)
	}
	out.staleTranslations(cat)
	for _, p := range found {
		same := func(q *policy.Problem) bool { return q.Path == p.Path && q.Message == p.Message }
		if p.Rule != "" && !slices.ContainsFunc(before.Problems, same) {
			out.Findings = append(out.Findings, p)
		}
	}
	out.Findings.Sort()
	slices.SortFunc(out.Changes, func(a, b Change) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// before sorts problems; what this change brings comes first.
func (out *Review) before(rest policy.Problems) policy.Problems {
	rest.Sort()
	if out == nil {
		return rest
	}
	rest = slices.DeleteFunc(rest, func(p *policy.Problem) bool { return slices.Contains(out.Findings, p) })
	return slices.Concat(out.Findings, rest)
}

// add adds what became of a policy that is on the site.
func (out *Review) add(cat *catalog.Catalog, of *catalog.Policy, resolved *record.Resolved, r *record.Reader) error {
	p := resolved.Policy
	v := p.Latest()
	if len(v.Revisions) == 0 {
		return nil
	}
	last := v.Revisions[len(v.Revisions)-1]
	if last.Commit != out.Head {
		return nil
	}
	c := Change{ID: p.ID, Title: p.Title, Path: last.Path, Kind: last.Kind, lang: p.Lang}
	if v.Commit() != out.Head {
		out.Changes = append(out.Changes, c)
		return nil
	}
	c.Version = v
	if v.Comparison != nil {
		to := len(p.Versions) - 1
		from := slices.IndexFunc(p.Versions, func(w policy.Version) bool { return w.ID == v.Comparison.With })
		found, err := r.Redline(of, resolved, from, to)
		if err != nil {
			return err
		}
		c.redline = found.Text(redline.TextOptions{HTML: true, Words: words.English().Phrases})
		c.Address, _ = pages.Absolute(cat.Config.BaseURL, pages.ChangesURL(p, to))
	}
	out.Changes = append(out.Changes, c)
	findings, err := forgotten(cat, p, r)
	for _, f := range findings {
		if !of.Silences(f.Rule) {
			out.Findings = append(out.Findings, f)
		}
	}
	return err
}

// forgotten is what the author of the latest version of a policy forgot.
func forgotten(cat *catalog.Catalog, p *policy.Policy, r *record.Reader) (out policy.Problems, err error) {
	v, before := p.Latest(), (*policy.Version)(nil)
	if n := len(p.Versions); n > 1 {
		before = &p.Versions[n-2]
	}
	text, err := r.Facts(v)
	if err != nil {
		return nil, err
	}
	find := func(rule string, line int, format string, args ...any) {
		out = append(out, policy.Finding(rule, v.Path, line, format, args...))
	}
	if before != nil && v.Undated(before) {
		find(policy.RuleUndated, cmp.Or(text.Meta.Lines["last-updated"], text.Meta.Lines["effective"], text.Meta.Lines["version"], text.Stated()), "")
	}
	if days := cat.Config.NoticeDays; days > 0 && before != nil && asksForNotice(v, before) {
		from, published := v.InForce.From, v.Day
		if cat.Built.At.After(published) {
			published = cat.Built.At
		}
		if n := published.DaysTo(from); n < days {
			find(policy.RuleShortNotice, cmp.Or(text.Meta.Lines["effective"], text.Stated(), text.Meta.Lines["last-updated"]), "takes effect %s, and `notice-days` is %d", inDays(n, from), days)
		}
	}
	summed := v.Summary != "" || slices.ContainsFunc(v.Statements, func(s policy.Statement) bool { return s.Summary != "" })
	if v.Mark() == policy.Material && !summed {
		find(policy.RuleNoSummary, text.Meta.Lines["change"], "is marked material and has no summary")
	}
	if len(v.Redactions) > 0 {
		return out, nil // what follows quotes the text
	}
	for _, c := range text.Contradictions(v.Day) {
		find(policy.RuleDatesDiffer, c.Line, "the text says %q, and %s in front matter is %s", c.Words, c.Key, c.Front)
	}
	now, old := "", ""
	var source, oldSource []byte
	if now, err = r.Words(v); err == nil {
		source, err = r.Source(v)
	}
	if err == nil && before != nil {
		if old, err = r.Words(before); err == nil {
			oldSource, err = r.Source(before)
		}
	}
	for _, x := range policy.Placeholders(now, old, source, oldSource) {
		find(policy.RulePlaceholder, x.Line, "the text says %q", x.Words)
	}
	return out, err
}

// asksForNotice reports whether readers have to be told of a version before it counts.
func asksForNotice(v, before *policy.Version) bool {
	moved := v.Kind == policy.Dates && v.Declared.Effective != before.Declared.Effective && !v.Declared.Effective.IsZero()
	return v.InForce != nil && (v.Kind == policy.Wording || moved) && v.Mark() != policy.Minor && v.Mark() != policy.Editorial
}

func inDays(n int, day policy.Date) string {
	switch {
	case n <= 0:
		return "at once"
	case n == 1:
		return "the next day, on " + day.String()
	}
	return fmt.Sprintf("in %d days, on %s", n, day)
}

// addGone adds what became of a policy of the base, where it is no longer on the site.
func (out *Review) addGone(cat *catalog.Catalog, was *catalog.Policy, policies []*record.Resolved) {
	begins := func(h policy.History) bool {
		return len(h.Revisions) > 0 && len(was.History.Revisions) > 0 &&
			h.Revisions[0].Step == was.History.Revisions[0].Step && h.Revisions[0].Path == was.History.Revisions[0].Path
	}
	if slices.ContainsFunc(cat.Policies, func(p *catalog.Policy) bool { return begins(p.History) }) {
		return
	}
	c := Change{ID: was.Place.ID, Title: was.Place.ID, Path: was.History.Path, Kind: policy.Withdrawn}
	if i := slices.IndexFunc(cat.Rest.Unpublished, begins); i >= 0 {
		revisions := cat.Rest.Unpublished[i].Revisions
		switch last := revisions[len(revisions)-1]; {
		case last.Unread:
			c.Kind = policy.Unread
		case last.Blob != "":
			c.Kind = policy.Draft
		}
	}
	out.Changes = append(out.Changes, c)
	leads := func(p *record.Resolved) bool {
		return p.Policy.URL == was.Place.URL || slices.Contains(p.Policy.Former, was.Place.URL)
	}
	if !slices.ContainsFunc(policies, leads) && !slices.Contains(cat.Config.Silence, policy.RuleNoRedirect) {
		out.Findings = append(out.Findings, policy.Finding(policy.RuleNoRedirect, c.Path, 0, "is no longer published, and its address %s leads nowhere", was.Place.URL))
	}
}

// staleTranslations finds translations that a change left behind.
func (out *Review) staleTranslations(cat *catalog.Catalog) {
	for _, c := range out.Changes {
		of := cat.Policy(c.ID)
		if of == nil || c.Version == nil || c.Kind != policy.Wording || c.Version.Mark() == policy.Editorial {
			continue
		}
		for _, p := range cat.Policies {
			translates := p.Place.TranslationOf == c.ID ||
				of.Place.Lang == cat.Config.Language && p.Place.Base == of.Place.Base && p.Place.Lang != of.Place.Lang
			changed := slices.ContainsFunc(out.Changes, func(d Change) bool { return d.ID == p.Place.ID })
			if translates && p.History.Live && !changed && !p.Silences(policy.RuleTranslation) {
				out.Findings = append(out.Findings, policy.Finding(policy.RuleTranslation, p.History.Path, 0, "the wording of %s changed, and that of its translation did not", c.Path))
			}
		}
	}
}
