package builder_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/history/historytest"
)

var randomEdits = flag.Int("edits", 12, "how many edits TestReuse makes in each of its repositories")

// Whatever was done to a repository, to its settings, to the site that was
// built, to the cache, or to the spare in it: building again gives the files that
// a build from nothing gives. And what was not touched is not made again.
//
//	go test ./builder -run TestReuse -edits 200 -seed 7
func TestReuse(t *testing.T) {
	var files, reused, spoiled atomic.Int64
	t.Run("all", func(t *testing.T) {
		for i := range 3 {
			own := *seed + uint64(i)
			t.Run(fmt.Sprintf("seed=%d", own), func(t *testing.T) {
				t.Parallel()
				e := newEditing(t, rand.New(rand.NewPCG(own, 3)))
				defer func() { spoiled.Add(int64(e.spoiled)) }()
				var done []string
				for range *randomEdits {
					now, opt := maps.Clone(e.now), e.opt
					what := e.edit()
					f, r := e.build(append(done, what))
					if f == 0 { // it cannot be built, so that is taken back
						e.now, e.opt = now, opt
						e.repo.Git("reset", "--hard", "HEAD~1")
					} else {
						done = append(done, what)
					}
					files.Add(int64(f))
					reused.Add(int64(r))
					if t.Failed() {
						return
					}
				}
			})
		}
	})
	t.Logf("%d files in all sites, of which %d were reused; %d spares were spoiled", files.Load(), reused.Load(), spoiled.Load())
	if reused.Load() < files.Load()/3 || spoiled.Load() == 0 {
		t.Error("that is too few")
	}
}

// Where a link of an old version leads depends on which policy held the path
// then, and that may be said only later.
func TestReuseKnowsWhoHeldAPath(t *testing.T) {
	r := repository(t,
		on("2021-01-01", privacy("# Privacy\n\nSee [the terms](old.md).\n"), write("content/old.md", lines("Old", 9))),
		on("2021-02-01", remove("content/old.md"), write("content/terms.md", lines("New", 9))),
	)
	e := &editing{t: t, repo: r, opt: options(r)}
	e.opt.Destination, e.opt.Cache = filepath.Join(t.TempDir(), "site"), t.TempDir()
	e.build([]string{"nothing"})
	if files, reused := e.build([]string{"nothing again"}); reused < 8 { // the files of both policies
		t.Errorf("%d of %d files were reused", reused, files)
	}
	commit(r, on("2021-03-01", write("content/terms.md", "---\nformerly: content/old.md\n---\n"+lines("New", 9))))
	e.build([]string{"formerly"})
	if page := (&site{dir: e.opt.Destination, t: t}).file("privacy/index.html"); !strings.Contains(page, "href=../terms/>the terms") {
		t.Errorf("the link does not lead to the terms: %s", page)
	}
}

// A build reads of the history what is new since an earlier one: of commits that
// were added, of none when there are none, and all of it after a commit was
// replaced.
func TestReuseReadsNewSteps(t *testing.T) {
	r := repository(t,
		on("2021-01-01", write("content/privacy.md", "# Privacy\n\nOne.\n")),
		on("2021-01-02", write("content/privacy.md", "# Privacy\n\nOne. Two.\n")),
	)
	opt := options(r)
	opt.Destination, opt.Cache = filepath.Join(t.TempDir(), "site"), t.TempDir()
	read := ""
	opt.Progress = func(doing string, done, total int) {
		if doing == "reading history" {
			read += fmt.Sprintf("%d/%d ", done, total)
		}
	}
	for i, step := range []struct {
		before func()
		want   string
	}{
		{func() {}, "1/2 2/2 "},
		{func() {}, ""},
		{func() { commit(r, on("2021-01-03", write("content/privacy.md", "# Privacy\n\nThree.\n"))) }, "3/3 "},
		{func() { r.Git("reset", "--hard", "HEAD~2") }, "1/1 "},
		{func() { commit(r, on("2021-01-04", write("content/privacy.md", "# Privacy\n\nFour.\n"))) }, "2/2 "},
		{func() { opt.Previous = t.TempDir() }, "1/2 2/2 "},
	} {
		step.before()
		read = ""
		if _, err := builder.Build(context.Background(), opt); err != nil && opt.Previous == "" {
			t.Fatal(err)
		}
		if read != step.want {
			t.Errorf("build %d: the steps read are %q, want %q", i, read, step.want)
		}
	}
}

