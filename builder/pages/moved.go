package pages

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/policysite/policysite/builder/policy"
)

// movedPage is what redirect.html is given.
type movedPage struct {
	Page Page
	To   link // what stood here, as seen from this page, by its whole address or path
}

// Redirect writes a page at one URL that leads to another.
func (c *Composer) Redirect(from, to string, emit Emit) error {
	out := movedPage{Page: c.page(from, ""), To: link{Text: c.permalink(to), Href: Href(from, to)}}
	page := &out.Page
	page.Title = page.words.T("moved")
	page.Canonical = c.link(from, to)
	return c.write(emit, "redirect.html", page, &out, nil)
}

// redlinePages lists the pages below that of version i.
func redlinePages(p *policy.Policy, i int) []string {
	var out []string
	if compared(p, i) >= 0 || uncompared(p, i) >= 0 {
		out = append(out, "changes/")
	}
	if superseded(p, i) {
		out = append(out, "since/")
	}
	return out
}

// archivePages lists the pages of a policy's changes archive and the one of its
// origins, relative to the policy's URL.
func archivePages(p *policy.Policy) []string {
	out := []string{"changes/", "compare/"}
	if len(p.Origins) > 0 {
		out = append(out, "origins/")
	}
	for _, y := range yearPages(changesOf(p)) {
		out = append(out, yearURL("changes/", y))
	}
	return out
}

// part is a page or a file of a policy.
type part struct {
	path string // relative to the policy's URL
	rank rank
	copy func(w *whole, emit Emit) error // writes a file once more; nil of a page
}

// rank says how many links in the world lead to a part: most to the first.
type rank int

const (
	rankPolicy rank = iota
	rankRecord
	rankRedline
)

// partsOf lists all that stands at a policy's URL and below it: a file behind the page
// of its folder.
func (c *Composer) partsOf(p *policy.Policy) []part {
	out := []part{{}}
	for _, f := range c.programFiles() {
		out = append(out, part{f.name, rankRecord, func(w *whole, emit Emit) error { return f.copy(p, w.again, emit) }})
	}
	for _, page := range archivePages(p) {
		out = append(out, part{path: page, rank: rankRecord})
	}
	for i := range p.Versions {
		at := p.Versions[i].ID + "/"
		source := copyOf(func(w *whole) ([]byte, error) { return w.again.Source(p, i) })
		word := copyOf(func(w *whole) ([]byte, error) { return w.again.Word(p, i) })
		out = append(out, part{path: at, rank: rankRecord}, part{at + "index.md", rankRecord, source})
		for _, page := range redlinePages(p, i) {
			out = append(out, part{path: at + page, rank: rankRedline})
			if c.site.Docx && page == "changes/" && compared(p, i) >= 0 {
				out = append(out, part{at + page + wordFile, rankRedline, word})
			}
		}
	}
	return out
}

// copyOf writes what is made once more.
func copyOf(content func(w *whole) ([]byte, error)) func(w *whole, emit Emit) error {
	return func(w *whole, emit Emit) error {
		content, err := content(w)
		if err != nil {
			return err
		}
		return emit("", content)
	}
}

// Move is a former URL, and the one at which the same is now.
type Move struct {
	From, To string
	part     part
}

// File is the path of what leads on, or is a copy.
func (m Move) File() string { return file(m.From) }

// folder is the former URL of a policy without the slash at its end; "" for others.
func (m Move) folder() string {
	folder, ok := strings.CutSuffix(m.From, "/")
	if !ok || m.part.path != "" {
		return ""
	}
	return folder
}

// Moves lists the former URLs of policies, and those below them; not those at which
// something lives now. Of several policies, the one whose text states a URL has it, else
// the last one that stood there.
func (c *Composer) Moves(all []*policy.Policy) []Move {
	moves, _ := c.moves(all)
	return moves
}

