package history

import (
	"bytes"
	"crypto/sha1"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/policysite/policysite/builder/policy"
)

// WorkTree reads the files of a work tree again and again. It remembers what
// it has read, so that to look once more costs little more than to list them.
// It is not for concurrent use.
type WorkTree struct {
	root    string
	exclude string             // the repository's info/exclude; "" for none
	sparse  bool               // files that are not checked out are not gone
	known   map[string]*worked // by path
}

// worked is a file of the work tree as it was read last.
type worked struct {
	size     int64
	modified time.Time
	read     time.Time
	symlink  bool
	id       oid    // of the content as it is
	content  []byte // nil when it was committed like that, or is too large
	against  string // the committed blob that it was compared with
	same     bool   // as that blob but for line ends
}

// WorkTree returns a WorkTree without any memory.
func (r *Repository) WorkTree() *WorkTree {
	t := &WorkTree{root: r.at.root, known: map[string]*worked{}}
	if r.at.commonDir != "" {
		t.exclude = filepath.Join(r.at.commonDir, "info", "exclude")
	}
	t.sparse = slices.ContainsFunc(r.at.config, func(s setting) bool {
		return s.section == "core" && s.key == "sparsecheckout" && s.isTrue()
	})
	return t
}

// Scope says which part of a work tree counts.
type Scope struct {
	Folders []string // relative to the root, read with all that is below; "" is the root
	Files   []string // single ones, relative to the root
	Skip    []string // folders below these that are not read: the output
}

func (s Scope) has(path string) bool {
	below := func(folder string) bool { return folder == "" || strings.HasPrefix(path, folder+"/") }
	return slices.Contains(s.Files, path) || slices.ContainsFunc(s.Folders, below) && !slices.ContainsFunc(s.Skip, below)
}

// A folder that the scope names is not followed through a symbolic link: it is
// policy.ErrUsage.
//
// Read returns a log with what is not committed as one step more at its end,
// and the contents of that step's files. The step has no commit id and is dated
// when; without a difference the log is returned as it is. Read also returns
// the folders it has read, absolute. Files that git ignores do not count, nor do
// executable bits, nor what is larger than 64 MiB; line ends alone are no
// difference. base may be a Log without steps, blob returns a committed one.
func (t *WorkTree) Read(base *Log, scope Scope, when time.Time, blob func(id string) ([]byte, error)) (*Log, Drafts, []string, error) {
	l := t.look(base, scope.has, blob)
	v := l.visit(scope.Skip)
	for _, name := range scope.Files {
		if err := t.within(path.Dir(name)); err != nil {
			return nil, nil, nil, err
		}
		if err := v.one(name); err != nil {
			return nil, nil, nil, err
		}
	}
	for _, folder := range scope.Folders {
		if err := t.within(folder); err != nil {
			return nil, nil, nil, err
		}
		if err := v.below(folder); err != nil {
			return nil, nil, nil, err
		}
	}
	l.gone()
	for name := range t.known {
		if !l.seen[name] {
			delete(t.known, name)
		}
	}
	l.files = slices.DeleteFunc(l.files, func(f File) bool { return f.Mode != 0 && t.known[f.Path].content == nil })
	log := base
	if len(l.files) > 0 {
		log = base.With(policy.Step{Committed: when, Authored: when}, l.files)
	}
	drafts := Drafts{}
	for _, f := range l.files {
		if f.Mode != 0 {
			drafts[f.Blob] = t.known[f.Path].content
		}
	}
	return log, drafts, v.folders, nil
}

// within refuses a folder that a symbolic link may lead out of the repository, or
// that is git's own: a branch that somebody else wrote names the folders.
func (t *WorkTree) within(folder string) error {
	at := ""
	for part := range strings.SplitSeq(folder, "/") {
		at = path.Join(at, part)
		if strings.EqualFold(part, ".git") {
			return policy.Fail(policy.ErrUsage, nil, "name a folder of the repository's files", "%s is git's own folder", at)
		}
		if info, err := os.Lstat(filepath.Join(t.root, filepath.FromSlash(at))); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return NotFollowed(at)
		}
	}
	return nil
}

