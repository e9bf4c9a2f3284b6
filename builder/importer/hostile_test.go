package importer_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/policysite/policysite/builder/cputime"
	"github.com/policysite/policysite/builder/importer"
	"github.com/policysite/policysite/builder/policy"
)

var everySource = flag.Bool("every-source", false, "try every source that is made to do harm, not every fourth")

// A source that was made to do harm ends in an error or in a clean text, within
// two seconds and 256 MiB.
//
//	go test ./builder/importer -run HostileSources -every-source
func TestHostileSources(t *testing.T) {
	const words = "<p>These are the terms that we agreed upon.</p>"
	repeat := func(s string, n int) string { return strings.Repeat(s, n) }
	formatting := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "<b class=x%d>", i)
		}
		return b.String()
	}
	for i, test := range []struct{ name, page string }{
		{"50 MB", "<html><body>" + repeat(words, 50<<20/len(words))},
		{"10 MB of text", "<html><body><p>" + repeat("word ", 2<<20-100)},
		{"10 MB of script", "<html><body><script>" + repeat("var x = 1;\n", 900_000) + "</script>" + words},
		{"1 MB of text in one paragraph", "<html><body><p>" + repeat("word ", 190_000)},
		{"1 MB of one word", "<html><body><p>" + repeat("w", 950_000)},
		{"1 MB of marks", "<html><body><p>" + repeat("* _ ` [ ] ( ) ", 70_000)},
		{"short paragraphs", "<html><body>" + repeat("<p>a</p>", 99_000)},
		{"100,000 nested divs", "<html><body>" + repeat("<div>", 100_000) + words},
		{"500 nested divs with text", "<html><body>" + repeat("<div>", 500) + repeat(words, 10_000)},
		{"300 nested divs with much text", "<html><body>" + repeat("<div>", 300) + repeat(words, 20_000)},
		{"300 nested lists", "<html><body>" + repeat("<ul><li>x", 190) + repeat("</ul>", 190) + words},
		{"300 nested quotes", "<html><body>" + repeat("<blockquote>x", 300) + words},
		{"100,000 unclosed bold", "<html><body>" + repeat("<b>", 100_000) + words},
		{"formatting repeated in every paragraph", "<html><body><p>" + formatting(450) + repeat("<p>x", 90_000)},
		{"formatting behind tables", "<html><body>" + formatting(400) + repeat("<table><td></table>x", 20_000)},
		{"misnested formatting", "<html><body>" + repeat("<a><p><b>x</a></b>", 20_000)},
		{"foster parents", "<html><body>" + repeat("<table>x<b>", 20_000)},
		{"200,000 attributes", "<html><body><p " + repeat("a=b ", 200_000) + ">x</p>" + words},
		{"unclosed comment", "<html><body>" + words + "<!--" + repeat("-", 5<<20)},
		{"unclosed tag", "<html><body>" + words + repeat("<a href='", 100_000)},
		{"a wide table", "<html><body><table><tr>" + repeat("<th>h</th>", 20_000) + "</tr><tr>" + repeat("<td>c</td>", 20_000) + "</tr></table>"},
		{"a table of many rows", "<html><body><table><tr><th>a<th>b</tr>" + repeat("<tr><td>c<td>d</tr>", 20_000) + "</table>"},
		{"20,000 links", "<html><body>" + repeat("<p><a href=x>word</a> and more words</p>", 20_000)},
		{"scripts all over", "<html><body>" + repeat("<script>alert(1)</script><p onclick=alert(1)>word <a href='javascript:alert(1)'>x</a>", 20_000)},
		{"deep plain lists", repeat("  ", 1) + repeat("• item\n  • item\n", 40_000)},
		{"plain text of numbers", repeat("1. one\n\n", 120_000)},
		{"plain text of brackets", repeat("[", 900_000)},
		{"plain text of dates", repeat("Last updated: 2021-01-01 ", 40_000)},
		{"Markdown of brackets", "# Title\n\n" + repeat("[", 100_000)},
		{"Markdown of links", "# Title\n\n" + repeat("[![a](b)](c) ", 20_000)},
		{"tokens", repeat("word [CLS] [SEP] ", 50_000)},
	} {
		if i%4 != 0 && !*everySource {
			continue
		}
		t.Run(test.name, func(t *testing.T) {
			source := importer.Source{Name: "page", Data: []byte(test.page)}
			var before runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			most := make(chan uint64)
			done := make(chan struct{})
			go func() {
				high := uint64(0)
				for {
					var now runtime.MemStats
					runtime.ReadMemStats(&now)
					high = max(high, now.HeapInuse-min(now.HeapInuse, before.HeapInuse))
					select {
					case <-done:
						most <- high
						return
					case <-time.After(20 * time.Millisecond):
					}
				}
			}()
			start := cputime.Used()
			text, err := read(source)
			took := cputime.Used() - start
			close(done)
			high := <-most
			switch {
			case err == nil && text.Kept == 0:
				t.Error("neither an error nor a text")
			case err == nil && bytes.Contains(text.Markdown, []byte("alert(1)")):
				t.Errorf("the text has a script:\n%.300s", text.Markdown)
			}
			t.Logf("%v CPU, %d MiB, %v", took, high>>20, err)
			if took > 2*cputime.Second() {
				t.Errorf("took %v", took)
			}
			if high > 256<<20 {
				t.Errorf("took %d MiB", high>>20)
			}
		})
	}
}

