package builder_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/history/historytest"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/layouts"
)

// step is one commit of a test's repository: a day, or a whole date, with a
// message behind it if the message matters, and what was done.
type step struct {
	when string
	do   []act
}

type act func(r *historytest.Repo)

func on(when string, do ...act) step { return step{when, do} }

func write(path, text string) act { return func(r *historytest.Repo) { r.Write(path, text) } }
func remove(paths ...string) act  { return func(r *historytest.Repo) { r.Remove(paths...) } }
func rename(from, to string) act  { return func(r *historytest.Repo) { r.Rename(from, to) } }
func link(path, to string) act    { return func(r *historytest.Repo) { r.Link(path, to) } }
func chmod(path string) act       { return func(r *historytest.Repo) { r.Chmod(path, true) } }

// privacy writes the policy that most tests are about.
func privacy(text string) act { return write("content/privacy.md", text) }

// settings writes policysite.yaml.
func settings(yaml string) act { return write("policysite.yaml", yaml) }

// repository makes a repository of steps, oldest first.
func repository(t testing.TB, steps ...step) *historytest.Repo {
	t.Helper()
	r := historytest.New(t)
	commit(r, steps...)
	return r
}

func commit(r *historytest.Repo, steps ...step) {
	for i, s := range steps {
		when, message, ok := strings.Cut(s.when, " ")
		if !ok {
			message = fmt.Sprintf("Commit %d", i)
		}
		if len(when) == len(time.DateOnly) {
			when += "T12:00:00Z"
		}
		for _, do := range s.do {
			do(r)
		}
		r.Commit(when, message)
	}
}

var errContent, errUsage, errOutput = policy.ErrContent, policy.ErrUsage, policy.ErrOutput

// options are those of a build for the last day of 2030, unless a test says
// otherwise.
func options(r *historytest.Repo) builder.Options {
	return builder.Options{
		Source: r.Dir, Theme: layouts.FS, Generator: "policysite test",
		At: date("2030-12-31"), Now: time.Date(2030, 12, 31, 0, 0, 0, 0, time.UTC),
	}
}

func date(s string) policy.Date {
	d, err := policy.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// site is a site that was built.
type site struct {
	archive
	dir    string
	result *builder.Result
	t      testing.TB
}

// archive is archive.json, as a stranger would read it.
type archive struct {
	Format     string
	Head       string
	At         string
	NextChange *string `json:"next_change"`
	Policies   []struct {
		ID, Title, URL, Path, Lang, Status string
		Current                            *string
		Versions                           []version
	}
}

type version struct {
	ID, URL, Kind          string
	Label, Change, Summary *string
	Recorded               string
	Declared               struct {
		LastUpdated       *string `json:"last_updated"`
		Effective         *string
		LastUpdatedInText bool `json:"last_updated_in_text"`
		EffectiveInText   bool `json:"effective_in_text"`
	}
	InForce       *struct{ From, Until *string } `json:"in_force"`
	SameTextAs    *string                        `json:"same_text_as"`
	Published     *string
	Carried       bool
	Redacted      bool
	Statements    []json.RawMessage
	Error         *string
	Attachments   []struct{ Path, URL, SHA256, Commit string }
	TextSHA256    *string `json:"text_sha256"`
	WordingSHA256 *string `json:"wording_sha256"`
	SourceSHA256  string  `json:"source_sha256"`
	SourceBlob    string  `json:"source_blob"`
	SourceURL     string  `json:"source_url"`
	Revisions     []revision
}

type revision struct {
	Commit, Path, Recorded, Kind string
	Blob, Subject                *string
	FromPath                     *string `json:"from_path"`
}

// built builds the site of a repository; change may alter the options.
func built(t testing.TB, r *historytest.Repo, change ...func(*builder.Options)) *site {
	t.Helper()
	opt := options(r)
	opt.Destination = filepath.Join(t.TempDir(), "site")
	for _, c := range change {
		c(&opt)
	}
	result, err := builder.Build(context.Background(), opt)
	if err != nil {
		t.Fatalf("build: %v", err)
	}
	s := &site{dir: result.Destination, result: result, t: t}
	if err := json.Unmarshal([]byte(s.file("archive.json")), &s.archive); err != nil {
		t.Fatal(err)
	}
	return s
}

// refused builds a site that cannot be built. Nothing may be written then; it
// returns what was said, one problem a line.
func refused(t testing.TB, r *historytest.Repo, reason error, change ...func(*builder.Options)) string {
	t.Helper()
	opt := options(r)
	opt.Destination = filepath.Join(t.TempDir(), "site")
	for _, c := range change {
		c(&opt)
	}
	_, err := builder.Build(context.Background(), opt)
	if err == nil {
		t.Fatalf("built, want an error (%v)", reason)
	}
	var problems policy.Problems
	if have := errors.As(err, &problems); !errors.Is(err, reason) && !(reason == policy.ErrContent && have) {
		t.Errorf("expected an error of the kind %q, have: %v", reason, err)
	}
	if left, _ := os.ReadDir(filepath.Dir(opt.Destination)); len(left) > 0 && opt.Destination != filepath.Join(opt.Source, "public") {
		t.Errorf("%s was written", left[0].Name())
	}
	if _, checked := builder.Check(context.Background(), opt); checked == nil || checked.Error() != err.Error() {
		t.Errorf("check says %v, build says %v", checked, err)
	}
	return err.Error()
}

// file is the content of a file of the site; the test ends without it.
func (s *site) file(path string) string {
	s.t.Helper()
	content, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(path)))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(content)
}

