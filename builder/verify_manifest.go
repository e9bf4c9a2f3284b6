package builder

import (
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

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/publish"
)

const (
	manifestName   = "archive.json"
	manifestFormat = "policysite-archive/1"
)

// manifest is archive.json as a stranger reads it, by the names of the format:
// the struct that wrote it would read its own mistakes back.
type manifest struct {
	Format   string
	Head     string
	At       string
	Policies []manifestPolicy
}

type manifestPolicy struct {
	ID, URL, Status string
	Current         *string
	Versions        []manifestVersion
}

type manifestVersion struct {
	ID, URL, Kind string
	Recorded      *string
	Published     *string
	InForce       *struct{ From, Until *string } `json:"in_force"`
	WordsAdded    *int                           `json:"words_added"`
	SameTextAs    *string                        `json:"same_text_as"`
	Error         *string
	Carried       bool
	Redacted      bool
	Attachments   []struct{ Path, URL, SHA256, Commit string }
	TextSHA256    *string `json:"text_sha256"`
	WordingSHA256 *string `json:"wording_sha256"`
	SourceSHA256  *string `json:"source_sha256"`
	SourceBlob    *string `json:"source_blob"`
	SourceURL     string  `json:"source_url"`
	Revisions     []manifestRevision
}

type manifestRevision struct {
	Commit, Path, Recorded, Kind string
	Blob                         *string
	FromPath                     *string `json:"from_path"`
}

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

// null is how a null of archive.json is shown.
const null = "null"

func orNull(s *string) string {
	if s == nil {
		return null
	}
	return *s
}

// fileAt is the path of the file that stands at an address of archive.json; "" for what is
// no address below the root of a site.
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
	content, err := v.read(manifestName)
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
// lists it, this is a damaged site; else it is none.
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
			"%s is no site that can be verified: want a file %s of the format %s, have %v", v.dir, manifestName, manifestFormat, err)
	}
	if intact {
		v.differ(manifestName, DiffRecord, "the format "+manifestFormat, err.Error())
	}
	return nil
}

// expect notes a file that has to be among those of the marker.
func (v *verifier) expect(path string) {
	if _, ok := v.listed[path]; !ok && v.listed != nil {
		v.differ(path, DiffRecord, "a line in "+publish.MarkerName, "none")
	}
}

// checkManifest holds archive.json against itself and against the marker.
func (v *verifier) checkManifest() {
	if v.manifest.Format == "" {
		return // it could not be read, and that has been told
	}
	for _, path := range []string{manifestName, "index.html", "404.html", "changes/index.html"} {
		v.expect(path)
	}
	ids, urls := map[string]bool{}, map[string]bool{}
	known := map[string]bool{} // pages of versions
	for i := range v.manifest.Policies {
		p := &v.manifest.Policies[i]
		if ids[p.ID] || urls[p.URL] {
			v.differ(p.ID, DiffRecord, "an id and an address of its own", "those of another policy")
		}
		ids[p.ID], urls[p.URL] = true, true
		v.checkPolicy(p, known)
	}
	v.checkSnapshots(urls, known)
}

