package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

// A tracer runs a program under ptrace(2), counts its write-side system calls
// on files below one folder, and lets one of them fail. It does what
// `strace -f -e inject=CALL:error=EIO:when=N` does, but for the count: strace
// counts every thread by itself, and Go moves work between threads, so that the
// same N is another call in every run. Here N is a place in the order in which
// the whole program makes its calls.
type tracer struct {
	below string // folder whose files are watched: absolute, links resolved
	fault fault

	calls   []call // those it made; after a fault that does not last, no more
	threads map[int]*thread
	leader  int
	exit    int // exit code of the program; -1 when it was killed
}

// fault is what happens to a call.
type fault struct {
	at      int           // which one, from 0; none when negative
	errno   syscall.Errno // what it returns; it is not made
	lasting bool          // every later call that may need room on the disk fails too
	kill    bool          // the program dies of SIGKILL instead, before the call
}

// call is a write-side system call.
type call struct {
	name string
	path string // relative to the watched folder
	room bool   // it may need room on the disk
}

func (c call) String() string { return c.name + " " + c.path }

// thread is a thread of the program.
type thread struct {
	inject bool // the call it is in is skipped
}

// Stops and requests of ptrace(2) that package syscall has no names for.
const (
	ptraceSyscallInfo = 0x420e
	ptraceExitKill    = 1 << 20
	infoEntry         = 1
	infoExit          = 2
)

// syscallInfo is struct ptrace_syscall_info, at the entry of a call.
type syscallInfo struct {
	op     uint8
	_      [3]uint8
	arch   uint32
	ip, sp uint64
	nr     uint64
	args   [6]uint64
	_      [2]uint64
}

// trace runs the program to its end.
func (t *tracer) trace(name string, args, env []string, output *os.File) error {
	// Tracing belongs to a thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	process, err := os.StartProcess(name, append([]string{name}, args...), &os.ProcAttr{
		Env: env, Files: []*os.File{nil, output, output}, Sys: &syscall.SysProcAttr{Ptrace: true, Setpgid: true},
	})
	if err != nil {
		return fmt.Errorf("cannot trace a program (is ptrace forbidden here?): %w", err)
	}
	t.leader, t.threads, t.exit = process.Pid, map[int]*thread{}, -1
	if err := process.Release(); err != nil {
		return err
	}
	started := false
	for {
		var status syscall.WaitStatus
		// A group of its own tells its threads from other tests' children.
		tid, err := syscall.Wait4(-t.leader, &status, syscall.WALL, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.ECHILD):
			return nil
		case err != nil:
			return fmt.Errorf("wait: %w", err)
		case status.Exited() || status.Signaled():
			if tid == t.leader && status.Exited() {
				t.exit = status.ExitStatus()
			}
			continue
		}
		signal := 0
		switch stop := status.StopSignal(); {
		case !started: // after execve
			started = true
			options := syscall.PTRACE_O_TRACESYSGOOD | syscall.PTRACE_O_TRACECLONE | syscall.PTRACE_O_TRACEFORK | syscall.PTRACE_O_TRACEVFORK | syscall.PTRACE_O_TRACEEXEC | ptraceExitKill
			if err := syscall.PtraceSetOptions(tid, options); err != nil {
				return fmt.Errorf("ptrace: %w", err)
			}
		case stop == syscall.SIGTRAP|0x80:
			if err := t.step(tid); err != nil && !errors.Is(err, syscall.ESRCH) {
				return err
			}
		case stop == syscall.SIGTRAP: // a new thread or program
		case stop == syscall.SIGSTOP && t.threads[tid] == nil: // a new thread's first
		default:
			signal = int(stop)
		}
		if t.threads[tid] == nil {
			t.threads[tid] = &thread{}
		}
		// Once all has happened that was to happen, calls stop nobody any more.
		resume := syscall.PtraceSyscall
		if t.fault.at >= 0 && len(t.calls) > t.fault.at && !t.fault.lasting && !t.threads[tid].inject {
			resume = syscall.PtraceCont
		}
		// A thread that was killed meanwhile is waited for above.
		if err := resume(tid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("ptrace: %w", err)
		}
	}
}

