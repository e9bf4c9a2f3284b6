//go:build !windows

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// The second signal ends a run that waits for something that never comes, such as
// a network drive, and cannot see the first.
func TestSecondSignalEndsABlockedRun(t *testing.T) {
	dir := t.TempDir()
	repo, pipe := filepath.Join(dir, "repo"), filepath.Join(dir, "pipe")
	if out, err := exec.Command("git", "init", "--quiet", repo).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	head := filepath.Join(repo, ".git", "HEAD")
	if err := errors.Join(os.Remove(head), syscall.Mkfifo(head, 0o666), syscall.Mkfifo(pipe, 0o666)); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"build", "-s", repo}, {"serve", "-s", repo, "--port", "0"}, {"log", "-s", repo}, {"redline", pipe, pipe}} {
		for _, signals := range [][2]os.Signal{{syscall.SIGINT, syscall.SIGINT}, {syscall.SIGTERM, syscall.SIGTERM}, {syscall.SIGINT, syscall.SIGTERM}} {
			t.Run(fmt.Sprint(args[0], signals), func(t *testing.T) {
				t.Parallel()
				// A shell that starts it in the background has it ignore SIGINT.
				cmd := exec.Command("sh", append([]string{"-c", `trap "" INT; exec policysite "$@"`, "sh"}, args...)...)
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				ended := make(chan error, 1)
				go func() { ended <- cmd.Wait() }()
				deadline := time.After(20 * time.Second)
				began := time.Now()
				for done := false; !done; {
					select {
					case <-ended:
						done = true
						if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
							t.Errorf("exit code %d, want %d", code, exitInterrupted)
						}
					case <-deadline:
						cmd.Process.Kill()
						<-ended
						t.Fatal("it did not end")
					case <-time.After(300 * time.Millisecond):
						// The first may come before the program takes signals.
						next := signals[0]
						if time.Since(began) > 500*time.Millisecond {
							next = signals[1]
						}
						cmd.Process.Signal(next)
					}
				}
			})
		}
	}
}