// checkPolicy holds what archive.json says of a policy against itself.
func (v *verifier) checkPolicy(p *manifestPolicy, known map[string]bool) {
	own := fileAt(p.URL)
	if own == "" || !strings.HasSuffix(p.URL, "/") {
		v.differ(p.ID, DiffRecord, "an address such as /privacy/", strconv.Quote(p.URL))
		return
	}
	v.expect(own)
	v.expect(path.Join(path.Dir(own), "changes/index.html"))
	texts := map[string]*string{} // id → text_sha256 of the versions so far
	var until *string             // the end of the last interval
	begun := false
	current := ""
	for i := range p.Versions {
		ver := &p.Versions[i]
		where := p.ID + "@" + ver.ID
		differ := func(want, have string) { v.differ(where, DiffRecord, want, have) }
		if _, ok := texts[ver.ID]; ok || !isVersionID(ver.ID) {
			differ("an id of its own, such as 2021-07-14 or 2021-07-14-2", strconv.Quote(ver.ID))
		}
		if want := p.URL + ver.ID + "/"; ver.URL != want || ver.SourceURL != want+"index.md" {
			differ("the addresses "+want+" and "+want+"index.md", ver.URL+" and "+ver.SourceURL)
		}
		v.checkVersionFiles(ver, where, known)
		if same := ver.SameTextAs; same != nil {
			if sum, ok := texts[*same]; !ok {
				differ("an earlier version as same_text_as", strconv.Quote(*same))
			} else if sum != nil && ver.TextSHA256 != nil && *sum != *ver.TextSHA256 {
				differ("the text of "+*same+", "+*sum, *ver.TextSHA256)
			}
		}
		texts[ver.ID] = ver.TextSHA256
		if in := ver.InForce; in != nil {
			switch {
			case !isDay(in.From), in.Until != nil && (!isDay(in.Until) || *in.Until <= *in.From):
				differ("days in force that end after they begin", orNull(in.From)+" until "+orNull(in.Until))
			case begun && (until == nil || *until > *in.From):
				differ("days in force after those of the version before", orNull(in.From)+" until "+orNull(in.Until))
			case *in.From <= v.manifest.At && (in.Until == nil || v.manifest.At < *in.Until):
				current = ver.ID
			}
			begun, until = true, in.Until
		}
		if len(ver.Revisions) > 0 && !ver.Carried {
			checkStart(ver, differ)
		}
	}
	if have := orNull(p.Current); have != current && (have != null || current != "") {
		v.differ(p.ID, DiffRecord, "as current the version in force on "+v.manifest.At+", "+strconv.Quote(current), have)
	}
	if (p.Status == string(policy.StatusInForce)) != (p.Current != nil) {
		v.differ(p.ID, DiffRecord, "the status in-force exactly if there is a current version", p.Status+" and "+orNull(p.Current))
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
	case ver.Published == nil && orNull(ver.Recorded) != start.Recorded:
		differ("the date of the revision that started it, "+start.Recorded, orNull(ver.Recorded))
	case !ver.Redacted && orNull(ver.SourceBlob) != orNull(start.Blob):
		differ("the blob of the revision that started it, "+orNull(start.Blob), orNull(ver.SourceBlob))
	}
}

// checkVersionFiles checks that the marker has what belongs to a version, and
// that attachments are what archive.json says.
func (v *verifier) checkVersionFiles(ver *manifestVersion, where string, known map[string]bool) {
	pages := []string{ver.URL, ver.SourceURL}
	if ver.WordsAdded != nil {
		pages = append(pages, ver.URL+"changes/")
	}
	for _, u := range pages {
		if file := fileAt(u); file != "" {
			v.expect(file)
			known[file] = true
		} else {
			v.differ(where, DiffRecord, "an address below the root of the site", strconv.Quote(u))
		}
	}
	for _, a := range ver.Attachments {
		file := fileAt(a.URL)
		if len(a.SHA256) != 64 || !strings.HasPrefix(file, "assets/"+a.SHA256[:min(16, len(a.SHA256))]+"/") {
			v.differ(where, DiffRecord, "an attachment at /assets/ and the first 16 digits of its hash", a.URL+" with "+a.SHA256)
			continue
		}
		v.expect(file)
		if have, ok := v.have[file]; ok && have != a.SHA256 && !v.hasTold(file) {
			v.differFile(file, DiffAttachment, a.SHA256, have)
		}
	}
}

func (v *verifier) hasTold(path string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.told[path]
}

// checkSnapshots looks for pages of versions of which archive.json knows
// nothing. A redirect may stand at such an address; it has no text.
func (v *verifier) checkSnapshots(policies, known map[string]bool) {
	folders := map[string]bool{}
	for u := range policies {
		folders[path.Dir(fileAt(u))] = true
	}
	for _, file := range slices.Sorted(maps.Keys(v.listed)) {
		folder, name := path.Split(file)
		above, id := path.Split(strings.TrimSuffix(folder, "/"))
		if name != "index.html" || !isVersionID(id) || !folders[strings.TrimSuffix(above, "/")] || known[file] {
			continue
		}
		page, err := v.read(file)
		if err != nil {
			continue // told as missing
		}
		if _, texts := wordsOf(page); texts > 0 {
			v.differ(file, DiffRecord, "a version in "+manifestName, "none")
		}
	}
}

func isDay(s *string) bool {
	if s == nil {
		return false
	}
	_, err := policy.ParseDate(*s)
	return err == nil
}

// isVersionID tells whether an id is a day, with a number from 2 behind it or
// none.
func isVersionID(id string) bool {
	if len(id) < len("2006-01-02") {
		return false
	}
	day, nth := id[:10], id[10:]
	if nth != "" {
		n, err := strconv.Atoi(strings.TrimPrefix(nth, "-"))
		if err != nil || n < 2 || "-"+strconv.Itoa(n) != nth {
			return false
		}
	}
	return isDay(&day)
}
