package history

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/storer"
	"github.com/go-git/go-git/v5/storage/filesystem"
	"github.com/go-git/go-git/v5/storage/filesystem/dotgit"
)

// goStore reads a repository with go-git, without the git program; objects in
// packfiles by itself.
type goStore struct {
	refs *filesystem.Storage
	// One storage per folder of objects: the repository's own, then its
	// alternates. go-git's own handling of alternates opens them anew for
	// every object, and follows neither nested nor relative ones.
	storages []*filesystem.Storage
	indexes  func() []*packIndex
	packs    *packReader // of indexes; nil until something is read
}

// cacheSize bounds what go-git keeps of the bases of deltas. Texts are read
// path by path, so that the base is nearly always the object read just before.
const cacheSize = 8 * cache.MiByte

func openGoStore(at location, indexes func() []*packIndex) (*goStore, error) {
	if err := at.goGitReads(); err != nil {
		return nil, err
	}
	s := &goStore{indexes: indexes}
	options := filesystem.Options{KeepDescriptors: true, LargeObjectThreshold: maxBlob}
	fs := dotgit.NewRepositoryFilesystem(osfs.New(at.gitDir), osfs.New(at.commonDir))
	s.refs = filesystem.NewStorageWithOptions(fs, cache.NewObjectLRU(0), options)
	for _, dir := range at.objectDirs {
		s.storages = append(s.storages,
			filesystem.NewStorageWithOptions(osfs.New(filepath.Dir(dir)), cache.NewObjectLRU(cacheSize), options))
	}
	return s, nil
}

// guard turns a panic of go-git, which malformed objects have caused before
// (GO-2026-5693), into an error.
func guard(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("go-git: %v", p)
	}
}

// read leaves to go-git what is in no pack, and what takes more than limit.
func (s *goStore) read(id oid, limit int64) (kind string, data []byte, err error) {
	if s.packs == nil {
		s.packs = openPacks(s.indexes())
	}
	kind, data, err = s.packs.read(id, limit)
	if !errors.Is(err, errMissing) && !errors.Is(err, errTooLarge) {
		return kind, data, err
	}
	defer guard(&err)
	obj, err := s.find(id)
	if err != nil {
		return "", nil, err
	}
	if obj.Size() > limit {
		return "", nil, errTooLarge
	}
	r, err := obj.Reader()
	if err != nil {
		return "", nil, err
	}
	defer r.Close()
	data = make([]byte, obj.Size())
	if _, err := io.ReadFull(r, data); err != nil {
		return "", nil, err
	}
	return obj.Type().String(), data, nil
}

// find returns an object whose content, when it is not small, is not read yet.
func (s *goStore) find(id oid) (plumbing.EncodedObject, error) {
	h := plumbing.Hash(id.sum[:len(plumbing.ZeroHash)])
	for i, storage := range s.storages {
		if i < len(s.storages)-1 && storage.HasEncodedObject(h) != nil {
			continue // EncodedObject would look through the alternates by itself
		}
		obj, err := storage.EncodedObject(plumbing.AnyObject, h)
		if errors.Is(err, plumbing.ErrObjectNotFound) {
			break
		}
		return obj, err
	}
	return nil, errMissing
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
	for _, storage := range s.storages {
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

func (s *goStore) close() error {
	err := s.refs.Close()
	if s.packs != nil {
		err = errors.Join(err, s.packs.close())
		s.packs = nil // like go-git, to be opened again when need be
	}
	for _, storage := range s.storages {
		err = errors.Join(err, storage.Close())
	}
	return err
}
