package builder

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/record"
)

// sink takes the files of a site. It is safe for concurrent use.
type sink interface {
	Add(path string, content []byte) error
	AddFrom(path string, write func(io.Writer) error) error
}

// nowhere takes the files of a site that is only checked.
type nowhere struct{}

func (nowhere) Add(string, []byte) error { return nil }

func (nowhere) AddFrom(_ string, write func(io.Writer) error) error { return write(io.Discard) }

// output is a sink that remembers the paths of the files it was given, and what
// they weigh.
type output struct {
	to     sink
	mu     sync.Mutex
	files  map[string]bool
	weight weight
}

func newOutput(to sink) *output {
	return &output{to: to, files: map[string]bool{}, weight: weight{folders: map[string]bool{}}}
}

func (o *output) Add(path string, content []byte) error {
	o.claim(path)
	return o.add(path, content)
}

// add adds a file whose path is claimed.
func (o *output) add(path string, content []byte) error {
	o.mu.Lock()
	o.weight.add(path, int64(len(content)))
	if path == "_redirects" {
		o.weight.addRules(string(content))
	}
	o.mu.Unlock()
	return o.to.Add(path, content)
}

func (o *output) AddFrom(path string, write func(io.Writer) error) error {
	o.claim(path)
	var size byteCount
	err := o.to.AddFrom(path, func(w io.Writer) error { return write(io.MultiWriter(w, &size)) })
	o.mu.Lock()
	defer o.mu.Unlock()
	o.weight.add(path, int64(size))
	return err
}

// byteCount counts what is written to it.
type byteCount int64

func (n *byteCount) Write(b []byte) (int, error) {
	*n += byteCount(len(b))
	return len(b), nil
}

// claim notes a path, and reports whether no file had it.
func (o *output) claim(path string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.files[path] {
		return false
	}
	o.files[path] = true
	return true
}

func (o *output) has(path string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.files[path]
}

// addAssets adds the files that texts link to, each once.
func (o *output) addAssets(assets []record.Asset, r *record.Reader) error {
	for _, a := range assets {
		if !o.claim(a.Path) {
			continue
		}
		content, err := r.Asset(a)
		if err != nil {
			return err
		}
		if err := o.add(a.Path, content); err != nil {
			return err
		}
	}
	return nil
}

// keepWords refuses to take back what was published.
func (in *input) keepWords(cat *catalog.Catalog, policies []*record.Resolved) (found policy.Findings, err error) {
	if in.taken != nil {
		in.taken.note(cat, policies)
		return found, nil // its files are compared
	}
	var moved, changed policy.Problems
	var carried []string // "privacy@2021-07-14"
	for _, p := range policies {
		moved = append(moved, p.Record.Moved...)
		changed = append(changed, p.Record.Changed...)
		for _, version := range p.Record.Carried {
			carried = append(carried, p.Policy.ID+"@"+version)
		}
	}
	list := strings.Join(carried, ", ")
	switch {
	case len(moved) > 0:
		err = &policy.Failure{Reason: policy.ErrUsage, Message: "the configuration would give published versions another address", Cause: moved}
	case len(changed) > 0:
		err = &policy.Failure{Reason: policy.ErrHistory, Message: "the site would say something other than what was published", Cause: changed}
	case len(carried) > 0 && in.opt.Strict:
		err = policy.Fail(policy.ErrHistory, nil, "build without --strict to carry them forward from the previous site, or restore the history", "git no longer gives versions that were published: %s", list)
	case len(carried) > 0:
		found.Notes = []string{"carried forward from the previous site, as git no longer gives them: " + list}
	}
	found.Problems = takenOver(cat, policies)
	return found, err
}