// editing is a repository in which somebody works, and the site that is built
// of it again and again.
type editing struct {
	t    testing.TB
	rnd  *rand.Rand
	repo *historytest.Repo
	opt  builder.Options
	day  time.Time
	now  map[string]string // what the work tree holds, by path

	outside []string // files that no build may touch
	spoiled int      // how many spares were
}

func newEditing(t testing.TB, rnd *rand.Rand) *editing {
	r := historytest.New(t)
	e := &editing{t: t, rnd: rnd, repo: r, opt: options(r), day: time.Date(2020, 1, 1, 12, 0, 0, 0, time.UTC), now: map[string]string{}}
	e.opt.Destination, e.opt.Cache = filepath.Join(t.TempDir(), "site"), t.TempDir()
	e.opt.At = date("2022-01-01")
	for _, id := range []string{"privacy", "terms", "cookies", "eu/terms", "de/privacy"} {
		e.write("content/"+id+".md", "---\ntitle: About "+id+"\n---\n\n# "+id+"\n\n"+e.paragraph())
	}
	e.write("content/sheet.pdf", "sheet")
	e.write("content/other.pdf", "other")
	r.Link("content/link.pdf", "sheet.pdf")
	e.commit("the first")
	for range 6 {
		e.text(e.policy())
		e.commit("before the first build")
	}
	e.build([]string{"nothing"})
	return e
}

func (e *editing) pick(of ...string) string { return of[e.rnd.IntN(len(of))] }

// policy is the path of one that there is.
func (e *editing) policy() string {
	return e.pick(slices.Sorted(func(yield func(string) bool) {
		for path := range e.now {
			if strings.HasSuffix(path, ".md") && !yield(path) {
				return
			}
		}
	})...)
}

func (e *editing) write(path, text string) {
	e.now[path] = text
	e.repo.Write(path, text)
}

func (e *editing) commit(message string) {
	e.day = e.day.Add(time.Duration(e.rnd.IntN(60)) * time.Hour)
	e.repo.Commit(e.day.Format(time.RFC3339), message)
}

func (e *editing) paragraph() string {
	var b strings.Builder
	for range 5 + e.rnd.IntN(20) {
		b.WriteString(e.pick("data", "is", "kept", "by us", "never", "sold", "to", "partners", "for", "a year", "as the law", "says") + " ")
	}
	switch e.rnd.IntN(5) {
	case 0:
		b.WriteString("see [terms](" + e.pick("/terms", "terms.md", "terms.md#part-one", "/privacy#part-two", "cookies.md#part-one", "eu/terms.md", "#part-one", "privacy.md#part-two") + ")")
	case 1:
		b.WriteString("see [the sheet](/" + e.pick("sheet.pdf", "link.pdf", "other.pdf", "gone.pdf") + ")")
	case 2:
		return "## Part " + e.pick("one", "two", "three") + "\n\n" + b.String() + "\n\n"
	}
	return b.String() + ".\n\n"
}

// text changes a policy's text.
func (e *editing) text(path string) {
	parts := strings.SplitAfter(e.now[path], "\n\n")
	i := 1 + e.rnd.IntN(len(parts)-1)
	switch {
	case e.rnd.IntN(3) == 0 && len(parts) > 3:
		parts = slices.Delete(parts, i, i+1)
	case e.rnd.IntN(2) == 0:
		parts[i] = e.paragraph()
	default:
		parts = slices.Insert(parts, i, e.paragraph())
	}
	e.write(path, strings.Join(parts, ""))
}

