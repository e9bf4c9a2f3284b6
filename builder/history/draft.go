package history

import (
	"crypto/sha1"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing/format/gitignore"

	"github.com/policysite/policysite/builder/policy"
)

// Inside reports whether a folder is in a git repository, be it a damaged one.
func Inside(dir string) bool {
	abs, err := filepath.Abs(dir)
	if err == nil {
		abs, err = filepath.EvalSymlinks(abs)
	}
	for at := abs; err == nil; at = filepath.Dir(at) {
		if _, ok, err := locateIn(at); ok || err != nil {
			return true
		}
		if filepath.Dir(at) == at {
			break
		}
	}
	return false
}

// OpenFolder returns a Repository of a folder that is in no git repository: it
// has a work tree, and no commit nor blob.
func OpenFolder(dir string) (*Repository, error) {
	abs, err := filepath.Abs(dir)
	if err == nil {
		abs, err = filepath.EvalSymlinks(abs)
	}
	if err != nil {
		return nil, policy.Fail(policy.ErrUsage, err, "", "cannot open the folder %s", dir)
	}
	return &Repository{at: location{root: abs}, objects: objects{noStore{}}}, nil
}

// noStore holds no object.
type noStore struct{}

func (noStore) read(oid, int64) (string, []byte, error) { return "", nil, errMissing }
func (noStore) size(oid) (int64, error)                 { return 0, errMissing }
func (noStore) resolve(string) (oid, error)             { return oid{}, errMissing }
func (noStore) close() error                            { return nil }

// GitFolders returns the folders, absolute, in which git notes what HEAD is and
// which commits the refs mean; none for a folder without a repository.
func (r *Repository) GitFolders() []string {
	if r.at.gitDir == "" {
		return nil
	}
	out := []string{r.at.gitDir, filepath.Join(r.at.gitDir, "logs")}
	if r.at.commonDir != r.at.gitDir {
		out = append(out, r.at.commonDir)
	}
	refs := filepath.Join(r.at.commonDir, "refs")
	filepath.WalkDir(refs, func(name string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() {
			out = append(out, name)
		}
		return nil
	})
	return out
}

// WorkTree reads the files of a work tree again and again. It remembers what
// it has read, so that to look once more costs little more than to list them.
// It is not for concurrent use.
type WorkTree struct {
	root   string
	sparse bool               // files that are not checked out are not gone
	known  map[string]*worked // by path
}

// worked is a file of the work tree as it was read last.
type worked struct {
	size     int64
	modified time.Time
	read     time.Time
	symlink  bool
	id       oid    // of the content as it is
	content  []byte // nil when it was committed like that
	against  string // the committed blob that it was compared with
	same     bool   // as that blob but for line ends
}

// WorkTree returns a WorkTree without any memory.
func (r *Repository) WorkTree() *WorkTree {
	sparse := slices.ContainsFunc(r.at.config, func(s setting) bool {
		return s.section == "core" && s.key == "sparsecheckout" && s.isTrue()
	})
	return &WorkTree{root: r.at.root, sparse: sparse, known: map[string]*worked{}}
}

// Scope says which part of a work tree counts.
type Scope struct {
	Folders []string // relative to the root, read with all that is below; "" is the root
	Files   []string // single ones, relative to the root
	Skip    []string // folders below these that are not read: the output
}

// Drafts are the contents of a work tree that are not committed, by object id.
type Drafts map[string][]byte

// Read returns a log with what is not committed as one step more at its end,
// and the contents of that step's files. The step has no commit id and is dated
// when; without a difference the log is returned as it is. Read also returns
// the folders it has read, absolute. Files that git ignores do not count, nor do
// executable bits; line ends alone are no difference. base may be a Log without
// steps, blob returns a committed one.
func (t *WorkTree) Read(base *Log, scope Scope, when time.Time, blob func(id string) ([]byte, error)) (*Log, Drafts, []string, error) {
	v := &draftVisit{tree: t, base: base, blob: blob, scope: scope, seen: map[string]bool{}, size: sha1.Size, start: time.Now()}
	if n := len(base.Steps); n > 0 {
		v.size = uint8(len(base.Steps[n-1].Commit) / 2)
	}
	for _, name := range scope.Files {
		v.exclude(path.Dir(name))
		info, err := os.Lstat(v.place(name))
		if err == nil && !info.IsDir() {
			if err := v.file(name, info); err != nil {
				return nil, nil, nil, err
			}
		}
	}
	for _, folder := range scope.Folders {
		v.exclude(folder)
		if err := v.folder(folder); err != nil {
			return nil, nil, nil, err
		}
	}
	if !t.sparse {
		v.gone()
	}
	for name := range t.known {
		if !v.seen[name] {
			delete(t.known, name)
		}
	}
	log := base
	if len(v.files) > 0 {
		log = base.with(policy.Step{Committed: when, Authored: when}, v.files)
	}
	drafts := Drafts{}
	for _, f := range v.files {
		if f.Mode != 0 {
			drafts[f.Blob] = t.known[f.Path].content
		}
	}
	return log, drafts, v.folders, nil
}

