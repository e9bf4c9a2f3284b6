package historytest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// stream is a git fast-import that waits for more commits. Tests spend much of
// their time on starting processes; a repository takes one of these, and three
// of git for each commit otherwise.
type stream struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr bytes.Buffer
}

// commit commits the work tree. It reports false, and has done nothing, where
// git add decides what a commit holds.
func (r *Repo) commit(when, message string) (id string, ok bool) {
	r.t.Helper()
	head, err := os.ReadFile(r.Path(".git/HEAD"))
	if err != nil {
		return "", false // a linked worktree
	}
	var b bytes.Buffer
	ident := fmt.Sprintf("%s <%s> %s", Name, Email, when)
	fmt.Fprintf(&b, "commit HEAD\nmark :1\nauthor %s\ncommitter %s\ndata %d\n%s\n", ident, ident, len(message), message)
	ref, onBranch := strings.CutPrefix(strings.TrimSpace(string(head)), "ref: ")
	if _, err := os.Stat(r.Path(".git/" + ref)); !onBranch || err == nil {
		b.WriteString("from HEAD^0\n")
	}
	b.WriteString("deleteall\n")
	plain := true
	r.check(filepath.WalkDir(r.Dir, func(name string, e fs.DirEntry, err error) error {
		mode := "100644"
		text, read := []byte(nil), os.ReadFile
		switch {
		case err != nil || e.IsDir() && e.Name() != ".git":
			return err
		case name == r.Path(".git"):
			return fs.SkipDir
		case strings.HasPrefix(e.Name(), ".git"): // .gitignore, or a repository in this one
			plain = false
			return fs.SkipAll
		case e.Type() == fs.ModeSymlink:
			mode, read = "120000", func(name string) ([]byte, error) {
				target, err := os.Readlink(name)
				return []byte(target), err
			}
		default:
			if info, err := e.Info(); err == nil && info.Mode()&0o100 != 0 {
				mode = "100755"
			}
		}
		text, err = read(name)
		path, _ := filepath.Rel(r.Dir, name)
		fmt.Fprintf(&b, "M %s inline %s\ndata %d\n%s\n", mode, filepath.ToSlash(path), len(text), text)
		return err
	}))
	if !plain {
		return "", false
	}
	b.WriteString("get-mark :1\ncheckpoint\nprogress done\n")
	if r.stream == nil {
		r.start()
	}
	r.stream.in.Write(b.Bytes())
	id, _ = r.stream.out.ReadString('\n')
	if done, _ := r.stream.out.ReadString('\n'); done != "progress done\n" {
		r.endStream() // which says why
	}
	return strings.TrimSpace(id), true
}

func (r *Repo) start() {
	r.t.Helper()
	s := &stream{cmd: r.command("-c", "fastimport.unpackLimit=1", "fast-import", "--quiet", "--date-format=rfc2822")}
	s.cmd.Stderr = &s.stderr
	in, err := s.cmd.StdinPipe()
	r.check(err)
	out, err := s.cmd.StdoutPipe()
	r.check(err)
	r.check(s.cmd.Start())
	s.in, s.out = in, bufio.NewReader(out)
	r.stream = s
	r.t.Cleanup(r.endStream)
}

// settle ends the stream and tells the index of its commits, so that git finds the
// repository as if it had made them one by one.
func (r *Repo) settle() {
	r.t.Helper()
	if r.stream != nil {
		r.endStream()
		r.Git("read-tree", "HEAD")
	}
}

func (r *Repo) endStream() {
	r.t.Helper()
	s := r.stream
	if s == nil {
		return // ended by settle
	}
	r.stream = nil
	s.in.Close()
	io.Copy(io.Discard, s.out)
	if err := s.cmd.Wait(); err != nil {
		r.t.Fatalf("git fast-import: %v\n%s", err, s.stderr.String())
	}
}
