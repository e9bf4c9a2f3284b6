package builder

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sort"

	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/publish"
)

// reuse finds the policies of which nothing that their files are made from has
// changed since the site was built that stands at the destination: their files
// get second names in the new site, and are neither made nor written. A nil
// *reuse makes everything anew.
type reuse struct {
	survey *survey
	cache  *cache
	site   *publish.Site
	place  string       // key of what is noted of the destination
	source string       // key of the history
	before *history.Log // that an earlier run read; nil when there is none

	common string    // hash of what the files of all policies are made from
	held   []holding // which policy held which path, in the order of their steps
}

// holding sums up which policies of the site held which paths in the steps up to
// one: where links lead depends on it.
type holding struct {
	step int
	sum  [sha256.Size]byte
}

// made is what a build made of a policy, and what it went by that is not in the
// policy's key.
type made struct {
	Day      policy.Date // for which the policy is as it is, and until its NextChange
	Policy   policy.Policy
	Problems policy.Problems
	Files    map[string]string // SHA-256 by path, attachments too
	Linked   map[string]string // hash of the ids of policies to whose headings texts link, by URL
	Attached []attachedAt      // of the latest version
}

// attachedAt is a file that the latest version links to. What became of it
// since is published too.
type attachedAt struct {
	Path   string
	Commit string // of the version
	States string // hash of all its states since
}

// reuse prepares to reuse what stands at a destination. With a previous site
// everything is made anew: what that holds is no part of the keys.
func (s *survey) reuse(destination string) *reuse {
	if s.opt.Cache == "" || s.opt.Previous != "" {
		return nil
	}
	abs, err := filepath.Abs(destination)
	if err != nil {
		return nil
	}
	source, err := filepath.Abs(s.opt.Source)
	if err != nil {
		return nil
	}
	c := newCache(s.opt.Cache, s.opt.Generator)
	return &reuse{
		survey: s, cache: c,
		place:  hashOf([]string{"destination", c.program, abs}),
		source: hashOf([]string{"history", c.program, source}),
	}
}

// history is what an earlier run has read of the history; nil for nothing.
func (u *reuse) history() *history.Log {
	if u == nil {
		return nil
	}
	if l := new(history.Log); u.cache.load(u.source, l) {
		u.before = l
	}
	return u.before
}

// keptSteps is how many steps more than the log that is kept one has that is kept
// in its place. Storing a long log takes as much time as reading 20 steps.
const keptSteps = 10

// keepKnown keeps what this run has read, unless most of that is kept.
func (u *reuse) keepKnown() {
	if u == nil {
		return
	}
	u.survey.keepTexts()
	if log := u.survey.log; u.before == nil || !log.Continues(u.before) || len(log.Steps) >= len(u.before.Steps)+keptSteps {
		u.cache.store(u.source, log)
	}
}

// note is what the last run noted of the destination.
func (u *reuse) note() (n publish.Note) {
	if u != nil && !u.cache.load(u.place, &n) {
		return publish.Note{}
	}
	return n
}

// into says which site takes over the files.
func (u *reuse) into(site *publish.Site) {
	if u != nil {
		u.site = site
	}
}

// done notes what stands at the destination now.
func (u *reuse) done(n publish.Note) {
	if u == nil {
		return
	}
	u.cache.store(u.place, n)
	u.cache.prune()
}

// begin sums up what the files of all policies are made from: the program, the
// settings, the structure of the site, its theme, what is said later of
// versions, and which policies held which paths.
func (u *reuse) begin(theme *pages.Theme) {
	if u == nil {
		return
	}
	s := u.survey
	intro := ""
	if s.intro != nil {
		intro = s.intro.path
	}
	u.common = hashOf(struct {
		Program  string
		Site     pages.Site
		Theme    string
		NoMinify bool

		Trusted, Authors, Subjects bool
		Layout                     policy.Layout
		Intro                      string
		Entries                    []policy.Entry
		Redactions                 []policy.Redaction
	}{
		u.cache.program, s.site(), theme.Sum(), s.opt.NoMinify,
		s.config.TrustedHTML, s.config.AuthorDates, s.config.CommitSubjects,
		s.layout, intro, s.later.entries, s.later.redactions,
	})

	type change struct {
		step      int
		path, url string
		gone      bool
	}
	var all []change
	note := func(revisions []policy.Revision, url string) {
		for _, r := range revisions {
			all = append(all, change{r.Step, r.Path, url, r.Blob == ""})
		}
	}
	for _, sub := range s.subjects {
		note(sub.history.Revisions, sub.place.URL)
	}
	for _, h := range s.withheld {
		note(h.Revisions, "")
	}
	slices.SortFunc(all, func(a, b change) int {
		return cmp.Or(cmp.Compare(a.step, b.step), cmp.Compare(a.path, b.path), cmp.Compare(a.url, b.url))
	})
	sum := sha256.New()
	for i, c := range all {
		fmt.Fprintf(sum, "%s %q %q %t\n", s.log.Steps[c.step].Commit, c.path, c.url, c.gone)
		if i+1 == len(all) || all[i+1].step != c.step {
			u.held = append(u.held, holding{c.step, [sha256.Size]byte(sum.Sum(nil))})
		}
	}
}