// draftVisit is one look at the work tree.
type draftVisit struct {
	tree    *WorkTree
	base    *Log
	blob    func(id string) ([]byte, error)
	scope   Scope
	ignored []gitignore.Pattern
	seen    map[string]bool
	files   []File // what differs; with mode 0 what is gone
	folders []string
	size    uint8 // of object ids, in bytes
	start   time.Time
}

func (v *draftVisit) place(name string) string {
	return filepath.Join(v.tree.root, filepath.FromSlash(name))
}

// exclude reads what is ignored in the folders above one.
func (v *draftVisit) exclude(folder string) {
	v.ignored = v.ignored[:0]
	v.patterns(filepath.Join(v.tree.root, ".git", "info", "exclude"), nil)
	if folder == "" || folder == "." {
		return
	}
	parts := strings.Split(folder, "/")
	for i := range parts {
		v.patterns(v.place(path.Join(path.Join(parts[:i]...), ".gitignore")), parts[:i])
	}
}

func (v *draftVisit) patterns(file string, dir []string) {
	text, err := os.ReadFile(file)
	if err != nil {
		return // most folders have none
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\r\n")
		if line != "" && !strings.HasPrefix(line, "#") {
			v.ignored = append(v.ignored, gitignore.ParsePattern(line, dir))
		}
	}
}

func (v *draftVisit) folder(dir string) error {
	before := len(v.ignored)
	defer func() { v.ignored = v.ignored[:before] }()
	var parts []string
	if dir != "" {
		parts = strings.Split(dir, "/")
	}
	v.patterns(v.place(path.Join(dir, ".gitignore")), parts)
	entries, err := os.ReadDir(v.place(dir))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil // it went in the meantime, or is not for us
	}
	if err != nil {
		return policy.Fail(policy.ErrUsage, err, "", "cannot read the work tree")
	}
	v.folders = append(v.folders, v.place(dir))
	matcher := gitignore.NewMatcher(v.ignored)
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		if e.Name() == ".git" {
			continue
		}
		if e.IsDir() {
			if slices.Contains(v.scope.Skip, name) || e.Name() == "node_modules" {
				continue
			}
			if _, err := os.Lstat(v.place(name + "/.git")); err == nil {
				continue // a repository of its own
			}
			if matcher.Match(strings.Split(name, "/"), true) && !v.base.IsDir(len(v.base.Steps)-1, name) {
				continue
			}
			if err := v.folder(name); err != nil {
				return err
			}
			continue
		}
		if !e.Type().IsRegular() && e.Type() != fs.ModeSymlink {
			continue
		}
		if _, committed := v.committed(name); !committed && matcher.Match(strings.Split(name, "/"), false) {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue // it went in the meantime
		}
		if err := v.file(name, info); err != nil {
			return err
		}
	}
	return nil
}

func (v *draftVisit) committed(name string) (File, bool) {
	return v.base.Lookup(len(v.base.Steps)-1, name)
}

// racy is how long a file that was written may be written again without its
// time telling: file systems keep times by the tick, some by two seconds.
const racy = 2 * time.Second

