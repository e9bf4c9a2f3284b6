package builder

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/record"
	"github.com/policysite/policysite/builder/redline"
	"github.com/policysite/policysite/builder/words"
)

// Archive is the record of a repository, without a site: what `log` and `show`
// tell in a terminal. What is wrong with the present texts does not stop it.
type Archive struct {
	Policies []*policy.Policy // sorted by id
	in       *input
	cat      *catalog.Catalog
	site     *pages.Composer
	book     *words.Book
	all      []*catalog.Policy // of Policies
	resolved []*record.Resolved
}

// IDs are the ids of the policies.
func IDs(ctx context.Context, opt Options) ([]string, error) {
	in, err := open(ctx, opt)
	if err != nil {
		return nil, err
	}
	defer in.close()
	cat, _, err := catalog.Read(in.source())
	if err != nil {
		return nil, err
	}
	return cat.IDs(), nil
}

// ReadArchive reads the record of one policy, or with id "" of all.
func ReadArchive(ctx context.Context, opt Options, id string) (_ *Archive, err error) {
	in, err := open(ctx, opt)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			in.close()
		}
	}()
	cat, _, err := catalog.Read(in.source())
	if err != nil {
		return nil, err
	}
	all := cat.Policies
	if id = strings.Trim(id, "/"); id != "" {
		p := cat.Policy(id)
		if p == nil {
			return nil, policy.Fail(policy.ErrUsage, nil, "known policies: "+policy.ListWords(cat.IDs(), 20), "no policy has the id %q", id)
		}
		all = []*catalog.Policy{p}
	}
	site := pages.New(in.opt.site(cat), nil)
	for _, other := range site.Others(id) { // which the manifest of one speaks of
		all = append(all, cat.Policy(other))
	}
	resolved, err := in.each(ctx, cat, all, func(r *record.Reader, p *catalog.Policy) (*record.Resolved, error) { return r.Resolve(ctx, p) })
	if err != nil {
		return nil, err
	}
	a := &Archive{Policies: of(resolved), in: in, cat: cat, all: all, resolved: resolved}
	a.site = site.Beside(a.Policies)
	if id != "" {
		a.Policies = a.Policies[:1]
	}
	own, err := in.opt.layouts(cat, in.repo)
	if err != nil {
		return nil, err
	}
	if a.book, err = words.New(own); err != nil { // like other mistakes of the present it does not stop this
		a.book, err = words.New(nil)
	}
	return a, err
}

// Close lets go of the repository.
func (a *Archive) Close() { a.in.close() }

// HasAddress reports whether the site's address is known.
func (a *Archive) HasAddress() bool { return a.cat.Config.BaseURL != "" }

// Manifest is what archive.json says of the policies.
func (a *Archive) Manifest() pages.Manifest {
	return a.site.Manifest(a.Policies, a.cat.Built)
}

// Words are those of a policy's language, else of the site's, else English, for a
// terminal.
func (a *Archive) Words(p *policy.Policy) *words.Words {
	return a.book.Words(p.Lang, a.cat.Config.Language).Bare()
}

// Version finds the index of a version by its id.
func (a *Archive) Version(p *policy.Policy, id string) (int, error) {
	i := slices.IndexFunc(p.Versions, func(v policy.Version) bool { return v.ID == id })
	if i < 0 {
		return 0, policy.Fail(policy.ErrUsage, nil, fmt.Sprintf("`policysite log %s` lists its versions", p.ID), "%s has no version %q", p.ID, id)
	}
	return i, nil
}

// On finds the index of the version that the record shows as in force on a day.
func (a *Archive) On(p *policy.Policy, day policy.Date) (int, error) {
	i := slices.IndexFunc(p.Versions, func(v policy.Version) bool { return v.InForce.Contains(day) })
	if i < 0 {
		return 0, policy.Fail(policy.ErrUsage, nil, fmt.Sprintf("`policysite log %s` lists its versions with their days", p.ID), "this record shows no version of %s as in force on %s", p.ID, day)
	}
	return i, nil
}

// Source is the exact source of a version, with the words that the site
// withholds: who has the repository has them.
func (a *Archive) Source(p *policy.Policy, i int) ([]byte, error) {
	return a.in.repo.Blob(p.Versions[i].Blob)
}

// Redline compares two versions.
func (a *Archive) Redline(p *policy.Policy, from, to int) (*redline.Redline, error) {
	old, err := a.render(p, from)
	if err != nil {
		return nil, err
	}
	new, err := a.render(p, to)
	if err != nil {
		return nil, err
	}
	c := redline.Comparer{Characters: words.Characters(p.Lang)}
	return c.Compare(redline.SideOf(old), redline.SideOf(new)), nil
}

// Word is what leads from one version to another as a Word document with tracked
// changes. Others will get it, so what the site withholds is not in it.
func (a *Archive) Word(ctx context.Context, p *policy.Policy, from, to int) (out []byte, err error) {
	for _, i := range []int{from, to} {
		switch v := &p.Versions[i]; {
		case v.Withheld():
			return nil, policy.Fail(policy.ErrUsage, nil, "", "version %s of %s is withheld", v.ID, p.ID)
		case v.Error != "":
			return nil, unrendered(p, v, errors.New(v.Error))
		}
	}
	err = a.in.with(ctx, a.cat, func(r *record.Reader) error {
		n := slices.IndexFunc(a.resolved, func(r *record.Resolved) bool { return r.Policy == p })
		out, err = r.Word(a.all[n], a.resolved[n], from, to)
		return err
	})
	return out, err
}

// Text is the visible text of a version, the bytes of its text_sha256.
func (a *Archive) Text(p *policy.Policy, i int) (string, error) {
	text, err := a.render(p, i)
	if err != nil {
		return "", err
	}
	return text.Doc.Text(text.Meta.Title), nil
}

// render reads the text of a version that can be rendered.
func (a *Archive) render(p *policy.Policy, i int) (*policy.Text, error) {
	source, err := a.Source(p, i)
	if err != nil {
		return nil, err
	}
	text := markdown.New(markdown.Options{Trusted: a.cat.Config.TrustedHTML}).Text(source)
	if text.Err != nil {
		return nil, unrendered(p, &p.Versions[i], text.Err)
	}
	return text, nil
}

func unrendered(p *policy.Policy, v *policy.Version, why error) error {
	return policy.Fail(policy.ErrContent, why, "its source can be had with `policysite show --source-text`", "version %s of %s cannot be rendered", v.ID, p.ID)
}
