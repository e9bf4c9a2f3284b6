package builder

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"slices"

	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/record"
	"github.com/policysite/policysite/builder/verify"
)

// Verify checks the site in a folder. repo is a folder of the repository that the
// site was built from, "" asks no repository. Of opt it takes Git, Theme, Generator
// and Progress.
func Verify(ctx context.Context, dir, repo string, opt Options) (*verify.Result, error) {
	rebuild := func(ctx context.Context, site verify.Site, read func(string, int64) ([]byte, error), add func(string, []byte)) ([]verify.Taken, error) {
		content, err := filepath.Rel(filepath.FromSlash(site.Source), filepath.FromSlash(site.Content))
		if err != nil {
			return nil, policy.Fail(policy.ErrUsage, err, "", "content")
		}
		in, err := open(ctx, Options{
			Source: repo, Content: content, BaseURL: site.BaseURL, Rev: site.Head, Git: opt.Git, At: site.At, Preview: site.Preview,
			NoMinify: !site.Minified, Fragments: site.Fragments, Theme: opt.Theme, Generator: opt.Generator, Progress: opt.Progress,
		})
		if err != nil {
			return nil, err
		}
		defer in.close()
		in.repo, in.taken = in.repo.Below(site.Source), &taken{}
		if in.previous, err = catalog.OwnPrevious(dir, read); err != nil {
			return nil, err
		}
		if _, err := in.write(ctx, handing(add)); err != nil {
			return nil, err
		}
		slices.Sort(in.taken.addresses)
		return []verify.Taken{
			{What: "versions that git does not have", Names: in.taken.versions},
			{What: "policies that are gone", Names: in.taken.policies},
			{What: "former addresses", Names: in.taken.addresses},
		}, nil
	}
	return verify.Check(ctx, dir, verify.Options{Repo: repo, Git: opt.Git, Generator: opt.Generator, Rebuild: rebuild, Progress: opt.Progress})
}

// taken is what a rebuild takes from the site.
type taken struct{ versions, policies, addresses []string }

// note notes what the policies have that git does not say.
func (t *taken) note(cat *catalog.Catalog, policies []*record.Resolved) {
	for i, p := range policies {
		for _, version := range p.Record.Carried {
			t.versions = append(t.versions, p.Policy.ID+"@"+version)
		}
		if !cat.Policies[i].History.Live && !slices.Contains(cat.Config.Archived, p.Policy.ID) {
			t.policies = append(t.policies, p.Policy.ID)
		}
		for _, former := range cat.Policies[i].Kept {
			if !slices.Contains(p.Record.Former, former) {
				t.addresses = append(t.addresses, former)
			}
		}
	}
}

// handing hands the files of a site to a function.
type handing func(path string, content []byte)

func (h handing) Add(path string, content []byte) error {
	h(path, content)
	return nil
}

func (h handing) AddFrom(path string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	return h.Add(path, b.Bytes())
}
