package history

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// location is where the parts of a repository lie: gitrepository-layout(5).
// All paths are absolute.
type location struct {
	root       string   // of the work tree; "" when bare
	gitDir     string   // of this work tree: HEAD
	commonDir  string   // shared by linked worktrees: objects, refs, config, shallow
	objectDirs []string // the repository's own, then its alternates
	config     []setting
}

// locate finds the repository that holds dir, as git does: in dir or in the
// nearest folder above it.
func locate(dir string) (location, error) {
	for at := dir; ; {
		if l, ok, err := locateIn(at); ok || err != nil {
			return l, err
		}
		parent := filepath.Dir(at)
		if parent == at {
			return location{}, policy.Fail(policy.ErrHistory, nil, "git init", "%s is not in a git repository", dir)
		}
		at = parent
	}
}

func locateIn(dir string) (l location, ok bool, err error) {
	l = location{root: dir, gitDir: filepath.Join(dir, ".git")}
	if file, err := os.ReadFile(l.gitDir); err == nil {
		// A linked worktree or a submodule: the file names the folder.
		target, ok := strings.CutPrefix(string(file), "gitdir:")
		if !ok {
			return l, false, policy.Fail(policy.ErrHistory, nil, "", "%s does not name a repository", l.gitDir)
		}
		l.gitDir = from(dir, strings.TrimSpace(target))
		if !l.isRepository() {
			return l, false, policy.Fail(policy.ErrHistory, nil, "`git worktree repair` mends a worktree whose repository was moved",
				"%s names a repository that is not there: %s", filepath.Join(dir, ".git"), l.gitDir)
		}
	} else if !l.isRepository() {
		l = location{gitDir: dir}
		if !l.isRepository() {
			return l, false, nil
		}
	}
	l.objectDirs, err = alternates(filepath.Join(l.commonDir, "objects"))
	if err != nil {
		return l, false, err
	}
	for _, file := range []string{filepath.Join(l.commonDir, "config"), filepath.Join(l.gitDir, "config.worktree")} {
		text, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return l, false, policy.Fail(policy.ErrHistory, err, "", "cannot read the repository's configuration")
		}
		l.config = append(l.config, parseConfig(string(text))...)
	}
	return l, true, nil
}

// isRepository sets commonDir, and reports whether gitDir is a repository: git
// asks for HEAD, objects and refs, too.
func (l *location) isRepository() bool {
	l.commonDir = l.gitDir
	if text, err := os.ReadFile(filepath.Join(l.gitDir, "commondir")); err == nil {
		l.commonDir = from(l.gitDir, strings.TrimSpace(string(text)))
	}
	if _, err := os.Lstat(filepath.Join(l.gitDir, "HEAD")); err != nil {
		return false
	}
	for _, dir := range []string{"objects", "refs"} {
		if info, err := os.Stat(filepath.Join(l.commonDir, dir)); err != nil || !info.IsDir() {
			return false
		}
	}
	return true
}

// alternates lists a folder of objects and all that it borrows from.
func alternates(dir string) ([]string, error) {
	dirs := []string{dir}
	for i := 0; i < len(dirs); i++ {
		text, err := os.ReadFile(filepath.Join(dirs[i], "info", "alternates"))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, policy.Fail(policy.ErrHistory, err, "", "cannot read the repository's alternates")
		}
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			if line == "" || line[0] == '#' {
				continue
			}
			other := from(dirs[i], line)
			if info, err := os.Stat(other); err != nil || !info.IsDir() {
				return nil, policy.Fail(policy.ErrHistory, err,
					"the clone was made with --shared or --reference and the repository it borrows from is gone; make a full clone",
					"the repository borrows objects from %s, which is not there", other)
			}
			if !slices.Contains(dirs, other) {
				dirs = append(dirs, other)
			}
		}
	}
	return dirs, nil
}