// NotFollowed says of a folder, or of a file of settings, that it is a symbolic link.
func NotFollowed(name string) error {
	return policy.Fail(policy.ErrUsage, nil, "put the files themselves there, or name their folder in "+policy.ConfigFile, "%s is a symbolic link, which is not followed", name)
}

// File returns the content of a file; nil when there is none, or something else.
func (t *WorkTree) File(name string) ([]byte, error) {
	if err := t.within(path.Dir(name)); err != nil {
		return nil, err
	}
	file := filepath.Join(t.root, filepath.FromSlash(name))
	info, err := os.Lstat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !info.Mode().IsRegular():
		return nil, nil
	case err == nil && info.Size() > maxBlob:
		return nil, policy.Fail(policy.ErrUsage, nil, "", "%s is larger than %d MiB", name, maxBlob>>20)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, unreadable(err)
	}
	return data, nil
}

// Uncommitted returns the paths, sorted and relative to the root, at which the
// work tree differs from a commit: files that were modified, that are new and
// not ignored, and that are gone. Only files that relevant accepts are looked
// at. Line ends do not count, since git may convert them; nor do executable
// bits. Submodules and nested repositories are left alone.
//
// .gitignore files and info/exclude say what is ignored. In a sparse checkout
// nothing is reported as gone. A bare repository is policy.ErrUsage.
func (r *Repository) Uncommitted(commit string, relevant func(path string) bool) ([]string, error) {
	if r.Bare() {
		return nil, policy.Fail(policy.ErrUsage, nil, "", "%s is a bare repository, it has no work tree", r.at.gitDir)
	}
	base, err := r.snapshot(commit)
	if err != nil {
		return nil, err
	}
	l := r.WorkTree().look(base, relevant, r.Blob)
	l.names = true
	if err := l.visit(nil).below(""); err != nil {
		return nil, err
	}
	l.gone()
	var paths []string
	for _, f := range l.files {
		paths = append(paths, f.Path)
	}
	slices.Sort(paths)
	return paths, nil
}

// snapshot returns a log that ends with a commit; what came before it may be
// missing.
func (r *Repository) snapshot(commit string) (*Log, error) {
	if l := r.log; l != nil && l.Steps[len(l.Steps)-1].Commit == commit {
		return l, nil
	}
	id, ok := parseOID(commit)
	if !ok {
		return nil, policy.Fail(policy.ErrUsage, nil, "", "expected the id of a commit, found %q", commit)
	}
	c, err := r.objects.commit(id)
	if err != nil {
		return nil, failure(err, "")
	}
	// What became of nothing in one step is all that the commit holds.
	w := newWalker(r.objects)
	w.log.Steps = []policy.Step{{Commit: commit}}
	if err := w.compare(oid{}, c.tree, "", 0); err != nil {
		return nil, err
	}
	w.finish()
	return w.log, nil
}

// look is one comparison of a work tree with what is committed.
type look struct {
	tree   *WorkTree
	base   *Log
	counts func(path string) bool
	blob   func(id string) ([]byte, error)
	names  bool  // only which files differ is asked, not what is in them
	size   uint8 // of object ids, in bytes
	start  time.Time
	seen   map[string]bool // files that are there
	files  []File          // what differs; with mode 0 what is gone
}

func (t *WorkTree) look(base *Log, counts func(string) bool, blob func(string) ([]byte, error)) *look {
	l := &look{tree: t, base: base, counts: counts, blob: blob, size: sha1.Size, start: time.Now(), seen: map[string]bool{}}
	if n := len(base.Steps); n > 0 {
		l.size = uint8(len(base.Steps[n-1].Commit) / 2)
	}
	return l
}

