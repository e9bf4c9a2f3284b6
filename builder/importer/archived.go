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

// timestampForm is that of the Wayback Machine; shorter ones leave out the end.
const timestampForm = "20060102150405"

// ParseCapture reads the address of an archived copy; nil when it is none.
func ParseCapture(address string) *Capture {
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
	if fixed, ok := strings.CutPrefix(original, "http:/"); ok && !strings.HasPrefix(fixed, "/") {
		original = "http://" + fixed // servers that merge slashes
	}
	if fixed, ok := strings.CutPrefix(original, "https:/"); ok && !strings.HasPrefix(fixed, "/") {
		original = "https://" + fixed
	}
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
// when it is no time.
func parseTimestamp(s string) time.Time {
	if len(s) < 8 || len(s) > len(timestampForm) || len(s)%2 != 0 {
		return time.Time{}
	}
	t, err := time.Parse(timestampForm[:len(s)], s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// What the Wayback Machine puts into the pages it serves: a call with the
// address and the time, the rewritten targets of links, and a comment at the
// end.
var (
	waybackCall    = regexp.MustCompile(`__wm\.wombat\("([^"]+)","(\d{14})"`)
	waybackComment = regexp.MustCompile(`FILE ARCHIVED ON (\d\d:\d\d:\d\d [A-Z][a-z]{2} \d{1,2}, \d{4})`)
	waybackTarget  = regexp.MustCompile(`^(?:https?:)?(?://web\.archive\.org)?/web/\d{4,14}(?:[a-z]{2}_)?/((?:https?:/|mailto:|tel:).*)$`)
	savedFrom      = regexp.MustCompile(`<!--\s*saved from url=\(\d+\)(\S+)\s*-->`)
)

// pageCapture finds in a saved page the archive it was saved from.
func pageCapture(page string) *Capture {
	if m := waybackCall.FindStringSubmatch(page); m != nil {
		return ParseCapture("https://web.archive.org/web/" + m[2] + "/" + m[1])
	}
	m := waybackComment.FindStringSubmatch(page)
	if m == nil {
		return nil
	}
	when, err := time.Parse("15:04:05 Jan 2, 2006", m[1])
	if err != nil {
		return nil
	}
	// The comment does not name the page; links that were rewritten do not
	// either, so evidence has a time and no address.
	return &Capture{Time: when}
}

// remark recognizes what an archive or a collector wrote above or below a
// text about where it comes from: words about a copy, and a link to it.
var (
	remarkWords = regexp.MustCompile(`(?i)\b(?:archived|snapshot|captured?|wayback)\b`)
	addressIn   = regexp.MustCompile(`https?://[^\s<>"'\])]+(?:\([^\s)]*\))?[^\s<>"'\])]*`)
)

// captureIn is the archived copy that a passage speaks of; nil when it is about
// something else.
func captureIn(passage string) *Capture {
	if !remarkWords.MatchString(passage) {
		return nil
	}
	for _, address := range addressIn.FindAllString(passage, 20) {
		if c := ParseCapture(address); c != nil {
			return c
		}
	}
	return nil
}
