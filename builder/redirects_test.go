package builder_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/history/historytest"
)

// host answers as a host of static files does.
type host struct {
	files map[string]string
	rules []hostRule
	kind  string // "cloudflare", "netlify", "gitlab" or "files"
	base  string // path below which the site is published
}

type hostRule struct {
	from, to string
	pattern  *regexp.Regexp // nil of a rule that names one address
}

// newHost reads _redirects as a kind of host does.
//
//	https://developers.cloudflare.com/pages/configuration/redirects/ and, for what it
//	leaves open, parseRedirects.ts and rules-engine.ts of github.com/cloudflare/workers-sdk
//	https://docs.netlify.com/manage/routing/redirects/redirect-options/
//	https://docs.gitlab.com/user/project/pages/redirects/ and matching.go of
//	gitlab.com/gitlab-org/gitlab-pages
func newHost(kind, base string, files map[string]string) *host {
	h := &host{files: files, kind: kind, base: base}
	rules, patterns := 0, 0
	for line := range strings.Lines(files["_redirects"]) {
		words := strings.Fields(line)
		if len(words) != 3 || words[0][0] == '#' || kind == "files" {
			continue
		}
		r := hostRule{from: words[0], to: words[1]}
		splat := strings.HasSuffix(r.from, "*")
		switch {
		case kind == "cloudflare":
			u, err := url.Parse(r.from)
			if err != nil {
				continue
			}
			r.from = u.EscapedPath()
			if splat || patterns > 0 { // from the first pattern on every rule counts as one
				if patterns++; patterns > 100 {
					return h
				}
				r.pattern = regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(r.from), `\*`, "(.*)") + "$")
			} else if rules++; rules > 2000 {
				continue
			}
		case kind == "gitlab":
			if rules++; rules > 1000 || len(files["_redirects"]) > 64<<10 {
				return h
			}
			// Neither case nor the slash before a splat counts.
			whole := strings.ReplaceAll(regexp.QuoteMeta(strings.Trim(strings.TrimSuffix(r.from, "*"), "/")), "/", "/+")
			if splat {
				whole += "/*(.*)"
			}
			r.pattern = regexp.MustCompile("(?i)^/+" + whole + "/*$")
		case splat: // a slash at the end does not count
			r.pattern = regexp.MustCompile("^" + regexp.QuoteMeta(strings.TrimSuffix(r.from, "/*")) + "(?:/(.*))?$")
		default:
			r.pattern = regexp.MustCompile("^" + regexp.QuoteMeta(strings.TrimSuffix(r.from, "/")) + "/?$")
		}
		h.rules = append(h.rules, r)
	}
	return h
}

// rule returns where the first rule that fits leads; "" for none.
func (h *host) rule(asked string) string {
	if h.kind == "gitlab" {
		asked, _ = url.PathUnescape(asked)
	}
	for _, r := range h.rules {
		if r.pattern == nil && r.from == asked {
			return r.to
		} else if r.pattern == nil {
			continue
		}
		if m := r.pattern.FindStringSubmatch(asked); m != nil {
			return strings.ReplaceAll(strings.ReplaceAll(r.to, ":splat", m[len(m)-1]), "//", "/")
		}
	}
	return ""
}

var refresh = regexp.MustCompile(`<meta http-equiv="?refresh"? content="0; url=([^"]*)"`)

// file returns the file that stands at an address, and the address to which the host
// or the page leads on.
func (h *host) file(asked string) (name, to string) {
	below, ok := strings.CutPrefix(asked, h.base)
	decoded, err := url.PathUnescape(below)
	if !ok || err != nil {
		return "", ""
	}
	name = decoded
	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	} else if _, folder := h.files[name+"/index.html"]; folder {
		return name, asked + "/"
	}
	content, ok := h.files[name]
	if !ok {
		return "", ""
	}
	if m := refresh.FindStringSubmatch(content); m != nil {
		at, err := url.Parse(asked)
		if err != nil {
			return "", ""
		}
		there, err := at.Parse(m[1])
		if err != nil {
			return "", ""
		}
		return name, there.EscapedPath()
	}
	return name, ""
}

