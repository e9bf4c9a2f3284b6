package preview

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/policysite/policysite/builder/policy"
)

// folder is a site for tests: each text below a folder is a page, and one that
// says "broken" is an error.
type folder struct {
	root string

	mu    sync.Mutex
	last  *Site
	text  string // of all files
	loads int    // that found something else
}

func (f *folder) load(context.Context) (*Site, error) {
	files := map[string]string{}
	all := ""
	err := filepath.WalkDir(filepath.Join(f.root, "content"), func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(name) != ".md" {
			return err
		}
		text, err := os.ReadFile(name)
		rel, _ := filepath.Rel(filepath.Join(f.root, "content"), name)
		stem := strings.TrimSuffix(filepath.ToSlash(rel), ".md")
		files[stem+"/index.html"] = "<html><body>" + string(text) + "</body></html>"
		all += stem + "=" + string(text) + ";"
		return err
	})
	f.mu.Lock()
	defer f.mu.Unlock()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, policy.Fail(policy.ErrContent, nil, "put it back", "the folder is gone")
	}
	if strings.Contains(all, "broken") {
		return nil, policy.Problems{{Path: "content/a.md", Line: 2, Column: 3, Message: "broken", Hint: "mend it"}}
	}
	if f.last != nil && f.text == all {
		return f.last, nil
	}
	f.text = all
	f.loads++
	f.last = &Site{
		File: func(_ context.Context, name string) ([]byte, error) {
			if content, ok := files[name]; ok {
				return []byte(content), nil
			}
			if name == "404.html" {
				return []byte("<html><body>none</body></html>"), nil
			}
			return nil, fs.ErrNotExist
		},
		Findings: func(context.Context, string) (policy.Findings, error) {
			return policy.Findings{Problems: policy.Problems{{Path: "content/a.md", Message: "a warning", Warning: true}}}, nil
		},
		AllFindings: func(context.Context) (policy.Findings, error) { return policy.Findings{}, nil },
		Moved:       func(string) string { return "" },
		Style:       "/assets/0123456789abcdef/style.css", Base: "/legal/",
	}
	return f.last, nil
}

func (f *folder) folders() Folders {
	out := Folders{Work: []string{f.root}}
	filepath.WalkDir(filepath.Join(f.root, "content"), func(name string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() {
			out.Work = append(out.Work, name)
		}
		return nil
	})
	return out
}

func (f *folder) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.loads
}

// served starts a server over a folder with one text, a.md.
func served(t testing.TB, change ...func(*Options)) (*folder, string) {
	t.Helper()
	f := &folder{root: t.TempDir()}
	put(t, filepath.Join(f.root, "content", "a.md"), "first")
	ready := make(chan string, 1)
	opt := Options{Load: f.load, Folders: f.folders, Ready: func(url string) { ready <- url }, Say: func(m string) { t.Log(m) }, Loaded: func(Load) {}, Wrong: func(policy.Problems) {}, Found: func(policy.Findings) {}}
	for _, c := range change {
		c(&opt)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, opt) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("served: %v", err)
			}
		case <-time.After(10 * time.Second):
			t.Error("the server did not stop")
		}
	})
	select {
	case url := <-ready:
		// The watch on folders begins with a load of its own.
		time.Sleep(3 * quiet)
		return f, url
	case err := <-ended:
		t.Fatalf("the server did not start: %v", err)
		return nil, ""
	}
}

func put(t testing.TB, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func get(t testing.TB, url string) (int, string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(body)
}

// eventually waits for something to become true.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(8 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Errorf("never: %s", what)
}

