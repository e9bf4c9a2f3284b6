package verify

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/publish"
)

const (
	manifestName   = "archive.json"
	manifestFormat = "policysite-archive/1"
)

// Site is what archive.json says of a site as a whole.
type Site struct {
	Generator, Head, Timezone string
	At                        policy.Date
	BaseURL                   string `json:"base_url"`
	Source, Content           string // folders, from the root of the repository
	Minified, Preview         bool
	Fragments                 bool `json:"-"` // it is not a site of its own: see pages.Fragment
}

// manifest is archive.json as a stranger reads it, by the names of the format:
// the struct that wrote it would read its own mistakes back. What is null is "".
type manifest struct {
	Format string
	Site
	Policies []manifestPolicy
}

type manifestPolicy struct {
	ID, URL, Status, Current string
	Versions                 []manifestVersion
}

type manifestVersion struct {
	ID, URL, Kind, Recorded, Published, Error string
	InForce                                   *struct{ From, Until string } `json:"in_force"`
	WordsAdded                                *int                          `json:"words_added"`
	SameTextAs                                string                        `json:"same_text_as"`
	Carried, Redacted                         bool
	Attachments                               []struct{ URL, SHA256 string }
	TextSHA256                                string `json:"text_sha256"`
	WordingSHA256                             string `json:"wording_sha256"`
	SourceSHA256                              string `json:"source_sha256"`
	SourceBlob                                string `json:"source_blob"`
	SourceURL                                 string `json:"source_url"`
	Revisions                                 []manifestRevision
}

type manifestRevision struct{ Commit, Path, Recorded, Kind, Blob string }

// started is the revision that started the version; nil when none did. Drafts
// may precede it.
func (ver *manifestVersion) started() *manifestRevision {
	for i := range ver.Revisions {
		if ver.Revisions[i].Kind == ver.Kind {
			return &ver.Revisions[i]
		}
	}
	return nil
}

// isOf reports whether a version that the revision started has an id of its day.
func (rev *manifestRevision) isOf(id string, zone *time.Location) bool {
	t, err := time.Parse(time.RFC3339, rev.Recorded)
	return err == nil && strings.HasPrefix(id, policy.DateOf(t, zone).String())
}

// orNull shows a value of archive.json.
func orNull(s string) string { return cmp.Or(s, "null") }

// fileAt is the path of the file at an address of archive.json; "" for what is not
// an address below the root of a site.
func fileAt(u string) string {
	p, err := url.PathUnescape(u)
	if err != nil || !strings.HasPrefix(p, "/") {
		return ""
	}
	if strings.HasSuffix(p, "/") {
		p += "index.html"
	}
	if p = p[1:]; !fs.ValidPath(p) {
		return ""
	}
	return p
}

var errOtherFormat = errors.New("another format")

func (v *verifier) parseManifest() error {
	content, err := v.read(manifestName, maxList)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, &v.manifest); err != nil {
		return err
	}
	if have := v.manifest.Format; have != manifestFormat {
		return fmt.Errorf("%w, %q", errOtherFormat, have)
	}
	return nil
}

// readManifest reads archive.json. Where it cannot be read although the marker
// lists it, this is a damaged site; else it is not a site.
func (v *verifier) readManifest() error {
	err := v.parseManifest()
	if err == nil {
		return nil
	}
	v.manifest = manifest{}
	want, listed := v.listed[manifestName]
	intact := listed && v.have[manifestName] == want
	if !listed || intact && errors.Is(err, errOtherFormat) {
		return policy.Fail(policy.ErrUsage, nil, "name the folder that a build of this version of policysite wrote",
			"%s is not a site that can be verified: expected a file %s of the format %s, found %v", v.dir, manifestName, manifestFormat, err)
	}
	if intact {
		v.differ(manifestName, Record, "the format "+manifestFormat, err.Error())
	}
	return nil
}

// fragments reports whether the folder holds what another site mounts.
func (v *verifier) fragments() bool { return v.listed[pages.FragmentStyle] != "" }

// expect notes a file that has to be among those of the marker.
func (v *verifier) expect(path string) {
	if _, ok := v.listed[path]; !ok && v.listed != nil {
		v.differ(path, Record, "a line in "+publish.MarkerName, "none")
	}
}

// checkManifest holds archive.json against itself and against the marker.
func (v *verifier) checkManifest() {
	if v.manifest.Policies == nil {
		v.differ(manifestName, Record, "a list of policies", "null")
	}
	notFound := "404.html"
	if v.fragments() {
		notFound = pages.FragmentStyle // the site that mounts them has a page of its own
	}
	for _, path := range []string{manifestName, "index.html", notFound, "changes/index.html"} {
		v.expect(path)
	}
	ids, urls := map[string]bool{}, map[string]bool{}
	known := map[string]bool{} // pages of versions, and of policies, which a day may name, too
	for i := range v.manifest.Policies {
		p := &v.manifest.Policies[i]
		if ids[p.ID] || urls[p.URL] {
			v.differ(p.ID, Record, "an id and an address of its own", "those of another policy")
		}
		ids[p.ID], urls[p.URL] = true, true
		v.checkPolicy(p, known)
	}
	// A redirect may stand at the address of a version; it has no text.
	for _, file := range slices.Sorted(maps.Keys(v.listed)) {
		if path.Base(file) != "index.html" || !isVersionID(path.Base(path.Dir(file))) || known[file] {
			continue
		}
		page, _ := v.read(file, maxRead)
		if _, texts := wordsOf(page); texts > 0 {
			v.differ(file, Record, "a version in "+manifestName, "none")
		}
	}
}

