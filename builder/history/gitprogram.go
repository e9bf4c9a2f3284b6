package history

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// gitStore reads a repository with the git program.
type gitStore struct {
	dir string   // where git runs
	cat *catFile // nil until it is used
}

func openGitStore(at location) (*gitStore, error) {
	s := &gitStore{dir: at.root}
	if s.dir == "" {
		s.dir = at.gitDir
	}
	// One command up front, so that a refusal (no git, another owner, a
	// format of the future) is told once and in git's own words.
	if _, err := s.run("rev-parse", "--git-dir"); err != nil {
		return nil, err
	}
	return s, nil
}

// ours are the variables by which git is led to another repository, or to
// other objects than the repository's own: git rev-parse --local-env-vars.
// GIT_CONFIG_COUNT stays, it is how CI services set safe.directory.
var ours = []string{
	"GIT_DIR", "GIT_WORK_TREE", "GIT_IMPLICIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_NAMESPACE", "GIT_PREFIX",
	"GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_GRAFT_FILE", "GIT_SHALLOW_FILE", "GIT_REPLACE_REF_BASE",
	"GIT_QUARANTINE_PATH", "GIT_CEILING_DIRECTORIES",
}

func (s *gitStore) command(args ...string) *exec.Cmd {
	cmd := exec.Command("git", append([]string{"--no-pager"}, args...)...)
	cmd.Dir = s.dir
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if !slices.Contains(ours, name) {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	// Without a protocol git cannot fetch what is missing from a partial clone.
	// Only newer versions know GIT_NO_LAZY_FETCH.
	cmd.Env = append(cmd.Env, "LC_ALL=C", "GIT_NO_REPLACE_OBJECTS=1", "GIT_ALLOW_PROTOCOL=none", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0")
	return cmd
}

func (s *gitStore) run(args ...string) (string, error) {
	cmd := s.command(args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", gitFailure(err, stderr.String())
	}
	return strings.TrimSuffix(string(out), "\n"), nil
}

// gitFailure says in one line why git did not do it, and with what git itself
// says would mend it.
func gitFailure(err error, stderr string) error {
	if errors.Is(err, exec.ErrNotFound) {
		return policy.Fail(policy.ErrHistory, nil, "install git, or let the built-in reader do it: `--git go`", "the git program is not installed")
	}
	message, mend, _ := strings.Cut(strings.TrimSpace(stderr), "\n")
	message = strings.TrimPrefix(message, "fatal: ")
	hint := ""
	if strings.Contains(stderr, "dubious ownership") {
		for line := range strings.Lines(mend) {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "git config ") {
				hint = line
			}
		}
	}
	if message == "" {
		message = err.Error()
	}
	return policy.Fail(policy.ErrHistory, nil, hint, "git: %s", message)
}

func (s *gitStore) read(id oid, limit int64) (kind string, data []byte, err error) {
	if s.cat == nil {
		if s.cat, err = s.start(); err != nil {
			return "", nil, err
		}
	}
	kind, size, err := s.cat.ask(id)
	if err != nil {
		return "", nil, s.failed(err)
	}
	if size > limit {
		return "", nil, s.failed(errTooLarge)
	}
	data, err = s.cat.take(id, kind, size)
	if err != nil {
		return "", nil, s.failed(err)
	}
	return kind, data, nil
}

func (s *gitStore) resolve(name string) (oid, error) {
	if strings.HasPrefix(name, "-") {
		return oid{}, errMissing // to git it would be an option
	}
	// First as a commit, which makes more abbreviated ids unique.
	for _, rev := range []string{name + "^{commit}", name} {
		text, err := s.run("rev-parse", "--verify", "--quiet", rev)
		if id, ok := parseOID(text); err == nil && ok {
			return id, nil
		}
	}
	return oid{}, errMissing
}

func (s *gitStore) close() error {
	if s.cat == nil {
		return nil
	}
	err := s.cat.stop()
	s.cat = nil
	return err
}

// catFile is one running git cat-file --batch.
type catFile struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr bytes.Buffer // to be read after stop
}

func (s *gitStore) start() (*catFile, error) {
	c := &catFile{cmd: s.command("cat-file", "--batch=%(objectname) %(objecttype) %(objectsize) %(rest)")}
	c.cmd.Stderr = &c.stderr
	in, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.in, c.out = in, bufio.NewReaderSize(out, 1<<16)
	if err := c.cmd.Start(); err != nil {
		return nil, gitFailure(err, "")
	}
	return c, nil
}

// ask requests an object and reads the line before its content, "<id> <kind>
// <size>" or "<id> missing".
func (c *catFile) ask(id oid) (kind string, size int64, err error) {
	if _, err := io.WriteString(c.in, id.String()+"\n"); err != nil {
		return "", 0, err
	}
	line, err := c.out.ReadString('\n')
	if err != nil {
		return "", 0, err
	}
	fields := strings.Fields(line)
	if len(fields) == 2 && fields[1] == "missing" {
		return "", 0, errMissing
	}
	if len(fields) != 3 {
		return "", 0, fmt.Errorf("git cat-file answers %q", line)
	}
	size, err = strconv.ParseInt(fields[2], 10, 64)
	if size < 0 {
		err = errWrongSize
	}
	return fields[1], size, err
}

var errWrongSize = errors.New("its size is not the one it states")

// take reads the content of the object that was asked for. Git passes loose
// blobs on as they are: one that is shorter than it states would leave us
// waiting, one that is longer would be taken for the next answer. So the empty
// tree, which every repository has, is asked for behind a blob, with the
// blob's own id as a remark: no content holds that in this place.
func (c *catFile) take(id oid, kind string, size int64) ([]byte, error) {
	end := "\n"
	if kind == kindBlob {
		empty := hashObject(kindTree, nil, id.size)
		if _, err := fmt.Fprintf(c.in, "%s %s\n", empty, id); err != nil {
			return nil, err
		}
		end = fmt.Sprintf("\n%s tree 0 %s\n\n", empty, id)
	}
	data := make([]byte, size+int64(len(end)))
	for n := 0; n < len(data); {
		m, err := c.out.Read(data[n:])
		if err != nil {
			return nil, err
		}
		n += m
		if n < len(data) && len(end) > 1 && bytes.HasSuffix(data[:n], []byte(end)) {
			return nil, errWrongSize
		}
	}
	if string(data[size:]) != end {
		return nil, errWrongSize
	}
	return data[:size:size], nil
}

// failed ends the process after an answer that was not read to its end, or
// none, so that the next object starts a new one; it returns what git said. A
// missing object is an answer.
func (s *gitStore) failed(err error) error {
	if errors.Is(err, errMissing) {
		return err
	}
	c := s.cat
	s.cat = nil
	if errors.Is(err, errWrongSize) || errors.Is(err, errTooLarge) {
		c.cmd.Process.Kill()
		c.stop()
		return err
	}
	stopped := c.stop()
	if stopped == nil {
		stopped = err
	}
	if strings.Contains(c.stderr.String(), "from promisor remote") {
		return errMissing // from a partial clone
	}
	return gitFailure(stopped, c.stderr.String())
}

// stop ends the process and waits for it.
func (c *catFile) stop() error {
	c.in.Close()
	if _, err := io.Copy(io.Discard, c.out); err != nil {
		return err
	}
	return c.cmd.Wait()
}
