package importer

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// waybackMachine is where captures are fetched from unless told otherwise.
const waybackMachine = "https://web.archive.org/web"

// captures imports each capture of a list whose wording is not that of the one
// before.
func (im *importing) captures(ctx context.Context) error {
	list, err := readFile(im.opt.Captures)
	if err != nil {
		return policy.Fail(policy.ErrUsage, err, "", "cannot read the list of captures")
	}
	from, base := cmp.Or(im.opt.From, waybackMachine), waybackMachine
	var files map[string][]string
	if isAddress(from) {
		if u, err := url.Parse(from); err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
			return policy.Fail(policy.ErrUsage, nil, "", "--from: expected a folder, or an address such as %s, found %q", waybackMachine, from)
		}
		base = strings.TrimSuffix(from, "/")
	} else if files, err = captureFiles(from); err != nil {
		return policy.Fail(policy.ErrUsage, err, "", "--from: expected a folder with captures")
	}
	all, err := parseCaptures(list.Data, base)
	if err != nil {
		return policy.Problems{{Path: im.opt.Captures, Message: err.Error(), Hint: "lists come from https://web.archive.org/cdx/search/cdx?url=example.com/privacy&output=json"}}
	}
	digest, wording, last := "", "", "" // of the latest capture that could be read
	for i := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		im.progress("reading captures", i, len(all))
		l := &all[i]
		name := l.stamp + " " + l.Original
		if why := l.unusable(); why != "" {
			im.skip(name, why)
			continue
		}
		if l.digest != "" && l.digest == digest {
			im.skip(name, "repeats that of "+last)
			continue
		}
		var src Source
		if isAddress(from) {
			src, err = l.fetch(ctx, im, base)
		} else {
			src, err = l.find(files, from)
		}
		if err != nil {
			im.wrong(name, "", "cannot be read: %v", err)
			continue
		}
		src.Name = name
		item := im.read(src, &l.Capture)
		if item == nil {
			continue
		}
		digest = l.digest
		if item.wording == wording {
			im.skip(name, "has the wording of that of "+last)
			continue
		}
		wording, last = item.wording, l.Day().Long()
		im.result.Imported = append(im.result.Imported, *item)
	}
	return nil
}

var capturePart = regexp.MustCompile(`(?:^|/)(\d{14})(?:\D|$)`)

// captureFiles are the files of a folder by the time of capture that their name,
// or the name of the folder they are in, begins with.
func captureFiles(dir string) (map[string][]string, error) {
	out := map[string][]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if m := capturePart.FindStringSubmatch(filepath.ToSlash(rel)); m != nil {
			out[m[1]] = append(out[m[1]], p)
		}
		return err
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("%s has no file whose name begins with a time such as 20121028225912", dir)
	}
	return out, err
}

// listed is a line of a list of captures, as the Wayback CDX server writes it:
// https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server.
type listed struct {
	Capture
	stamp  string // Time in 14 digits
	status string // of the HTTP answer: 200; "-" or "" where the list does not say
	digest string // of the answer's bytes; "" where the list does not say
}

// unusable says why a capture has no text of the policy, or "".
func (l *listed) unusable() string {
	switch {
	case strings.HasPrefix(l.status, "3"):
		return "a redirect (" + l.status + ")"
	case strings.HasPrefix(l.status, "4"), strings.HasPrefix(l.status, "5"):
		return "an error page (" + l.status + ")"
	}
	return ""
}

// fetch gets a capture's bytes from an archive, without what the archive puts
// into its pages.
func (l *listed) fetch(ctx context.Context, im *importing, base string) (Source, error) {
	src, err := fetch(ctx, im.client, base+"/"+l.stamp+"id_/"+l.Original)
	if err == nil && !strings.Contains(src.Address, "/"+l.stamp) { // archives redirect when they cannot find a capture
		err = fmt.Errorf("the archive answers with another one, %s", src.Address)
	}
	return src, err
}

// find reads the file of a capture.
func (l *listed) find(files map[string][]string, dir string) (Source, error) {
	switch found := files[l.stamp]; len(found) {
	case 0:
		return Source{}, fmt.Errorf("%s has no file whose name begins with %s", dir, l.stamp)
	case 1:
		return readFile(found[0])
	default:
		return Source{}, fmt.Errorf("%s and %s could both be it", found[0], found[1])
	}
}

// cdxFields is the order of the fields where a list does not name them.
var cdxFields = []string{"urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"}

// maxCaptures bounds a list: a page captured every day for fifty years.
const maxCaptures = 20_000

// parseCaptures reads a list of captures, in JSON or in lines of fields, and
// sorts it by time. base is what comes before the time in the address of a
// capture, see [waybackMachine].
func parseCaptures(list []byte, base string) ([]listed, error) {
	var rows [][]string
	if bytes.HasPrefix(bytes.TrimSpace(list), []byte("[")) {
		if err := json.Unmarshal(list, &rows); err != nil {
			return nil, fmt.Errorf("is not a list of captures in JSON: %w", err)
		}
	} else {
		for line := range strings.Lines(string(list)) {
			rows = append(rows, strings.Fields(line))
		}
	}
	fields := cdxFields
	var out []listed
	for i, row := range rows {
		if len(row) == 0 {
			continue
		}
		if slices.Contains(row, "timestamp") && slices.Contains(row, "original") {
			fields = row
			continue
		}
		if len(row) < len(fields) {
			return nil, fmt.Errorf("line %d: expected %d fields (%s), found %d", i+1, len(fields), strings.Join(fields, " "), len(row))
		}
		value := map[string]string{}
		for k, name := range fields {
			value[name] = row[k]
		}
		l := listed{stamp: value["timestamp"], status: value["statuscode"], digest: value["digest"]}
		if l.Time = parseTimestamp(l.stamp); l.Time.IsZero() || len(l.stamp) != len(timestampForm) {
			return nil, fmt.Errorf("line %d: expected a time such as 20121028225912, found %q", i+1, l.stamp)
		}
		l.Original = value["original"]
		if u, err := url.Parse(l.Original); err != nil || u.Host == "" {
			return nil, fmt.Errorf("line %d: expected the address of a page, found %q", i+1, l.Original)
		}
		l.Address = base + "/" + l.stamp + "/" + l.Original
		if out = append(out, l); len(out) > maxCaptures {
			return nil, fmt.Errorf("has more than %d captures", maxCaptures)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("has no captures")
	}
	slices.SortStableFunc(out, func(a, b listed) int { return a.Time.Compare(b.Time) })
	return out, nil
}
