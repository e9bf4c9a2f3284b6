package builder_test

import (
	"crypto/sha1"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/history/historytest"
	"github.com/policysite/policysite/builder/policy"
)

// corpus clones a repository of real policies, kept as a bundle beside the
// checkout.
func corpus(t testing.TB, name string) *historytest.Repo {
	t.Helper()
	bundle, err := filepath.Abs(filepath.Join("..", "..", "shared", "corpora", name+".bundle"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(bundle); err != nil {
		t.Skipf("no corpora beside the checkout: %v", err)
	}
	r := historytest.New(t)
	clone := filepath.Join(t.TempDir(), name)
	r.Git("clone", "-q", bundle, clone)
	return r.At(clone)
}

var everyCorpus = flag.Bool("every-corpus", false, "build the corpora of many versions too, and every time")

// onlyWithEveryCorpus ends a test that takes long, where nobody asked for it.
func onlyWithEveryCorpus(t testing.TB) {
	if t.Helper(); !*everyCorpus {
		t.Skip("without -every-corpus")
	}
}

// Real repositories, built whole. sample is how many of a policy's pages per
// kind are looked into; all facts of archive.json always are.
func TestCorpora(t *testing.T) {
	t.Parallel()
	for name, sample := range map[string]int{"basecamp-policies": 40, "pga-versions": 1} {
		t.Run(name, func(t *testing.T) {
			if name == "pga-versions" {
				onlyWithEveryCorpus(t)
			}
			r := corpus(t, name)
			s := built(t, r)
			t.Run("every change of a path while a policy held it is one revision", func(t *testing.T) { checkRevisions(t, r, s) })
			t.Run("every sum can be recomputed from the files", func(t *testing.T) { checkSums(t, s) })
			t.Run("show prints the bytes of text_sha256", func(t *testing.T) { checkTexts(t, r, s, sample) })
			if name == "basecamp-policies" { // the other takes as long to verify as to build
				t.Run("verify finds nothing", func(t *testing.T) {
					if v := s.clean(r.Dir); v.Versions != s.result.Versions || v.Versions < 200 || v.NotInGit != 0 {
						t.Errorf("%+v", v)
					}
				})
			}
			t.Run("intervals are disjoint", func(t *testing.T) { checkIntervals(t, s) })
			t.Run("every current page has every word of its Markdown", func(t *testing.T) { checkWords(t, r, s) })
			t.Run("every internal link leads somewhere", func(t *testing.T) {
				read := func(p string) (string, bool) {
					if strings.HasSuffix(p, ".html") {
						content, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(p)))
						return string(content), err == nil
					}
					info, err := os.Stat(filepath.Join(s.dir, filepath.FromSlash(p)))
					return "", err == nil && !info.IsDir()
				}
				links, broken := checkLinks(samplePages(t, s, sample), read)
				if links == 0 || len(broken) > 0 {
					t.Errorf("%d links, %d of them broken:\n%s", links, len(broken), strings.Join(broken[:min(len(broken), 20)], "\n"))
				}
			})
		})
	}
}