// get follows an address, percent-encoded, to the file that a reader gets in the end;
// "" when there is none.
func (h *host) get(asked string) string {
	for range 10 {
		name, to := h.file(asked)
		if rule := h.rule(asked); rule != "" && (h.kind == "cloudflare" || name == "") {
			to = rule
		}
		if to == "" {
			return name
		}
		asked = to
	}
	return ""
}

// escaped is an address below the site's root, percent-encoded.
func escaped(u string) string { return (&url.URL{Path: u}).EscapedPath() }

// leadsOn follows every former address of a site's policies and all that was below it,
// at each kind of host. It returns how many addresses there are. Where something lives
// there now, that is what is found.
func (s *site) leadsOn(base string, kinds ...string) (n int) {
	s.t.Helper()
	files := s.files()
	living := func(name string) bool { content, ok := files[name]; return ok && !refresh.MatchString(content) }
	var m struct {
		Policies []struct {
			URL    string
			Former []string
		}
	}
	s.check(json.Unmarshal([]byte(files["archive.json"]), &m))
	for _, kind := range kinds {
		h := newHost(kind, base, files)
		for name := range files { // no rule takes a file that is no former address
			if to := h.rule(base + escaped(name)); kind == "cloudflare" && to != "" && living(name) && files[name] != files[h.get(base+escaped(name))] {
				s.t.Errorf("%s: %s is redirected to %s", kind, name, to)
			}
		}
		for _, p := range m.Policies {
			url := mustUnescape(p.URL)
			for _, former := range p.Former {
				if kind == "gitlab" && strings.Contains(former, "%20") {
					continue // no rule of GitLab's has a space
				}
				for name := range files {
					rest, ok := strings.CutPrefix("/"+name, url)
					for _, q := range m.Policies { // another policy may live below, or may have
						for _, u := range append([]string{q.URL}, q.Former...) {
							if below := mustUnescape(u); len(below) > len(url) && strings.HasPrefix("/"+name, below) {
								ok = false
							}
						}
					}
					if !ok || !living(name) || rest != "index.html" && !strings.HasSuffix(former, "/") {
						continue
					}
					asked := base + former[1:] + escaped(strings.TrimSuffix(rest, "index.html"))
					have := h.get(asked)
					at, want := mustUnescape(former)[1:]+rest, name
					if !strings.HasSuffix(former, "/") {
						asked, at = base+former[1:], mustUnescape(former)[1:]
					}
					if living(at) && files[at] != files[name] {
						want = at // another policy lives there
					}
					if files[have] != files[want] || have == "" {
						s.t.Errorf("%s: %s leads to %q, want %s", kind, asked, have, want)
					}
					n++
					if bare := strings.TrimSuffix(base+former[1:], "/"); rest == "index.html" && h.get(bare) != have {
						s.t.Errorf("%s: %s leads to %q, want %s", kind, bare, h.get(bare), have)
					}
				}
			}
		}
	}
	return n
}

func mustUnescape(u string) string {
	s, err := url.PathUnescape(u)
	if err != nil {
		panic(err)
	}
	return s
}

