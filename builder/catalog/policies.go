package catalog

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/policy"
)

// follow finds the policies of the chain, and keeps those of the site.
func (r *reader) follow() error {
	c := r.cat
	formats := map[string]bool{".md": true, ".markdown": true} // that are read
	for name := range r.texts {
		formats[strings.ToLower(path.Ext(name))] = true
	}
	read := func(p string) bool { return formats[strings.ToLower(path.Ext(p))] }
	declared := map[string]history.Declared{}
	for _, name := range slices.Sorted(maps.Keys(r.texts)) {
		meta := &r.texts[name].Meta
		d := history.Declared{ID: meta.ID, Begins: meta.Lines["formerly"] > 0 && len(meta.Formerly) == 0}
		for _, old := range meta.Formerly {
			earlier := r.earlierPath(old)
			d.Formerly = append(d.Formerly, earlier)
			switch {
			case len(c.Log.States(earlier, 0, c.Head())) == 0:
				r.warn(name, meta.Lines["formerly"], "`policysite check --moves` names the texts that went", "formerly: no commit has a file %s", old)
			case !read(old):
				r.note("%s: formerly: %s is in a format that is not read; its versions there are not shown", name, old)
			}
		}
		if d.ID != "" || d.Formerly != nil || d.Begins {
			declared[name] = d
		}
	}
	histories, beginnings, err := c.Log.Follow(history.Selection{
		Selected: func(p string) bool { return c.Layout.Selected(p) && !c.Layout.Introduction(p) },
		Read:     read,
		Language: func(p string) string { _, lang, _ := c.Layout.ID(p); return lang },
		ID:       func(p string) string { id, _, _ := c.Layout.ID(p); return id },
		Declared: declared,
		ReadID: func(text []byte) string {
			meta, _, _, _ := policy.ParseSource(text)
			return meta.ID
		},
	}, r.src.Repo.Blob)
	if err != nil {
		return err
	}
	if f, ok := c.Log.Lookup(0, policy.SamplePath); ok && c.Log.Steps[0].Committed.Unix() == policy.SampleBegins {
		r.warn(f.Path, 0, "put your own policies into a repository of their own: `policysite init --empty`", "the history begins with the sample, whose company does not exist")
	}
	r.begin(beginnings)
	archived := map[string]bool{}
	var gone []string
	for _, h := range histories {
		p, id, err := r.choose(h)
		if err != nil {
			return err
		}
		switch {
		case p == nil:
			c.Rest.Unpublished = append(c.Rest.Unpublished, h)
			if id != "" {
				gone = append(gone, id)
			}
			continue
		case id != "":
			archived[id] = true
		}
		c.Policies = append(c.Policies, p)
	}
	if len(c.Rest.Held) > 0 {
		var held []string
		for _, h := range c.Rest.Held {
			held = append(held, h.String())
		}
		r.note("held back by publishDate until its day: %s", policy.ListWords(held, 10))
	}
	for _, id := range c.Config.Archived {
		if !archived[id] {
			r.note("%s: archived: no policy %q is gone from this commit", c.InSource(policy.ConfigFile), id)
		}
	}
	if len(gone) > 0 {
		slices.Sort(gone)
		r.note("gone, and not on the site unless listed under `archived` in %s: %s", policy.ConfigFile, strings.Join(slices.Compact(gone), ", "))
	}
	if len(c.Policies) == 0 && len(r.found.Problems.Errors(false)) == 0 {
		return r.noPolicy()
	}
	return nil
}

// noPolicy says what Markdown there is, and why none of it is a policy.
func (r *reader) noPolicy() error {
	c := r.cat
	var why []string
	for _, reason := range slices.Sorted(maps.Keys(r.passed)) {
		why = append(why, fmt.Sprintf("%s: passed over (%s)", policy.ListWords(r.passed[reason], 10), reason))
	}
	var drafts []string
	for _, name := range slices.Sorted(maps.Keys(r.texts)) {
		if r.texts[name].Meta.Draft {
			drafts = append(drafts, name)
		}
	}
	if len(drafts) > 0 {
		why = append(why, policy.ListWords(drafts, 10)+": drafts")
	}
	if c.Introduction != nil {
		why = append(why, c.Introduction.Path+": the introduction of the home page")
	}
	if len(why) == 0 && c.Layout.Content != "" {
		if names := r.markdown(); len(names) > 0 {
			reason := ": not in " + c.Layout.Content
			if len(c.Layout.Exclude) > 0 {
				reason += ", or excluded"
			}
			why = append(why, policy.ListWords(names, 10)+reason)
		}
	}
	hint := "a policy is a committed Markdown file that is not a draft; `policysite init` makes a sample"
	if len(why) > 0 {
		hint = strings.Join(why, "\n") + "\n`include` in " + policy.ConfigFile + " takes texts by their names"
	}
	return policy.Fail(policy.ErrContent, nil, hint, "no policy in %s at commit %.7s", cmp.Or(c.Layout.Content, "the repository"), r.src.Commit)
}