// takenOver warns of a version that would stand where the previous site has words of
// another policy, which moved before this one came in its place.
func takenOver(cat *catalog.Catalog, policies []*record.Resolved) (problems policy.Problems) {
	if cat.Previous == nil {
		return nil
	}
	type version struct{ policy, id, source string }
	published := map[string]version{} // by their addresses: those that lead on, then those that live
	see := func(q *pages.ManifestPolicy, url string) {
		for _, v := range q.Versions {
			published["/"+path.Join(catalog.SitePath(url), v.ID)+"/"] = version{q.ID, v.ID, string(v.SourceSHA256)}
		}
	}
	all := cat.Previous.Manifest.Policies
	for i := range all {
		for _, former := range all[i].Former {
			see(&all[i], former)
		}
	}
	for i := range all {
		see(&all[i], all[i].URL)
	}
	for i, p := range policies {
		own := cat.Policies[i].Published
		for _, v := range p.Policy.Versions {
			at := p.Policy.URL + v.ID + "/"
			if was, ok := published[at]; ok && (own == nil || own.ID != was.policy) && was.source != v.SourceSHA256 {
				problems = append(problems, &policy.Problem{
					Path: p.Policy.Path, Line: p.Policy.Line(), Warning: true,
					Message: fmt.Sprintf("%s would say what %s@%s says, and was published with the words of %s@%s", at, p.Policy.ID, v.ID, was.policy, was.id),
					Hint:    "give this text another `slug:`, so that the published address leads to where the other policy is now",
				})
			}
		}
	}
	return problems
}

// keepAddresses makes the addresses of the previous site at which nothing is any
// more lead to what is nearest to what was there, and keeps the files that its
// pages linked to. What the user put into `static` is the user's to remove. It
// writes _redirects, too.
//
// Where rules alone lead on from former addresses, these have pages all the same:
// no later build would know of them from anything else.
func (in *input) keepAddresses(cat *catalog.Catalog, site *pages.Composer, policies []*record.Resolved, out *output) (found policy.Findings, err error) {
	all := of(policies)
	if cat.Previous == nil {
		return found, site.Redirects(all, nil, out.Add)
	}
	moved := map[string]string{} // file of a former address → what is there now
	for _, m := range site.Moves(all) {
		moved[m.File()] = m.To
	}
	redacted := map[string]bool{} // files to which only versions link whose words are redacted
	for _, p := range policies {
		q := cat.Previous.Policy(p.Policy.ID)
		for i := range p.Policy.Versions {
			if id := p.Policy.Versions[i].ID; q != nil && p.Policy.Versions[i].Withheld() {
				for _, v := range q.Versions {
					for _, a := range v.Attachments {
						file := catalog.SitePath(a.URL)
						redacted[file] = redacted[file] || v.ID == id
					}
				}
			}
		}
	}
	var left []string
	var kept []pages.Move
	names := cat.Previous.Names()
	for _, name := range slices.Sorted(maps.Keys(names)) { // one may lead to another
		sum := names[name]
		switch {
		case out.has(name) || moved[name] != "" || name == "sitemap.xml" || name == "_redirects":
		case strings.HasPrefix(name, "assets/"):
			if redacted[name] || sum == "" {
				break
			}
			content, err := cat.Previous.File(name, sum)
			if err != nil {
				return found, err
			}
			if why, _ := catalog.Unpublished(name, content, cat.Config.TrustedHTML); why != "" {
				left = append(left, "/"+name)
				break
			}
			if err := out.Add(name, content); err != nil {
				return found, err
			}
		case strings.HasSuffix(name, "/index.html") && cat.Previous.Ours(name):
			to := path.Dir(path.Dir(name))
			for to != "." && !out.has(to+"/index.html") && moved[to+"/index.html"] == "" {
				to = path.Dir(to)
			}
			to = cmp.Or(moved[to+"/index.html"], strings.TrimSuffix("/"+to, ".")+"/")
			from := "/" + strings.TrimSuffix(name, "index.html")
			if in.taken != nil {
				in.taken.addresses = append(in.taken.addresses, from)
			}
			kept = append(kept, pages.Move{From: from, To: to})
			if err := site.Redirect(from, to, out.Add); err != nil {
				return found, err
			}
		default:
			left = append(left, "/"+name)
		}
	}
	if n := len(left); n > 0 {
		slices.Sort(left)
		if n > 5 {
			left = append(left[:5], fmt.Sprintf("and %d more", n-5))
		}
		found.Notes = append(found.Notes, "on the previous site, and not on this one: "+strings.Join(left, ", "))
	}
	return found, site.Redirects(all, kept, out.Add)
}