// redirected is a repository with policies that moved in every way.
func redirected(t testing.TB, config string) *historytest.Repo {
	words := func(name string, n int) string { return fmt.Sprintf("# %s\n\n%s\n", name, lines(name, 6+n)) }
	return repository(t,
		on("2021-01-01", settings(config),
			write("content/tos.md", words("terms", 0)), write("content/data.md", words("data", 0)), write("content/privacy.md", words("privacy", 0)),
			write("content/free.md", words("free", 0)), write("content/eu.md", words("europe", 0)), write("content/old.md", words("old", 0)), write("content/older.md", words("older", 0)),
			write("content/datenschutzerklärung.md", words("schutz", 0)), write("content/files.md", words("files", 0))),
		on("2022-01-01", write("content/tos.md", words("terms", 1)), write("content/data.md", words("data", 1)), write("content/privacy.md", words("privacy", 1)),
			write("content/free.md", words("free", 1)), write("content/old.md", words("old", 1)), write("content/older.md", words("older", 1))),
		on("2022-02-01", rename("content/tos.md", "content/terms.md")), // moves twice
		on("2022-03-01", rename("content/terms.md", "content/conditions.md"),
			write("content/privacy.md", "---\nurl: /privacy/policy/\n---\n"+words("privacy", 2)),          // goes below where it was
			rename("content/data.md", "content/data-policy.md"),                                           // is called like what it was
			write("content/eu.md", "---\nurl: /europe/\naliases: [/legal/eu/]\n---\n"+words("europe", 0)), // below what another was
			write("content/free.md", "---\nslug: liberty\naliases: [/legal/, /a/b.html, /Gesetz/, /c d/]\n---\n"+words("free", 1)),
			rename("content/old.md", "content/new.md"), rename("content/older.md", "content/newer.md"), // names that begin alike
			rename("content/datenschutzerklärung.md", "content/schutz.md"),
			rename("content/files.md", "content/papers.md"), write("static/files/form.txt", "a form"), // a file of the user's lives there
		),
		on("2022-04-01", write("content/tos.md", words("another", 99))), // another lives where one was
	)
}

// Every address that was published leads on, whether a host follows rules before
// files, after them, or not at all.
func TestEveryFormerAddressLeadsOn(t *testing.T) {
	t.Parallel()
	for _, config := range []string{"title: T\n", "redirects: both\nbaseURL: https://example.com/über/uns/\n", "redirects: rules\n", "redirects: rules\nbaseURL: https://example.com/über/uns/\n"} {
		t.Run(config, func(t *testing.T) {
			t.Parallel()
			r := redirected(t, config)
			s := built(t, r)
			base, kinds := "/", []string{"cloudflare", "netlify", "gitlab", "files"}
			if strings.Contains(config, "baseURL") {
				base = "/%C3%BCber/uns/"
				kinds = []string{"cloudflare", "netlify", "files"} // GitLab's names of projects are of plain letters
			}
			if strings.Contains(config, "rules") {
				kinds = kinds[:len(kinds)-1]
			}
			if n := s.leadsOn(base, kinds...); n < 60*len(kinds) {
				t.Errorf("%d addresses are followed", n)
			}
			if t.Failed() {
				t.Log(s.file("_redirects"))
			}
			s.clean(r.Dir)
		})
	}
}

// counted are the rules of _redirects, without and with a splat.
func (s *site) counted() (single, splats int) {
	for line := range strings.Lines(s.file("_redirects")) {
		if strings.Contains(line, "* ") {
			splats++
		} else if line != "\n" {
			single++
		}
	}
	return single, splats
}

// Real repositories take a rule or two for a move, and without pages and copies little
// more than half of the files.
func TestRedirectsOfCorpora(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ settings string }{
		"basecamp-policies": {""},
		"psf-policies":      {"content: docs\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "basecamp-policies" {
				onlyWithEveryCorpus(t)
			}
			r := corpus(t, name)
			for mode, kinds := range map[string][]string{"both": {"cloudflare", "netlify", "gitlab", "files"}, "rules": {"cloudflare", "netlify", "gitlab"}} {
				r.Write("policysite.yaml", test.settings+"redirects: "+mode+"\n")
				r.Commit("2026-11-01T12:00:00Z", "x")
				s := built(t, r)
				var m struct{ Policies []struct{ Former []string } }
				s.check(json.Unmarshal([]byte(s.file("archive.json")), &m))
				moves := 0
				for _, p := range m.Policies {
					moves += len(p.Former)
				}
				single, splats := s.counted()
				if moves == 0 || single+splats > 4*moves {
					t.Errorf("%s: %d rules and %d splats for %d moves:\n%s", mode, single, splats, moves, s.file("_redirects"))
				}
				t.Logf("%s: %d files; %d rules and %d splats for %d moves", mode, len(s.files()), single, splats, moves)
				if n := s.leadsOn("/", kinds...); n < 10*moves {
					t.Errorf("%s: %d addresses are followed", mode, n)
				}
			}
		})
	}
}

