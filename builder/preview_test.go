package builder_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/history/historytest"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/preview"
)

// live opens a repository for previews.
func live(t testing.TB, opt builder.Options) *preview.Live {
	t.Helper()
	l, err := builder.OpenLive(opt)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func load(t testing.TB, l *preview.Live) *preview.Site {
	t.Helper()
	p, err := l.Load(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func page(t testing.TB, p *preview.Site, name string) string {
	t.Helper()
	content, err := p.File(context.Background(), name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(content)
}

// wantSame compares every file of a built site with the preview's, apart from
// those named.
func wantSame(t *testing.T, p *preview.Site, dir string, except ...string) {
	t.Helper()
	differ := map[string]bool{}
	for _, name := range except {
		differ[name] = true
	}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || name == ".policysite" {
			return err
		}
		want, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		have, err := p.File(context.Background(), name)
		switch {
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case bytes.Equal(have, want) == differ[name]:
			t.Errorf("%s: same as built: %t", name, !differ[name])
		}
		delete(differ, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range differ {
		t.Errorf("%s is not on the built site", name)
	}
}

// busy is a repository with every kind of version, a move, an attachment, a
// policy that is gone, static files and a layout.
func busy(t testing.TB) *historytest.Repo {
	return repository(t,
		on("2021-01-01", privacy("---\ntitle: Privacy\nlast-updated: 2021-01-01\n---\n# Privacy\n\nWe keep logs for [ten](list.csv) days.\n"),
			write("content/terms.md", "# Terms\n\nPay.\n\n## Notice\n\nA month.\n"), write("content/list.csv", "a,b\n"), write("content/index.md", "# Ours\n\nSee the [terms](terms.md).\n")),
		on("2021-02-01", privacy("---\ntitle: Privacy\nlast-updated: 2021-02-01\n---\n# Privacy\n\nWe keep logs for [nine](list.csv) days. See [notice](terms.md#notice).\n")),
		on("2021-03-01", privacy("---\ntitle: Privacy\nlast-updated: 2021-03-01\n---\n# Privacy\n\nWe keep logs for [nine](list.csv) days. See [notice](terms.md#notice).\n"), write("content/list.csv", "a,b,c\n")),
		on("2021-04-01", rename("content/terms.md", "content/legal/terms.md"), write("content/old.md", "# Old\n\nGone soon.\n")),
		on("2022-04-01", remove("content/old.md"), settings("title: Ours\nbaseURL: https://example.com/legal/\narchived: [old]\n"), write("static/logo.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>\n")),
		on("2023-05-01", privacy("---\ntitle: Privacy\nlast-updated: 2023-05-01\neffective: 2031-06-01\n---\n# Privacy\n\nWe keep no logs.\n"), write("layouts/style.css", "body { color: red }\n")),
	)
}

func TestPreviewIsWhatBuildWrites(t *testing.T) {
	t.Parallel()
	r := busy(t)
	s := built(t, r)
	wantSame(t, load(t, live(t, options(r))), s.dir)

	// No host follows the rules of a preview, so a page leads on.
	commit(r, on("2024-01-01", settings("archived: [old]\nredirects: rules\n")))
	s, p := built(t, r), load(t, live(t, options(r)))
	wantSame(t, p, s.dir)
	const former = "terms/2021-01-01/index.html"
	if have := page(t, p, former); s.has(former) || !strings.Contains(have, "../../legal/terms/2021-01-01/") {
		t.Errorf("%s is on the site: %t; the preview has %s", former, s.has(former), have)
	}
	if have, want := page(t, p, "terms/2021-01-01/index.md"), s.file("legal/terms/2021-01-01/index.md"); have != want {
		t.Errorf("the source at its former address is %q, want %q", have, want)
	}
}

func TestPreviewKnowsNoOtherFile(t *testing.T) {
	t.Parallel()
	p := load(t, live(t, options(busy(t))))
	for _, name := range []string{"", "privacy", "privacy/", "privacy/next/index.html", "privacy/2021-01-01/x.html", "content/privacy.md", "policysite.yaml", ".git/HEAD", "../x", "assets/0123456789abcdef/list.csv", "changes/1999/index.html"} {
		if _, err := p.File(context.Background(), name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v, want that there is none", name, err)
		}
	}
}

func TestDraftTouchesItsOwnPagesAlone(t *testing.T) {
	t.Parallel()
	r := busy(t)
	s := built(t, r)
	l := live(t, options(r))
	load(t, l)
	r.Write("content/legal/terms.md", "# Terms\n\nPay soon.\n\n## Notice\n\nA month.\n")
	p := load(t, l)
	wantSame(t, p, s.dir, "index.html", "changes/index.html", "legal/terms/index.html", "legal/terms/changes/index.html")
	if len(p.Changed) != 1 || p.Changed[0] != "/legal/terms/" {
		t.Errorf("changed: %q", p.Changed)
	}
	const mark = "ext version, not published"
	for name, want := range map[string]string{
		"legal/terms/index.html":              "Pay soon.",
		"legal/terms/next/index.html":         "Pay soon.",
		"legal/terms/next/changes/index.html": "soon",
		"legal/terms/changes/index.html":      "next/changes/",
		"changes/index.html":                  "legal/terms/next/changes/",
		"index.html":                          "legal/terms/next/",
	} {
		if have := page(t, p, name); !strings.Contains(have, want) || !strings.Contains(have, mark) {
			t.Errorf("%s says %q: %t, is marked: %t", name, want, strings.Contains(have, want), strings.Contains(have, mark))
		}
	}
	if have := page(t, p, "legal/terms/next/index.md"); !strings.Contains(have, "Pay soon.") {
		t.Errorf("the source of the draft is %q", have)
	}
	for _, name := range []string{"archive.json", "sitemap.xml", "_redirects"} {
		if have := page(t, p, name); strings.Contains(have, "next/") {
			t.Errorf("%s knows of the draft", name)
		}
	}

	// A commit makes a version of it.
	commit(r, step{when: "2024-01-01"})
	p = load(t, l)
	wantSame(t, p, built(t, r).dir)
	if have := page(t, p, "legal/terms/2024-01-01/index.html"); strings.Contains(have, mark) || !strings.Contains(have, "Pay soon.") {
		t.Error("the version that was committed is marked as a draft, or says something else")
	}
}

func TestDraftsOfEveryKind(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		do    func(r *historytest.Repo)
		page  string
		want  []string
		lacks []string
	}{
		{"new policy", func(r *historytest.Repo) { r.Write("content/cookies.md", "# Cookies\n\nWe set one.\n") },
			"cookies/index.html", []string{"Next version, not published", "We set one."}, []string{"version in force", "Permanent address"}},
		{"new policy, on the home page", func(r *historytest.Repo) { r.Write("content/cookies.md", "# Cookies\n\nWe set one.\n") },
			"index.html", []string{"cookies/next/"}, nil},
		{"deleted policy", func(r *historytest.Repo) { os.Remove(filepath.Join(r.Dir, "content/privacy.md")) },
			"privacy/index.html", []string{"Next version, not published", "no longer has this policy"}, nil},
		{"deleted policy, its redline", func(r *historytest.Repo) { os.Remove(filepath.Join(r.Dir, "content/privacy.md")) },
			"privacy/next/changes/index.html", []string{"<del", "no logs"}, []string{"<ins"}},
		{"deleted policy, in the archive", func(r *historytest.Repo) { os.Remove(filepath.Join(r.Dir, "content/privacy.md")) },
			"changes/index.html", []string{"privacy/next/", "No longer published here"}, nil},
		{"policy that becomes a draft", func(r *historytest.Repo) { r.Write("content/privacy.md", "---\ndraft: true\n---\nSecret plan.\n") },
			"privacy/index.html", []string{"no longer has this policy"}, []string{"Secret plan"}},
		{"dates alone", func(r *historytest.Repo) {
			r.Write("content/legal/terms.md", "---\nlast-updated: 2024-01-01\n---\n# Terms\n\nPay.\n\n## Notice\n\nA month.\n")
		}, "legal/terms/changes/index.html", []string{"next/changes/", "Only stated dates changed"}, nil},
		{"what starts no version", func(r *historytest.Repo) {
			r.Write("content/legal/terms.md", "---\ndescription: What you pay\n---\n# Terms\n\nPay.\n\n## Notice\n\nA month.\n")
		}, "index.html", []string{"What you pay"}, []string{"not published"}},
		{"moved", func(r *historytest.Repo) {
			os.Rename(filepath.Join(r.Dir, "content/legal/terms.md"), filepath.Join(r.Dir, "content/tos.md"))
		}, "tos/2021-01-01/index.html", []string{"A month."}, []string{"not published"}},
		{"moved, its former address", func(r *historytest.Repo) {
			os.Rename(filepath.Join(r.Dir, "content/legal/terms.md"), filepath.Join(r.Dir, "content/tos.md"))
		}, "legal/terms/index.html", []string{"Moved", "tos/"}, nil},
		{"linked file", func(r *historytest.Repo) {
			r.Write("content/new.csv", "n\n")
			r.Write("content/legal/terms.md", "# Terms\n\n[Pay](../new.csv).\n")
		}, "legal/terms/index.html", []string{"/new.csv"}, nil},
		{"style sheet", func(r *historytest.Repo) { r.Write("layouts/style.css", "body { color: blue }\n") },
			"404.html", []string{"/assets/35f08b458cfddfe9/style.css"}, nil}, // named after its SHA-256
		{"configuration", func(r *historytest.Repo) { r.Write("policysite.yaml", "title: Theirs\n") },
			"privacy/2021-01-01/index.html", []string{"Theirs"}, nil},
		{"static file", func(r *historytest.Repo) { r.Write("static/x.txt", "static\n") },
			"x.txt", []string{"static"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := busy(t)
			test.do(r)
			have := page(t, load(t, live(t, options(r))), test.page)
			for _, want := range test.want {
				if !strings.Contains(have, want) {
					t.Errorf("%s does not say %q", test.page, want)
				}
			}
			for _, lacks := range test.lacks {
				if strings.Contains(have, lacks) {
					t.Errorf("%s says %q", test.page, lacks)
				}
			}
		})
	}
}

func TestWarningsOfADraft(t *testing.T) {
	t.Parallel()
	r := busy(t)
	l := live(t, options(r))
	write := func(date, text string) string {
		r.Write("content/privacy.md", "---\ntitle: Privacy\nlast-updated: "+date+"\neffective: 2031-06-01\n---\n# Privacy\n\n"+text+"\n")
		found, err := load(t, l).Findings(context.Background(), "privacy/index.html")
		if err != nil {
			t.Fatal(err)
		}
		return found.Problems.Error()
	}
	const undated = "content/privacy.md: the wording changed, and every date and version number that the text states is as it was"
	if have := write("2023-05-01", "We keep some logs."); have != undated {
		t.Errorf("other words under the same dates: %q", have)
	}
	if have := write("2024-05-01", "We keep some logs."); have != "" {
		t.Errorf("other words under another date: %q", have)
	}
	if have := write("2023-05-01", "We keep **no** logs."); have != "" {
		t.Errorf("the same words: %q", have)
	}
	if have := write("2024-05-01", "We keep [some](nowhere.md) logs."); !strings.Contains(have, "nowhere.md") {
		t.Errorf("a link that leads nowhere: %q", have)
	}
}

// What dates in the text of a draft do is said before they do it.
func TestNotesOnDatesOfADraft(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ before, draft, want string }{
		"a day to come":     {"# Privacy\n\nNo logs.\n", "# Privacy\n\nEffective 1 May 2031\n\nFew logs.\n", `a day to come in the text makes the newest version upcoming until then: content/privacy.md:3: "Effective 1 May 2031"`},
		"another day":       {"# Privacy\n\nEffective 1 May 2031\n\nNo logs.\n", "# Privacy\n\nEffective 1 June 2031\n\nNo logs.\n", `a day to come in the text makes the newest version upcoming until then: content/privacy.md:3: "Effective 1 June 2031"`},
		"no longer stated":  {"# Privacy\n\nEffective 1 May 2031\n\nNo logs.\n", "# Privacy\n\nNo logs.\n", `the text no longer states the coming day of the version before, so that the newest version takes effect at once: content/privacy.md: "2031-05-01"`},
		"left open":         {"# Privacy\n\nNo logs.\n", "# Privacy\n\nLast updated May 2030\n\nNo logs.\n", `a date in the text leaves the day open and declares nothing: content/privacy.md:3: "Last updated May 2030"`},
		"a day that passed": {"# Privacy\n\nNo logs.\n", "# Privacy\n\nLast updated 1 May 2021\n\nNo logs.\n", ""},
		"nothing new":       {"# Privacy\n\nEffective 1 May 2031\n\nNo logs.\n", "---\nweight: 2\n---\n# Privacy\n\nEffective 1 May 2031\n\nNo logs.\n", `a day to come in the text makes the newest version upcoming until then: content/privacy.md:3: "Effective 1 May 2031"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := repository(t, on("2021-01-01", privacy(test.before), write("content/terms.md", "# Terms\n\nEffective 1 May 2032\n\nPay.\n")))
			r.Write("content/privacy.md", test.draft)
			site := load(t, live(t, options(r)))
			all, err := site.AllFindings(context.Background())
			if have := strings.Join(all.Notes, "\n"); err != nil || have != test.want {
				t.Errorf("of the site: %q, %v", have, err)
			}
			here, err := site.Findings(context.Background(), "privacy/index.html")
			if have := strings.Join(here.Notes, "\n"); err != nil || have != test.want {
				t.Errorf("of the page: %q, %v", have, err)
			}
		})
	}
}

// A policy is found at the address it has now, wherever it was while the preview
// went on.
func TestPreviewFollowsMoves(t *testing.T) {
	t.Parallel()
	r := busy(t)
	l := live(t, options(r))
	load(t, l)
	at := "content/legal/terms.md"
	move := func(to string) *preview.Site {
		t.Helper()
		if err := os.Rename(r.Path(at), r.Path(to)); err != nil {
			t.Fatal(err)
		}
		at = to
		return load(t, l)
	}
	wantMoved := func(site *preview.Site, moved map[string]string) {
		t.Helper()
		for from, to := range moved {
			if have := site.Moved(from); have != to {
				t.Errorf("%s moved to %q, want %q", from, have, to)
			}
		}
	}
	wantMoved(move("content/tos.md"), map[string]string{"/legal/terms/": "/tos/", "/legal/terms/changes/": "/tos/changes/", "/tos/": "", "/privacy/": "", "/": "", "/nowhere/": ""})
	wantMoved(move("content/use.md"), map[string]string{"/legal/terms/": "/use/", "/tos/": "/use/", "/use/": ""})
	wantMoved(move("content/legal/terms.md"), map[string]string{"/legal/terms/": "", "/tos/next/": "/legal/terms/next/", "/use/": "/legal/terms/"})
	r.Write("content/new.md", "# New\n\nNot committed.\n")
	load(t, l)
	at = "content/new.md"
	wantMoved(move("content/newer.md"), map[string]string{"/new/": "/newer/"})
}

func TestPreviewWithoutCommitsOrRepository(t *testing.T) {
	t.Parallel()
	for _, repo := range []bool{false, true} {
		dir := t.TempDir()
		if repo {
			dir = historytest.New(t).Dir
		}
		opt := builder.Options{Source: dir, Theme: options(busy(t)).Theme, At: date("2030-01-01")}
		l, err := builder.OpenLive(opt)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Load(context.Background()); !errors.Is(err, policy.ErrContent) {
			t.Errorf("an empty folder: %v", err)
		}
		if err := os.WriteFile(filepath.Join(dir, "privacy.md"), []byte("# Privacy\n\nNo logs.\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		have := page(t, load(t, l), "privacy/index.html")
		if !strings.Contains(have, "No logs.") || !strings.Contains(have, "Next version, not published") {
			t.Errorf("in a repository: %t: %s", repo, have)
		}
	}
}

// A file with errors is what it was before, and all others are what they are now.
func TestPreviewOfABrokenFile(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ file, broken, want string }{
		"front matter":         {"content/privacy.md", "---\neffective: March 1\n---\nBroken.\n", "content/privacy.md:2"},
		"conflict":             {"content/privacy.md", "# Privacy\n\n<<<<<<< HEAD\nBroken.\n=======\nText.\n>>>>>>> theirs\n", "content/privacy.md:3"},
		"introduction":         {"content/index.md", "---\ntitle: [\n---\nBroken.\n", "content/index.md:"},
		"layout":               {"layouts/policy.html", "{{define \"main\"}}{{.Broken", "layouts/policy.html:1"},
		"address of another's": {"content/cookies.md", "---\nurl: /privacy/\n---\n# Cookies\n\nBroken.\n", "content/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := busy(t)
			l := live(t, options(r))
			r.Write("content/privacy.md", "# Privacy\n\nFirst draft.\n")
			load(t, l)
			r.Write(test.file, test.broken)
			r.Write("content/legal/terms.md", "# Terms\n\nPay now.\n")
			load(t, l)
			r.Write("content/legal/terms.md", "# Terms\n\nPay soon.\n")
			site := load(t, l)
			if len(site.Errors) == 0 || !strings.HasPrefix(site.Errors[0].Error(), test.want) {
				t.Errorf("the errors are %v, want %s", site.Errors, test.want)
			}
			for path, want := range map[string]string{"privacy/index.html": "First draft.", "legal/terms/index.html": "Pay soon.", "index.html": "Ours"} {
				if have := page(t, site, path); !strings.Contains(have, want) || strings.Contains(have, "Broken") {
					t.Errorf("%s says %q: %t", path, want, strings.Contains(have, want))
				}
			}
			if again := load(t, l); again != site {
				t.Error("nothing changed, and it is another site")
			}
			if err := os.Remove(filepath.Join(r.Dir, test.file)); err != nil {
				t.Fatal(err)
			}
			if site = load(t, l); len(site.Errors) > 0 {
				t.Errorf("without the file: %v", site.Errors)
			}
		})
	}
}

// The error of a text is said on its own pages; one that was never right has an
// error in place of them.
func TestPreviewSaysErrorsWhereTheyAre(t *testing.T) {
	t.Parallel()
	r := busy(t)
	r.Write("content/privacy.md", "---\neffective: March 1\n---\nBroken.\n")
	r.Write("content/cookies.md", "---\neffective: March 2\n---\nBroken.\n")
	site := load(t, live(t, options(r)))
	if len(site.Errors) != 2 {
		t.Fatalf("errors: %v", site.Errors)
	}
	for path, want := range map[string]string{
		"privacy/index.html": "content/privacy.md:2", "privacy/changes/index.html": "content/privacy.md:2", "cookies/index.html": "content/cookies.md:2",
		"index.html": "", "legal/terms/index.html": "",
	} {
		found, err := site.Findings(context.Background(), path)
		if have := found.Problems.Errors(false); err != nil || len(have) > 1 || !strings.HasPrefix(have.Error(), want) || want == "" && have != nil {
			t.Errorf("%s: %v, %v", path, have, err)
		}
	}
	if have := page(t, site, "privacy/index.html"); !strings.Contains(have, "nine") || strings.Contains(have, "not published") {
		t.Error("the page is not that of HEAD")
	}
	var problems policy.Problems
	if _, err := site.File(context.Background(), "cookies/index.html"); !errors.As(err, &problems) || len(problems) != 1 {
		t.Errorf("the page of a text that was never right: %v", err)
	}
}

func TestPreviewReportsErrorsAndHeals(t *testing.T) {
	t.Parallel()
	r := busy(t)
	l := live(t, options(r))
	load(t, l)
	for file, broken := range map[string]string{"policysite.yaml": "titel: Ours\n", "history.yaml": "privacy:\n  - day: 5\n", "redactions.yaml": "- {policy: privacy}\n"} {
		before, _ := os.ReadFile(r.Path(file))
		r.Write(file, broken)
		_, err := l.Load(context.Background())
		var problems policy.Problems
		if !errors.As(err, &problems) || !strings.HasPrefix(problems.Error(), file+":") {
			t.Errorf("broken %s: %v", file, err)
		}
		if r.Write(file, string(before)); before == nil {
			os.Remove(r.Path(file))
		}
		load(t, l)
	}
	folder, away := filepath.Join(r.Dir, "content"), filepath.Join(r.Dir, "away")
	if err := os.Rename(folder, away); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Load(context.Background()); !errors.Is(err, policy.ErrContent) || !strings.Contains(err.Error(), "content") {
		t.Errorf("without the content folder: %v", err)
	}
	if err := os.Rename(away, folder); err != nil {
		t.Fatal(err)
	}
	r.Write("content/privacy.md", "---\neffective: 2031-01-01\n---\nText.\n")
	if have := page(t, load(t, l), "privacy/index.html"); !strings.Contains(have, "Text.") {
		t.Error("it did not heal")
	}
}

// Many read a preview at one time, and their pages are made at one time; run
// with -race.
func TestPreviewIsReadByMany(t *testing.T) {
	var acts []act
	for i := range 8 {
		var text strings.Builder
		for j := range 200 {
			fmt.Fprintf(&text, "# Part %d\n\nSee [there](p%d.md#part-%d).\n\n", j, (i+j)%8, j)
		}
		acts = append(acts, write(fmt.Sprintf("content/p%d.md", i), text.String()))
	}
	r := repository(t, on("2021-01-01", acts...))
	p := load(t, live(t, options(r)))
	var readers sync.WaitGroup
	for i := range 8 {
		readers.Go(func() {
			if _, err := p.File(context.Background(), fmt.Sprintf("p%d/index.html", i)); err != nil {
				t.Error(err)
			}
		})
	}
	readers.Wait()
}

// A redaction is seen at once, in a commit and before: in the page, in the source,
// in redlines and in later versions' redlines.
func TestPreviewRedactsAtOnce(t *testing.T) {
	t.Parallel()
	const secret = "Example Partner Limited"
	r := repository(t, on("2021-01-01", privacy("# Privacy\n\nWe share data with "+secret+".\n")), on("2021-02-01", privacy("# Privacy\n\nWe share data with nobody.\n")))
	l := live(t, options(r))
	shows := func(when string, want bool) {
		t.Helper()
		site := load(t, l)
		for _, name := range []string{"privacy/2021-01-01/index.html", "privacy/2021-01-01/index.md", "privacy/2021-02-01/changes/index.html", "privacy/2021-01-01/since/index.html"} {
			content := page(t, site, name)
			if have := strings.Contains(content, "Partner"); have != want {
				t.Errorf("%s: %s shows the words: %t", when, name, have)
			}
		}
	}
	shows("before", true)
	redact := write("redactions.yaml", "- {policy: privacy, version: 2021-01-01, block: 2, words: 5-7, reason: r, authority: a, date: 2021-03-01}\n")
	redact(r)
	shows("in the work tree", false)
	commit(r, on("2021-03-01"))
	shows("committed", false)
	// With errors, at the start and later: the words do not come back.
	for _, wrong := range []string{"- {policy: privacy, version: 2021-01-01}\n", "- {policy: nothing, version: 2021-01-01, whole: true, reason: r, authority: a, date: 2021-03-01}\n", "- [\n"} {
		r.Write("redactions.yaml", wrong)
		for when, l := range map[string]*preview.Live{"later": l, "at the start": live(t, options(r))} {
			if site, err := l.Load(context.Background()); err == nil {
				t.Errorf("%s: %q gives a site without errors: %t", when, wrong, len(site.Errors) == 0)
			}
		}
	}
	redact(r)
	shows("mended", false)
	commit(r, on("2021-04-01", remove("redactions.yaml")))
	shows("taken back", true)
}