// checkPolicy holds what archive.json says of a policy against itself.
func (v *verifier) checkPolicy(p *manifestPolicy, known map[string]bool) {
	own := fileAt(p.URL)
	if own == "" || !strings.HasSuffix(p.URL, "/") {
		v.differ(p.ID, Record, "an address such as /privacy/", strconv.Quote(p.URL))
		return
	}
	v.expect(own)
	known[own] = true
	v.expect(path.Join(path.Dir(own), "changes/index.html"))
	texts := map[string]string{} // id → text_sha256 of the versions so far
	begun, until := false, ""    // the end of the last interval
	current, at := "", v.manifest.At.String()
	for i := range p.Versions {
		ver := &p.Versions[i]
		where := p.ID + "@" + ver.ID
		differ := func(want, have string) { v.differ(where, Record, want, have) }
		if _, ok := texts[ver.ID]; ok || !isVersionID(ver.ID) {
			differ("an id of its own, such as 2021-07-14 or 2021-07-14-2", strconv.Quote(ver.ID))
		}
		if want := p.URL + ver.ID + "/"; ver.URL != want || ver.SourceURL != want+"index.md" {
			differ("the addresses "+want+" and "+want+"index.md", ver.URL+" and "+ver.SourceURL)
		}
		v.checkVersionFiles(ver, where)
		known[fileAt(ver.URL)] = true
		if same := ver.SameTextAs; same != "" {
			if sum, ok := texts[same]; !ok {
				differ("an earlier version as same_text_as", strconv.Quote(same))
			} else if sum != ver.TextSHA256 {
				differ("the text of "+same+", "+sum, orNull(ver.TextSHA256))
			}
		}
		texts[ver.ID] = ver.TextSHA256
		if in := ver.InForce; in != nil {
			switch {
			case !isDay(in.From), in.Until != "" && (!isDay(in.Until) || in.Until <= in.From):
				differ("days in force that end after they begin", orNull(in.From)+" until "+orNull(in.Until))
			case begun && (until == "" || until > in.From):
				differ("days in force after those of the version before", orNull(in.From)+" until "+orNull(in.Until))
			case in.From <= at && (in.Until == "" || at < in.Until):
				current = ver.ID
			}
			begun, until = true, in.Until
		}
		switch {
		case ver.Carried:
		case ver.Recorded == "": // a text older than git; what became of it there starts nothing
			if ver.started() != nil {
				differ("the date of the revision that started it", "none")
			}
		case len(ver.Revisions) > 0:
			checkStart(ver, differ)
		}
	}
	if p.Current != current {
		v.differ(p.ID, Record, "as current the version in force on "+at+", "+orNull(current), orNull(p.Current))
	}
	if (p.Status == string(policy.StatusInForce)) != (p.Current != "") {
		v.differ(p.ID, Record, "the status in-force exactly if there is a current version", p.Status+" and "+orNull(p.Current))
	}
}

// checkStart holds a version against the revision that started it. Where history
// was rewritten, a version that was on an earlier site keeps the date it had
// there, and its revision has that of the new commit.
func checkStart(ver *manifestVersion, differ func(want, have string)) {
	start := ver.started()
	switch {
	case start == nil:
		differ("a revision that starts it, of the kind "+ver.Kind, "none")
	case ver.Published == "" && ver.Recorded != start.Recorded:
		differ("the date of the revision that started it, "+start.Recorded, orNull(ver.Recorded))
	case !ver.Redacted && ver.SourceBlob != start.Blob:
		differ("the blob of the revision that started it, "+orNull(start.Blob), orNull(ver.SourceBlob))
	}
}

// checkVersionFiles checks that the marker has what belongs to a version, and
// that attachments are what archive.json says.
func (v *verifier) checkVersionFiles(ver *manifestVersion, where string) {
	pages := []string{ver.URL, ver.SourceURL}
	if ver.WordsAdded != nil {
		pages = append(pages, ver.URL+"changes/")
	}
	for _, u := range pages {
		if file := fileAt(u); file != "" {
			v.expect(file)
		} else {
			v.differ(where, Record, "an address below the root of the site", strconv.Quote(u))
		}
	}
	for _, a := range ver.Attachments {
		file := fileAt(a.URL)
		if len(a.SHA256) != 64 || !strings.HasPrefix(file, "assets/"+a.SHA256[:min(16, len(a.SHA256))]+"/") {
			v.differ(where, Record, "an attachment at /assets/ and the first 16 digits of its hash", a.URL+" with "+a.SHA256)
			continue
		}
		v.expect(file)
		if have, ok := v.have[file]; ok && have != a.SHA256 && !v.told[file] {
			v.differFile(file, Attachment, a.SHA256, have)
		}
	}
}

func isDay(s string) bool {
	_, err := policy.ParseDate(s)
	return err == nil
}

// isVersionID tells whether an id is a day, with a number from 2 behind it or
// none.
func isVersionID(id string) bool {
	day := id[:min(len(id), len(time.DateOnly))]
	nth := id[len(day):]
	n, err := strconv.Atoi(strings.TrimPrefix(nth, "-"))
	return isDay(day) && (nth == "" || err == nil && n > 1 && nth == "-"+strconv.Itoa(n))
}