// An import writes through no symbolic link, and reads none where its own files
// are: a branch that somebody else wrote may have put them there.
func TestImportFollowsNoSymbolicLink(t *testing.T) {
	for _, test := range []struct{ name, link string }{
		{"history.yaml", "history.yaml"}, {"history", "history"}, {"the policy's folder", "history/terms"}, {"a text", "history/terms/2019-06-05.md"},
		{"a text, to nothing", "history/terms/2019-06-05.md"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir, outside := t.TempDir(), t.TempDir()
			put(t, outside, map[string]string{"terms/2019-06-05.md": "outside\n", "2019-06-05.md": "outside\n", "history.yaml": "# outside\n"})
			before := filesIn(t, outside)
			to := outside
			if ext := filepath.Ext(test.link); ext != "" {
				to = filepath.Join(outside, filepath.Base(test.link))
			}
			if test.name == "a text, to nothing" {
				to = filepath.Join(outside, "new.md")
			}
			if err := errors.Join(os.MkdirAll(filepath.Join(dir, filepath.Dir(test.link)), 0o777), os.Symlink(to, filepath.Join(dir, test.link))); err != nil {
				t.Fatal(err)
			}
			text := filepath.Join(t.TempDir(), "terms.txt")
			if err := os.WriteFile(text, []byte("TERMS\n\nLast updated: 5 June 2019\n\nBe good.\n"), 0o666); err != nil {
				t.Fatal(err)
			}
			_, err := run(importer.Options{Source: dir, Policy: "terms", Texts: []string{text}})
			if err == nil || !strings.Contains(err.Error(), test.link+" is a symbolic link, which is not followed") {
				t.Errorf("have %v", err)
			}
			if have := filesIn(t, outside); !maps.Equal(have, before) {
				t.Errorf("outside there is now %q", have)
			}
		})
	}
}

// What is no regular file may have no end, or may never begin.
func TestImportReadsRegularFiles(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no named pipes in the file system")
	}
	dir := t.TempDir()
	pipe := filepath.Join(dir, "2019-06-05.txt")
	if out, err := exec.Command("mkfifo", pipe).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	large := filepath.Join(dir, "2018-06-05.txt")
	if err := errors.Join(os.WriteFile(large, nil, 0o666), os.Truncate(large, 1<<32)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		pipe: "is not a regular file", "/dev/zero": "is not a regular file", large: "has more than",
	} {
		_, err := run(importer.Options{Source: t.TempDir(), Policy: "terms", Texts: []string{name}, Date: policy.Date{Year: 2019, Month: 6, Day: 5}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: have %v, want that it %s", name, err, want)
		}
		_, err = run(importer.Options{Source: t.TempDir(), Policy: "terms", Captures: name})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("--captures %s: have %v, want that it %s", name, err, want)
		}
	}
	source := t.TempDir()
	if out, err := exec.Command("mkfifo", filepath.Join(source, "history.yaml")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if _, err := run(importer.Options{Source: source, Policy: "terms", Texts: []string{large}}); err == nil || !strings.Contains(err.Error(), "is not a regular file") {
		t.Errorf("history.yaml: have %v", err)
	}
}