// edit does one thing and says what.
func (e *editing) edit() string {
	settings := map[string]string{
		"title": e.pick("title: A\n", "title: B\n", ""), "zone": e.pick("timezone: Asia/Tokyo\n", ""),
		"notice": e.pick("noticeDays: 30\n", ""), "since": e.pick("since:\n  terms: 2020-01-10\n", "", ""),
	}
	page := func() string {
		files, _ := filepath.Glob(filepath.Join(e.opt.Destination, e.pick("privacy", "terms", "cookies"), "*", "index.html"))
		if len(files) == 0 {
			return filepath.Join(e.opt.Destination, "index.html")
		}
		return e.pick(files...)
	}
	what := e.pick("text", "text", "text", "text", "text", "nothing", "file", "link", "rename", "delete", "add", "draft", "effective", "layout", "file",
		"day", "settings", "layout", "statement", "redaction", "amend", "tamper", "remove", "replace", "mode", "site", "cache", "damage", "theirs", "base",
		"spare", "spare", "spare", "spare", "spare", "broken")
	switch path := e.policy(); what {
	case "text":
		e.text(path)
	case "file":
		e.write("content/"+e.pick("sheet", "other")+".pdf", e.paragraph())
	case "link":
		e.repo.Remove("content/link.pdf")
		e.repo.Link("content/link.pdf", e.pick("sheet.pdf", "other.pdf"))
	case "rename":
		to := "content/" + e.pick("privacy", "moved", "eu/moved", "terms-of-use") + ".md"
		if e.now[to] == "" {
			e.repo.Rename(path, to)
			e.now[to] = e.now[path]
			delete(e.now, path)
		}
	case "delete":
		if len(e.now) > 5 {
			e.repo.Remove(path)
			delete(e.now, path)
		}
	case "add":
		e.write("content/"+e.pick("dpa", "privacy", "eu/privacy", "fr/terms")+".md", "---\ntitle: New\n---\n\n# New\n\n"+e.paragraph())
	case "draft":
		if with := strings.Replace(e.now[path], "---\n", "---\ndraft: true\n", 1); strings.Contains(e.now[path], "draft: true\n") {
			e.write(path, strings.ReplaceAll(e.now[path], "draft: true\n", ""))
		} else if len(e.now) > 5 {
			e.write(path, with)
		}
	case "effective":
		if !strings.Contains(e.now[path], "effective:") {
			e.write(path, strings.Replace(e.now[path], "---\n", fmt.Sprintf("---\neffective: 2022-0%d-11\n", 1+e.rnd.IntN(5)), 1))
		}
	case "day":
		e.opt.At = date(fmt.Sprintf("2022-0%d-11", 1+e.rnd.IntN(6)))
	case "settings":
		var all strings.Builder
		all.WriteString("archived: [privacy, terms, cookies]\n")
		for _, name := range slices.Sorted(maps.Keys(settings)) {
			all.WriteString(settings[name])
		}
		e.repo.Write("policysite.yaml", all.String())
	case "layout":
		e.repo.Write("layouts/partials/date.html", fmt.Sprintf("<i>{{.}}</i>%d", e.rnd.IntN(9)))
	case "statement":
		e.repo.Write("history.yaml", fmt.Sprintf("- policy: terms\n  file: old/terms.md\n  published: 2019-0%d-01\n", 1+e.rnd.IntN(5)))
		e.repo.Write("old/terms.md", "# Terms\n\n"+e.paragraph())
	case "redaction":
		e.repo.Write("redactions.yaml", fmt.Sprintf("- policy: cookies\n  version: 2020-01-01\n  whole: true\n  reason: %s\n", e.pick("a court", "a request")))
	case "amend":
		e.repo.Git("commit", "--amend", "--allow-empty", "-m", "another message "+e.pick("one", "two"))
	case "tamper":
		f := page()
		if content, err := os.ReadFile(f); err == nil {
			e.check(os.WriteFile(f, append(content, "<!-- added -->"...), 0o644))
		}
	case "remove":
		os.Remove(page())
	case "replace": // by a file of the same size and time
		f := page()
		info, err := os.Stat(f)
		if err != nil {
			break
		}
		content, _ := os.ReadFile(f)
		e.check(os.WriteFile(f+".new", []byte(strings.Repeat("x", len(content))), 0o644))
		e.check(os.Chtimes(f+".new", info.ModTime(), info.ModTime()))
		e.check(os.Rename(f+".new", f))
	case "mode":
		os.Chmod(page(), 0o600)
	case "site":
		e.check(os.RemoveAll(e.opt.Destination))
	case "cache":
		e.check(os.RemoveAll(e.opt.Cache))
	case "damage":
		files, _ := filepath.Glob(filepath.Join(e.opt.Cache, "??", "*"))
		for _, f := range files {
			if content, err := os.ReadFile(f); err == nil && e.rnd.IntN(2) == 0 {
				content[e.rnd.IntN(len(content))] ^= 1
				e.check(os.WriteFile(f, content, 0o600))
			}
		}
	case "theirs":
		if _, err := os.Stat(e.opt.Destination); err == nil {
			e.check(os.WriteFile(filepath.Join(e.opt.Destination, "CNAME"), []byte("example.com\n"), 0o644))
		}
	case "spare":
		what += ": " + e.spoil()
	case "broken": // no build comes to its end
		e.write(path, strings.Replace(e.now[path], "---\n", "---\nlastUpdated: soon\n", 1))
	case "base":
		e.opt.BaseURL = e.pick("https://example.com/", "https://example.com/legal/", "")
	}
	e.commit(what)
	return what
}