// step is called when a thread enters or leaves a system call.
func (t *tracer) step(tid int) error {
	var info syscallInfo
	if _, _, errno := syscall.Syscall6(syscall.SYS_PTRACE, ptraceSyscallInfo, uintptr(tid), unsafe.Sizeof(info), uintptr(unsafe.Pointer(&info)), 0, 0); errno != 0 {
		return fmt.Errorf("ptrace: %w", errno)
	}
	th := t.threads[tid]
	switch info.op {
	case infoEntry:
		c, ok := t.watched(tid, &info)
		if !ok {
			return nil
		}
		n := len(t.calls)
		t.calls = append(t.calls, c)
		if t.fault.at < 0 || n < t.fault.at || n > t.fault.at && !(t.fault.lasting && c.room) {
			return nil
		}
		if t.fault.kill {
			return syscall.Kill(t.leader, syscall.SIGKILL)
		}
		th.inject = true
		return setRegisters(tid, func(r *syscall.PtraceRegs) { r.Orig_rax = ^uint64(0) }) // no call
	case infoExit:
		if !th.inject {
			return nil
		}
		th.inject = false
		return setRegisters(tid, func(r *syscall.PtraceRegs) { r.Rax = uint64(-int64(t.fault.errno)) })
	}
	return nil
}

func setRegisters(tid int, change func(*syscall.PtraceRegs)) error {
	var r syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(tid, &r); err != nil {
		return err
	}
	change(&r)
	return syscall.PtraceSetRegs(tid, &r)
}

// form says how to read the arguments of a write-side call.
type form struct {
	name       string
	fd         int // which argument is the file or, with a path, the folder; -1 for none
	path       int // which argument is a path; -1 for none
	fd2, path2 int // of the second path; 0 for none
	room       bool
}

// Calls that package syscall has no numbers for.
const (
	sysSyncfs    = 306
	sysRenameat2 = 316
	sysFchmodat2 = 452
)

var forms = map[uint64]form{
	syscall.SYS_WRITE:           {name: "write", fd: 0, path: -1, room: true},
	syscall.SYS_PWRITE64:        {name: "pwrite64", fd: 0, path: -1, room: true},
	syscall.SYS_WRITEV:          {name: "writev", fd: 0, path: -1, room: true},
	syscall.SYS_PWRITEV:         {name: "pwritev", fd: 0, path: -1, room: true},
	syscall.SYS_SENDFILE:        {name: "sendfile", fd: 0, path: -1, room: true},
	syscall.SYS_FALLOCATE:       {name: "fallocate", fd: 0, path: -1, room: true},
	syscall.SYS_FSYNC:           {name: "fsync", fd: 0, path: -1, room: true},
	syscall.SYS_FDATASYNC:       {name: "fdatasync", fd: 0, path: -1, room: true},
	syscall.SYS_SYNC_FILE_RANGE: {name: "sync_file_range", fd: 0, path: -1, room: true},
	sysSyncfs:                   {name: "syncfs", fd: 0, path: -1, room: true},
	syscall.SYS_FTRUNCATE:       {name: "ftruncate", fd: 0, path: -1},
	syscall.SYS_FLOCK:           {name: "flock", fd: 0, path: -1},
	syscall.SYS_FCHMOD:          {name: "fchmod", fd: 0, path: -1},
	syscall.SYS_FCHOWN:          {name: "fchown", fd: 0, path: -1},
	syscall.SYS_CLOSE:           {name: "close", fd: 0, path: -1, room: true},
	syscall.SYS_OPENAT:          {name: "openat", fd: 0, path: 1, room: true},
	syscall.SYS_MKDIRAT:         {name: "mkdirat", fd: 0, path: 1, room: true},
	syscall.SYS_SYMLINKAT:       {name: "symlinkat", fd: 1, path: 2, room: true},
	syscall.SYS_UNLINKAT:        {name: "unlinkat", fd: 0, path: 1},
	syscall.SYS_FCHMODAT:        {name: "fchmodat", fd: 0, path: 1},
	sysFchmodat2:                {name: "fchmodat2", fd: 0, path: 1},
	syscall.SYS_UTIMENSAT:       {name: "utimensat", fd: 0, path: 1},
	syscall.SYS_LINKAT:          {name: "linkat", fd: 0, path: 1, fd2: 2, path2: 3, room: true},
	syscall.SYS_RENAMEAT:        {name: "renameat", fd: 0, path: 1, fd2: 2, path2: 3, room: true},
	sysRenameat2:                {name: "renameat2", fd: 0, path: 1, fd2: 2, path2: 3, room: true},
	// Those without "at", should a later Go use them again.
	syscall.SYS_OPEN:   {name: "open", fd: -1, path: 0, room: true},
	syscall.SYS_CREAT:  {name: "creat", fd: -1, path: 0, room: true},
	syscall.SYS_MKDIR:  {name: "mkdir", fd: -1, path: 0, room: true},
	syscall.SYS_RMDIR:  {name: "rmdir", fd: -1, path: 0},
	syscall.SYS_UNLINK: {name: "unlink", fd: -1, path: 0},
	syscall.SYS_RENAME: {name: "rename", fd: -1, path: 0, room: true},
	syscall.SYS_LINK:   {name: "link", fd: -1, path: 0, room: true},
	syscall.SYS_CHMOD:  {name: "chmod", fd: -1, path: 0},
}

