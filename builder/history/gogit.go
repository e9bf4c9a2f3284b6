package history

import (
	"bufio"
	"cmp"
	"compress/zlib"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/storer"
	"github.com/go-git/go-git/v5/storage/filesystem"
	"github.com/go-git/go-git/v5/storage/filesystem/dotgit"
)

// goStore reads a repository with go-git, without the git program.
type goStore struct {
	refs  *filesystem.Storage
	packs *packs // which other stores of the repository share
	uses  bool   // the packs, since it was opened or closed
	packReader
}

func openGoStore(at location, packs *packs) (*goStore, error) {
	if err := at.goGitReads(); err != nil {
		return nil, err
	}
	fs := dotgit.NewRepositoryFilesystem(osfs.New(at.gitDir), osfs.New(at.commonDir))
	return &goStore{
		refs:       filesystem.NewStorage(fs, cache.NewObjectLRU(0)),
		packs:      packs,
		packReader: packReader{scanners: make(map[*pack]*packfile.Scanner), kept: make(map[place]packed)},
	}, nil
}

// guard turns a panic of go-git, which malformed objects have caused before
// (GO-2026-5693), into an error.
func guard(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("go-git: %v", p)
	}
}

func (s *goStore) read(id oid, limit int64) (kind string, data []byte, err error) {
	defer guard(&err)
	if !s.uses {
		s.packs.use()
		s.uses = true
	}
	h := plumbing.Hash(id.sum[:len(plumbing.ZeroHash)])
	at, ok := s.packs.find(h)
	if !ok {
		if kind, data, err = s.loose(h, limit); err != errMissing {
			return kind, data, err
		}
		if found, err := s.packs.look(); err != nil || !found {
			return "", nil, cmp.Or(err, errMissing)
		}
		if at, ok = s.packs.find(h); !ok {
			return "", nil, errMissing
		}
	}
	obj, err := s.object(at, limit, 0)
	return obj.kind.String(), obj.data, err
}

// loose reads an object that is in a file of its own: compressed, its kind, its
// size and a zero byte, then its content.
func (s *goStore) loose(h plumbing.Hash, limit int64) (kind string, data []byte, err error) {
	name := h.String()
	for _, dir := range s.packs.dirs {
		f, err := os.Open(filepath.Join(dir, name[:2], name[2:]))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", nil, err
		}
		defer f.Close()
		z, err := zlib.NewReader(f)
		if err != nil {
			return "", nil, err
		}
		content := bufio.NewReader(z)
		header, err := content.ReadSlice(0)
		if err != nil {
			return "", nil, err
		}
		kind, digits, _ := strings.Cut(string(header[:len(header)-1]), " ")
		size, err := strconv.ParseUint(digits, 10, 64)
		if err != nil {
			return "", nil, fmt.Errorf("%w: its size is %q", errMalformed, digits)
		}
		if size > uint64(limit) {
			return "", nil, errTooLarge
		}
		data := make([]byte, size)
		_, err = io.ReadFull(content, data)
		return kind, data, err
	}
	return "", nil, errMissing
}

// refRules are the places where a name is looked up, in order: gitrevisions(7).
var refRules = [...]string{"%s", "refs/%s", "refs/tags/%s", "refs/heads/%s", "refs/remotes/%s", "refs/remotes/%s/HEAD"}

func (s *goStore) resolve(name string) (id oid, err error) {
	defer guard(&err)
	if id, ok := parseOID(name); ok && int(id.size) == len(plumbing.ZeroHash) {
		return id, nil
	}
	for _, rule := range refRules {
		ref, err := storer.ResolveReference(s.refs, plumbing.ReferenceName(fmt.Sprintf(rule, name)))
		if err == nil && ref.Type() == plumbing.HashReference {
			h := ref.Hash()
			return oidOf(h[:]), nil
		}
	}
	return s.abbreviated(name)
}

// abbreviated finds the object whose id starts with at least four hexadecimal
// digits. Where several do, the only commit or tag among them is meant.
func (s *goStore) abbreviated(prefix string) (oid, error) {
	prefix = strings.ToLower(prefix)
	raw, err := hex.DecodeString(prefix[:len(prefix)/2*2])
	if err != nil || len(prefix) < 4 {
		return oid{}, errMissing
	}
	found := make(map[oid]bool)
	for _, dir := range s.packs.dirs {
		storage := filesystem.NewStorage(osfs.New(filepath.Dir(dir)), cache.NewObjectLRU(0))
		hashes, err := storage.HashesWithPrefix(raw)
		if err != nil {
			return oid{}, err
		}
		for _, h := range hashes {
			if id := oidOf(h[:]); strings.HasPrefix(id.String(), prefix) {
				found[id] = true
			}
		}
	}
	var commits []oid
	for id := range found {
		kind, _, err := s.read(id, maxBlob)
		if err == nil && (kind == kindCommit || kind == kindTag) {
			commits = append(commits, id)
		}
	}
	if len(commits) > 1 {
		return oid{}, errAmbiguous
	}
	if len(commits) == 0 {
		return oid{}, errMissing
	}
	return commits[0], nil
}

// close releases what the store holds open. Reading opens it again.
func (s *goStore) close() error {
	err := s.refs.Close()
	if s.uses {
		err = errors.Join(err, s.packs.release())
		s.uses = false
	}
	return err
}
