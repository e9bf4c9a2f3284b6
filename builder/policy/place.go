package policy

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Slug makes the segments of a path those of a URL: Normalization Form C,
// lower case; Unicode letters, marks, digits and "_" stay, runs of anything
// else become "-", which is trimmed. A segment of which nothing is left is an
// error.
func Slug(p string) (string, error) {
	segments := strings.Split(strings.Trim(p, "/"), "/")
	for i, s := range segments {
		if segments[i] = slugSegment(s); segments[i] == "" {
			return "", fmt.Errorf("expected a letter or digit in %q", s)
		}
	}
	return strings.Join(segments, "/"), nil
}

func slugSegment(s string) string {
	var b strings.Builder
	dash := false
	for _, r := range norm.NFC.String(strings.ToLower(norm.NFC.String(s))) {
		if r == '_' || unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) {
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			dash = false
			b.WriteRune(r)
			continue
		}
		dash = true
	}
	return b.String()
}

// aboutName is where a site says, in each of its languages, what it is.
const aboutName = "about-this-archive"

var (
	versionID = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}(-\d+)?$`)
	// What stands below every policy, and at the root of the site.
	reservedBelow = []string{"changes", "compare", "origins", "as-of", "current.json", "versions.json", "feed.atom"}
	reservedRoot  = []string{"assets", "changes", "compare", "as-of", aboutName, "_headers", "_redirects", "_worker.js", ".well-known"}
	// Files at the root that no slug can name, but an alias.
	rootFiles = []string{"index.html", "404.html", "archive.json", "feed.atom", "feed.json", "llms.txt", "sitemap.xml", "robots.txt", "_headers", "_redirects", "_worker.js", ".nojekyll"}
)

// Place finds where a policy stands on the site. meta is its front matter at
// the built commit; problems have no path.
func (l *Layout) Place(p string, meta *Meta) (Place, Problems) {
	var problems Problems
	wrong := func(key, hint, format string, args ...any) {
		problems = append(problems, &Problem{Line: meta.Lines[key], Message: key + ": " + fmt.Sprintf(format, args...), Hint: hint})
	}
	if why := unreadable(p); why != "" {
		problems = append(problems, &Problem{Message: "the path of this file " + why, Hint: "rename it"})
		return Place{}, problems
	}
	id, lang, base := l.ID(p)
	if id == "" && meta.ID == "" {
		problems = append(problems, &Problem{Message: "no id can be made of this file's name", Hint: "rename it, or give it an `id:` in front matter"})
		return Place{}, problems
	}
	if meta.ID != "" {
		slug, err := Slug(meta.ID)
		if err != nil || slug != strings.Trim(norm.NFC.String(meta.ID), "/") {
			wrong("id", fmt.Sprintf("did you mean %q?", slug), "expected lower-case letters, digits, - and / as in terms/eu, found %q", meta.ID)
		}
		id = slug
		base = strings.TrimPrefix(id, strings.ToLower(lang)+"/")
	}
	place := Place{ID: id, Path: p, URL: "/" + id + "/", Lang: lang, Base: base, TranslationOf: strings.Trim(meta.TranslationOf, "/"), Lines: meta.Lines}
	if meta.Lang != "" {
		place.Lang = meta.Lang
	}
	switch {
	case meta.URL != "":
		u, former, err := permalink(meta.URL)
		if err != nil {
			wrong("url", "url: /legal/privacy/", "%v", err)
			break
		}
		place.URL = u
		if former != "" {
			place.Former = append(place.Former, former)
		}
	case meta.Slug != "":
		s, err := Slug(path.Join(path.Dir(id), strings.ReplaceAll(meta.Slug, "/", "-")))
		if err != nil {
			wrong("slug", "slug: privacy", "%v", err)
			break
		}
		place.URL = "/" + s + "/"
	}
	if why := unportable(place.URL); why != "" {
		switch {
		case meta.URL != "":
			wrong("url", "url: /legal/privacy/", "%s %s", place.URL, why)
		case meta.Slug != "":
			wrong("slug", "slug: privacy", "%s %s", place.URL, why)
		default:
			problems = append(problems, &Problem{Line: meta.Lines["id"], Message: "would stand at " + place.URL + ", but " + why, Hint: "rename it, or give it a `slug:`"})
		}
	}
	for _, a := range meta.Aliases {
		former, foreign, err := alias(a)
		if err != nil {
			wrong("aliases", "aliases: [/old/privacy/]", "%v", err)
			problems[len(problems)-1].Warning = foreign
			continue
		}
		if !slices.Contains(place.Former, former) {
			place.Former = append(place.Former, former)
		}
	}
	return place, problems
}

// FormerURL is the URL that a path and a front matter of the past gave; "" when
// none stood there, or the site's own files do.
func (l *Layout) FormerURL(p string, meta *Meta) string {
	place, problems := l.Place(p, &Meta{Identity: Identity{ID: meta.ID, Slug: meta.Slug, URL: meta.URL}})
	if len(problems) > 0 || slices.Contains(reservedRoot, firstSegment(place.URL)) {
		return ""
	}
	return place.URL
}

// Lengths in bytes that file systems hold: of one name (Linux), and of a path
// (macOS, less what stands before and below an address).
const (
	maxSegment = 255
	maxPath    = 800
)

// unreadable says what keeps people and programs from agreeing on what a path
// is; "" when nothing does.
func unreadable(p string) string {
	if mark := BidiControl(p); mark != "" {
		return "has " + mark + ", which makes what is read differ from what is written"
	}
	if !utf8.ValidString(p) {
		return "is not UTF-8"
	}
	if strings.ContainsFunc(p, unicode.IsControl) {
		return "has a control character"
	}
	return ""
}

// CheckAddress says what keeps an address below the root of a site, not
// percent-encoded, from being one at which a page can be.
func CheckAddress(u string) error {
	p, err := urlPath(u)
	if err == nil && p != strings.TrimSuffix(u, "/") {
		err = fmt.Errorf("expected %s, found %q", p, u)
	}
	return err
}

// IsVersionID tells whether an id is that of a version: a day, with a number from 2
// behind it or none.
func IsVersionID(id string) bool {
	if !versionID.MatchString(id) {
		return false
	}
	const day = len("2026-05-04")
	_, err := ParseDate(id[:day])
	number := strings.TrimPrefix(id[day:], "-")
	return err == nil && (number == "" || number[0] != '0' && number != "1")
}

// unportable says why some system cannot hold a page at an address below the
// root; "" when each can.
// https://learn.microsoft.com/windows/win32/fileio/naming-a-file
func unportable(u string) string {
	if len(u) > maxPath {
		return fmt.Sprintf("is longer than %d bytes", maxPath)
	}
	for segment := range strings.SplitSeq(strings.Trim(u, "/"), "/") {
		device, _, _ := strings.Cut(segment, ".")
		switch device = strings.ToUpper(strings.TrimRight(device, " ")); {
		case len(segment) > maxSegment:
			return fmt.Sprintf("has a part of more than %d bytes", maxSegment)
		case strings.HasPrefix(segment, " "):
			return fmt.Sprintf("has a part that starts with a space: %q", segment)
		case strings.HasSuffix(segment, ".") || strings.HasSuffix(segment, " "):
			return fmt.Sprintf("cannot be on Windows, where no name ends like %q", segment)
		case devices.MatchString(device):
			return fmt.Sprintf("cannot be on Windows, where %q is a device", segment)
		}
	}
	return ""
}

var devices = regexp.MustCompile(`^(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³])$`)

// foldKey is equal for addresses that differ in case or normalization only:
// one place on macOS and Windows.
func foldKey(u string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		least := r
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			least = min(least, f)
		}
		return least
	}, norm.NFD.String(u)))
}

func firstSegment(u string) string {
	first, _, _ := strings.Cut(strings.Trim(u, "/"), "/")
	return first
}

// permalink makes a URL of `url` or `permalink`. An ending .html or /index.html
// is served by the URL without it, and becomes an alias.
func permalink(s string) (u, former string, err error) {
	clean, err := urlPath(pathOf(s))
	if err != nil {
		return "", "", err
	}
	stem := clean
	if dir, ok := strings.CutSuffix(stem, "/index.html"); ok {
		stem = dir
	} else if name, ok := strings.CutSuffix(stem, ".html"); ok {
		stem, former = name, clean
	}
	slug, err := Slug(stem)
	if err != nil {
		return "", "", err
	}
	return "/" + slug + "/", former, nil
}

// alias keeps an old address as it was, since that is what others link to. Of one
// with a fragment the path counts: a page is all that can redirect. foreign is
// whether it is only left out: no other generator would publish a page there.
func alias(s string) (former string, foreign bool, err error) {
	if strings.Contains(s, "://") || strings.HasPrefix(s, "//") {
		return "", true, fmt.Errorf("%q is on another host, and is not read", s)
	}
	bare := pathOf(s)
	if strings.Trim(strings.TrimSuffix(bare, "index.html"), "/") == "" {
		return "", true, fmt.Errorf("%q is the home page, and is not read", s)
	}
	clean, err := urlPath(bare)
	if err != nil {
		return "", false, err
	}
	clean = strings.TrimSuffix(clean, "/index.html")
	if path.Ext(clean) == ".html" {
		return clean, false, nil
	}
	return strings.TrimSuffix(clean, "/") + "/", false, nil
}

// pathOf is the path of an address: without fragment and query, and decoded.
func pathOf(s string) string {
	s, _, _ = strings.Cut(s, "#")
	s, _, _ = strings.Cut(s, "?")
	if decoded, err := url.PathUnescape(s); err == nil {
		return decoded
	}
	return s
}

// urlPath checks an address below the site's root.
func urlPath(s string) (string, error) {
	switch {
	case strings.Contains(s, "://") || strings.HasPrefix(s, "//"):
		return "", fmt.Errorf("expected a path below the site's root, found %q", s)
	case strings.ContainsAny(s, "\\?#%<>\"|*:") || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) || strings.ContainsFunc(s, isFormat):
		return "", fmt.Errorf("expected a plain path, found %q", s)
	}
	p := "/" + strings.Trim(norm.NFC.String(s), "/")
	for seg := range strings.SplitSeq(p[1:], "/") {
		switch {
		case seg == "" || seg == "." || seg == "..":
			return "", fmt.Errorf("expected a path without empty parts, . and .., found %q", s)
		case strings.HasPrefix(seg, ".") && seg != ".well-known" || strings.EqualFold(seg, "git~1"):
			return "", fmt.Errorf("expected a path without hidden folders, found %q", s)
		}
	}
	if why := unportable(p); why != "" {
		return "", fmt.Errorf("%q %s", s, why)
	}
	return p, nil
}

// isFormat reports whether a character is one that nobody sees, other than the
// two joiners that words of some scripts are written with.
func isFormat(r rune) bool { return unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d' }

// CheckPlaces finds policies that would stand in each other's way, or in the
// way of the site's own pages. Its problems have paths. Aliases that would, by
// the paths of their policies, have to be left out; no page is lost with them. languages
// are those of the site, each of which may have pages of its own.
func CheckPlaces(places []Place, languages []string) (problems Problems, aliasesOut map[string][]string) {
	aliasesOut = map[string][]string{}
	clash := func(p Place, line int, hint, format string, args ...any) {
		problems = append(problems, &Problem{Path: p.Path, Line: line, Message: fmt.Sprintf(format, args...), Hint: hint})
	}
	const byCase = "which are one address where case or normalization do not count"
	ids, urls, folded := map[string]Place{}, map[string]Place{}, map[string]Place{}
	for _, p := range places {
		if other, ok := ids[p.ID]; ok && other.Path == p.Path { // as it was published, and as it is
			continue
		} else if ok {
			clash(p, p.Line(), "give one of them another `id:` in front matter", "has the id %q, and so has %s", p.ID, other.Path)
			problems[len(problems)-1].Other = other.Path
		} else if other, ok := urls[p.URL]; ok {
			clash(p, p.Line(), "give one of them another `url:` in front matter", "would stand at %s, and so would %s", p.URL, other.Path)
			problems[len(problems)-1].Other = other.Path
		} else if other, ok := folded[foldKey(p.URL)]; ok {
			clash(p, p.Line(), "give one of them another `url:` in front matter", "would stand at %s, and %s at %s, "+byCase, p.URL, other.Path, other.URL)
			problems[len(problems)-1].Other = other.Path
		}
		ids[p.ID], urls[p.URL], folded[foldKey(p.URL)] = p, p, p
	}
	type alias struct {
		url   string
		place Place
	}
	aliases := map[string]alias{} // by their folded form
	for _, p := range places {
		for _, former := range p.Former {
			at := foldKey(former)
			other, twice := aliases[at]
			living, lives := folded[at]
			said := len(problems)
			switch {
			case slices.ContainsFunc(rootFiles, func(f string) bool { return foldKey(f) == firstSegment(at) }):
				clash(p, p.Lines["aliases"], "leave it out", "aliases: %s is an address of the site itself", former)
			case lives && living.URL != former: // where one lives at the very address, it stays
				clash(p, p.Lines["aliases"], "leave one of them out", "aliases: %s, and %s stands at %s, "+byCase, former, living.Path, living.URL)
			case twice && other.url != former:
				clash(p, p.Lines["aliases"], "leave one of them out", "aliases: %s, and %s has %s, "+byCase, former, other.place.Path, other.url)
			case twice && other.place.Path != p.Path:
				clash(p, p.Lines["aliases"], "leave it out of one of them", "aliases: %s is one of %s, too", former, other.place.Path)
			default:
				aliases[at] = alias{former, p}
			}
			if len(problems) > said {
				problems[said].Warning = true
				aliasesOut[p.Path] = append(aliasesOut[p.Path], former)
			}
		}
		segments := strings.Split(strings.Trim(p.URL, "/"), "/")
		if slices.Contains(reservedRoot, segments[0]) || len(segments) > 1 && segments[1] == aboutName && slices.ContainsFunc(languages, func(l string) bool { return strings.EqualFold(l, segments[0]) }) {
			clash(p, p.Line(), "rename it, or give it a `slug:`", "would stand at %s, which is reserved", p.URL)
			continue
		}
		for i := 1; i < len(segments); i++ {
			above, ok := urls["/"+strings.Join(segments[:i], "/")+"/"]
			if ok && (slices.Contains(reservedBelow, segments[i]) || versionID.MatchString(segments[i])) {
				clash(p, p.Line(), "rename it, or give it a `slug:`", "would stand at %s, which is reserved below the policy %s", p.URL, above.Path)
				break
			}
		}
	}
	return problems, aliasesOut
}