// watched reports whether a call is to be counted.
func (t *tracer) watched(tid int, info *syscallInfo) (call, bool) {
	f, ok := forms[info.nr]
	if !ok {
		return call{}, false
	}
	switch info.nr {
	case syscall.SYS_OPENAT, syscall.SYS_OPEN:
		flags := info.args[f.path+1]
		if flags&(syscall.O_CREAT|syscall.O_WRONLY|syscall.O_RDWR|syscall.O_TRUNC) == 0 {
			return call{}, false
		}
	case syscall.SYS_CLOSE:
		// One that was only read loses nothing when it is closed.
		if !writable(tid, info.args[0]) {
			return call{}, false
		}
	}
	path := t.target(tid, info, f.fd, f.path)
	rel, in := t.rel(path)
	if f.path2 > 0 {
		second, also := t.rel(t.target(tid, info, f.fd2, f.path2))
		if !in && !also {
			return call{}, false
		}
		return call{f.name, rel + " " + second, f.room}, true
	}
	return call{f.name, rel, f.room}, in
}

// target returns the path that a call is about; "" when it is none.
func (t *tracer) target(tid int, info *syscallInfo, fd, path int) string {
	name := ""
	if path >= 0 {
		if name = readString(tid, info.args[path]); filepath.IsAbs(name) {
			return filepath.Clean(name)
		}
	}
	at := fmt.Sprintf("/proc/%d/cwd", tid)
	if fd >= 0 && int32(info.args[fd]) >= 0 {
		at = fmt.Sprintf("/proc/%d/fd/%d", tid, int32(info.args[fd]))
	}
	dir, err := os.Readlink(at)
	if err != nil {
		return ""
	}
	return filepath.Join(dir, name)
}

// unnamed stands for the path of a file that has none.
const unnamed = "a file without a name"

// rel returns a path relative to the watched folder, and whether it is there.
func (t *tracer) rel(path string) (string, bool) {
	switch {
	case path == t.below:
		return ".", true
	case strings.HasPrefix(filepath.Base(path), "#") && strings.HasSuffix(path, " (deleted)"):
		// A file that never had a name (O_TMPFILE): tmpfs does not say where.
		return unnamed, true
	}
	rel, ok := strings.CutPrefix(path, t.below+"/")
	return rel, ok
}

// writable reports whether a file descriptor is open for writing.
func writable(tid int, fd uint64) bool {
	info, err := os.ReadFile(fmt.Sprintf("/proc/%d/fdinfo/%d", tid, fd))
	if err != nil {
		return false
	}
	_, flags, _ := strings.Cut(string(info), "flags:")
	flags, _, _ = strings.Cut(flags, "\n")
	n, err := strconv.ParseUint(strings.TrimSpace(flags), 8, 64)
	return err == nil && n&syscall.O_ACCMODE != syscall.O_RDONLY
}

// readString reads a path from the memory of a stopped thread.
func readString(tid int, at uint64) string {
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", tid))
	if err != nil {
		return ""
	}
	defer memory.Close()
	buf := make([]byte, 4096)
	// Less comes when the next page is not there; the path ends before.
	n, _ := memory.ReadAt(buf, int64(at))
	path, _, _ := bytes.Cut(buf[:n], []byte{0})
	return string(path)
}
