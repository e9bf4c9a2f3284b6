package publish

import (
	"crypto/sha256"
	"fmt"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/policysite/policysite/builder/policy"
)

// names are the paths of a new site, under a key that is equal for all paths
// which some file system takes for one: macOS and Windows ignore case, macOS
// normalization too. What collides there is refused everywhere, or a site would
// depend on the machine that built it.
//
// A site has several files and folders for each version, so that few bytes are
// spent on one.
type names struct {
	have    map[string]*file  // by foldPath; nil of a folder
	spelled map[string]string // how a path was first spelled that is not its own key, by that
}

// file is a file of a new site.
type file struct {
	sum     [sha256.Size]byte // of its bytes
	stamp   Stamp
	written bool // with a sum, which the marker has not
	again   bool // it is one of the old site, by a second name
}

// newNames makes room for so many.
func newNames(size int) *names {
	return &names{make(map[string]*file, size), map[string]string{}}
}

// claim takes a path for a new file and returns the folders that have to be
// made for it, outermost first. A path claimed twice, or no path inside a site,
// is a fault of the caller; a path that another machine could not hold, or would
// take for another path, is a policy.ErrContent.
func (ns *names) claim(p string) (folders []string, err error) {
	if err := checkPath(p); err != nil {
		return nil, err
	}
	key := foldPath(p)
	// Folding changes the length of names, never the number of slashes.
	for i, k := 0, 0; ; i, k = i+1, k+1 {
		di, dk := strings.IndexByte(p[i:], '/'), strings.IndexByte(key[k:], '/')
		if di < 0 {
			break
		}
		i, k = i+di, k+dk
		folder := p[:i]
		switch f, ok := ns.have[key[:k]]; {
		case !ok:
			ns.add(key[:k], folder, nil)
			folders = append(folders, folder)
		case f != nil:
			return nil, policy.Fail(policy.ErrContent, nil, "rename one of them", "%s needs a folder where the site has the file %s", p, ns.spelling(key[:k]))
		case ns.spelling(key[:k]) != folder:
			return nil, collision(p, ns.spelling(key[:k]))
		}
	}
	switch f, ok := ns.have[key]; {
	case !ok:
		ns.add(key, p, &file{})
		return folders, nil
	case f == nil:
		return nil, policy.Fail(policy.ErrContent, nil, "rename one of them", "%s is a file where the site has the folder %s", p, ns.spelling(key))
	case ns.spelling(key) != p:
		return nil, collision(p, ns.spelling(key))
	default:
		return nil, fmt.Errorf("%s: written twice", p)
	}
}

func (ns *names) add(key, path string, f *file) {
	ns.have[key] = f
	if path != key {
		ns.spelled[key] = path
	}
}

// spelling is how the path with this key was first spelled.
func (ns *names) spelling(key string) string {
	if path, ok := ns.spelled[key]; ok {
		return path
	}
	return key
}

func collision(a, b string) error {
	return policy.Fail(policy.ErrContent, nil, "rename one of them", "%s and %s are one path where upper and lower case, or composed and decomposed letters, are the same", a, b)
}

// written are the paths of the files that were written, in their order.
func (ns *names) written() []string {
	var files []string
	for key, f := range ns.have {
		if f != nil && f.written {
			files = append(files, ns.spelling(key))
		}
	}
	slices.Sort(files)
	return files
}

// folders are the folders of the site, in the order of their paths after the
// site itself.
func (ns *names) folders() []string {
	folders := []string{"."}
	for key, f := range ns.have {
		if f == nil {
			folders = append(folders, ns.spelling(key))
		}
	}
	slices.Sort(folders[1:])
	return folders
}

// at returns what the site has at exactly this path: nil is a folder.
func (ns *names) at(p string) (f *file, ok bool) {
	key := foldPath(p)
	f, ok = ns.have[key]
	return f, ok && ns.spelling(key) == p
}

// file returns the file that was claimed at a path.
func (ns *names) file(p string) *file { return ns.have[foldPath(p)] }

// foldPath returns a key that is equal for paths which differ in case or
// normalization only.
func foldPath(p string) string {
	plain := true
	for i := range len(p) {
		if c := p[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			plain = false
			break
		}
	}
	if plain {
		return p
	}
	return norm.NFC.String(strings.Map(foldRune, norm.NFD.String(p)))
}

// foldRune returns one rune for all that simple case folding makes equal: the
// lower-case letter for ASCII, elsewhere the smallest of them.
func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		return unicode.ToLower(r)
	}
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	if least < utf8.RuneSelf { // K (Kelvin) and ſ fold with ASCII letters
		return unicode.ToLower(least)
	}
	return least
}

// checkPath refuses what is no path of a file inside the site on every system.
func checkPath(p string) error {
	switch {
	case !utf8.ValidString(p), strings.ContainsFunc(p, unicode.IsControl), strings.Contains(p, `\`):
		return fmt.Errorf("%q: want a path of letters and slashes, without backslash, control characters and invalid UTF-8", p)
	case p == ".", path.Clean(p) != p, !filepath.IsLocal(filepath.FromSlash(p)):
		return fmt.Errorf("%q: want a path inside the site, such as privacy/index.html", p)
	}
	for segment := range strings.SplitSeq(p, "/") {
		if why := unportable(segment); why != "" {
			return policy.Fail(policy.ErrContent, nil, "rename what it is made from", "%s cannot be written on Windows: %q %s", p, segment, why)
		}
	}
	return nil
}

// unportable says why Windows cannot hold a file of this name; "" when it can.
// https://learn.microsoft.com/windows/win32/fileio/naming-a-file
func unportable(segment string) string {
	if strings.HasSuffix(segment, ".") || strings.HasSuffix(segment, " ") {
		return "ends in a full stop or a space"
	}
	// Elsewhere a colon is a letter like others, and an attachment may have one.
	if runtime.GOOS == "windows" && strings.ContainsAny(segment, `<>:"|?*`) {
		return `has one of <>:"|?*`
	}
	device, _, _ := strings.Cut(segment, ".")
	device = strings.ToUpper(strings.TrimRight(device, " "))
	switch device {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return "is the name of a device"
	}
	if port, ok := strings.CutPrefix(device, "COM"); ok && isPort(port) {
		return "is the name of a device"
	}
	if port, ok := strings.CutPrefix(device, "LPT"); ok && isPort(port) {
		return "is the name of a device"
	}
	return ""
}

// isPort reports whether s is what follows COM or LPT in a device's name.
func isPort(s string) bool {
	return utf8.RuneCountInString(s) == 1 && strings.Contains("0123456789¹²³", s)
}
