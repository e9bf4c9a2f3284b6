package catalog

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/publish"
)

// Previous is the site as it was last published. What it says was published
// stays published.
type Previous struct {
	where    string
	own      bool // it is the site that is built again, see OwnPrevious
	Manifest pages.Manifest
	Zone     *time.Location    // of its days
	files    map[string]string // SHA-256 of the site's files by path; nil where its host does not show the list
	get      func(name string, limit int64) ([]byte, error)
	close    func() error
	sources  map[string]publishedSource // by blob
}

// publishedSource is where the previous site has the source of a version.
type publishedSource struct{ file, sha256 string }

const sayFirst = "if nothing was published there yet, say so with --first, in a run by hand"

const (
	maxManifest  = 512 << 20
	maxPublished = 64 << 20 // of any other file of a site that is read
)

// OpenPrevious reads what a folder, or an address of the web, says was
// published. Where nothing was, the error is policy.ErrUsage and fs.ErrNotExist.
func OpenPrevious(ctx context.Context, where string) (*Previous, error) {
	p := &Previous{where: where, close: func() error { return nil }, sources: map[string]publishedSource{}}
	if strings.HasPrefix(where, "http://") || strings.HasPrefix(where, "https://") {
		base, err := url.Parse(strings.TrimSuffix(where, "/") + "/")
		if err != nil {
			return nil, policy.Fail(policy.ErrUsage, err, "", "previous site")
		}
		p.get = (&web{ctx, base, &http.Client{Timeout: time.Minute}}).get
	} else {
		root, err := os.OpenRoot(where)
		if err != nil {
			return nil, policy.Fail(policy.ErrUsage, err, sayFirst, "no previous site")
		}
		p.close = root.Close
		p.get = func(name string, limit int64) ([]byte, error) { return readFile(root, name, limit) }
	}
	if err := p.read(); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// OwnPrevious is what a site that is built again tells of the site before it: the
// versions that were published by then, with their days. It is nil when there are
// none. get reads a file of the site.
func OwnPrevious(where string, get func(name string, limit int64) ([]byte, error)) (*Previous, error) {
	p := &Previous{where: where, own: true, get: get, close: func() error { return nil }, sources: map[string]publishedSource{}}
	if err := p.read(); err != nil {
		return nil, err
	}
	var policies []pages.ManifestPolicy
	for _, q := range p.Manifest.Policies {
		var versions []pages.ManifestVersion
		for i, v := range q.Versions {
			// A text that came back when git lost the one after it has no
			// revision that says so.
			if !v.Published.IsZero() || len(v.Revisions) == 0 && i > 0 && q.Versions[i-1].Carried {
				versions = append(versions, v)
			}
		}
		if q.Versions = versions; len(versions) > 0 {
			policies = append(policies, q)
		}
	}
	if p.Manifest.Policies = policies; len(policies) == 0 {
		return nil, nil
	}
	return p, nil
}

func (p *Previous) read() error {
	data, err := p.get("archive.json", maxManifest)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return policy.Fail(policy.ErrHistory, err, "try again: a site built without it could take back what was published", "the previous site cannot be read")
	}
	if err != nil {
		return policy.Fail(policy.ErrUsage, err, "--previous expects the folder or the address of a site that policysite wrote; "+sayFirst, "%s is not a site", p.where)
	}
	if p.own {
		err = json.Unmarshal(data, &p.Manifest) // what is wrong with it is among the differences
	} else {
		p.Manifest, err = pages.ReadManifest(data)
	}
	if errors.Is(err, pages.ErrNotManifest) {
		return policy.Fail(policy.ErrUsage, err, "--previous needs a site that this version of policysite can read", "%s is not a site", p.where)
	} else if err != nil {
		return policy.Fail(policy.ErrHistory, err, "take the site from where it was published", "the previous site says what no build writes: %s/archive.json", p.where)
	}
	if p.Manifest.Preview && !p.own {
		return policy.Fail(policy.ErrUsage, nil, "--previous needs the site as it was published", "%s is a preview", p.where)
	}
	if p.Zone, err = time.LoadLocation(p.Manifest.Timezone); err != nil {
		return policy.Fail(policy.ErrUsage, err, "", "%s/archive.json: timezone", p.where)
	}
	switch data, err := p.get(publish.MarkerName, maxManifest); {
	case err == nil:
		if p.files, err = publish.ReadMarker(p.where+"/"+publish.MarkerName, strings.NewReader(string(data))); err != nil {
			return policy.Fail(policy.ErrHistory, err, "take the site from where it was published", "the previous site is damaged")
		}
		if sum := p.files["archive.json"]; sum != "" && p.verify("archive.json", sum) != nil {
			return policy.Fail(policy.ErrHistory, nil, "take the site from where it was published", "%s/archive.json is not what was published", p.where)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return policy.Fail(policy.ErrHistory, err, "", "the previous site")
	}
	for i := range p.Manifest.Policies {
		q := &p.Manifest.Policies[i]
		for j := range q.Versions {
			if v := &q.Versions[j]; v.SourceBlob != "" {
				p.sources[string(v.SourceBlob)] = publishedSource{SitePath(v.SourceURL), string(v.SourceSHA256)}
			}
		}
	}
	return nil
}

// Close lets go of the site. A nil Previous has nothing to let go of.
func (p *Previous) Close() error {
	if p == nil {
		return nil
	}
	return p.close()
}

// verify reads a file and compares its hash.
func (p *Previous) verify(name, sum string) error {
	_, err := p.File(name, sum)
	return err
}

// File reads a file of the previous site, which must be the one of this hash.
func (p *Previous) File(name, sum string) ([]byte, error) {
	limit := int64(maxPublished)
	if name == "archive.json" {
		limit = maxManifest
	}
	data, err := p.get(name, limit)
	if err != nil {
		return nil, policy.Fail(policy.ErrHistory, err, "take the site from where it was published", "%s: the previous site lacks %s", p.where, name)
	}
	if have := sha256.Sum256(data); hex.EncodeToString(have[:]) != sum {
		return nil, policy.Fail(policy.ErrHistory, nil, "take the site from where it was published", "%s/%s is not what was published: expected SHA-256 %s, found %x", p.where, name, sum, have)
	}
	return data, nil
}

// Source is that of a version, by its blob.
func (p *Previous) Source(blob string) ([]byte, error) {
	at, ok := p.sources[blob]
	if !ok {
		return nil, policy.Fail(policy.ErrHistory, nil, "take the site from where it was published", "%s: the previous site has no source %s", p.where, blob)
	}
	return p.File(at.file, at.sha256)
}

// Policy is what the previous site says of a policy; nil when it has none of
// that id, or there is no previous site.
func (p *Previous) Policy(id string) *pages.ManifestPolicy {
	if p != nil {
		for i := range p.Manifest.Policies {
			if q := &p.Manifest.Policies[i]; q.ID == id {
				return q
			}
		}
	}
	return nil
}

// Version is what the previous site says of a version; nil when it has none of that
// id.
func (p *Previous) Version(id, version string) *pages.ManifestVersion {
	q := p.Policy(id)
	if q == nil {
		return nil
	}
	if i := slices.IndexFunc(q.Versions, func(v pages.ManifestVersion) bool { return v.ID == version }); i >= 0 {
		return &q.Versions[i]
	}
	return nil
}

// statesID reports whether the latest text of a policy states its id.
func (p *Previous) statesID(q *pages.ManifestPolicy) bool {
	source, err := p.Source(string(q.Versions[len(q.Versions)-1].SourceBlob))
	if err != nil {
		return false
	}
	meta, _, _, _ := policy.ParseSource(source)
	return meta.ID != ""
}

// Left is the day since which a policy of the previous site, which git knows
// nothing of, is no longer published: the last on which it is known to have
// been.
func (p *Previous) Left(q *pages.ManifestPolicy) policy.Date {
	day := p.Manifest.At
	if q.Status == policy.StatusWithdrawn {
		for _, v := range q.Versions {
			if v.InForce != nil && !v.InForce.Until.IsZero() {
				day = v.InForce.Until
			}
		}
	}
	return day
}

// Versions are what the previous site says of a policy's versions.
func (p *Previous) Versions(q *pages.ManifestPolicy) []policy.Version {
	out := make([]policy.Version, len(q.Versions))
	for i := range q.Versions {
		m := &q.Versions[i]
		v := policy.Version{
			ID:       m.ID,
			Kind:     m.Kind,
			Stated:   policy.Stated{Label: string(m.Label), Change: string(m.Change), Summary: string(m.Summary)},
			Evidence: policy.Evidence{Published: m.Published},
			Content:  policy.Content{TextSHA256: string(m.TextSHA256), WordingSHA256: string(m.WordingSHA256), SourceSHA256: string(m.SourceSHA256), Blob: string(m.SourceBlob), Path: q.Path},
		}
		v.Recorded, _ = time.Parse(time.RFC3339, string(m.Recorded))
		v.Day, _ = policy.ParseDate(m.ID[:min(len(m.ID), len(time.DateOnly))])
		if v.Published.IsZero() && !p.own {
			v.Published = p.Manifest.At // it was on that site
		}
		for _, s := range m.Statements {
			if r := s.Redaction; r != nil {
				v.Redactions = append(v.Redactions, policy.Redaction{
					Policy: q.ID, Version: m.ID, Whole: true, // the rest of the text went with its source
					Reason: string(r.Reason), Authority: string(r.Authority), Date: r.Date, Salted: string(r.SaltedSHA256),
				})
			}
		}
		for _, r := range m.Revisions {
			recorded, _ := time.Parse(time.RFC3339, string(r.Recorded))
			v.Revisions = append(v.Revisions, policy.RevisionFact{
				Commit: r.Commit, Blob: string(r.Blob), Path: r.Path, FromPath: string(r.FromPath),
				Recorded: recorded, Kind: r.Kind, Subject: string(r.Subject),
			})
			if r.Kind == m.Kind {
				v.Path = r.Path
			}
		}
		for _, a := range m.Attachments {
			v.Attachments = append(v.Attachments, policy.Attachment{Path: a.Path, URL: "/" + SitePath(a.URL), SHA256: a.SHA256, Commit: a.Commit})
		}
		out[i] = v
	}
	return out
}

// SitePath is the path of a file of a site by its percent-encoded URL.
func SitePath(u string) string {
	if decoded, err := url.PathUnescape(u); err == nil {
		u = decoded
	}
	return strings.TrimPrefix(path.Clean("/"+u), "/")
}

// readFile reads a file of a folder, within bounds.
func readFile(root *os.Root, name string, limit int64) ([]byte, error) {
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(f, limit)
}

func readAll(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("more than %d bytes", limit)
	}
	return data, err
}