func (s *site) has(path string) bool {
	_, err := os.Stat(filepath.Join(s.dir, filepath.FromSlash(path)))
	return err == nil
}

// files are the paths and contents of all files of the site.
func (s *site) files() map[string]string {
	s.t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(s.dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(p)
		rel, _ := filepath.Rel(s.dir, p)
		out[filepath.ToSlash(rel)] = string(content)
		if filepath.Ext(p) == ".docx" {
			out[filepath.ToSlash(rel)] += unzipped(s.t, content)
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// unzipped is what the files of an archive say, all in one.
func unzipped(t testing.TB, content []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, f := range z.File {
		in, err := f.Open()
		if err == nil {
			_, err = out.ReadFrom(in)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// without checks that words stand nowhere on the site: in no file's content
// and in no file's name.
func (s *site) without(words ...string) {
	s.t.Helper()
	for name, content := range s.files() {
		for _, w := range words {
			if strings.Contains(strings.ToLower(name+"\n"+content), strings.ToLower(w)) {
				s.t.Errorf("%s has %q", name, w)
			}
		}
	}
}

// tell writes what archive.json says of a site's policies in few words:
//
//	privacy content/privacy.md in-force 2021-02-01
//	 2021-01-01 initial [2021-01-01, 2021-02-01)
//	 2021-02-01 wording [2021-02-01, ) = 2021-01-01 + source, move from content/p.md
//
// "=" is same_text_as, "carried" and "redacted" are said where they are true; behind "+" stand the revisions beside the one that
// started the version.
func (a *archive) tell() string {
	var b strings.Builder
	for _, p := range a.Policies {
		fmt.Fprintf(&b, "%s %s %s", p.ID, p.Path, p.Status)
		if p.Current != nil {
			b.WriteString(" " + *p.Current)
		}
		b.WriteString("\n")
		for _, v := range p.Versions {
			fmt.Fprintf(&b, " %s %s", v.ID, v.Kind)
			started := slices.IndexFunc(v.Revisions, func(r revision) bool { return r.Kind == v.Kind })
			var others []string
			for i, r := range v.Revisions {
				what := r.Kind
				if r.FromPath != nil {
					what += " from " + *r.FromPath
				}
				if i != started {
					others = append(others, what)
				} else if r.FromPath != nil {
					b.WriteString(" from " + *r.FromPath)
				}
			}
			if v.InForce != nil {
				fmt.Fprintf(&b, " [%s, %s)", or(v.InForce.From), or(v.InForce.Until))
			}
			if v.SameTextAs != nil {
				b.WriteString(" = " + *v.SameTextAs)
			}
			if v.Carried {
				b.WriteString(" carried")
			}
			if v.Redacted {
				b.WriteString(" redacted")
			}
			if len(others) > 0 {
				b.WriteString(" + " + strings.Join(others, ", "))
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

func or(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// expect compares what a site tells, white space at line ends and common
// indentation apart.
func expect(t testing.TB, have, want string) {
	t.Helper()
	if have, want := dedent(have), dedent(want); have != want {
		t.Errorf("have\n%s\nwant\n%s", have, want)
	}
}

func dedent(s string) string {
	lines := strings.Split(strings.Trim(s, "\n\t "), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(strings.TrimLeft(l, "\t"), " \t")
	}
	return strings.Join(lines, "\n")
}

// lines are n lines of text, told apart by a word.
func lines(word string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s number %d of the clauses\n", word, i)
	}
	return b.String()
}

// notes are the notes of a build with a word in them.
func (s *site) notes(word string) []string {
	var out []string
	for _, n := range s.result.Notes {
		if strings.Contains(n, word) {
			out = append(out, n)
		}
	}
	return out
}
