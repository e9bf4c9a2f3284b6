package pages

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/policysite/policysite/builder/policy"
)

// ErrNotManifest is what is no archive.json of ManifestFormat.
var ErrNotManifest = errors.New("format: expected " + ManifestFormat)

// ReadManifest reads archive.json, and refuses what no build writes: a site that
// was changed on its way must not decide what the next one says was published. The
// error names the member that is wrong: "policies[0].versions[2].url".
func ReadManifest(data []byte) (m Manifest, err error) {
	var head struct{ Format OrNull }
	if err := json.Unmarshal(data, &head); err != nil {
		return m, fmt.Errorf("%w: %w", ErrNotManifest, err)
	}
	if head.Format != ManifestFormat {
		return m, fmt.Errorf("%w, found %s", ErrNotManifest, quotedOrNull(head.Format))
	}
	if err = json.Unmarshal(data, &m); err == nil {
		return m, m.check()
	}
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		err = fmt.Errorf("a %s cannot be its value", kind.Value)
	}
	return m, fmt.Errorf("%s: %w", unreadable(data, reflect.TypeFor[Manifest]()), err)
}

// unreadable finds the innermost member that cannot be read as a type; "" when
// that is the whole.
func unreadable(data []byte, as reflect.Type) string {
	for as.Kind() == reflect.Pointer {
		as = as.Elem()
	}
	within := func(member string, data []byte, as reflect.Type) (string, bool) {
		if json.Unmarshal(data, reflect.New(as).Interface()) == nil {
			return "", false
		}
		if deeper := unreadable(data, as); strings.HasPrefix(deeper, "[") {
			return member + deeper, true
		} else if deeper != "" {
			return member + "." + deeper, true
		}
		return member, true
	}
	var object map[string]json.RawMessage
	var list []json.RawMessage
	switch {
	case as.Kind() == reflect.Struct && json.Unmarshal(data, &object) == nil:
		for _, field := range reflect.VisibleFields(as) {
			name := field.Tag.Get("json")
			if member, ok := object[name]; name != "" && ok {
				if at, found := within(name, member, field.Type); found {
					return at
				}
			}
		}
	case as.Kind() == reflect.Slice && json.Unmarshal(data, &list) == nil:
		for i, element := range list {
			if at, found := within("["+strconv.Itoa(i)+"]", element, as.Elem()); found {
				return at
			}
		}
	}
	return ""
}

var (
	commitID = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)
	sha256ID = regexp.MustCompile(`^[0-9a-f]{64}$`)
	langTag  = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)
)

// wrong is an error about a member.
func wrong(at, want string, have any) error {
	found, err := marshal(have, "", "")
	if err != nil {
		return err
	}
	return fmt.Errorf("%s: expected %s, found %.200s", at, want, found)
}

// first is the first member that is not as it should be.
type first struct{ err error }

// holds notes a member at which something does not hold.
func (f *first) holds(ok bool, at, want string, have any) {
	if f.err == nil && !ok {
		f.err = wrong(at, want, have)
	}
}

func (f *first) matches(at string, form *regexp.Regexp, want string, have OrNull, null bool) {
	if null {
		want += " or null"
	}
	f.holds(null && have == "" || form.MatchString(string(have)), at, want, have)
}

// stamp checks a time, which may be null.
func (f *first) stamp(at string, have OrNull) {
	_, err := time.Parse(time.RFC3339, string(have))
	f.holds(have == "" || err == nil, at, "a time such as 2026-05-04T09:12:33Z or null", have)
}

// address checks an address below the root of the site, of a page of its own
// unless it is a former one.
func (f *first) address(at, have string, former bool) {
	decoded, err := url.PathUnescape(have)
	ok := err == nil && escapePath(decoded) == have && policy.CheckAddress(decoded) == nil
	if !former {
		slug, err := policy.Slug(decoded)
		ok = ok && err == nil && decoded == "/"+slug+"/"
	}
	f.holds(ok, at, "an address such as /privacy/", have)
}

var (
	versionKinds  = []policy.Kind{policy.Initial, policy.Wording, policy.Dates, policy.Links, policy.Formatting, policy.Restored}
	revisionKinds = append([]policy.Kind{policy.Source, policy.Move, policy.Draft, policy.Withdrawn, policy.Unread}, versionKinds...)
)

// check holds a manifest against itself.
func (m *Manifest) check() error {
	f := &first{}
	f.holds(m.Policies != nil, "policies", "a list", nil)
	f.holds(!m.At.IsZero(), "at", "a day such as 2026-05-04", m.At)
	f.matches("head", commitID, "the id of a commit", OrNull(m.Head), false)
	_, err := time.LoadLocation(m.Timezone)
	f.holds(err == nil && m.Timezone != "" && m.Timezone != "Local", "timezone", "a time zone such as Europe/Berlin", m.Timezone)
	ids, urls := map[string]bool{}, map[string]bool{}
	for i := range m.Policies {
		p, at := &m.Policies[i], fmt.Sprintf("policies[%d].", i)
		slug, err := policy.Slug(p.ID)
		f.holds(err == nil && slug == p.ID, at+"id", "an id such as privacy or terms/eu", p.ID)
		f.address(at+"url", p.URL, false)
		f.holds(!ids[p.ID], at+"id", "an id that no other policy has", p.ID)
		f.holds(!urls[p.URL], at+"url", "an address that no other policy has", p.URL)
		ids[p.ID], urls[p.URL] = true, true
		f.holds(fs.ValidPath(p.Path), at+"path", "the path of a file in the repository", p.Path)
		f.holds(langTag.MatchString(p.Lang), at+"lang", "a language tag such as en or pt-BR", p.Lang)
		f.holds(slices.Contains([]policy.Status{policy.StatusInForce, policy.StatusUpcoming, policy.StatusWithdrawn}, p.Status), at+"status", "in-force, upcoming or withdrawn", p.Status)
		f.holds((p.Status == policy.StatusInForce) == (p.Current != ""), at+"status", "in-force exactly if there is a current version", p.Status)
		for k, former := range p.Former {
			f.address(fmt.Sprintf("%sformer[%d]", at, k), former, true)
		}
		f.holds(len(p.Versions) > 0, at+"versions", "a list with a version", p.Versions)
		current := p.check(at, m.At, f)
		f.holds(p.Current == current, at+"current", "the version in force on "+m.At.String()+", "+quotedOrNull(current), p.Current)
		if f.err != nil {
			return f.err
		}
	}
	return f.err
}

