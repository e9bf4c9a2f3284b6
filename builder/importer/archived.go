package importer

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/policysite/policysite/builder/policy"
)

// Capture is one copy of a page in a web archive.
type Capture struct {
	Address  string    // of the copy, for people: https://web.archive.org/web/20121028225912/https://example.com/privacy
	Original string    // of the page: https://example.com/privacy
	Time     time.Time // in UTC
}

// Day is the day on which the page was seen.
func (c *Capture) Day() policy.Date { return policy.DateOf(c.Time, time.UTC) }

// archivedAddress matches an address of the Wayback Machine and of archives
// that run its software: a time of 4 to 14 digits, perhaps with a modifier such
// as id_, and the address that was captured.
var archivedAddress = regexp.MustCompile(`^(https?://[^/]+(?:/[^/]+)*?/)(\d{8,14})(?:[a-z]{2}_)?/((?:https?:|https?%3A).+|[\w-]+(?:\.[\w-]+)+(?:[/?].*)?)$`)

// mergedSlashes matches an address as servers leave it that merge slashes.
var mergedSlashes = regexp.MustCompile(`^(https?:)/([^/])`)

// timestampForm is how the Wayback Machine writes a time.
const timestampForm = "20060102150405"

// parseCapture reads the address of an archived copy; nil when it is another
// address.
func parseCapture(address string) *Capture {
	m := archivedAddress.FindStringSubmatch(address)
	if m == nil {
		return nil
	}
	when := parseTimestamp(m[2])
	original := m[3]
	if !strings.HasPrefix(original, "http") && !strings.HasSuffix(m[1], "/web/") {
		return nil // a folder whose name looks like a day
	}
	if strings.Contains(original[:min(len(original), 10)], "%3A") || !strings.Contains(original, "://") {
		if plain, err := url.PathUnescape(original); err == nil {
			original = plain
		}
	}
	original = mergedSlashes.ReplaceAllString(original, "$1//$2")
	if !strings.Contains(original, "://") {
		original = "http://" + original
	}
	u, err := url.Parse(original)
	if when.IsZero() || err != nil || u.Host == "" {
		return nil
	}
	return &Capture{Address: m[1] + m[2] + "/" + original, Original: original, Time: when}
}

// parseTimestamp reads 20121028225912, or its first eight digits or more; zero
// when it is not a time.
func parseTimestamp(s string) time.Time {
	if len(s) < 8 || len(s) > len(timestampForm) || len(s)%2 != 0 {
		return time.Time{}
	}
	t, _ := time.Parse(timestampForm[:len(s)], s)
	return t
}

// The Wayback Machine puts into the pages it serves a call with the address and
// the time, and a comment at the end, and rewrites the targets of links.
var (
	waybackCall    = regexp.MustCompile(`__wm\.wombat\("([^"]+)","(\d{14})"`)
	waybackComment = regexp.MustCompile(`FILE ARCHIVED ON (\d\d:\d\d:\d\d [A-Z][a-z]{2} \d{1,2}, \d{4})`)
	waybackTarget  = regexp.MustCompile(`^(?:https?:)?(?://web\.archive\.org)?/web/\d{4,14}(?:[a-z]{2}_)?/((?:https?:/|mailto:|tel:).*)$`)
	savedFrom      = regexp.MustCompile(`<!--\s*saved from url=\(\d+\)(\S+)\s*-->`)
)

// pageCapture finds in a saved page the archive it was saved from.
func pageCapture(page string) *Capture {
	if m := waybackCall.FindStringSubmatch(page); m != nil {
		return parseCapture("https://web.archive.org/web/" + m[2] + "/" + m[1])
	}
	m := waybackComment.FindStringSubmatch(page)
	if m == nil {
		return nil
	}
	when, err := time.Parse("15:04:05 Jan 2, 2006", m[1])
	if err != nil {
		return nil
	}
	return &Capture{Time: when} // the comment does not name the page
}

// Archives and collectors write above or below a text where it comes from: words
// about a copy, and a link to it.
var (
	remarkWords = regexp.MustCompile(`(?i)\b(?:archived|snapshot|captured?|wayback)\b`)
	addressIn   = regexp.MustCompile(`https?://[^\s<>"'\])]+(?:\([^\s)]*\))?[^\s<>"'\])]*`)
)

// captureIn is the archived copy that a passage speaks of, or nil.
func captureIn(passage string) *Capture {
	if !remarkWords.MatchString(passage) {
		return nil
	}
	for _, address := range addressIn.FindAllString(passage, 20) {
		if c := parseCapture(address); c != nil {
			return c
		}
	}
	return nil
}
