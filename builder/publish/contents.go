package publish

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// contents is what was found in a folder and in those below it, by their paths
// relative to it, with slashes; "." is the folder itself.
type contents map[string]listing

// listing is a folder as it was found.
type listing struct {
	stamp   folderStamp
	folders []string   // names of the folders in it
	files   []dirEntry // all else in it, but for what was to be left out
}

// folderStamp is what there is to know of a folder without reading it.
type folderStamp struct {
	FolderStamp
	own     bool // this process may change the mode
	open    bool // this process can make and remove names in it; false where only a try would tell
	mounted bool // another file system is mounted there
}

// FolderStamp tells without reading a folder whether the names in it are as they
// were: each that comes or goes changes its times, and nobody can set the second.
type FolderStamp struct {
	Inode    uint64 // 0 where the system has none
	Mode     uint32 // permissions, with setuid, setgid and sticky
	Modified int64  // nanoseconds since 1970
	Changed  int64  // the same of the inode; 0 where that is not known, or may be that of a later change
}

// dirEntry is a name in a folder.
type dirEntry struct {
	name   string
	folder bool   // no link to one either
	inode  uint64 // 0 where a folder does not list it
}

// settled is how long before it was read a folder must have changed last for its
// times to tell of every later change: file systems count in steps of
// milliseconds, FAT in steps of two seconds.
const settled = 2 * time.Second

// lookSlowly is lookAtFolder by the means that every system has.
func lookSlowly(path string) (folderStamp, error) {
	info, err := os.Lstat(path)
	if err == nil && !info.IsDir() {
		err = &fs.PathError{Op: "lstat", Path: path, Err: syscall.ENOTDIR}
	}
	if err != nil {
		return folderStamp{}, err
	}
	mounted, err := isMount(path, filepath.Dir(path))
	mode := uint32(info.Mode().Perm())
	for bit, value := range map[fs.FileMode]uint32{fs.ModeSetuid: 0o4000, fs.ModeSetgid: 0o2000, fs.ModeSticky: 0o1000} {
		if info.Mode()&bit != 0 {
			mode |= value
		}
	}
	return folderStamp{FolderStamp{Inode: stampOf(info).Inode, Mode: mode, Modified: info.ModTime().UnixNano()}, isOwner(info), false, mounted}, err
}

// readContents finds out what is in dir, leaving out files for which skip is true.
// Links are not followed. A folder that is still as it is in before is not read
// again.
func readContents(dir string, before contents, skip func(rel string) bool) (contents, error) {
	r := contentsReader{dir: dir, before: before, skip: skip, user: os.Geteuid(), settled: time.Now().Add(-settled).UnixNano(), found: make(contents, len(before))}
	top, err := r.folder(".", make([]byte, 32<<10))
	if err != nil {
		return nil, err
	}
	// The folders at the top are read at the same time.
	err = atOnce(top.folders, func(name string) error { return r.below(name, make([]byte, 32<<10)) })
	return r.found, err
}

// atOnce does the same to all items, as many at a time as there are processors,
// and reports all errors. One that fails stops no other.
func atOnce[T any](items []T, do func(T) error) error {
	next := make(chan T, len(items))
	for _, item := range items {
		next <- item
	}
	close(next)
	errs := make([]error, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			for item := range next {
				errs[i] = errors.Join(errs[i], do(item))
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

type contentsReader struct {
	dir     string
	before  contents
	skip    func(rel string) bool
	user    int   // who this process acts as
	settled int64 // what changed later is read again, see settled

	mu    sync.Mutex
	found contents
}

// below reads a folder and those in it.
func (r *contentsReader) below(rel string, buf []byte) error {
	l, err := r.folder(rel, buf)
	if err != nil {
		return err
	}
	for _, name := range l.folders {
		if err := r.below(rel+"/"+name, buf); err != nil {
			return err
		}
	}
	return nil
}

// folder reads one folder.
func (r *contentsReader) folder(rel string, buf []byte) (listing, error) {
	full := r.dir
	if rel != "." {
		full += string(filepath.Separator) + filepath.FromSlash(rel)
	}
	l, known := r.before[rel]
	if known {
		now, err := lookAtFolder(full, r.user)
		if err != nil {
			return listing{}, err
		}
		known = now == l.stamp && now.Changed != 0
	}
	if !known {
		stamp, entries, err := readFolder(full, r.user, buf)
		if err != nil {
			return listing{}, err
		}
		l = listing{stamp: stamp}
		if stamp.mounted && rel != "." {
			entries = nil // not ours to go into
		}
		for _, e := range entries {
			switch at := join(rel, e.name); {
			case e.folder:
				l.folders = append(l.folders, e.name)
			case !r.skip(at):
				l.files = append(l.files, e)
			}
		}
		if stamp.Changed > r.settled || stamp.Modified > r.settled {
			l.stamp.Changed = 0 // equals no other
		}
	}
	r.mu.Lock()
	r.found[rel] = l
	r.mu.Unlock()
	return l, nil
}

// join is path.Join for a folder and a name in it.
func join(folder, name string) string {
	if folder == "." {
		return name
	}
	return folder + "/" + name
}

// split is the reverse of join.
func split(path string) (folder, name string) {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i], path[i+1:]
	}
	return ".", path
}
