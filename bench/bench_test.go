package main

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestTheSamePlanWritesTheSameRepository(t *testing.T) {
	p, err := parsePlan("1x40+2x10")
	if err != nil {
		t.Fatal(err)
	}
	var first, second bytes.Buffer
	p.write(&first)
	p.write(&second)
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("two runs wrote different repositories")
	}
	if blobs, commits := strings.Count(first.String(), "\nmark :"), strings.Count(first.String(), "commit refs/heads/main\n"); blobs != 60 || commits != 60 {
		t.Errorf("%d texts in %d commits, want 60 in 60", blobs, commits)
	}
}

// A policy of 2,500 versions is to cost 2,500 times one version, so its texts
// must neither grow nor wither, and each must be another than the one before.
func TestEditsKeepATextWhatItIs(t *testing.T) {
	text := newText(0)
	before := ""
	for v := range 2500 {
		if v > 0 {
			text.edit(v)
		}
		source := text.source()
		if source == before {
			t.Fatalf("version %d is the same as the one before", v)
		}
		if len(source) < textSize*4/5 || len(source) > textSize*6/5 {
			t.Fatalf("version %d has %d bytes, want about %d", v, len(source), textSize)
		}
		before = source
	}
	for mark, least := range map[string]int{"\n## ": 3, "\n- ": 10, "](https://": 5} {
		if n := strings.Count(before, mark); n < least {
			t.Errorf("after 2,500 versions the text has %d of %q, want %d or more", n, mark, least)
		}
	}
}

func TestSizesArePlans(t *testing.T) {
	for size, policies := range map[string]int{"1k": 2, "9999": 20, "10k": 16, "100k": 196} {
		p, err := parseSize(size)
		if err != nil {
			t.Fatal(err)
		}
		if want := strings.Replace(size, "k", "000", 1); len(p) != policies || want != strconv.Itoa(p.versions()) {
			t.Errorf("%s: %d policies, %d versions", size, len(p), p.versions())
		}
	}
	for _, wrong := range []string{"", "0", "-1k", "many"} {
		if _, err := parseSize(wrong); err == nil {
			t.Errorf("%q was taken for a size", wrong)
		}
	}
}

func TestSamplesBelongToTheDeepestStage(t *testing.T) {
	for want, stack := range map[string][]string{
		"render":   {"runtime.mallocgc", "github.com/yuin/goldmark/ast.(*BaseNode).AppendChild", ours + "/markdown.(*Renderer).Render", ours + ".(*worker).render"},
		"minify":   {"github.com/tdewolff/parse/v2/html.(*Lexer).Next", ours + "/publish.(*Site).Add", ours + ".(*output).emit"},
		"write":    {"syscall.Syscall6", "os.(*File).Write", ours + "/publish.(*Site).Add", ours + ".(*output).emit"},
		"compose":  {"text/template.(*state).walk", ours + "/pages.(*Composer).Policy"},
		"pipeline": {"syscall.Syscall6", ours + ".(*spill).get", ours + ".(*worker).texts.func2"},
		"garbage":  {"runtime.scanobject", "runtime.gcAssistAlloc", "runtime.mallocgc", ours + "/redline.Compare"},
		"runtime":  {"runtime.futex", "runtime.findRunnable", "runtime.mcall"},
	} {
		if have := stageOf(stack); have != want {
			t.Errorf("%q is of %s, want %s", stack, have, want)
		}
	}
}

func TestMedians(t *testing.T) {
	figure := func(d time.Duration) time.Duration { return d }
	if m := middle([]time.Duration{5, 1, 3}, figure); m != 3 {
		t.Errorf("median of 5, 1, 3: %d", m)
	}
	if m := middle([]time.Duration{4, 1, 2, 8}, figure); m != 3 {
		t.Errorf("median of 4, 1, 2, 8: %d", m)
	}
	var hundred []time.Duration
	for i := range 100 {
		hundred = append(hundred, time.Duration(i+1))
	}
	if s := spread(hundred); s.P95 != 95 {
		t.Errorf("of 1 to 100, %d is the 95th percentile", s.P95)
	}
}
