package importer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Listed is a line of a list of captures, as the Wayback CDX server writes it:
// https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server.
type Listed struct {
	Capture
	Line      int    // of the list, from 1; in JSON, the number of the record
	Timestamp string // 14 digits
	Status    string // of the HTTP answer: 200; "-" or "" where the list does not say
	Digest    string // of the answer's bytes; "" where the list does not say
}

// cdxFields is the order of the fields where a list does not name them.
var cdxFields = []string{"urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"}

// WaybackMachine is where captures are fetched from unless told otherwise.
const WaybackMachine = "https://web.archive.org/web"

// maxCaptures bounds a list: a page captured every day for fifty years.
const maxCaptures = 20_000

// ParseCaptures reads a list of captures, in JSON or in lines of fields, and
// sorts it by time. base is what stands before the time in the address of a
// capture, see [WaybackMachine].
func ParseCaptures(list []byte, base string) ([]Listed, error) {
	rows, err := cdxRows(list)
	if err != nil {
		return nil, err
	}
	fields := cdxFields
	var out []Listed
	for i, row := range rows {
		if len(row) == 0 {
			continue
		}
		if slices.Contains(row, "timestamp") && slices.Contains(row, "original") {
			fields = row
			continue
		}
		if len(row) < len(fields) {
			return nil, fmt.Errorf("line %d: want %d fields (%s), have %d", i+1, len(fields), strings.Join(fields, " "), len(row))
		}
		l := Listed{Line: i + 1}
		for k, name := range fields {
			switch name {
			case "timestamp":
				l.Timestamp = row[k]
			case "original":
				l.Original = row[k]
			case "statuscode":
				l.Status = row[k]
			case "digest":
				l.Digest = row[k]
			}
		}
		l.Time = parseTimestamp(l.Timestamp)
		if l.Time.IsZero() || len(l.Timestamp) != len(timestampForm) {
			return nil, fmt.Errorf("line %d: want a time such as %s, have %q", i+1, "20121028225912", l.Timestamp)
		}
		if u, err := url.Parse(l.Original); err != nil || u.Host == "" {
			return nil, fmt.Errorf("line %d: want the address of a page, have %q", i+1, l.Original)
		}
		l.Address = strings.TrimSuffix(base, "/") + "/" + l.Timestamp + "/" + l.Original
		if out = append(out, l); len(out) > maxCaptures {
			return nil, fmt.Errorf("has more than %d captures", maxCaptures)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("has no captures")
	}
	slices.SortStableFunc(out, func(a, b Listed) int { return a.Time.Compare(b.Time) })
	return out, nil
}

func cdxRows(list []byte) ([][]string, error) {
	var rows [][]string
	if bytes.HasPrefix(bytes.TrimSpace(list), []byte("[")) {
		if err := json.Unmarshal(list, &rows); err != nil {
			return nil, fmt.Errorf("is no list of captures in JSON: %w", err)
		}
		return rows, nil
	}
	for line := range strings.Lines(string(list)) {
		rows = append(rows, strings.Fields(line))
	}
	return rows, nil
}

// Unusable says why a capture has no text of the policy, or "".
func (l *Listed) Unusable() string {
	switch {
	case strings.HasPrefix(l.Status, "3"):
		return "a redirect (" + l.Status + ")"
	case strings.HasPrefix(l.Status, "4"), strings.HasPrefix(l.Status, "5"):
		return "an error page (" + l.Status + ")"
	}
	return ""
}

// Raw is the address of the capture's bytes as they were captured, without what
// an archive puts into its pages.
func (l *Listed) Raw(base string) string {
	return strings.TrimSuffix(base, "/") + "/" + l.Timestamp + "id_/" + l.Original
}

// Answers reports whether an address that answered is that of this capture:
// archives redirect to the next capture when they cannot find one.
func (l *Listed) Answers(address string) bool { return strings.Contains(address, "/"+l.Timestamp) }