// web reads a site from where it is published.
type web struct {
	ctx    context.Context
	base   *url.URL
	client *http.Client
}

func (w *web) get(name string, limit int64) ([]byte, error) {
	at := w.base.JoinPath(strings.Split(name, "/")...)
	request, err := http.NewRequestWithContext(w.ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, err
	}
	response, err := w.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode == http.StatusNotFound || response.StatusCode == http.StatusGone || response.StatusCode == http.StatusForbidden:
		return nil, &fs.PathError{Op: "get", Path: at.String(), Err: fs.ErrNotExist}
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("get %s: %s", at, response.Status)
	}
	data, err := readAll(response.Body, limit)
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", at, err)
	}
	return data, nil
}

// Names are the files of the site, with their hashes where those are known, by
// the list of its files or, where its host does not show that, by its manifest.
func (p *Previous) Names() map[string]string {
	if p.files != nil {
		return p.files
	}
	out := map[string]string{}
	page := func(u string) { out[path.Join(SitePath(u), "index.html")] = "" }
	for i := range p.Manifest.Policies {
		q := &p.Manifest.Policies[i]
		page(q.URL)
		page(q.URL + "changes/")
		for j := range q.Versions {
			v := &q.Versions[j]
			page(v.URL)
			out[SitePath(v.SourceURL)] = string(v.SourceSHA256)
			if v.WordsAdded != nil {
				page(v.URL + "changes/")
			}
			for _, a := range v.Attachments {
				out[SitePath(a.URL)] = a.SHA256
			}
		}
	}
	return out
}

// Ours reports whether a file is a page of the record: one of the site's changes
// archive, or of a policy.
func (p *Previous) Ours(name string) bool {
	if strings.HasPrefix(name, "changes/") {
		return true
	}
	for i := range p.Manifest.Policies {
		q := &p.Manifest.Policies[i]
		for _, u := range append([]string{q.URL}, q.Former...) {
			if strings.HasSuffix(u, "/") && strings.HasPrefix(name, SitePath(u)+"/") {
				return true
			}
		}
	}
	return false
}
