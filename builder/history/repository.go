package history

import (
	"errors"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// Repository is a git repository, open for reading. Its methods are not for
// concurrent use; goroutines take a Reader each.
type Repository struct {
	at      location
	prefix  string
	program bool // the git program reads it, not go-git
	objects objects
	packs   *packs
	log     *Log   // the last one read: tells where a damaged object belongs
	drafts  Drafts // blobs that are not committed yet; nil but for previews
}

// Open finds the repository that holds dir, which may be a sub-folder, a linked
// worktree or a bare repository. The engine is "go" (go-git), "cli" (the git
// program), or "auto" (the git program where go-git cannot read the
// repository); "" means auto.
//
// No repository, a shallow clone, and a repository that the engine cannot read
// are policy.ErrHistory; an unknown engine is policy.ErrUsage. A partial clone is
// good as long as it has every object that is read.
func Open(dir, engine string) (*Repository, error) {
	abs, err := filepath.Abs(dir)
	if err == nil {
		abs, err = filepath.EvalSymlinks(abs)
	}
	if err != nil {
		return nil, policy.Fail(policy.ErrUsage, err, "", "cannot open the folder %s", dir)
	}
	r := &Repository{}
	if r.at, err = locate(abs); err != nil {
		return nil, err
	}
	r.packs = &packs{dirs: r.at.objectDirs}
	if err := r.at.trusted(); err != nil {
		return nil, err
	}
	if r.at.root != "" {
		prefix, err := filepath.Rel(r.at.root, abs)
		if err != nil {
			return nil, err
		}
		if prefix != "." {
			r.prefix = filepath.ToSlash(prefix)
		}
	}
	switch engine {
	case "", "auto":
		r.program = r.at.goGitReads() != nil
	case "go":
	case "cli":
		r.program = true
	default:
		return nil, policy.Fail(policy.ErrUsage, nil, "", "--git: expected auto, go or cli, found %q", engine)
	}
	if r.objects, err = r.open(); err != nil {
		return nil, err
	}
	return r, nil
}

// open opens the repository's objects once more.
func (r *Repository) open() (objects, error) {
	if r.at.gitDir == "" {
		return objects{store: noStore{}}, nil
	}
	if r.program {
		store, err := openGitStore(r.at)
		if err != nil {
			return objects{}, err
		}
		return objects{store, r.at.partial()}, nil
	}
	store, err := openGoStore(r.at, r.packs)
	if err != nil {
		return objects{}, policy.Fail(policy.ErrHistory, err, "let the git program read it: `--git cli`", "cannot read the repository in %s", r.at.gitDir)
	}
	return objects{store, r.at.partial()}, nil
}

// Close releases what the repository holds open. Readers are closed each, and go
// on reading until then.
func (r *Repository) Close() error { return r.objects.store.close() }

// Root returns the absolute path of the work tree, symbolic links resolved; ""
// when the repository is bare.
func (r *Repository) Root() string { return r.at.root }

// Prefix returns the folder that was opened, relative to the root and with
// slashes; "" at the root, and when the repository is bare.
func (r *Repository) Prefix() string { return r.prefix }

// Below returns the repository as if that folder of it had been opened, be it
// there now or not. It shares what r holds open.
func (r *Repository) Below(prefix string) *Repository {
	out := *r
	out.prefix = prefix
	return &out
}

// Bare reports whether the repository has no work tree.
func (r *Repository) Bare() bool { return r.at.root == "" }

// Resolve returns the id of the commit that rev means: a branch, a tag, a
// remote's branch, a commit id, whole or abbreviated, any of them followed by
// ~n or ^n; "" means HEAD. It is policy.ErrUsage when there is no such commit,
// and policy.ErrHistory when there is no commit at all.
func (r *Repository) Resolve(rev string) (string, error) {
	if rev == "" {
		rev = "HEAD"
	}
	name := rev
	if i := strings.IndexAny(rev, "~^"); i > 0 {
		name = rev[:i]
	}
	id, err := r.objects.store.resolve(name)
	switch {
	case errors.Is(err, errMissing) && name == "HEAD":
		return "", policy.Fail(policy.ErrHistory, nil, "git add . && git commit", "no commits yet")
	case errors.Is(err, errMissing):
		if _, err := r.objects.store.resolve("origin/" + name); err == nil {
			return "", policy.Fail(policy.ErrUsage, nil, "did you mean origin/"+rev+"?", "no commit %q", rev)
		}
		return "", unknown(rev, "")
	case errors.Is(err, errAmbiguous):
		return "", unknown(rev, ": the abbreviated id means several")
	case err != nil:
		return "", err
	}
	id, err = r.peel(id)
	if errors.Is(err, errMissing) && strings.EqualFold(name, id.String()) {
		return "", unknown(rev, "")
	}
	for ops := rev[len(name):]; err == nil && ops != ""; {
		id, ops, err = r.step(id, ops)
	}
	if errors.Is(err, errNotCommit) || errors.Is(err, errNoParent) {
		return "", unknown(rev, ": "+err.Error())
	}
	if err != nil {
		return "", failure(err, "meant by "+strconv.Quote(rev))
	}
	return id.String(), nil
}

var (
	errNotCommit = errors.New("it is not a commit")
	errNoParent  = errors.New("there is no such parent")
)

func unknown(rev, why string) error {
	return policy.Fail(policy.ErrUsage, nil, "`git log --oneline` lists commits, `git branch --all` branches", "no commit %q%s", rev, why)
}

// peel follows annotated tags to their commit. It returns the id it came to
// also with an error.
func (r *Repository) peel(id oid) (oid, error) {
	for {
		kind, data, err := r.objects.get(id)
		if err != nil || kind == kindCommit {
			return id, err
		}
		if kind != kindTag {
			return id, errNotCommit
		}
		if id, err = parseTag(data); err != nil {
			return id, &damage{id: id, cause: err}
		}
	}
}

// step does the first operator of ops, ~n (n first parents back) or ^n (the
// nth parent), and returns the commit it leads to and the other operators.
func (r *Repository) step(id oid, ops string) (oid, string, error) {
	op, rest := ops[0], strings.TrimLeft(ops[1:], "0123456789")
	n := 1
	if digits := ops[1 : len(ops)-len(rest)]; digits != "" {
		var err error
		if n, err = strconv.Atoi(digits); err != nil {
			return id, "", errNoParent
		}
	}
	if op != '~' && op != '^' {
		return id, "", errNoParent
	}
	times, parent := n, 0
	if op == '^' {
		times, parent = min(n, 1), n-1
	}
	for range times {
		c, err := r.objects.commit(id)
		if err != nil {
			return id, "", err
		}
		if parent >= len(c.parents) {
			return id, "", errNoParent
		}
		id = c.parents[parent]
	}
	return id, rest, nil
}

// Reader reads blobs, independently of all other readers.
type Reader struct {
	objects objects
	log     *Log
	drafts  Drafts
}

// Reader returns a new reader of blobs, for one goroutine. Close it.
func (r *Repository) Reader() (*Reader, error) {
	o, err := r.open()
	if err != nil {
		return nil, err
	}
	return &Reader{o, r.log, r.drafts}, nil
}

// Blob returns a blob's content. A missing or corrupt object is
// policy.ErrHistory, one larger than 64 MiB policy.ErrContent; the message
// names a path and a commit that hold the blob, once Read has found them.
func (r *Repository) Blob(id string) ([]byte, error) {
	return (&Reader{r.objects, r.log, r.drafts}).Blob(id)
}

// Blob returns a blob's content, see Repository.Blob. It is not to be changed:
// the reader may build the next one on it.
func (rd *Reader) Blob(id string) ([]byte, error) {
	if content, ok := rd.drafts[id]; ok {
		return content, nil
	}
	o, ok := parseOID(id)
	if !ok {
		return nil, policy.Fail(policy.ErrHistory, nil, "", "expected the id of a blob, found %q", id)
	}
	data, err := rd.objects.getKind(o, kindBlob)
	if err != nil {
		return nil, failure(err, rd.log.whereIs(o))
	}
	return data, nil
}

// With returns a repository that also has the contents of a work tree, and
// whose messages name places by a log. It shares what r holds open.
func (r *Repository) With(log *Log, drafts Drafts) *Repository {
	out := *r
	out.log, out.drafts = log, drafts
	return &out
}

// Unborn reports whether HEAD has no commit yet.
func (r *Repository) Unborn() bool {
	_, err := r.objects.store.resolve("HEAD")
	return errors.Is(err, errMissing)
}

// With returns a reader that also has the contents of a work tree. It shares
// what rd holds open.
func (rd *Reader) With(drafts Drafts) *Reader { return &Reader{rd.objects, rd.log, drafts} }

// Close releases what the reader holds open.
func (rd *Reader) Close() error { return rd.objects.store.close() }