// begin says what policies of the commit may have been before they began.
func (r *reader) begin(all []history.Beginning) {
	var elsewhere, begun, lines, named []string
	none := "`formerly: []`"
	for _, b := range all {
		t := r.texts[b.Path]
		if t == nil || t.Meta.Draft {
			continue
		}
		where := "the working tree"
		if commit := r.cat.Log.Steps[b.Step].Commit; commit != "" {
			where = fmt.Sprintf("commit %.7s", commit)
		}
		if b.Elsewhere != "" {
			elsewhere = append(elsewhere, fmt.Sprintf("%s (as %s, until %s)", b.Path, b.Elsewhere, where))
		}
		if len(b.Candidates) == 0 {
			continue
		}
		of := formerlyLines(b, t.Meta.TOML)
		r.cat.Rest.Formerly[b.Path] = of
		if t.Meta.TOML {
			none = "`formerly = []`"
		}
		begun = append(begun, fmt.Sprintf("%s begins in %s", b.Path, where))
		lines = append(lines, of...)
		for i := range of {
			named = append(named, fmt.Sprintf("%s (%s, %s)", of[i], b.Path, where))
		}
	}
	if len(elsewhere) > 0 {
		r.note("earlier versions in a format that is not read are not shown: %s", policy.ListWords(elsewhere, 10))
	}
	switch {
	case len(begun) == 1:
		r.note("%s, which deletes texts that it may continue; to say which, add one of these lines to its front matter, or %s for none:\n%s", begun[0], none, strings.Join(lines, "\n"))
	case len(begun) > 1:
		r.note("%d texts begin in a commit that deletes texts which they may continue; to say which, add one of these lines to the front matter of the text that the line names, or %s for none:\n%s", len(begun), none, strings.Join(named, "\n"))
	}
}

// formerlyLines are the lines of front matter of which one connects a policy with
// what it was before.
func formerlyLines(b history.Beginning, toml bool) []string {
	var out []string
	for _, c := range b.Candidates {
		line := "formerly: " + yamlWord(c.Path)
		if toml {
			line = fmt.Sprintf("formerly = %q", c.Path)
		}
		line += fmt.Sprintf(" # %s alike", percent(c.Likeness))
		if c.Rival != "" {
			line += fmt.Sprintf("; %s is %s", c.Rival, percent(c.RivalLikeness))
		}
		out = append(out, line)
	}
	return out
}

// percent rounds down: what is not followed for being 49.9 % alike is not shown
// as 50 %.
func percent(likeness float64) string { return fmt.Sprintf("%d %%", int(likeness*100+1e-9)) }

// yamlWord is a path as YAML takes it for a text.
func yamlWord(p string) string {
	if regexp.MustCompile(`^[\pL\pN_./][\pL\pM\pN _./+()-]*$`).MatchString(p) && strings.TrimSpace(p) == p {
		return p
	}
	return strconv.Quote(p)
}

// choose tells which policy of the site a history is of; nil when it is of none.
// gone is the id of one that is gone from the commit.
func (r *reader) choose(h policy.History) (p *Policy, gone string, err error) {
	if p, err := r.ghost(h); p != nil || err != nil {
		return p, "", err
	}
	if h.Live {
		switch t := r.texts[h.Path]; {
		case t != nil && t.empty:
			if err := r.emptied(h, t); err != nil {
				return nil, "", err
			}
			return nil, "", nil
		case t != nil && !t.Meta.Draft && t.Meta.PublishDate.After(r.cat.Built.At):
			return r.heldBack(h, t)
		case t != nil && !t.Meta.Draft:
			return &Policy{History: h, Meta: t.Meta, IDs: t.ids}, "", nil
		case t != nil:
			return r.drafted(h, t)
		}
		return nil, "", nil
	}
	meta, err := r.lastMeta(h)
	if err != nil {
		return nil, "", err
	}
	place, problems := r.cat.Layout.Place(h.Path, &meta)
	switch {
	case len(problems) > 0:
		return nil, "", nil
	case !slices.Contains(r.cat.Config.Archived, place.ID) && r.src.Previous.Policy(place.ID) == nil:
		return nil, place.ID, nil
	}
	return &Policy{History: h, Meta: meta}, place.ID, nil
}

