package publish

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// swap puts the new site in the place of the destination and returns where the
// old one is now; "" when there was none. After an error nothing has changed.
func (s *Site) swap(exists bool) (old string, err error) {
	if !exists {
		return "", os.Rename(s.new, s.place.path)
	}
	switch err := s.exchange(s.new, s.place.path); {
	case errors.Is(err, errors.ErrUnsupported):
		return s.replace()
	case err != nil:
		return "", err
	}
	return s.new, nil
}

// replace swaps by two renames, for file systems that cannot exchange folders.
// A kill between them leaves no destination, an old site and a new one, which is
// what recover looks for: the names are the journal.
func (s *Site) replace() (old string, err error) {
	id, _ := strings.CutPrefix(s.new, s.place.beside("new-"))
	old = s.place.beside("old-") + id
	if err := os.Rename(s.place.path, old); err != nil {
		return "", err
	}
	if err := os.Rename(s.new, s.place.path); err != nil {
		return "", errors.Join(err, os.Rename(old, s.place.path))
	}
	return old, nil
}

// recover repairs and removes what killed runs left beside the destination. The
// caller holds the lock.
func (p place) recover() error {
	unfinished, old, err := p.leftovers()
	if err != nil {
		return policy.Fail(policy.ErrOutput, err, "", "cannot look for leftovers beside %s", p.shown)
	}
	if _, err := os.Lstat(p.path); errors.Is(err, fs.ErrNotExist) && len(old) > 0 {
		// Killed between two renames, or its destination was removed later. The
		// old site is whole in both cases, so it is what comes back.
		if err := os.Rename(old[0], p.path); err != nil {
			return policy.Fail(policy.ErrOutput, err, "", "cannot bring back the site at %s", p.shown)
		}
		old = old[1:]
	}
	for _, dir := range unfinished {
		if err := removeTree(dir); err != nil {
			return policy.Fail(policy.ErrOutput, err, "remove that folder", "cannot remove what a killed run left beside %s", p.shown)
		}
	}
	for _, dir := range old {
		if err := retire(dir, p.path); err != nil {
			return policy.Fail(policy.ErrOutput, err, "remove that folder, if nothing in it is yours", "cannot remove what a killed run left beside %s", p.shown)
		}
	}
	return nil
}

// leftovers finds the folders beside the destination that are named as ours:
// new sites that never were swapped in, and old ones that were not yet removed.
func (p place) leftovers() (unfinished, old []string, err error) {
	entries, err := os.ReadDir(p.parent)
	if err != nil {
		return nil, nil, err
	}
	for _, d := range entries {
		path := filepath.Join(p.parent, d.Name())
		id, isNew := strings.CutPrefix(path, p.beside("new-"))
		if !isNew {
			var isOld bool
			if id, isOld = strings.CutPrefix(path, p.beside("old-")); !isOld {
				continue
			}
		}
		if !d.IsDir() || strings.Trim(id, "0123456789") != "" {
			continue // not named by us
		}
		swapped := !isNew
		if isNew {
			if swapped, err = wasSwapped(path, id); err == nil && swapped {
				swapped, err = wasDestination(path)
			}
			if err != nil {
				return nil, nil, err
			}
		}
		if swapped {
			old = append(old, path)
		} else {
			unfinished = append(unfinished, path)
		}
	}
	return unfinished, old, nil
}

// wasDestination reports whether a folder can have been swapped out: whether it
// is one that inspect allows, and not empty. A new site has another number than
// its name says when it was killed before it got that name, or when it comes
// from a backup or a cache; nothing in it is the user's before its marker is
// there.
func wasDestination(path string) (bool, error) {
	entries, err := os.ReadDir(path)
	if err != nil || len(entries) == 0 {
		return false, err
	}
	switch ours, err := readMarker(path); {
	case errors.As(err, new(*fs.PathError)):
		return false, err
	case err != nil:
		return false, nil // half written
	case ours != nil:
		return true, nil
	}
	return foreign(entries) < 0, nil
}

// makeStaging makes the folder that a new site is written to. Its name is prefix
// and a number.
func makeStaging(prefix string) (string, error) {
	path, err := os.MkdirTemp(filepath.Dir(prefix), filepath.Base(prefix)+"*") // ends in a number
	if err != nil {
		return "", err
	}
	named, err := nameStaging(path, prefix)
	if err != nil {
		return "", errors.Join(err, os.Remove(path))
	}
	return named, os.Chmod(named, dirMode)
}