func must(t testing.TB, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestEveryWayOfSaving replays what editors do to the disk when they save, as
// strace shows it. Each is one load.
func TestEveryWayOfSaving(t *testing.T) {
	t.Parallel()
	tests := map[string]func(t *testing.T, dir string){
		"written in place": func(t *testing.T, dir string) { // nano, VS Code
			f, err := os.OpenFile(filepath.Join(dir, "a.md"), os.O_WRONLY|os.O_TRUNC, 0)
			must(t, err)
			_, err = f.WriteString("saved")
			must(t, err, f.Sync(), f.Close())
		},
		"vim, with a backup": func(t *testing.T, dir string) {
			name := filepath.Join(dir, "a.md")
			put(t, filepath.Join(dir, "4913"), "")
			must(t, os.Remove(filepath.Join(dir, "4913")), os.Rename(name, name+"~"))
			put(t, name, "saved")
			must(t, os.Chmod(name, 0o644), os.Remove(name+"~"))
		},
		"vim, with a swap file": func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, ".a.md.swp"), "x")
			put(t, filepath.Join(dir, ".a.md.swx"), "x")
			must(t, os.Remove(filepath.Join(dir, ".a.md.swx")))
			put(t, filepath.Join(dir, "a.md"), "saved")
			must(t, os.Remove(filepath.Join(dir, ".a.md.swp")))
		},
		"JetBrains, safe write": func(t *testing.T, dir string) {
			name := filepath.Join(dir, "a.md")
			put(t, name+"___jb_tmp___", "saved")
			must(t, os.Rename(name, name+"___jb_old___"), os.Rename(name+"___jb_tmp___", name), os.Remove(name+"___jb_old___"))
		},
		"sed -i": func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, "sedAbC1x2"), "saved")
			must(t, os.Rename(filepath.Join(dir, "sedAbC1x2"), filepath.Join(dir, "a.md")))
		},
		"gedit": func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, ".goutputstream-AB12C3"), "saved")
			must(t, os.Rename(filepath.Join(dir, ".goutputstream-AB12C3"), filepath.Join(dir, "a.md")))
		},
		"emacs": func(t *testing.T, dir string) {
			must(t, os.Symlink("me@host.1:2", filepath.Join(dir, ".#a.md")))
			put(t, filepath.Join(dir, "#a.md#"), "sav")
			put(t, filepath.Join(dir, "a.md"), "saved")
			must(t, os.Remove(filepath.Join(dir, "#a.md#")), os.Remove(filepath.Join(dir, ".#a.md")))
		},
		"in small pieces": func(t *testing.T, dir string) {
			f, err := os.Create(filepath.Join(dir, "a.md"))
			must(t, err)
			for _, c := range "saved" {
				_, err := f.WriteString(string(c))
				must(t, err)
				time.Sleep(quiet / 4)
			}
			must(t, f.Close())
		},
		"twice, the second time in place": func(t *testing.T, dir string) { // a file's own watch would be gone by then
			name := filepath.Join(dir, "a.md")
			put(t, name+".tmp", "other")
			must(t, os.Rename(name+".tmp", name))
			put(t, name, "saved")
		},
	}
	for name, save := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, url := served(t)
			before := f.count()
			save(t, filepath.Join(f.root, "content"))
			eventually(t, "the page says what was saved", func() bool {
				_, body := get(t, url+"a/")
				return strings.Contains(body, ">saved<")
			})
			time.Sleep(3 * quiet)
			if n := f.count() - before; n != 1 {
				t.Errorf("one save was %d loads", n)
			}
			// And the next save is seen, too.
			put(t, filepath.Join(f.root, "content", "a.md"), "again")
			eventually(t, "the page says what was saved next", func() bool {
				_, body := get(t, url+"a/")
				return strings.Contains(body, ">again<")
			})
		})
	}
}

func TestFoldersComeAndGo(t *testing.T) {
	t.Parallel()
	f, url := served(t)
	says := func(page, text string) {
		t.Helper()
		eventually(t, page+" says "+text, func() bool {
			_, body := get(t, url+page)
			return strings.Contains(body, text)
		})
	}
	content := filepath.Join(f.root, "content")
	for i := range 10 { // mkdir -p and a write behind it: there is one event, for the first folder
		put(t, filepath.Join(content, fmt.Sprint("x", i), "y", "z.md"), "deep")
		says(fmt.Sprintf("x%d/y/z/", i), "deep")
	}
	put(t, filepath.Join(content, "x0", "y", "z.md"), "deeper")
	says("x0/y/z/", "deeper")

	must(t, os.RemoveAll(content))
	stream := follow(t, url, "/a/", "")
	eventually(t, "an error is told", func() bool { e := <-stream; return len(e.Errors) == 1 && e.Errors[0].Hint == "put it back" })
	says("a/", "first") // the last good site stays
	put(t, filepath.Join(content, "a.md"), "returned")
	says("a/", "returned")
	eventually(t, "no error is told", func() bool { e := <-stream; return len(e.Errors) == 0 })

	away := filepath.Join(f.root, "away")
	must(t, os.Rename(content, away))
	eventually(t, "an error is told", func() bool { e := <-stream; return len(e.Errors) == 1 })
	put(t, filepath.Join(away, "a.md"), "edited elsewhere")
	must(t, os.Rename(away, content))
	says("a/", "edited elsewhere")
	put(t, filepath.Join(content, "a.md"), "edited here")
	says("a/", "edited here")
}