// samplePages are all pages of the site and of its policies, and of pages of
// versions as many as asked for: the first, the last, and some in between.
func samplePages(t *testing.T, s *site, n int) (out []string) {
	t.Helper()
	for _, pattern := range []string{"*.html", "changes/*.html", "changes/*/*.html"} {
		found, err := filepath.Glob(filepath.Join(s.dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			rel, _ := filepath.Rel(s.dir, f)
			out = append(out, filepath.ToSlash(rel))
		}
	}
	for _, p := range s.Policies {
		out = append(out, p.URL[1:]+"index.html", p.URL[1:]+"changes/index.html")
		for i, v := range p.Versions {
			if i%max(1, (len(p.Versions)-1)/n) != 0 && i != len(p.Versions)-1 {
				continue
			}
			for _, page := range []string{"index.html", "changes/index.html", "since/index.html"} {
				if s.has(v.URL[1:] + page) {
					out = append(out, v.URL[1:]+page)
				}
			}
		}
	}
	return out
}

// checkRevisions holds archive.json against git's own account of the chain:
// the oracle of the format.
func checkRevisions(t *testing.T, r *historytest.Repo, s *site) {
	type place struct {
		step int
		path string
	}
	type change struct {
		place
		blob string // "" when it went
	}
	steps := map[string]int{}
	var changes []change
	fields := strings.Split(r.Git("log", "--first-parent", "--diff-merges=first-parent", "--raw", "--no-renames", "--no-abbrev", "-z", "--reverse", "--root", "--format=%x01%H"), "\x00")
	for i := 0; i < len(fields); i++ {
		f := strings.TrimLeft(fields[i], "\n")
		if id, ok := strings.CutPrefix(f, "\x01"); ok {
			steps[strings.TrimSpace(id)] = len(steps)
			continue
		}
		m := strings.Fields(f)
		if len(m) != 5 {
			continue
		}
		i++
		isText := func(mode string) bool { return mode == "100644" || mode == "100755" }
		was, is := isText(strings.TrimPrefix(m[0], ":")), isText(m[1])
		if !was && !is || was && is && m[2] == m[3] {
			continue
		}
		c := change{place{len(steps) - 1, fields[i]}, m[3]}
		if !is {
			c.blob = ""
		}
		changes = append(changes, c)
	}
	blobs := map[place]string{}
	for _, c := range changes {
		blobs[c.place] = c.blob
	}
	told, held := map[place]int{}, map[place]bool{}
	revisions := 0
	for _, p := range s.Policies {
		path, step := "", -1
		for _, v := range p.Versions {
			for _, rev := range v.Revisions {
				revisions++
				at, ok := steps[rev.Commit]
				if !ok || at <= step {
					t.Fatalf("%s: commit %s is no later step", p.ID, rev.Commit)
				}
				for n := step; path != "" && n <= at; n++ {
					held[place{n, path}] = true
				}
				here := place{at, rev.Path}
				told[here]++
				if rev.FromPath != nil {
					told[place{at, *rev.FromPath}]++
				}
				if blob, ok := blobs[here]; !ok || blob != or(rev.Blob) {
					t.Errorf("%s: %s at %s is %q, git has %q", p.ID, rev.Path, rev.Commit, or(rev.Blob), blob)
				}
				path, step = rev.Path, at
				if rev.Blob == nil {
					path = ""
				}
				held[place{at, rev.Path}] = true
			}
		}
		for n := step; path != "" && n < len(steps); n++ {
			held[place{n, path}] = true
		}
	}
	for _, c := range changes {
		if n := told[c.place]; n > 1 || held[c.place] != (n == 1) {
			t.Errorf("step %d of %s: %d revisions, a policy held it: %v", c.step, c.path, n, held[c.place])
		}
	}
	t.Logf("%d steps, %d changes of files, %d revisions of %d policies", len(steps), len(changes), revisions, len(s.Policies))
}

func checkSums(t *testing.T, s *site) {
	for _, p := range s.Policies {
		for _, v := range p.Versions {
			source, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(v.SourceURL)))
			if err != nil {
				t.Fatal(err)
			}
			if sum := fmt.Sprintf("%x", sha256.Sum256(source)); sum != v.SourceSHA256 {
				t.Errorf("%s@%s: source_sha256 %s, want %s", p.ID, v.ID, v.SourceSHA256, sum)
			}
			// What git hash-object prints, https://git-scm.com/book/en/v2/Git-Internals-Git-Objects.
			blob := fmt.Sprintf("%x", sha1.Sum(append(fmt.Appendf(nil, "blob %d\x00", len(source)), source...)))
			started := slices.ContainsFunc(v.Revisions, func(r revision) bool { return r.Kind == v.Kind && or(r.Blob) == blob })
			if blob != v.SourceBlob || !started {
				t.Errorf("%s@%s: source_blob %s, want %s", p.ID, v.ID, v.SourceBlob, blob)
			}
			for _, a := range v.Attachments {
				content, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(unescape(t, a.URL))))
				if err != nil {
					t.Fatal(err)
				}
				if sum := fmt.Sprintf("%x", sha256.Sum256(content)); sum != a.SHA256 || !strings.HasPrefix(a.URL, "/assets/"+sum[:16]+"/") {
					t.Errorf("%s: sha256 %s, want %s", a.URL, a.SHA256, sum)
				}
			}
			if (v.Error == nil) != (v.TextSHA256 != nil) || (v.Error == nil) != (v.WordingSHA256 != nil) {
				t.Errorf("%s@%s: error %q, text %q, wording %q", p.ID, v.ID, or(v.Error), or(v.TextSHA256), or(v.WordingSHA256))
			}
		}
	}
}

