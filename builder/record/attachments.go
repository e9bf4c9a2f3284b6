package record

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"sync"

	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
)

// Asset is a file of the site that a text links to.
type Asset struct {
	Path   string // on the site: "assets/0123456789abcdef/dpa.pdf"
	SHA256 string
	Blob   string // "" when only the previous site has it
}

// Sums are the SHA-256 sums of attachments by their blobs. They are safe for
// concurrent use. The zero Sums are ready.
type Sums struct {
	mu     sync.Mutex
	byBlob map[string]string
}

// of returns the sum of a blob.
func (s *Sums) of(blob string, read func(blob string) ([]byte, error)) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock() // a large file that many link to is read once
	if sum, ok := s.byBlob[blob]; ok {
		return sum, nil
	}
	content, err := read(blob)
	if err != nil {
		return "", err
	}
	hash := sha256.Sum256(content)
	if s.byBlob == nil {
		s.byBlob = map[string]string{}
	}
	s.byBlob[blob] = hex.EncodeToString(hash[:])
	return s.byBlob[blob], nil
}

// asset is the file at a path of the repository as the site has it.
func (r *Reader) asset(f history.File, name string) (Asset, error) {
	sum, err := r.sums.of(f.Blob, r.blobs.Blob)
	if err != nil {
		return Asset{}, fmt.Errorf("%s: %w", f.Path, err)
	}
	return Asset{Path: pages.AssetURL(sum, name)[1:], SHA256: sum, Blob: f.Blob}, nil
}

// Asset returns the content of an asset.
func (r *Reader) Asset(a Asset) ([]byte, error) {
	if a.Blob == "" {
		return r.cat.Previous.File(a.Path, a.SHA256)
	}
	return r.blobs.Blob(a.Blob)
}

// attach states the attachments of the versions of a policy, which a record of
// it gave: each file as it was then, and as it became while the version was the
// latest. It returns the files of the site that these are.
func (r *Reader) attach(of *catalog.Policy, rec *Record, p *policy.Policy) ([]Asset, error) {
	dates := r.options(of, of.History.Path)
	var assets []Asset
	for i := range rec.Life.Versions {
		at := &rec.places[rec.Life.Cut+i]
		if at.published != nil {
			published := []policy.Attachment{}
			for _, a := range at.published {
				asset := Asset{Path: a.URL[1:], SHA256: a.SHA256}
				content, err := r.Asset(asset)
				if err != nil {
					return nil, err
				}
				if why, _ := catalog.Unpublished(a.Path, content, r.cat.Config.TrustedHTML); why == "" {
					published, assets = append(published, a), append(assets, asset)
				}
			}
			at.published, p.Versions[i].Attachments = published, published
			continue
		}
		files, err := r.linked(at)
		if err != nil {
			return nil, err
		}
		step, until := r.stepOf(at), r.until(of, rec, rec.Life.Cut+i)
		var attachments []policy.Attachment
		for _, name := range files {
			states, err := r.cat.Links.States(name, step, until, r.blobs.Blob)
			if err != nil {
				return nil, err
			}
			for n, state := range states {
				if kept, err := r.keptBack(name, state.File); kept || err != nil {
					if err != nil {
						return nil, err
					}
					continue
				}
				asset, err := r.asset(state.File, name)
				if err != nil {
					return nil, err
				}
				assets = append(assets, asset)
				step := r.cat.Log.Steps[state.Step]
				attachments = append(attachments, policy.Attachment{
					Path: name, URL: "/" + asset.Path, SHA256: asset.SHA256, Commit: step.Commit,
					Day: policy.DateOf(dates.Recorded(step), dates.Zone), Later: n > 0,
				})
			}
		}
		p.Versions[i].Attachments = attachments
	}
	return assets, nil
}

// stepOf is the step after which the links of a version are followed.
func (r *Reader) stepOf(at *place) int {
	if at.step < 0 {
		return r.cat.Head()
	}
	return at.step
}

// until is the last step at which a version was the latest.
func (r *Reader) until(of *catalog.Policy, rec *Record, i int) int {
	if rec.places[i].elsewhere {
		return r.stepOf(&rec.places[i])
	}
	for _, next := range rec.places[i+1:] {
		if !next.elsewhere {
			return next.step - 1
		}
	}
	revisions := r.cat.Recorded(of)
	if n := len(revisions); n > 0 && revisions[n-1].Blob == "" {
		return revisions[n-1].Step - 1
	}
	return r.cat.RecordedHead()
}

// linked are the paths of the files that a version links to, each once.
func (r *Reader) linked(at *place) ([]string, error) {
	var files []string
	seen := map[string]bool{}
	for _, link := range at.links {
		t, err := r.cat.Links.Resolve(link, catalog.Origin{Path: at.path, Step: r.stepOf(at), Read: r.blobs.Blob})
		if err != nil {
			return nil, err
		}
		if t.File.Path == "" || seen[t.Path] {
			continue
		}
		seen[t.Path] = true
		if draft, err := r.isDraft(t.File); err != nil {
			return nil, err
		} else if !draft {
			files = append(files, t.Path)
		}
	}
	return files, nil
}

// keptBack reports whether a state of a file to which a path leads is not published.
func (r *Reader) keptBack(name string, f history.File) (bool, error) {
	if draft, err := r.isDraft(f); draft || err != nil {
		return draft, err
	}
	why, _, err := r.cat.Links.Unpublished(name, f, r.blobs.Blob)
	return why != "", err
}

// isDraft keeps drafts off the site to which a published text links.
func (r *Reader) isDraft(f history.File) (bool, error) {
	if ext := path.Ext(f.Path); ext != ".md" && ext != ".markdown" {
		return false, nil
	}
	source, err := r.blobs.Blob(f.Blob)
	if err != nil {
		return false, fmt.Errorf("%s: %w", f.Path, err)
	}
	meta, _, _, _ := policy.ParseSource(source)
	return meta.Draft, nil
}

// addresses finds the addresses of a document's links, and the files that these
// lead to.
func (r *Reader) addresses(doc *policy.Document, from catalog.Origin) ([]pages.Address, []Asset, error) {
	from.IDs, from.Read = doc.IDs, r.blobs.Blob
	addresses := make([]pages.Address, len(doc.Links))
	var assets []Asset
	for i, l := range doc.Links {
		if a := r.cat.Links.Published(l.Target, from); a != nil {
			addresses[i] = pages.Address{URL: a.URL}
			continue
		}
		t, err := r.cat.Links.Resolve(l.Target, from)
		if err != nil {
			return nil, nil, err
		}
		switch {
		case t.Keep:
			addresses[i] = pages.Address{Href: l.Target}
		case t.Nowhere != "":
		case t.File.Path == "":
			addresses[i] = pages.Address{URL: t.URL, Href: t.Fragment}
		default:
			if draft, err := r.isDraft(t.File); draft || err != nil {
				if err != nil {
					return nil, nil, err
				}
				break
			}
			asset, err := r.asset(t.File, t.Path)
			if err != nil {
				return nil, nil, err
			}
			addresses[i] = pages.Address{URL: "/" + asset.Path, Href: t.Fragment}
			assets = append(assets, asset)
		}
	}
	return addresses, assets, nil
}