// visit returns what hands the files of the work tree to l.
func (l *look) visit(skip []string) *visit {
	return &visit{root: l.tree.root, exclude: l.tree.exclude, base: l.base, skip: skip, file: l.file}
}

// racy is how long a file that was written may be written again without its
// time telling: file systems keep times by the tick, some by two seconds.
const racy = 2 * time.Second

func (l *look) file(name string, info fs.FileInfo) error {
	if l.seen[name] || !l.counts(name) {
		return nil
	}
	was, committed := l.base.Lookup(len(l.base.Steps)-1, name)
	if was.Mode == Submodule {
		return nil
	}
	if l.names && !committed {
		l.seen[name] = true
		l.files = append(l.files, File{Path: name, Mode: Regular})
		return nil
	}
	w := l.tree.known[name]
	if w == nil || w.size != info.Size() || !w.modified.Equal(info.ModTime()) || w.symlink != (info.Mode().Type() == fs.ModeSymlink) || w.read.Sub(w.modified) < racy {
		var err error
		if w, err = l.read(name, info); errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			return nil
		} else if err != nil {
			return unreadable(err)
		}
		l.tree.known[name] = w
	}
	l.seen[name] = true
	if committed && w.symlink == (was.Mode == Symlink) {
		if w.against != was.Blob || w.content != nil && !w.same {
			same, err := l.same(w, was)
			if err != nil {
				return err
			}
			w.against, w.same = was.Blob, same
		}
		if w.same {
			w.content = nil
			return nil
		}
	}
	if w.content == nil && w.size <= maxBlob { // it was like the blob of another commit
		again, err := l.read(name, info)
		if err != nil {
			delete(l.tree.known, name)
			return nil // the watcher tells of it again
		}
		w.content, w.id = again.content, again.id
	}
	mode := Regular
	if w.symlink {
		mode = Symlink
	}
	l.files = append(l.files, File{Path: name, Mode: mode, Blob: w.id.String()})
	return nil
}

// read reads a file. The content of one that is too large is only hashed.
func (l *look) read(name string, info fs.FileInfo) (*worked, error) {
	w := &worked{size: info.Size(), modified: info.ModTime(), read: l.start, symlink: info.Mode().Type() == fs.ModeSymlink}
	file := filepath.Join(l.tree.root, filepath.FromSlash(name))
	if w.symlink {
		target, err := os.Readlink(file)
		w.content = []byte(filepath.ToSlash(target))
		w.id = hashObject(kindBlob, w.content, l.size)
		return w, err
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if w.size > maxBlob {
		h := newHash(kindBlob, w.size, l.size)
		_, err := io.Copy(h, f)
		w.id = sumOf(h)
		return w, err
	}
	content := bytes.NewBuffer(make([]byte, 0, w.size+bytes.MinRead)) // grows if the file does
	_, err = content.ReadFrom(io.LimitReader(f, maxBlob))
	w.content = content.Bytes()
	w.id = hashObject(kindBlob, w.content, l.size)
	return w, err
}

func (l *look) same(w *worked, was File) (bool, error) {
	if w.id.String() == was.Blob {
		return true, nil
	}
	if w.content == nil || w.symlink {
		return false, nil
	}
	then, err := l.blob(was.Blob)
	if errors.Is(err, policy.ErrContent) {
		return false, nil // too large to compare
	}
	return err == nil && bytes.Equal(unixLines(then), unixLines(w.content)), err
}

// gone finds the committed files that the work tree lacks.
func (l *look) gone() {
	if l.tree.sparse {
		return
	}
	for f := range l.base.Files(len(l.base.Steps) - 1) {
		if f.Mode != Submodule && !l.seen[f.Path] && l.counts(f.Path) {
			l.files = append(l.files, File{Path: f.Path})
		}
	}
}

func unixLines(text []byte) []byte {
	return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
}