// key is the hash of what the files of a policy are made from, but for what made
// has to say. "" is no key: a text from elsewhere links to the files of the
// built commit.
func (u *reuse) key(sub *subject) string {
	s := u.survey
	revisions := s.recorded(sub)
	if len(revisions) == 0 || slices.ContainsFunc(s.later.entries, func(e policy.Entry) bool { return e.Policy == sub.place.ID && e.File != "" }) {
		return ""
	}
	last := revisions[len(revisions)-1].Step
	until := sort.Search(len(u.held), func(i int) bool { return u.held[i].step > last })
	return hashOf(struct {
		Common    string
		Held      [sha256.Size]byte
		Place     policy.Place
		Since     string
		Live      bool
		Revisions []revisionKey
	}{u.common, u.held[until-1].sum, sub.place, s.config.Since[sub.place.ID], sub.history.Live, s.revisionKeys(revisions)})
}

// has reports whether it is known what was made of a policy: most likely that is
// what would be made again.
func (u *reuse) has(sub *subject) bool {
	if u == nil {
		return false
	}
	key := u.key(sub)
	return key != "" && u.cache.has(key)
}

// policy takes over the files of a policy that would be made the same again; nil
// when it has to be made.
func (u *reuse) policy(w *worker, sub *subject) (*policy.Policy, *record, error) {
	if u == nil {
		return nil, nil, nil
	}
	key := u.key(sub)
	var m made
	if key == "" || !u.cache.load(key, &m) || !u.holds(w, sub, &m) || !u.site.Holds(m.Files) {
		return nil, nil, nil
	}
	if err := w.out.reuse(m.Files, u.site); err != nil {
		return nil, nil, err
	}
	return &m.Policy, &record{Problems: m.Problems}, nil
}

// holds reports whether what a build went by is still so.
func (u *reuse) holds(w *worker, sub *subject, m *made) bool {
	s := u.survey
	if !holds(m.Day, m.Policy.NextChange, s.at) {
		return false
	}
	for url, sum := range m.Linked {
		if to := s.links.byURL[url]; to == nil || idsOf(to) != sum {
			return false
		}
	}
	for _, a := range m.Attached {
		step := slices.IndexFunc(s.log.Steps, func(step policy.Step) bool { return step.Commit == a.Commit })
		if step < 0 {
			return false
		}
		if states, err := u.states(w, a.Path, step); err != nil || states != a.States {
			return false
		}
	}
	return true
}

// keep notes what was made of a policy.
func (u *reuse) keep(w *worker, sub *subject, p *policy.Policy, r *record) {
	if u == nil {
		return
	}
	key := u.key(sub)
	if key == "" {
		return
	}
	m := made{
		Day: r.Day, Policy: *p, Problems: r.Problems,
		Files: u.site.Sums(slices.Collect(maps.Keys(w.out.files))), Linked: map[string]string{},
	}
	for url := range w.out.linked {
		m.Linked[url] = idsOf(u.survey.links.byURL[url])
	}
	if latest := w.versions[len(w.versions)-1]; p.Gone.IsZero() {
		for _, f := range latest.files {
			states, err := u.states(w, f.path, latest.step)
			if err != nil {
				return
			}
			m.Attached = append(m.Attached, attachedAt{f.path, u.survey.log.Steps[latest.step].Commit, states})
		}
	}
	u.cache.store(key, m)
}

// states is a hash of what a file was from a step on.
func (u *reuse) states(w *worker, path string, step int) (string, error) {
	states, err := u.survey.links.states(path, step, u.survey.recordedHead(), w.reader.Blob)
	if err != nil {
		return "", err
	}
	type state struct{ Commit, Path, Blob string }
	var all []state
	for _, st := range states {
		all = append(all, state{u.survey.log.Steps[st.Step].Commit, st.File.Path, st.File.Blob})
	}
	return hashOf(all), nil
}

// idsOf is a hash of what a fragment on a policy's page can point to.
func idsOf(sub *subject) string {
	if sub == nil {
		return ""
	}
	return hashOf(slices.Sorted(maps.Keys(sub.ids)))
}