func (e *editing) check(err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
}

// build builds the site again, and compares it with one that is built from
// nothing. It returns how many files there are, and how many of them are those
// that were there before.
func (e *editing) build(done []string) (files, reused int) {
	e.t.Helper()
	before := map[string]os.FileInfo{}
	each(e.opt.Destination, func(path string, info os.FileInfo) { before[path] = info })
	cold := e.opt
	cold.Cache, cold.Destination = "", filepath.Join(e.t.TempDir(), "cold")
	want, wantErr := builder.Build(context.Background(), cold)
	have, haveErr := builder.Build(context.Background(), e.opt)
	if fmt.Sprint(wantErr) != fmt.Sprint(haveErr) {
		e.t.Fatalf("after %q: have the error %v, want %v", done, haveErr, wantErr)
	}
	if wantErr != nil {
		return 0, 0
	}
	if have, want := fmt.Sprint(have.Policies, have.Versions, have.Files, have.NextChange, have.Warnings, have.Notes, have.Uncommitted),
		fmt.Sprint(want.Policies, want.Versions, want.Files, want.NextChange, want.Warnings, want.Notes, want.Uncommitted); have != want {
		e.t.Errorf("after %q: the build says\n%s\nwant\n%s", done, have, want)
	}
	a, b := (&site{dir: e.opt.Destination, t: e.t}).files(), (&site{dir: cold.Destination, t: e.t}).files()
	delete(a, "CNAME")
	for path := range b {
		if a[path] != b[path] {
			e.t.Errorf("after %q: %s is\n%s\nwant\n%s", done, path, a[path], b[path])
		}
	}
	if len(a) != len(b) {
		e.t.Errorf("after %q: %d files, want %d", done, len(a), len(b))
	}
	each(e.opt.Destination, func(path string, info os.FileInfo) {
		files++
		if was := before[path]; was != nil && os.SameFile(was, info) {
			reused++
		}
		if info.Mode() != 0o644 {
			e.t.Errorf("after %q: %s has the mode %v", done, path, info.Mode())
		}
	})
	e.check(os.RemoveAll(cold.Destination))
	e.checkSpare(done)
	return files, reused
}

// each visits the files below a folder.
func each(dir string, visit func(path string, info os.FileInfo)) {
	filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if info, err := d.Info(); err == nil {
				visit(path, info)
			}
		}
		return nil
	})
}
