package pages

import (
	"net/url"
	"path"
	"strings"
)

// Addresses are written in two forms. Inside the program a URL stands below
// the site's root, starts with a slash, is not percent-encoded and ends in a
// slash when it is a page of its own folder: "/privacy/2021-07-14/". On a page
// it is what Href makes of it.

// Href returns the address of one URL of the site as a link on the page at
// another: relative, so that a site works below any path and from a disk, and
// percent-encoded. Href("/privacy/", "/privacy/changes/") is "changes/".
func Href(from, to string) string {
	folder := from[:strings.LastIndexByte(from, '/')+1]
	same := 0 // length of the folders that both are in
	for i := 0; i < len(folder) && i < len(to) && folder[i] == to[i]; i++ {
		if to[i] == '/' {
			same = i + 1
		}
	}
	down := escapePath(to[same:])
	if up := strings.Count(folder[same:], "/"); up > 0 {
		return strings.Repeat("../", up) + down
	}
	// "a:b/" alone would be read as the scheme a, and "" as the page itself
	// whatever its file name.
	if first, _, _ := strings.Cut(down, "/"); first == "" || strings.Contains(first, ":") {
		return "./" + down
	}
	return down
}

// AssetURL returns the URL of a linked file by the SHA-256 of its content (64
// hexadecimal digits): "/assets/0123456789abcdef/dpa.pdf".
func AssetURL(sha256hex, name string) string {
	return "/assets/" + sha256hex[:min(16, len(sha256hex))] + "/" + path.Base(name)
}

// escapePath percent-encodes each segment of a path (RFC 3986, section 3.3).
func escapePath(p string) string {
	if plain(p) {
		return p
	}
	segments := strings.Split(p, "/")
	for i, s := range segments {
		segments[i] = url.PathEscape(s)
	}
	return strings.Join(segments, "/")
}

// plain reports whether percent-encoding would leave a path as it is: as nearly
// all are.
func plain(p string) bool {
	for i := range len(p) {
		switch b := p[i]; {
		case 'a' <= b && b <= 'z', '0' <= b && b <= '9', 'A' <= b && b <= 'Z', b == '/', b == '-', b == '.', b == '_':
		default:
			return false
		}
	}
	return true
}

// file returns the path of the file that a host serves for a URL.
func file(u string) string {
	if strings.HasSuffix(u, "/") {
		u += "index.html"
	}
	return u[1:]
}

// base is what the site's configured address says: an origin and a path, or a
// path alone, or nothing.
type base struct {
	origin string // "https://example.com"; "" when the address is not absolute
	path   string // "/legal/"; always with a slash at both ends, percent-encoded
}

func parseBase(s string) base {
	u, err := url.Parse(s)
	if err != nil || s == "" {
		return base{path: "/"}
	}
	b := base{path: "/" + strings.Trim(u.EscapedPath(), "/") + "/"}
	if b.path == "//" {
		b.path = "/"
	}
	if u.Scheme != "" && u.Host != "" {
		b.origin = u.Scheme + "://" + u.Host
	}
	return b
}

// rooted returns the address of a URL from the host's root, for files that do
// not know where they will be read: "/legal/privacy/".
func (b base) rooted(u string) string { return b.path + escapePath(u[1:]) }

// Absolute returns the whole address of a URL on the site at baseURL, and false where
// that says no host.
func Absolute(baseURL, u string) (string, bool) { return parseBase(baseURL).absolute(u) }

// absolute returns the whole address of a URL, and false when the site does
// not know its own.
func (b base) absolute(u string) (string, bool) {
	if b.origin == "" {
		return "", false
	}
	return b.origin + b.path + escapePath(u[1:]), true
}