// Where all policies moved once, nearly half of the files are pages that lead on.
func TestRulesAloneTakeFewerFiles(t *testing.T) {
	r := repository(t)
	for n := range 6 {
		for i := range 8 {
			r.Write(fmt.Sprintf("content/p%d.md", i), fmt.Sprintf("# Policy %d\n\n%s", i, lines("word", 10+n)))
		}
		r.Commit(fmt.Sprintf("2021-0%d-01T12:00:00Z", n+1), "x")
	}
	for i := range 8 {
		r.Rename(fmt.Sprintf("content/p%d.md", i), fmt.Sprintf("content/q%d.md", i))
	}
	r.Commit("2022-01-01T12:00:00Z", "x")
	both := built(t, r)
	commit(r, on("2022-02-01", settings("redirects: rules\n")))
	rules := built(t, r)
	if all, left := len(both.files()), len(rules.files()); 100*(all-left) < 40*all {
		t.Errorf("%d files of %d are left", left, all)
	}
	if single, splats := rules.counted(); splats != 8 || single != 8 {
		t.Errorf("%d rules and %d splats:\n%s", single, splats, rules.file("_redirects"))
	}
	rules.clean(r.Dir)

	// A site that had pages and goes on with rules alone has no page less that a host
	// could not find, and says that nothing is gone.
	next := built(t, r, previous(both.dir))
	if a, b := len(next.files()), len(rules.files()); a != b {
		t.Errorf("%d files after a site with pages, %d without", a, b)
	}
	if notes := next.notes("on the previous site"); len(notes) > 0 {
		t.Error(notes)
	}
	for _, kind := range []string{"cloudflare", "netlify", "gitlab"} {
		h := newHost(kind, "/", next.files())
		for name := range both.files() {
			if at := h.get("/" + strings.TrimSuffix(name, "index.html")); at == "" && name != "_redirects" {
				t.Errorf("%s: /%s leads nowhere", kind, name)
			}
		}
	}
	// And back.
	commit(r, on("2022-03-01", settings("redirects: both\n")))
	if a, b := len(built(t, r, previous(next.dir)).files()), len(both.files()); a != b {
		t.Errorf("%d files with pages again, %d before", a, b)
	}
}

// Beyond the splats that Cloudflare Pages reads, single rules take their place as long
// as it reads them; the user's own rules count.
func TestRedirectsWithinLimits(t *testing.T) {
	aliases := func(n int) string {
		out := "---\naliases:\n"
		for i := range n {
			out += fmt.Sprintf("  - /old-%03d/\n", i)
		}
		return out + "---\n"
	}
	own := ""
	for i := range 150 {
		own += fmt.Sprintf("/own-%d /privacy/ 302\n", i)
	}
	// Of an address, a line without a slash is needed in any case; for all other files
	// below it there may be a splat, or a line for each.
	for _, test := range []struct {
		aliases int
		own     string
		single  func(files int) int // how many addresses have no splat
	}{
		{100, "", func(int) int { return 0 }},
		{120, "", func(int) int { return 20 }},
		{10, own, func(int) int { return 10 }},
		{99, "/a/* /privacy/:splat 302\n", func(int) int { return 0 }},
		{400, "", func(files int) int { return (2000 - 400) / files }},
	} {
		r := repository(t, on("2021-01-01", settings("redirects: rules\n"), write("content/privacy.md", "A\n")))
		if test.own != "" {
			r.Write("static/_redirects", test.own)
		}
		commit(r, on("2021-02-01", write("content/privacy.md", aliases(test.aliases)+"B\n")))
		s := built(t, r)
		files := 0
		for name := range s.files() {
			if strings.HasPrefix(name, "privacy/") {
				files++
			}
		}
		single, users := test.single(files), strings.Count(test.own, "\n")
		wantSplats, wantRules := test.aliases-single, test.aliases+single*files
		if strings.Contains(test.own, "*") {
			wantSplats += users
		} else {
			wantRules += users
		}
		rules, splats := s.counted()
		if splats != wantSplats || rules != wantRules || files < 10 || !strings.HasSuffix(s.file("_redirects"), test.own) {
			t.Errorf("%d aliases of %d files, %d lines of the user's: %d splats and %d others, want %d and %d", test.aliases, files, users, splats, rules, wantSplats, wantRules)
		}
		for _, share := range s.result.Shares {
			if share.What == "redirect rules with patterns" && share.Taken != int64(splats) || share.What == "redirect rules" && share.Host == "Cloudflare Pages" && share.Taken != int64(rules) {
				t.Errorf("%+v", share)
			}
		}
	}
}

