package publish

import (
	"fmt"
	"path"
	"path/filepath"
	"runtime"
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
type names map[string]name // by foldPath

// name is a path of a site as it was first spelled.
type name struct {
	path   string
	folder bool
}

// claim takes a path for a new file and returns the folders that have to be
// made for it, outermost first. A path claimed twice, or one that is not inside
// a site, is a fault of the caller; a path that another machine could not hold,
// or would take for another path, is a policy.ErrContent.
func (ns names) claim(p string) (folders []string, err error) {
	if err := checkPath(p); err != nil {
		return nil, err
	}
	for i := range len(p) {
		if p[i] != '/' {
			continue
		}
		folder := p[:i]
		switch have, ok := ns[foldPath(folder)]; {
		case !ok:
			ns[foldPath(folder)] = name{folder, true}
			folders = append(folders, folder)
		case !have.folder:
			return nil, policy.Fail(policy.ErrContent, nil, "rename one of them", "%s needs a folder where the site has the file %s", p, have.path)
		case have.path != folder:
			return nil, collision(p, have.path)
		}
	}
	switch have, ok := ns[foldPath(p)]; {
	case !ok:
		ns[foldPath(p)] = name{p, false}
		return folders, nil
	case have.folder:
		return nil, policy.Fail(policy.ErrContent, nil, "rename one of them", "%s is a file where the site has the folder %s", p, have.path)
	case have.path != p:
		return nil, collision(p, have.path)
	default:
		return nil, fmt.Errorf("%s: written twice", p)
	}
}

func collision(a, b string) error {
	return policy.Fail(policy.ErrContent, nil, "rename one of them", "%s and %s are one path where upper and lower case, or composed and decomposed letters, are the same", a, b)
}

// inPlaceOf returns what the site has at exactly this path, or the file that it
// has in the place of a folder around it; "" for neither.
func (ns names) inPlaceOf(p string) (have string, folder bool) {
	for at := p; at != "."; at = path.Dir(at) {
		if n, ok := ns[foldPath(at)]; ok && n.path == at {
			if n.folder && at != p {
				break
			}
			return at, n.folder
		}
	}
	return "", false
}

// foldPath returns a key that is equal for paths which differ in case or
// normalization only.
func foldPath(p string) string {
	if !strings.ContainsFunc(p, func(r rune) bool { return r >= utf8.RuneSelf || 'A' <= r && r <= 'Z' }) {
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

// checkPath refuses a path that is not one of a file inside the site on every
// system.
func checkPath(p string) error {
	switch {
	case !utf8.ValidString(p), strings.ContainsFunc(p, unicode.IsControl), strings.Contains(p, `\`):
		return fmt.Errorf("%q: expected a path of letters and slashes, without backslash, control characters and invalid UTF-8", p)
	case p == ".", path.Clean(p) != p, !filepath.IsLocal(filepath.FromSlash(p)):
		return fmt.Errorf("%q: expected a path inside the site, such as privacy/index.html", p)
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