func (v *draftVisit) file(name string, info fs.FileInfo) error {
	if v.seen[name] {
		return nil
	}
	was, committed := v.committed(name)
	if was.Mode == Submodule {
		return nil
	}
	w := v.tree.known[name]
	if w == nil || w.size != info.Size() || !w.modified.Equal(info.ModTime()) || w.symlink != (info.Mode().Type() == fs.ModeSymlink) || w.read.Sub(w.modified) < racy {
		content, err := v.read(name, info)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			return nil
		}
		if err != nil {
			return policy.Fail(policy.ErrUsage, err, "", "cannot read the work tree")
		}
		w = &worked{
			size: info.Size(), modified: info.ModTime(), read: v.start, symlink: info.Mode().Type() == fs.ModeSymlink,
			id: hashObject(kindBlob, content, v.size), content: content,
		}
		v.tree.known[name] = w
	}
	v.seen[name] = true
	if committed && w.symlink == (was.Mode == Symlink) {
		if w.against != was.Blob || w.content != nil && !w.same {
			same, err := v.same(w, was)
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
	if w.content == nil { // it was like the blob of another commit
		content, err := v.read(name, info)
		if err != nil {
			delete(v.tree.known, name)
			return nil // the watcher tells of it again
		}
		w.content, w.id = content, hashObject(kindBlob, content, v.size)
	}
	mode := Regular
	if w.symlink {
		mode = Symlink
	}
	v.files = append(v.files, File{Path: name, Mode: mode, Blob: w.id.String()})
	return nil
}

func (v *draftVisit) read(name string, info fs.FileInfo) ([]byte, error) {
	if info.Mode().Type() == fs.ModeSymlink {
		target, err := os.Readlink(v.place(name))
		return []byte(filepath.ToSlash(target)), err
	}
	if info.Size() > maxBlob {
		return nil, fs.ErrPermission
	}
	content, err := os.ReadFile(v.place(name))
	if content == nil && err == nil {
		content = []byte{}
	}
	return content, err
}

func (v *draftVisit) same(w *worked, was File) (bool, error) {
	if w.id.String() == was.Blob {
		return true, nil
	}
	if w.content == nil || w.symlink {
		return false, nil
	}
	then, err := v.blob(was.Blob)
	if errors.Is(err, policy.ErrContent) {
		return false, nil // too large to compare
	}
	return err == nil && slices.Equal(unixLines(then), unixLines(w.content)), err
}

// gone finds the committed files that the work tree lacks.
func (v *draftVisit) gone() {
	for f := range v.base.Files(len(v.base.Steps) - 1) {
		in := slices.Contains(v.scope.Files, f.Path)
		for _, folder := range v.scope.Folders {
			in = in || folder == "" || strings.HasPrefix(f.Path, folder+"/")
		}
		for _, skip := range v.scope.Skip {
			in = in && !strings.HasPrefix(f.Path, skip+"/")
		}
		if in && f.Mode != Submodule && !v.seen[f.Path] {
			v.files = append(v.files, File{Path: f.Path})
		}
	}
}

// Difference says in one line what the last step of a log that Read returned
// did to the log it was given: the same line for the same difference. It is ""
// for that log itself.
func (l *Log) Difference(base *Log) string {
	if l == base {
		return ""
	}
	var out strings.Builder
	step := int32(len(l.Steps) - 1)
	for i, events := range l.events {
		if e := events[len(events)-1]; e.step == step {
			out.WriteString(l.paths[i] + "\x00" + l.blobs[e.blob].String() + string(rune('0'+int(e.mode)%10)) + "\x00")
		}
	}
	return out.String()
}

// with returns a log with one step more, at which files came to stand, or with
// mode 0 went. It shares what it can with l, which stays as it is.
func (l *Log) with(step policy.Step, files []File) *Log {
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	out := &Log{
		Steps:  append(slices.Clip(l.Steps), step),
		blobs:  slices.Clip(l.blobs),
		paths:  make([]string, 0, len(l.paths)+len(files)),
		events: make([][]event, 0, len(l.paths)+len(files)),
	}
	i := 0
	for _, f := range files {
		for ; i < len(l.paths) && l.paths[i] < f.Path; i++ {
			out.paths, out.events = append(out.paths, l.paths[i]), append(out.events, l.events[i])
		}
		var before []event
		if i < len(l.paths) && l.paths[i] == f.Path {
			before = l.events[i]
			i++
		}
		e := event{step: int32(len(l.Steps)), mode: f.Mode}
		if f.Mode != 0 {
			id, _ := parseOID(f.Blob)
			// A text that is back as it was once has the index it had then.
			n := slices.Index(out.blobs, id)
			if n < 0 {
				n = len(out.blobs)
				out.blobs = append(out.blobs, id)
			}
			e.blob = uint32(n)
		}
		out.paths, out.events = append(out.paths, f.Path), append(out.events, append(slices.Clip(before), e))
	}
	out.paths, out.events = append(out.paths, l.paths[i:]...), append(out.events, l.events[i:]...)
	return out
}