func checkTexts(t *testing.T, r *historytest.Repo, s *site, sample int) {
	for n, id := range []string{s.Policies[0].ID, s.Policies[len(s.Policies)/2].ID} {
		a, err := builder.ReadArchive(t.Context(), options(r), id)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		p := a.Policies[0]
		recorded := s.Policies[n*(len(s.Policies)/2)].Versions
		for i := 0; i < len(p.Versions); i += max(1, (len(p.Versions)-1)/sample) {
			if p.Versions[i].Error != "" {
				continue
			}
			text, err := a.Text(p, i)
			if err != nil {
				t.Fatal(err)
			}
			if sum := fmt.Sprintf("%x", sha256.Sum256([]byte(text))); sum != or(recorded[i].TextSHA256) {
				t.Errorf("%s@%s: text_sha256 %s, the text has %s", id, p.Versions[i].ID, or(recorded[i].TextSHA256), sum)
			}
		}
	}
}

// checkIntervals checks that on no day two versions are in force, and that the
// one in force today is the current one.
func checkIntervals(t *testing.T, s *site) {
	for _, p := range s.Policies {
		type edge struct {
			day   string
			start bool
		}
		var edges []edge
		current := ""
		for _, v := range p.Versions {
			if v.InForce == nil {
				continue
			}
			from, until := or(v.InForce.From), or(v.InForce.Until)
			if until != "" && from >= until {
				t.Errorf("%s@%s: [%s, %s)", p.ID, v.ID, from, until)
			}
			edges = append(edges, edge{from, true})
			if until != "" {
				edges = append(edges, edge{until, false})
			}
			if from <= s.At && (until == "" || s.At < until) {
				current = v.ID
			}
		}
		slices.SortFunc(edges, func(a, b edge) int {
			if a.day == b.day && a.start != b.start {
				if a.start {
					return 1
				}
				return -1
			}
			return strings.Compare(a.day, b.day)
		})
		open := 0
		for _, e := range edges {
			if e.start {
				open++
			} else {
				open--
			}
			if open > 1 {
				t.Errorf("%s: two versions in force on %s", p.ID, e.day)
			}
		}
		if current != or(p.Current) || (current != "") != (p.Status == "in-force") {
			t.Errorf("%s: %s, current %q, in force is %q", p.ID, p.Status, or(p.Current), current)
		}
	}
}

// What in Markdown is no word that readers see: targets, tags, references,
// attributes.
var notWords = []*regexp.Regexp{
	regexp.MustCompile(`(?s)<!--.*?-->`),
	regexp.MustCompile(`(?m)^ {0,3}\[[^\]\n]+\]:[ \t]*\S.*$`),
	regexp.MustCompile(`\]\((?:[^()\n]|\([^()\n]*\))*\)`),
	regexp.MustCompile(`\]\[[^\]\n]*\]`),
	regexp.MustCompile(`(?s)</?[A-Za-z][^<>]*>`),
	regexp.MustCompile(`(?m)^[ \t>]*(?:(?:[*+-]|\d+[.)])[ \t]+)+`), // "* 1. " is an item in an item
	regexp.MustCompile(`(?m)\{[#.:][^}\n]*\}[ \t]*$`),
	regexp.MustCompile(`&(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z]+\d*);`),
	regexp.MustCompile("(?m)^ *(?:```|~~~).*$"),
}

func wordsOf(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
}

// checkWords checks that the words of a text stand on its page, in its order
// and close together. Where one word ends is not compared: "**a**b" is one.
func checkWords(t *testing.T, r *historytest.Repo, s *site) {
	const apart = 300 // letters of what was taken out of the Markdown
	words := 0
	for _, p := range s.Policies {
		if p.Status != "in-force" {
			continue
		}
		current := slices.IndexFunc(p.Versions, func(v version) bool { return v.ID == *p.Current })
		_, body, _, _ := policy.ParseSource([]byte(r.Git("cat-file", "blob", p.Versions[current].SourceBlob)))
		markdown := string(body)
		for _, re := range notWords {
			markdown = re.ReplaceAllStringFunc(markdown, func(m string) string {
				if strings.HasPrefix(m, "]") {
					return "]" // what it closed is text
				}
				return " "
			})
		}
		onPage := strings.Join(wordsOf(policyText(t, s.file(p.URL[1:]+"index.html"))), "")
		at := 0
		for _, w := range wordsOf(markdown) {
			found := strings.Index(onPage[at:min(len(onPage), at+apart+len(w))], w)
			if found < 0 {
				t.Errorf("%s: the page has no %q after %q, but %q", p.ID, w, onPage[max(0, at-50):at], onPage[at:min(len(onPage), at+50)])
				break
			}
			at += found + len(w)
			words++
		}
	}
	if words == 0 {
		t.Error("no words were looked for")
	}
	t.Logf("%d words", words)
}