// moves also returns the sorted paths of what lives on the site; none where no
// policy has a former URL.
func (c *Composer) moves(all []*policy.Policy) (moves []Move, living []string) {
	if !slices.ContainsFunc(all, func(p *policy.Policy) bool { return len(p.Former) > 0 }) {
		return nil, nil
	}
	urls := []string{"/", "/changes/", "/404.html", compareURL, workerURL, moduleURL}
	for _, y := range yearPages(siteChanges(all)) {
		urls = append(urls, yearURL("/changes/", y))
	}
	for _, lang := range c.abouts() {
		urls = append(urls, c.aboutURL(lang))
	}
	for _, p := range all {
		for _, part := range c.partsOf(p) {
			urls = append(urls, p.URL+part.path)
		}
	}
	taken := maps.Clone(c.site.Static)
	if taken == nil {
		taken = map[string]bool{}
	}
	for _, u := range urls {
		taken[file(u)] = true // so that "/a/" is "/a/index.html"
	}
	living = slices.Sorted(maps.Keys(taken))
	for _, claim := range claims(all) {
		p := claim.policy
		free := false // the page that a file stands below
		for _, part := range c.partsOf(p) {
			if part.path != "" && !strings.HasSuffix(claim.former, "/") {
				break // there is nothing below a file
			}
			from := claim.former + part.path
			if part.copy == nil {
				free = !taken[file(from)]
			}
			if free && !taken[file(from)] {
				taken[file(from)] = true
				moves = append(moves, Move{from, p.URL + part.path, part})
			}
		}
	}
	slices.SortStableFunc(moves, byRank)
	return moves, living
}

// claim is a former URL of a policy.
type claim struct {
	policy *policy.Policy
	former string
}

// claims are the former URLs of policies; the best claim to one comes before others.
func claims(all []*policy.Policy) (out []claim) {
	best := map[string]int{} // by URL, the index of a policy
	rank := func(p *policy.Policy, former string) int {
		if step, ok := p.Stood[former]; ok {
			return step
		}
		return -1
	}
	for i, p := range all {
		for _, former := range p.Former {
			if k, ok := best[former]; !ok || rank(p, former) > rank(all[k], former) {
				best[former] = i
			}
		}
	}
	var rest []claim
	for i, p := range all {
		for _, former := range p.Former {
			if best[former] == i {
				out = append(out, claim{p, former})
			} else {
				rest = append(rest, claim{p, former})
			}
		}
	}
	return append(out, rest...)
}

// moved writes a page at every former URL that leads to where the same is now, and
// copies what is not a page. It writes none where rules alone do that; who asks for one
// file is led on all the same, since no host follows the rules in a preview.
func (c *Composer) moved(w *whole) error {
	if c.site.RulesAlone && c.only == "" {
		return nil
	}
	for _, m := range c.Moves(w.all) {
		if m.part.copy == nil {
			if err := c.Redirect(m.From, m.To, w.emit); err != nil {
				return err
			}
		} else if c.wants(m.From) {
			to := func(_ string, content []byte) error { return w.emit(m.File(), content) }
			if err := m.part.copy(w, to); err != nil {
				return err
			}
		}
	}
	return nil
}

// What Cloudflare Pages reads of a file _redirects: rules before the first with a
// pattern, and rules from there on.
// https://developers.cloudflare.com/pages/configuration/redirects/
const (
	MaxRules    = 2000
	MaxPatterns = 100
)

// IsRule reports whether a line of a file _redirects is a rule.
func IsRule(line string) bool {
	line = strings.TrimSpace(line)
	return line != "" && line[0] != '#'
}

// splats are former URLs at which one rule leads on from all that is below, and where
// they lead: "/old/" → "/new/" is the rule "/old/* /new/:splat".
type splats map[string]string

// at returns the splat that a host takes for a URL, and where that leads; "" for none.
func (s splats) at(from string) (splat, to string) {
	for i := strings.LastIndexByte(from, '/'); i > 0; i = strings.LastIndexByte(from[:i], '/') {
		if to, ok := s[from[:i+1]]; ok {
			return from[:i+1], to + from[i+1:]
		}
	}
	return "", ""
}

