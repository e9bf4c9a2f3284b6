package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/policysite/policysite/builder/history/historytest"
)

func TestMain(m *testing.M) {
	historytest.UseMemory()
	testscript.Main(m, map[string]func(){"policysite": main})
}

// The program as people call it, with its exit codes and messages. Beside the
// commands of testscript there are
//
//	exits CODE PROGRAM ARG…    run a program that ends with this exit code
//	commit DATE [MESSAGE]      commit the whole work tree of the current folder
//	same A B                   two folders hold the same files, bytes and modes
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
			e.Setenv("GIT_CONFIG_NOSYSTEM", "1")
			for _, who := range []string{"AUTHOR", "COMMITTER"} {
				e.Setenv("GIT_"+who+"_NAME", "Test Author")
				e.Setenv("GIT_"+who+"_EMAIL", "author@example.com")
			}
			e.Setenv("SOURCE_DATE_EPOCH", "1924905600") // 31 December 2030
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) < 2 {
					ts.Fatalf("usage: exits CODE PROGRAM ARG…")
				}
				want, err := strconv.Atoi(args[0])
				ts.Check(err)
				have := 0
				if err := ts.Exec(args[1], args[2:]...); err != nil {
					var exit *exec.ExitError
					if !errors.As(err, &exit) {
						ts.Fatalf("%v", err)
					}
					have = exit.ExitCode()
				}
				if have != want {
					ts.Fatalf("exit code %d, want %d", have, want)
				}
			},
			"commit": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) < 1 || len(args) > 2 {
					ts.Fatalf("usage: commit DATE [MESSAGE]")
				}
				when := args[0] + "T12:00:00Z"
				ts.Setenv("GIT_AUTHOR_DATE", when)
				ts.Setenv("GIT_COMMITTER_DATE", when)
				ts.Check(ts.Exec("git", "add", "-A"))
				ts.Check(ts.Exec("git", "commit", "-q", "--allow-empty", "-m", append(args, "Commit")[1]))
			},
			"same": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) != 2 {
					ts.Fatalf("usage: same A B")
				}
				a, b := below(ts, args[0]), below(ts, args[1])
				if len(a) < 5 {
					ts.Fatalf("%s holds %d files", args[0], len(a))
				}
				for name, content := range a {
					if b[name] != content {
						ts.Fatalf("%s differs in %s and %s", name, args[0], args[1])
					}
					delete(b, name)
				}
				for name := range b {
					ts.Fatalf("%s is in %s alone", name, args[1])
				}
			},
		},
	})
}

// below are the files below a folder, their modes before their content.
func below(ts *testscript.TestScript, dir string) map[string]string {
	out := map[string]string{}
	root := ts.MkAbs(dir)
	ts.Check(filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		content := []byte{}
		if !d.IsDir() {
			if content, err = os.ReadFile(p); err != nil {
				return err
			}
		}
		rel, err := filepath.Rel(root, p)
		out[rel] = info.Mode().String() + "\n" + string(content)
		return err
	}))
	return out
}
