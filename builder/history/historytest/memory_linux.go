package historytest

import (
	"os"
	"syscall"
)

// UseMemory makes temporary folders in memory, where it has room and lets programs
// run, unless TMPDIR says where: for TestMain of a package whose tests write sites by
// the hundred. A disk takes twice the processor time for them, most of it looking
// for free inodes.
func UseMemory() {
	const dir, room, noExec = "/dev/shm", 4 << 30, 8 // ST_NOEXEC of statvfs(3)
	var in syscall.Statfs_t
	if os.Getenv("TMPDIR") == "" && syscall.Statfs(dir, &in) == nil &&
		in.Flags&noExec == 0 && in.Bavail*uint64(in.Bsize) >= room {
		os.Setenv("TMPDIR", dir)
	}
}