func TestPollingSeesChangesToo(t *testing.T) {
	t.Parallel()
	f, url := served(t, func(o *Options) { o.Poll = 60 * time.Millisecond })
	put(t, filepath.Join(f.root, "content", "a.md"), "polled")
	eventually(t, "the page says it", func() bool { _, body := get(t, url+"a/"); return strings.Contains(body, "polled") })
}

// follow opens an event stream for a page, and hands on what it is told.
func follow(t testing.TB, base, page, hash string) <-chan event {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", base+eventsURL[1:]+"?"+url.Values{"page": {page}, "hash": {hash}}.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("events: %s, %s", answer.Status, answer.Header.Get("Content-Type"))
	}
	out := make(chan event, 100)
	go func() {
		defer close(out)
		defer answer.Body.Close()
		lines := bufio.NewScanner(answer.Body)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var e event
				if err := json.Unmarshal([]byte(data), &e); err != nil {
					t.Errorf("event %q: %v", data, err)
				}
				out <- e
			}
		}
	}()
	return out
}

// next is the next event, which has to come soon.
func next(t testing.TB, stream <-chan event) event {
	t.Helper()
	select {
	case e := <-stream:
		return e
	case <-time.After(5 * time.Second):
		t.Fatal("no event")
		return event{}
	}
}

func TestOnlyAffectedPagesReload(t *testing.T) {
	t.Parallel()
	f, url := served(t, func(o *Options) { o.Navigate = true })
	put(t, filepath.Join(f.root, "content", "b.md"), "second")
	eventually(t, "there is b", func() bool { status, _ := get(t, url+"b/"); return status == 200 })
	hashOf := func(page string) string {
		_, body := get(t, url+page)
		_, rest, _ := strings.Cut(body, `data-hash="`)
		hash, _, _ := strings.Cut(rest, `"`)
		return hash
	}
	a, b := follow(t, url, "/a/", hashOf("a/")), follow(t, url, "/b/", hashOf("b/"))
	if e := next(t, a); e.Reload || len(e.Warnings) != 1 || e.Warnings[0].Place != "content/a.md" || e.Warnings[0].Message != "a warning" {
		t.Errorf("at first: %+v", e)
	}
	next(t, b)
	put(t, filepath.Join(f.root, "content", "a.md"), "other")
	if e := next(t, a); !e.Reload || e.Hash != hashOf("a/") {
		t.Errorf("the page that changed is told %+v", e)
	}
	if e := next(t, b); e.Reload {
		t.Errorf("the page that did not change is told %+v", e)
	}
	put(t, filepath.Join(f.root, "content", "a.md"), "broken")
	if e := next(t, b); e.Reload || len(e.Errors) != 1 || e.Errors[0] != (problem{"content/a.md:2:3", "broken", "mend it"}) {
		t.Errorf("after an error: %+v", e)
	}
	put(t, filepath.Join(f.root, "content", "a.md"), "other")
	if e := next(t, b); e.Reload || len(e.Errors) != 0 {
		t.Errorf("when it is mended: %+v", e)
	}
}

func TestErrorAtTheStartHeals(t *testing.T) {
	t.Parallel()
	broken := true
	var mu sync.Mutex
	f, url := served(t, func(o *Options) {
		load := o.Load
		o.Load = func(ctx context.Context) (*Site, error) {
			mu.Lock()
			defer mu.Unlock()
			if broken {
				return nil, policy.Problems{{Message: "wrong"}}
			}
			return load(ctx)
		}
	})
	status, body := get(t, url+"a/")
	if status != http.StatusServiceUnavailable || !strings.Contains(body, scriptURL) {
		t.Errorf("without a site: %d %s", status, body)
	}
	stream := follow(t, url, "/a/", "")
	if e := next(t, stream); len(e.Errors) != 1 || e.Errors[0].Message != "wrong" {
		t.Errorf("told %+v", e)
	}
	mu.Lock()
	broken = false
	mu.Unlock()
	put(t, filepath.Join(f.root, "content", "a.md"), "fine")
	if e := next(t, stream); !e.Reload || len(e.Errors) != 0 {
		t.Errorf("healed: %+v", e)
	}
}

