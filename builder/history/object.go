package history

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"

	"github.com/policysite/policysite/builder/policy"
)

// The kinds of git objects.
const (
	kindCommit = "commit"
	kindTree   = "tree"
	kindBlob   = "blob"
	kindTag    = "tag"
)

// oid is an object id: 20 bytes (SHA-1) or 32 (SHA-256). It is comparable and
// holds no pointer, so that many of them cost the garbage collector nothing.
type oid struct {
	sum  [sha256.Size]byte
	size uint8
}

func (o oid) String() string { return hex.EncodeToString(o.sum[:o.size]) }

func (o oid) isZero() bool { return o.size == 0 }

// oidOf copies a raw id of 20 or 32 bytes.
func oidOf(raw []byte) (o oid) {
	o.size = uint8(copy(o.sum[:], raw))
	return o
}

// parseOID reads a full hexadecimal id.
func parseOID(s string) (oid, bool) {
	if len(s) != 2*sha1.Size && len(s) != 2*sha256.Size {
		return oid{}, false
	}
	raw, err := hex.DecodeString(s)
	return oidOf(raw), err == nil
}

// hashObject computes the id of an object's content, in the hash whose ids are
// size bytes long.
func hashObject(kind string, data []byte, size uint8) oid {
	h := newHash(kind, int64(len(data)), size)
	h.Write(data)
	return sumOf(h)
}

// newHash returns the hash of an object of a kind and length, to which its
// content is still to be written. sumOf makes the object's id of it.
func newHash(kind string, length int64, size uint8) hash.Hash {
	h := sha1.New()
	if size == sha256.Size {
		h = sha256.New()
	}
	h.Write([]byte(kind + " " + strconv.FormatInt(length, 10) + "\x00"))
	return h
}

func sumOf(h hash.Hash) oid {
	var o oid
	o.size = uint8(len(h.Sum(o.sum[:0])))
	return o
}

// commit is what is read of a commit object.
type commit struct {
	tree      oid
	parents   []oid
	authored  time.Time
	committed time.Time
	undated   policy.Undated
	message   string // valid UTF-8
}

var errMalformed = errors.New("malformed")

// parseCommit reads a commit object (git-cat-file(1) shows the format): header
// lines, a blank line, the message.
func parseCommit(data []byte) (*commit, error) {
	c := &commit{authored: time.Unix(0, 0).UTC(), committed: time.Unix(0, 0).UTC(), undated: policy.Undated{Authored: true, Committed: true}}
	header, message, _ := bytes.Cut(data, []byte("\n\n"))
	encoding := ""
	for line := range bytes.Lines(header) {
		key, value, _ := strings.Cut(strings.TrimSuffix(string(line), "\n"), " ")
		switch key {
		case "tree", "parent":
			id, ok := parseOID(value)
			if !ok {
				return nil, fmt.Errorf("%w: %s is not followed by an object id", errMalformed, key)
			}
			if key == "tree" {
				c.tree = id
			} else {
				c.parents = append(c.parents, id)
			}
		case "author":
			c.authored, c.undated.Authored = parseTime(value)
		case "committer":
			c.committed, c.undated.Committed = parseTime(value)
		case "encoding":
			encoding = value
		}
	}
	if c.tree.isZero() {
		return nil, fmt.Errorf("%w: no tree", errMalformed)
	}
	c.message = decodeMessage(message, encoding)
	return c, nil
}

// decodeMessage reads a commit message in the encoding that its header names, as
// git log does; UTF-8 where it names none.
func decodeMessage(message []byte, name string) string {
	if name != "" && !utf8.Valid(message) {
		if encoding, err := htmlindex.Get(name); err == nil {
			if decoded, err := encoding.NewDecoder().Bytes(message); err == nil {
				message = decoded
			}
		}
	}
	return strings.ToValidUTF8(string(message), "\uFFFD")
}

// parseTime reads the end of an ident line, "Name <mail> 1626256800 +0200".
// Real repositories hold every kind of nonsense there; what has no meaning
// becomes the epoch, or UTC. Instants are kept within the years 1970 to 9999,
// which is what RFC 3339 and encoding/json can write. none reports that another
// instant than the one that is written, or none, is returned.
func parseTime(ident string) (at time.Time, none bool) {
	const last = 253402300799 - 24*60*60 // a day before the year 10000, for the zone's sake
	fields := strings.Fields(ident[strings.LastIndexByte(ident, '>')+1:])
	if len(fields) == 0 {
		return time.Unix(0, 0).UTC(), true
	}
	stated, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		stated = 0
	}
	sec := min(max(stated, 0), last)
	none = err != nil || sec != stated
	if len(fields) < 2 {
		return inZone(sec, 0), none
	}
	zone, err := strconv.Atoi(fields[1])
	minutes := zone/100*60 + zone%100
	if err != nil || len(fields[1]) != 5 || minutes <= -24*60 || minutes >= 24*60 {
		return inZone(sec, 0), none
	}
	return inZone(sec, minutes*60), none
}