func quotedOrNull(s OrNull) string {
	b, err := s.MarshalJSON()
	if err != nil {
		return string(s)
	}
	return string(b)
}

// check holds the versions of a policy against each other, and returns the one in
// force on a day.
func (p *ManifestPolicy) check(policyAt string, day policy.Date, f *first) (current OrNull) {
	texts := map[OrNull]OrNull{} // text_sha256 of the versions so far, by id
	var last *ManifestInterval
	for i := range p.Versions {
		v, at := &p.Versions[i], fmt.Sprintf("%sversions[%d].", policyAt, i)
		_, taken := texts[OrNull(v.ID)]
		f.holds(policy.IsVersionID(v.ID) && !taken, at+"id", "an id of its own, such as 2021-07-14 or 2021-07-14-2", v.ID)
		f.holds(v.URL == p.URL+v.ID+"/", at+"url", p.URL+v.ID+"/", v.URL)
		f.holds(v.SourceURL == v.URL+"index.md", at+"source_url", v.URL+"index.md", v.SourceURL)
		f.holds(slices.Contains(versionKinds, v.Kind), at+"kind", "a kind of a version", v.Kind)
		f.holds(v.Change == "" || slices.Contains([]OrNull{policy.Material, policy.Minor, policy.Editorial}, v.Change), at+"change", "material, minor, editorial or null", v.Change)
		f.stamp(at+"recorded", v.Recorded)
		if same, ok := texts[v.SameTextAs]; v.SameTextAs != "" {
			f.holds(ok && same == v.TextSHA256, at+"same_text_as", "an earlier version of the same text", v.SameTextAs)
		}
		texts[OrNull(v.ID)] = v.TextSHA256
		if in := v.InForce; in != nil {
			f.holds(!in.From.IsZero() && (in.Until.IsZero() || in.From.Before(in.Until)), at+"in_force", "days that end after they begin", in)
			f.holds(last == nil || !last.Until.IsZero() && !in.From.Before(last.Until), at+"in_force", "days after those of the version before", in)
			if last = in; (*policy.Interval)(in).Contains(day) {
				current = OrNull(v.ID)
			}
		}
		f.matches(at+"text_sha256", sha256ID, "a SHA-256", v.TextSHA256, v.Redacted || v.Error != "")
		f.matches(at+"wording_sha256", sha256ID, "a SHA-256", v.WordingSHA256, v.Redacted || v.Error != "")
		f.matches(at+"source_sha256", sha256ID, "a SHA-256", v.SourceSHA256, v.Redacted)
		f.matches(at+"source_blob", commitID, "the id of a blob", v.SourceBlob, v.Redacted)
		for k, a := range v.Attachments {
			at := fmt.Sprintf("%sattachments[%d].", at, k)
			f.holds(fs.ValidPath(a.Path), at+"path", "the path of a file in the repository", a.Path)
			f.matches(at+"sha256", sha256ID, "a SHA-256", OrNull(a.SHA256), false)
			f.holds(a.URL == escapePath(AssetURL(a.SHA256, a.Path)), at+"url", escapePath(AssetURL(a.SHA256, a.Path)), a.URL)
			f.matches(at+"commit", commitID, "the id of a commit", OrNull(a.Commit), true)
		}
		v.checkRevisions(at, f)
	}
	return current
}

// checkRevisions holds a version against its revisions. Where history was
// rewritten, one that was on an earlier site keeps the date it had there.
func (v *ManifestVersion) checkRevisions(versionAt string, f *first) {
	var start *ManifestRevision
	for i := range v.Revisions {
		r, at := &v.Revisions[i], fmt.Sprintf("%srevisions[%d].", versionAt, i)
		f.matches(at+"commit", commitID, "the id of a commit", OrNull(r.Commit), false)
		f.matches(at+"blob", commitID, "the id of a blob", r.Blob, true)
		f.holds(fs.ValidPath(r.Path), at+"path", "the path of a file in the repository", r.Path)
		f.stamp(at+"recorded", r.Recorded)
		f.holds(slices.Contains(revisionKinds, r.Kind), at+"kind", "a kind of a revision", r.Kind)
		if start == nil && r.Kind == v.Kind {
			start = r
		}
	}
	switch {
	case v.Carried:
	case v.Recorded == "": // a text older than git; what became of it there starts nothing
		f.holds(start == nil, versionAt+"recorded", "the date of the revision that started it", v.Recorded)
	case start != nil:
		f.holds(!v.Published.IsZero() || v.Recorded == start.Recorded, versionAt+"recorded", "the date of the revision that started it, "+quotedOrNull(start.Recorded), v.Recorded)
		f.holds(v.Redacted || v.SourceBlob == start.Blob, versionAt+"source_blob", "the blob of the revision that started it, "+quotedOrNull(start.Blob), v.SourceBlob)
	default:
		f.holds(len(v.Revisions) == 0, versionAt+"revisions", "one that starts the version, of the kind "+string(v.Kind), v.Revisions)
	}
}