// drafted is a policy that is a draft now; nil when it is not on the site. One that
// has versions is withdrawn by that, which may be a slip.
func (r *reader) drafted(h policy.History, t *Text) (*Policy, string, error) {
	had, err := r.hadVersion(h)
	if err != nil {
		return nil, "", err
	}
	const hint = "to withdraw a policy for good, delete its file"
	switch {
	case !t.expired.IsZero():
		r.warn(t.Path, t.Meta.Lines["expirydate"], hint, "expiryDate is past: the text is not on the site from %s on", t.expired)
	case had:
		line := cmp.Or(t.Meta.Lines["draft"], t.Meta.Lines["published"], t.Meta.Lines["url"])
		r.warn(t.Path, line, hint, "is a draft now, which withdraws a policy that has versions")
	}
	place, problems := r.cat.Layout.Place(h.Path, &t.Meta)
	archived := slices.Contains(r.cat.Config.Archived, place.ID)
	if len(problems) > 0 || !archived && r.src.Previous.Policy(place.ID) == nil {
		return nil, "", nil
	}
	h.Live = false
	gone := ""
	if archived {
		gone = place.ID
	}
	return &Policy{History: h, Meta: t.Meta, Drafted: true, Expired: t.expired}, gone, nil
}

// heldBack is a policy whose text has a `publishDate` to come, as it was before the text
// came; nil when it was not there.
func (r *reader) heldBack(h policy.History, t *Text) (*Policy, string, error) {
	day := t.Meta.PublishDate
	dates := policy.TimelineOptions{AuthorDates: r.cat.Config.AuthorDates}
	n := len(h.Revisions) // how many there are before those that were held back
	shown := false
	next := policy.Date{} // the recorded day of the revision that followed
	for ; n > 0 && h.Revisions[n-1].Blob != ""; n-- {
		rev := h.Revisions[n-1]
		source, err := r.src.Repo.Blob(rev.Blob)
		if err != nil {
			return nil, "", err
		}
		meta, body, _, _ := policy.ParseSource(source)
		if n < len(h.Revisions) && meta.PublishDate != day && !meta.PublishDate.After(next) {
			shown = !meta.Draft && len(bytes.TrimSpace(body)) > 0
			break
		}
		next = policy.DateOf(dates.Recorded(r.cat.Log.Steps[rev.Step]), r.cat.Config.Timezone)
	}
	r.cat.Rest.Held = append(r.cat.Rest.Held, Held{t.Path, day, shown})
	if shown {
		h.Revisions = h.Revisions[:n]
		return &Policy{History: h, Meta: t.Meta}, "", nil
	}
	t.Meta.Draft = true
	return nil, "", nil
}

// emptied makes an empty text a draft. Where the policy has a version it is an
// error: a record of years would end by a slip.
func (r *reader) emptied(h policy.History, t *Text) error {
	had, err := r.hadVersion(h)
	switch {
	case err != nil:
		return err
	case had:
		r.problem(&policy.Problem{Path: t.Path, Message: markdown.NoText, Hint: "write it; to withdraw a policy, delete its file"})
	default:
		t.Meta.Draft = true
		r.warn(t.Path, 0, "write it, or say `draft: true` in its front matter until it is written", markdown.NoText+", and is not on the site")
	}
	return nil
}

// hadVersion reports whether a policy was one before its last revision.
func (r *reader) hadVersion(h policy.History) (bool, error) {
	for _, rev := range h.Revisions[:max(0, len(h.Revisions)-1)] {
		if rev.Blob == "" {
			continue
		}
		source, err := r.src.Repo.Blob(rev.Blob)
		if err != nil {
			return false, err
		}
		if meta, body, _, _ := policy.ParseSource(source); !meta.Draft && len(bytes.TrimSpace(body)) > 0 {
			return true, nil
		}
	}
	return false, nil
}

func (r *reader) note(format string, args ...any) {
	r.found.Notes = append(r.found.Notes, fmt.Sprintf(format, args...))
}

// earlierPath reads a path in `formerly`: relative to the repository's root,
// or to the content folder.
func (r *reader) earlierPath(p string) string {
	p = path.Clean(strings.TrimPrefix(filepath.ToSlash(p), "/"))
	below := path.Join(r.cat.Layout.Content, p)
	if len(r.cat.Log.States(p, 0, r.cat.Head())) == 0 && len(r.cat.Log.States(below, 0, r.cat.Head())) > 0 {
		return below
	}
	return p
}

// lastMeta is the front matter of the last text of a policy that is gone.
func (r *reader) lastMeta(h policy.History) (policy.Meta, error) {
	for _, rev := range slices.Backward(h.Revisions) {
		if rev.Blob == "" {
			continue
		}
		source, err := r.src.Repo.Blob(rev.Blob)
		if err != nil {
			return policy.Meta{}, err
		}
		meta, _, _, _ := policy.ParseSource(source)
		return meta, nil
	}
	return policy.Meta{}, nil
}