// A version that is cut has a page that leads on. Where the policy moves at the same
// time, no splat takes the reader to where it never was; and so it goes on.
func TestSplatsAndAddressesOfThePreviousSite(t *testing.T) {
	for _, mode := range []string{"both", "rules"} {
		r := repository(t,
			on("2021-01-01", privacy("# Privacy\n\n"+lines("word", 9)), settings("redirects: "+mode+"\n")),
			on("2021-02-01", privacy("# Privacy\n\n"+lines("word", 10))),
			on("2021-03-01", privacy("# Privacy\n\n"+lines("word", 11))))
		first := built(t, r)
		commit(r, on("2021-04-01", rename("content/privacy.md", "content/data.md"), settings("redirects: "+mode+"\nsince:\n  data: 2021-02-01\n")))
		second := built(t, r, previous(first.dir))
		third := built(t, r, previous(second.dir))
		if !equalFiles(second.files(), third.files()) {
			t.Errorf("%s: built again it is not the same: %q", mode, third.result.Notes)
		}
		third.clean(r.Dir)
		for _, kind := range []string{"cloudflare", "netlify", "gitlab"} {
			h := newHost(kind, "/", third.files())
			for asked, want := range map[string]string{
				"/privacy/":                    "data/index.html",
				"/privacy/2021-01-01/":         "data/index.html",
				"/privacy/2021-01-01/since/":   "data/index.html",
				"/privacy/2021-02-01/changes/": "data/2021-02-01/index.html", // now the first
				"/privacy/2021-02-01/":         "data/2021-02-01/index.html",
				"/privacy/2021-03-01/changes/": "data/2021-03-01/changes/index.html",
			} {
				if have := h.get(asked); have != want {
					t.Errorf("%s, %s: %s leads to %q, want %s\n%s", mode, kind, asked, have, want, third.file("_redirects"))
				}
			}
		}
	}
}

// An address at which two policies stood leads to the one that stood there last, in
// whatever order they come.
func TestAddressOfTwoPolicies(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"content/c.md", "content/z.md"} {
		r := repository(t,
			on("2020-01-10", write("content/a.md", "# A\n\nAlpha words stand here alone. See [it](/a/).\n"), write("content/b.md", "# B\n\nBravo text for others is there.\n")),
			on("2020-02-01", rename("content/a.md", to)),
			on("2020-03-01", rename("content/b.md", "content/a.md")))
		before := built(t, r)
		commit(r, on("2020-05-01", rename("content/a.md", "content/d.md")))
		for _, s := range []*site{built(t, r), built(t, r, previous(before.dir))} {
			if have := s.file("a/2020-01-10/index.md"); !strings.HasPrefix(have, "# B") {
				t.Errorf("%s: at /a/2020-01-10/ stands now %q", to, have)
			}
			if have := s.file("_redirects"); !strings.Contains(have, "/a/* /d/:splat 301\n") {
				t.Errorf("%s: _redirects:\n%s", to, have)
			}
		}
	}
}