// A page that cannot be made has the script in it, and what is wrong is told to
// whoever looks at it and once to the terminal, until another site is there.
func TestPageThatCannotBeMade(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var wrong []string
	shared := &policy.Problem{Path: "content/c.md", Message: "elsewhere"}
	f, url := served(t, func(o *Options) {
		load := o.Load
		o.Load = func(ctx context.Context) (*Site, error) {
			site, err := load(ctx)
			if err != nil || len(site.Errors) > 0 {
				return site, err
			}
			file := site.File
			site.Errors = policy.Problems{shared}
			site.File = func(ctx context.Context, name string) ([]byte, error) {
				content, err := file(ctx, name)
				if strings.Contains(string(content), "fails") {
					return nil, policy.Problems{{Path: "layouts/policy.html", Line: 1, Message: "no <field>", Hint: "mend it"}}
				}
				return content, err
			}
			return site, err
		}
		o.Wrong = func(ps policy.Problems) {
			mu.Lock()
			defer mu.Unlock()
			wrong = append(wrong, ps.Error())
		}
	})
	_, body := get(t, url+"a/")
	_, hash, _ := strings.Cut(body, `data-hash="`)
	hash, _, _ = strings.Cut(hash, `"`)
	open := follow(t, url, "/a/", hash)
	if e := next(t, open); len(e.Errors) != 0 || len(e.Others) != 1 || e.Others[0].Message != "elsewhere" {
		t.Errorf("at first: %+v", e)
	}
	put(t, filepath.Join(f.root, "content", "a.md"), "fails")
	want := problem{"layouts/policy.html:1", "no <field>", "mend it"}
	if e := next(t, open); e.Reload || e.Hash != hash || len(e.Errors) != 1 || e.Errors[0] != want || len(e.Others) != 1 {
		t.Errorf("a page that was there is told %+v", e)
	}
	for range 2 {
		status, body := get(t, url+"a/")
		if status != http.StatusInternalServerError || !strings.Contains(body, scriptURL) || !strings.Contains(body, "layouts/policy.html:1: no &lt;field&gt;") || !strings.Contains(body, `data-hash=""`) {
			t.Errorf("the page: %d %s", status, body)
		}
	}
	fresh := follow(t, url, "/a/", "")
	if e := next(t, fresh); e.Reload || e.Style != "" || len(e.Errors) != 1 || e.Errors[0] != want {
		t.Errorf("a page that was never there is told %+v", e)
	}
	put(t, filepath.Join(f.root, "content", "a.md"), "mended")
	for _, stream := range []<-chan event{open, fresh} {
		if e := next(t, stream); !e.Reload || e.Style == "" || len(e.Errors) != 0 {
			t.Errorf("when it is mended: %+v", e)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if have := strings.Join(wrong, "\n"); have != "content/c.md: elsewhere\ncontent/c.md: elsewhere\nlayouts/policy.html:1: no <field>\ncontent/c.md: elsewhere" {
		t.Errorf("the terminal says %q", have)
	}
}

// Findings are told when they are new, whatever line they are on.
func TestFindingsAreToldOnce(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var told []string
	n := 0
	f, _ := served(t, func(o *Options) {
		load := o.Load
		o.Load = func(ctx context.Context) (*Site, error) {
			site, err := load(ctx)
			line := n
			n++
			if err == nil {
				site.AllFindings = func(context.Context) (policy.Findings, error) {
					found := policy.Findings{Problems: policy.Problems{{Path: "content/a.md", Line: line, Message: "old", Warning: true}}, Notes: []string{fmt.Sprintf("a note: content/a.md:%d: words", line)}}
					if f, _ := site.File(ctx, "a/index.html"); strings.Contains(string(f), "new") {
						found.Problems = append(found.Problems, &policy.Problem{Path: "content/a.md", Line: line, Message: "new", Warning: true})
					}
					return found, nil
				}
			}
			return site, err
		}
		o.Found = func(found policy.Findings) {
			mu.Lock()
			defer mu.Unlock()
			for _, p := range found.Problems {
				told = append(told, p.Message)
			}
			told = append(told, found.Notes...)
		}
	})
	says := func(want int) {
		t.Helper()
		eventually(t, fmt.Sprint(want, " findings are told"), func() bool { mu.Lock(); defer mu.Unlock(); return len(told) == want })
	}
	says(2)
	put(t, filepath.Join(f.root, "content", "a.md"), "new")
	says(3)
	put(t, filepath.Join(f.root, "content", "a.md"), "other")
	time.Sleep(quiet + 2*calm)
	put(t, filepath.Join(f.root, "content", "a.md"), "new again")
	says(4)
	mu.Lock()
	defer mu.Unlock()
	if strings.Join(told[2:], " ") != "new new" {
		t.Errorf("told %q", told)
	}
}

func TestErrorThatNoEditMendsEndsTheServer(t *testing.T) {
	t.Parallel()
	want := policy.Fail(policy.ErrHistory, nil, "", "damaged")
	err := Serve(t.Context(), Options{Load: func(context.Context) (*Site, error) { return nil, want }})
	if !errors.Is(err, policy.ErrHistory) {
		t.Errorf("served: %v", err)
	}
}
