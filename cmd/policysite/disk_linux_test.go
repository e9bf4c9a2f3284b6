package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Builds on a disk with too little room, a little more every time until one goes
// through: the kernel cuts writes and refuses names wherever the room ends. After
// each, the old site stands, and nothing beside it. A file system is mounted for
// it, in a name space of its own (unshare -rm).
//
//	go test ./cmd/policysite -run FullDisk -sweep 1 -v
func TestFullDisk(t *testing.T) {
	if *sweep == 0 {
		t.Skip("mounts a file system; -sweep runs it")
	}
	b := newBed(t)
	b.mend(t, "a")
	// The mount goes with the shell, so what stands on it is copied out.
	const script = `size=$0 from=$1 disk=$2 out=$3
shift 3
mount -t tmpfs -o "size=${size}k,mode=755" none "$disk" && cp -a "$from/." "$disk/" || exit 99
"$@"
code=$?
cp -a "$disk/." "$out/" || exit 99
exit $code`
	from, small, bad := b.world, 0, 0
	for room := 0; ; room += 4 {
		b := *b
		b.settle(t)
		disk := b.world
		b.world = disk + "-after"
		if err := os.Mkdir(b.world, 0o755); err != nil {
			t.Fatal(err)
		}
		// The site that is there, in pages of 4 KiB, has room.
		size := fmt.Sprint(room + 4*len(b.sites["a"]) + 64)
		cmd := exec.Command("unshare", append([]string{"-rm", "sh", "-c", script, size, from, disk, b.world, b.program}, b.args("b")...)...)
		cmd.Env = b.env
		said, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() == 99 {
			t.Fatalf("no disk to fill: %v: %s", err, said)
		}
		b.public = filepath.Join(b.world, "public")
		code, state, want := cmd.ProcessState.ExitCode(), b.state(t), "a"
		if code == 0 {
			want = "b"
		} else {
			wantRefusal(t, code, string(said), "no space left on device")
		}
		if state != want {
			bad++
			t.Errorf("%d KiB: exit %d, site %s: %s", room, code, state, strings.TrimSpace(string(said)))
		}
		b.wantClean(t)
		if code == 0 {
			break
		}
		if small++; small == 200 {
			t.Fatalf("no build goes through: %s", said)
		}
	}
	if small < 5 {
		t.Errorf("only %d builds found too little room", small)
	}
	fmt.Printf("full disk: %d builds found too little room: %d bad states\n", small, bad)
}