// limit takes out, beyond the number of splats that hosts read, those that make up for
// the fewest lines, as long as these are read. others are rules besides.
func (s splats) limit(lines []Move, others int) {
	single, spared := others, map[string]int{}
	for _, m := range lines {
		if splat, to := s.at(m.From); to == m.To {
			spared[splat]++
		} else {
			single++
		}
	}
	few := slices.SortedFunc(maps.Keys(s), func(a, b string) int { return cmp.Or(cmp.Compare(spared[a], spared[b]), cmp.Compare(a, b)) })
	for _, splat := range few {
		if single += spared[splat]; len(s)+others <= MaxPatterns || single > MaxRules {
			break
		}
		delete(s, splat)
	}
}

// Redirects writes _redirects: what leads on from the former URLs of policies. kept
// are URLs at which a page leads on, maybe below one of those.
//
// Hosts take the first rule that fits. Cloudflare Pages takes it even where there is
// a file, so that no splat may reach anything that lives; Netlify
// (https://docs.netlify.com/manage/routing/redirects/redirect-options/) and GitLab Pages
// (https://docs.gitlab.com/user/project/pages/redirects/) prefer the file. "/old/*" is
// "/old/" at each of them, and "/old" at all but Cloudflare Pages. At GitLab, which
// does not ask for the slash, it is "/older/", too: longer splats come first.
func (c *Composer) Redirects(all []*policy.Policy, kept []Move, emit Emit) error {
	if !c.wants("/_redirects") {
		return nil
	}
	moves, living := c.moves(all)
	lives := func(prefix string) bool {
		i, _ := slices.BinarySearch(living, prefix)
		return i < len(living) && strings.HasPrefix(living[i], prefix)
	}
	splats := splats{}
	for _, m := range moves {
		// What stands in these two folders is not all known here.
		if m.folder() != "" && !lives(m.From[1:]) && !strings.HasPrefix(m.From, "/assets/") && !strings.HasPrefix(m.From, "/.well-known/") {
			splats[m.From] = m.To
		}
	}
	var lines []Move
	for _, m := range moves {
		if c.site.RulesAlone || m.part.copy == nil {
			lines = append(lines, m)
		}
		if folder := m.folder(); folder != "" {
			// Where there is a folder, and no rule, the host adds the slash.
			_, file := slices.BinarySearch(living, folder[1:])
			if splat, _ := splats.at(folder); !file && (c.site.RulesAlone || splat != "") {
				lines = append(lines, Move{From: folder, To: m.To})
			}
		}
	}
	others := len(kept)
	for line := range strings.Lines(string(c.site.Redirects)) { // behind a splat they count as one
		if IsRule(line) {
			others++
		}
	}
	splats.limit(lines, others)
	for _, m := range kept {
		if splat, _ := splats.at(m.From); splat != "" { // else the page is enough
			lines = append(lines, m)
		}
	}
	slices.SortStableFunc(lines, byRank)
	var out bytes.Buffer
	rule := func(from, any, to, splat string) {
		to = c.base.rooted(to) + splat + " 301\n"
		escaped, plain := c.base.rooted(from), c.base.path+from[1:]
		out.WriteString(escaped + any + " " + to)
		// GitLab Pages decodes what is asked for, and not what a rule says.
		if c.site.RulesAlone && plain != escaped && !strings.ContainsFunc(plain, unicode.IsSpace) {
			out.WriteString(plain + any + " " + to)
		}
	}
	for _, m := range lines {
		if _, to := splats.at(m.From); to != m.To {
			rule(m.From, "", m.To, "")
		}
	}
	for _, splat := range slices.SortedFunc(maps.Keys(splats), func(a, b string) int { return cmp.Or(len(b)-len(a), cmp.Compare(a, b)) }) {
		rule(splat, "*", splats[splat], ":splat")
	}
	out.Write(c.site.Redirects)
	return emit("_redirects", out.Bytes())
}

func byRank(a, b Move) int { return cmp.Compare(a.part.rank, b.part.rank) }
