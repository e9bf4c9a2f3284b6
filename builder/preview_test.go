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
		}, "legal/terms/changes/index.html", []string{"next/changes/", "Stated dates changed, nothing else"}, nil},
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
		problems, err := load(t, l).Problems(context.Background(), "privacy/index.html")
		if err != nil {
			t.Fatal(err)
		}
		return problems.Error()
	}
	const undated = "content/privacy.md: the wording differs from the version before, and every declared date is as it was"
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

func TestPreviewReportsErrorsAndHeals(t *testing.T) {
	t.Parallel()
	r := busy(t)
	l := live(t, options(r))
	load(t, l)
	r.Write("content/privacy.md", "---\neffective: March 1\n---\nText.\n")
	_, err := l.Load(context.Background())
	var problems policy.Problems
	if !errors.As(err, &problems) || len(problems) != 1 || !strings.HasPrefix(problems.Error(), "content/privacy.md:2:") || problems[0].Hint == "" {
		t.Fatalf("broken front matter: %v", err)
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
	commit(r, on("2021-04-01", remove("redactions.yaml")))
	shows("taken back", true)
}
