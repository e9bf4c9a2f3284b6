package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The guide is followed word for word: its files are written as it shows them,
// its commands are run, and they have to print what it says.
func TestImportGuide(t *testing.T) {
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "import.md"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	run := func(command string) string {
		c := exec.Command("sh", "-c", command)
		c.Dir = dir
		c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
			"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.com")
		out, err := c.CombinedOutput()
		if exit, ok := err.(*exec.ExitError); ok {
			return string(out) + "[exit " + strings.TrimPrefix(exit.Error(), "exit status ") + "]\n"
		} else if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	commands := 0
	for i, block := range strings.Split("\n"+string(guide), "\n```") {
		if i%2 == 0 {
			continue // words between the blocks
		}
		info, content, _ := strings.Cut(block, "\n")
		kind, name, _ := strings.Cut(info, " ")
		content += "\n"
		switch {
		case name != "":
			file := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		case kind == "console":
			for _, step := range strings.Split("\n"+content, "\n$ ")[1:] {
				command, want, _ := strings.Cut(strings.TrimSuffix(step, "\n"), "\n")
				commands++
				if have := strings.TrimSuffix(run(command), "\n"); have != want {
					t.Errorf("$ %s\nprints\n%s\nthe guide says\n%s", command, have, want)
				}
			}
		default:
			t.Errorf("a block of %q, which nothing checks", info)
		}
	}
	if commands < 8 {
		t.Errorf("%d commands in the guide", commands)
	}
}