// place gives every policy its place on the site.
func (r *reader) place() error {
	var places []policy.Place
	for _, name := range slices.Sorted(maps.Keys(r.texts)) {
		p := r.texts[name]
		if p.Meta.Draft {
			continue
		}
		place, problems := r.cat.Layout.Place(name, &p.Meta)
		for _, problem := range problems {
			problem.Path = name
		}
		r.found.Problems = append(r.found.Problems, problems...)
		if place.ID != "" {
			p.place = place
			places = append(places, place)
		}
	}
	r.dropGhosts(places)
	for _, p := range r.cat.Policies {
		if p.History.Live {
			t := r.texts[p.History.Path]
			p.Place, p.silenced = t.place, append(slices.Clip(r.cat.Config.Silence), t.silenced...)
			continue
		}
		p.Place, _ = r.cat.Layout.Place(p.History.Path, &p.Meta)
		places = append(places, p.Place)
	}
	lost, err := r.meetPrevious()
	if err != nil {
		return err
	}
	problems, aliasesOut := policy.CheckPlaces(append(places, lost...), r.cat.Config.Languages)
	r.found.Problems = append(r.found.Problems, problems...)
	for _, p := range r.cat.Policies {
		if out := aliasesOut[p.Place.Path]; out != nil {
			p.Place.Former = slices.DeleteFunc(slices.Clone(p.Place.Former), func(former string) bool { return slices.Contains(out, former) })
		}
	}
	slices.SortFunc(r.cat.Policies, func(a, b *Policy) int { return strings.Compare(a.Place.ID, b.Place.ID) })
	r.cat.Links = newLinks(r.cat)
	return r.readSince()
}

// readSince understands the setting that hides the beginning of policies'
// histories. One that names nothing is an error: what it is to hide would show.
func (r *reader) readSince() error {
	var problems policy.Problems
	for _, id := range slices.Sorted(maps.Keys(r.cat.Config.Since)) {
		setting := r.cat.Config.Since[id]
		wrong := func(format string, args ...any) {
			problems = append(problems, &policy.Problem{Path: r.cat.InSource(policy.ConfigFile), Message: "since: " + id + ": " + fmt.Sprintf(format, args...)})
		}
		i := slices.IndexFunc(r.cat.Policies, func(p *Policy) bool { return p.Place.ID == id })
		if i < 0 {
			if was, err := r.wasPolicy(id); err != nil {
				return err
			} else if !was {
				wrong("no policy has this id")
			}
			continue
		}
		if day, err := policy.ParseDate(setting); err == nil {
			r.cat.Policies[i].Since = func(_ int, d policy.Date) bool { return !d.Before(day) }
			continue
		}
		from := slices.IndexFunc(r.cat.Log.Steps, func(step policy.Step) bool { return strings.HasPrefix(step.Commit, setting) })
		if from < 0 {
			wrong("%s is not a step of the publish branch", setting)
			continue
		}
		r.cat.Policies[i].Since = func(step int, _ policy.Date) bool { return step >= from }
	}
	if len(problems) > 0 {
		return &policy.Failure{Reason: policy.ErrUsage, Message: "the configuration is wrong", Cause: problems}
	}
	return nil
}

// ghost is a policy that the work tree no longer has, or makes a draft of, while
// git has it still; nil for any other.
func (r *reader) ghost(h policy.History) (*Policy, error) {
	n := len(h.Revisions) - 1
	if !r.cat.Draft || n < 1 || h.Revisions[n].Step != r.cat.Head() || h.Revisions[n-1].Blob == "" {
		return nil, nil
	}
	if h.Live {
		if p := r.texts[h.Path]; p != nil && !p.Meta.Draft {
			return nil, nil
		}
	}
	source, err := r.src.Repo.Blob(h.Revisions[n-1].Blob)
	if err != nil {
		return nil, err
	}
	meta, _, _, _ := policy.ParseSource(source)
	if meta.Draft {
		return nil, nil
	}
	h.Revisions = append(slices.Clone(h.Revisions[:n]), policy.Revision{Step: r.cat.Head(), Path: h.Revisions[n-1].Path})
	h.Path, h.Live = h.Revisions[n-1].Path, false
	return &Policy{History: h, Meta: meta}, nil
}

// dropGhosts leaves out the ghosts whose place another policy has taken. places
// are those of the present texts.
func (r *reader) dropGhosts(places []policy.Place) {
	r.cat.Policies = slices.DeleteFunc(r.cat.Policies, func(p *Policy) bool {
		if !r.cat.Draft || p.History.Live || p.History.Revisions[len(p.History.Revisions)-1].Step != r.cat.Head() {
			return false
		}
		place, problems := r.cat.Layout.Place(p.History.Path, &p.Meta)
		return len(problems) > 0 || slices.ContainsFunc(places, func(p policy.Place) bool { return p.ID == place.ID || p.URL == place.URL })
	})
}
