//go:build linux || darwin

package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestTheSamePlanWritesTheSameRepository(t *testing.T) {
	var first, second bytes.Buffer
	plan{40, 10, 10}.write(&first)
	plan{40, 10, 10}.write(&second)
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("two runs wrote different repositories")
	}
	if blobs, commits := strings.Count(first.String(), "\nmark :"), strings.Count(first.String(), "commit refs/heads/main\n"); blobs != 60 || commits != 60 {
		t.Errorf("%d texts in %d commits, want 60 in 60", blobs, commits)
	}
}

// A policy of 5,000 versions is to cost 5,000 times one version, so its texts
// must neither grow nor wither, and each must be another than the one before.
func TestEditsKeepATextWhatItIs(t *testing.T) {
	text := newText(0)
	before := ""
	for v := range 5000 {
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
	for mark, least := range map[string]int{"\n## ": 3, "\n- ": 10, "](https://": 5, "**": 5, "| --- |": 1} {
		if n := strings.Count(before, mark); n < least {
			t.Errorf("after 5,000 versions the text has %d of %q, want %d or more", n, mark, least)
		}
	}
}