// inZone is a time in Unix seconds, in a zone so many seconds east of UTC.
func inZone(sec int64, offset int) time.Time {
	t := time.Unix(sec, 0).UTC()
	if offset == 0 {
		return t
	}
	return t.In(time.FixedZone("", offset))
}

// parseTag returns the object an annotated tag names.
func parseTag(data []byte) (oid, error) {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	if value, ok := strings.CutPrefix(string(line), "object "); ok {
		if id, ok := parseOID(value); ok {
			return id, nil
		}
	}
	return oid{}, fmt.Errorf("%w: no object", errMalformed)
}

// FileMode tells what stands at a path.
type FileMode uint8

const (
	Regular FileMode = iota + 1
	Executable
	Symlink   // the blob holds the target
	Submodule // the id is that of a commit in another repository
	folder
)

// IsFile reports whether the content of a file stands there.
func (m FileMode) IsFile() bool { return m == Regular || m == Executable }

// entry is one line of a tree.
type entry struct {
	name []byte // within the tree's content
	mode FileMode
	id   oid
}

// parseTree reads a tree object: for each entry its mode in octal, a space,
// its name, a zero byte and the raw id. The result is in git's order, whatever
// the writer of the tree did. Two entries of one name, of which programs take
// either, are malformed, as git fsck says.
func parseTree(data []byte, idSize uint8) ([]entry, error) {
	// There are as many entries as zero bytes, or less, for ids hold some, too.
	entries := make([]entry, 0, min(bytes.Count(data, []byte{0}), len(data)/int(idSize)))
	sorted := true
	for pos := 0; pos < len(data); {
		space := bytes.IndexByte(data[pos:], ' ')
		if space < 0 {
			return nil, fmt.Errorf("%w: no mode", errMalformed)
		}
		mode, err := parseMode(data[pos : pos+space])
		if err != nil {
			return nil, err
		}
		pos += space + 1
		zero := bytes.IndexByte(data[pos:], 0)
		if zero < 0 || pos+zero+1+int(idSize) > len(data) {
			return nil, fmt.Errorf("%w: entry is cut off", errMalformed)
		}
		name := data[pos : pos+zero]
		// These four cannot be part of a path, and git writes none of them.
		if len(name) == 0 || string(name) == "." || string(name) == ".." || bytes.IndexByte(name, '/') >= 0 {
			return nil, fmt.Errorf("%w: entry is named %q", errMalformed, name)
		}
		pos += zero + 1
		e := entry{name: name, mode: mode, id: oidOf(data[pos : pos+int(idSize)])}
		pos += int(idSize)
		if n := len(entries); n > 0 && compareEntries(entries[n-1], e) >= 0 {
			sorted = false
		}
		entries = append(entries, e)
	}
	if !sorted {
		slices.SortStableFunc(entries, compareEntries)
	}
	for i, e := range entries {
		twice := !sorted && i > 0 && compareEntries(entries[i-1], e) == 0
		if e.mode == folder && !twice {
			_, twice = slices.BinarySearchFunc(entries, entry{name: e.name}, compareEntries)
		}
		if twice {
			return nil, fmt.Errorf("%w: two entries are named %q", errMalformed, e.name)
		}
	}
	return entries, nil
}

// parseMode reads an entry's mode as git itself does: of a regular file only
// the owner's executable bit counts.
func parseMode(s []byte) (FileMode, error) {
	mode, err := strconv.ParseUint(string(s), 8, 32)
	if err != nil {
		return 0, fmt.Errorf("%w: mode %q", errMalformed, s)
	}
	switch mode & 0o170000 {
	case 0o100000:
		if mode&0o100 != 0 {
			return Executable, nil
		}
		return Regular, nil
	case 0o120000:
		return Symlink, nil
	case 0o160000:
		return Submodule, nil
	case 0o040000:
		return folder, nil
	}
	return 0, fmt.Errorf("%w: mode %q", errMalformed, s)
}

// compareEntries is the order of trees: by name, folders as if their name ended
// in a slash. A file and a folder of one name are thus different entries.
func compareEntries(a, b entry) int {
	n := min(len(a.name), len(b.name))
	if c := bytes.Compare(a.name[:n], b.name[:n]); c != 0 {
		return c
	}
	return int(a.at(n)) - int(b.at(n))
}

// at returns byte i of the name as compareEntries sees it, 0 behind its end:
// names hold no zeros.
func (e entry) at(i int) byte {
	switch {
	case i < len(e.name):
		return e.name[i]
	case i == len(e.name) && e.mode == folder:
		return '/'
	}
	return 0
}