// trusted refuses a shallow clone, whose first commit looks like the beginning of
// the history.
func (l location) trusted() error {
	if text, err := os.ReadFile(filepath.Join(l.commonDir, "shallow")); err == nil && len(strings.TrimSpace(string(text))) > 0 {
		// actions/checkout gives a pull request's merge commit this name, and makes it the
		// one commit of the clone.
		what := "older versions are not in it"
		if merge, _ := filepath.Glob(filepath.Join(l.commonDir, "refs", "remotes", "pull", "*", "merge")); len(merge) > 0 {
			what = "it has the commit that would merge a pull request, without the branches that it merges and without older versions"
		}
		return policy.Fail(policy.ErrHistory, nil,
			"on GitHub set `fetch-depth: 0` for actions/checkout\non GitLab set `GIT_DEPTH: 0`\nelsewhere run `git fetch --unshallow`",
			"the repository is a shallow clone: %s", what)
	}
	return nil
}

// partial reports whether the repository is a partial clone, from which objects
// may be missing that a server has.
func (l location) partial() bool {
	for _, s := range l.config {
		if s.section == "extensions" && s.key == "partialclone" || s.section == "remote" && s.key == "promisor" && s.isTrue() {
			return true
		}
	}
	for _, dir := range l.objectDirs {
		if packs, _ := fs.Glob(os.DirFS(dir), "pack/*.promisor"); len(packs) > 0 {
			return true
		}
	}
	return false
}

var errUnsupported = errors.New("go-git cannot read it")

// goGitReads says why go-git cannot read a repository that git can. Extensions
// that only concern the work tree, or objects that are not there, do not matter.
func (l location) goGitReads() error {
	for _, s := range l.config {
		switch {
		case s.section == "core" && s.key == "repositoryformatversion" && s.value != "0" && s.value != "1":
			return fmt.Errorf("%w: repository format version %s", errUnsupported, s.value)
		case s.section != "extensions":
		case s.key == "objectformat" && strings.EqualFold(s.value, "sha1"),
			s.key == "refstorage" && strings.EqualFold(s.value, "files"):
		default:
			switch s.key {
			case "noop", "noop-v1", "partialclone", "preciousobjects", "worktreeconfig", "relativeworktrees":
			default:
				return fmt.Errorf("%w: extensions.%s = %s", errUnsupported, s.key, s.value)
			}
		}
	}
	for _, dir := range l.objectDirs {
		if filepath.Base(dir) != "objects" {
			return fmt.Errorf("%w: folder of objects with another name: %s", errUnsupported, dir)
		}
	}
	return nil
}

// setting is one line of a git configuration. Section and key are lower case.
type setting struct{ section, subsection, key, value string }

// isTrue reads a boolean as git does; a key without a value is true.
func (s setting) isTrue() bool {
	switch strings.ToLower(s.value) {
	case "", "false", "no", "off", "0":
		return false
	}
	return true
}

// parseConfig reads what matters here of the format of git-config(1): sections,
// keys and one-line values. It skips what it does not understand; git itself
// complains about that.
func parseConfig(text string) (settings []setting) {
	var section, subsection string
	for line := range strings.Lines(strings.TrimPrefix(text, "\uFEFF")) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			head, rest, ok := strings.Cut(line[1:], "]")
			if !ok {
				continue
			}
			var quoted string
			section, quoted, _ = strings.Cut(head, " ")
			section = strings.ToLower(section)
			subsection = strings.Trim(strings.TrimSpace(quoted), `"`)
			line = strings.TrimSpace(rest)
		}
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if ok {
			value = configValue(value)
		} else {
			value = "true"
		}
		settings = append(settings, setting{section, subsection, strings.ToLower(strings.TrimSpace(key)), value})
	}
	return settings
}

// configValue drops quotes and a comment at the end.
func configValue(s string) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case !quoted && (c == '#' || c == ';'):
			return strings.TrimSpace(b.String())
		default:
			b.WriteByte(c)
		}
	}
	return strings.TrimSpace(b.String())
}

// from reads a path that may be relative to dir.
func from(dir, path string) string {
	path = filepath.FromSlash(path)
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}
