package builder

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/record"
)

// Exported is what ExportOTA wrote.
type Exported struct {
	Service  string   `json:"service"` // as the folder and the declaration are called
	Policies int      `json:"policies"`
	Versions int      `json:"versions"`
	LeftOut  []string `json:"left_out"` // policies that Open Terms Archive has no place for, with the reason
}

// declaration is how Open Terms Archive tracks a service.
// https://docs.opentermsarchive.org/terms/reference/declaration/
type declaration struct {
	Name  string                   `json:"name"`
	Terms map[string]declaredTerms `json:"terms"` // by type
}

type declaredTerms struct {
	Fetch  string   `json:"fetch"`
	Select []string `json:"select"`
	Remove []string `json:"remove"`
}

// ExportOTA writes the record as a dataset of Open Terms Archive, and the declaration
// by which it can track the site, into a folder that is empty or not there:
//
//	<service>/<type of terms>/2026-05-04T09-12-33Z.md
//	declarations/<service>.json
//	README.md
//
// A text is the Markdown of its version without front matter, and without the words
// that are withheld.
func (a *Archive) ExportOTA(ctx context.Context, dir string) (*Exported, error) {
	if entries, err := os.ReadDir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) || len(entries) > 0 {
		return nil, policy.Fail(policy.ErrOutput, err, "name a new folder", "%s is not an empty folder", dir)
	}
	base := a.cat.Config.BaseURL
	if _, ok := pages.Absolute(base, "/"); !ok {
		return nil, policy.Fail(policy.ErrUsage, nil, "set `baseURL` in "+policy.ConfigFile+", or give --baseURL", "the export names addresses of the site, and the site's is not known")
	}
	host, _ := url.Parse(base)
	name := cmp.Or(a.cat.Config.Organization, a.cat.Config.Title, host.Hostname())
	out := &Exported{Service: cmp.Or(serviceID(name), serviceID(host.Hostname()), "service"), LeftOut: []string{}}
	terms, err := a.terms(out)
	if err != nil {
		return nil, err
	}
	declared := declaration{name, map[string]declaredTerms{}}
	to, err := newFolder(dir)
	if err != nil {
		return nil, err
	}
	defer to.abort()
	if err := to.write("README.md", readme(name, base, a.in.opt.Generator, a.cat.Built.Commit)); err != nil {
		return nil, err
	}
	err = a.in.with(ctx, a.cat, func(r *record.Reader) error {
		for _, kind := range slices.Sorted(maps.Keys(terms)) {
			p := terms[kind]
			if p.Gone.IsZero() {
				at, _ := pages.Absolute(base, p.URL)
				declared.Terms[kind] = declaredTerms{at, []string{"[data-policy-text]"}, []string{"[data-note]"}}
			}
			taken := map[string]bool{}
			for i := range p.Versions {
				source, err := r.Source(&p.Versions[i])
				if err == nil {
					err = ctx.Err()
				}
				if err != nil {
					return err
				}
				// Two of one second are told apart by the next.
				at := p.Versions[i].Recorded
				if at.IsZero() { // older than git
					day := p.Versions[i].Day
					at = time.Date(day.Year, day.Month, day.Day, 0, 0, 0, 0, time.UTC)
				}
				file := func() string { return out.Service + "/" + kind + "/" + at.UTC().Format("2006-01-02T15-04-05Z") + ".md" }
				for taken[file()] {
					at = at.Add(time.Second)
				}
				taken[file()] = true
				if err := to.write(file(), policy.Body(source)); err != nil {
					return err
				}
				out.Versions++
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out.Policies = len(terms)
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(declared); err != nil {
		return nil, err
	}
	if err := to.write("declarations/"+out.Service+".json", b.Bytes()); err != nil {
		return nil, err
	}
	return out, to.commit()
}

// terms are the policies that Open Terms Archive has a type for, by that. Of a type it
// keeps one text: that in the language of the site, where there is one.
func (a *Archive) terms(out *Exported) (map[string]*policy.Policy, error) {
	terms := map[string]*policy.Policy{}
	var wrong policy.Problems
	for _, own := range []bool{true, false} {
		for i, p := range a.Policies {
			if (p.Lang == a.cat.Config.Language) != own {
				continue
			}
			meta := &a.all[i].Meta
			kind := cmp.Or(meta.TermsType, policy.TermsType(p.Title))
			switch other := terms[kind]; {
			case kind == "":
				out.LeftOut = append(out.LeftOut, p.ID+" (no `terms-type`)")
			case other == nil:
				terms[kind] = p
			case other.Lang != p.Lang:
				out.LeftOut = append(out.LeftOut, p.ID+" (in another language)")
			default:
				wrong = append(wrong, &policy.Problem{Path: p.Path, Line: meta.Lines["terms-type"], Message: fmt.Sprintf("is of the type %s, and so is %s", kind, other.Path), Hint: "Open Terms Archive keeps one text of a type: give one of them another `terms-type:`"})
			}
		}
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	if len(terms) == 0 {
		return nil, policy.Fail(policy.ErrContent, nil, "terms-type: Privacy Policy", "no policy has a `terms-type` in its front matter: %s", policy.ListWords(out.LeftOut, 10))
	}
	return terms, nil
}

// serviceID is a name as Open Terms Archive has it in paths: in ASCII, without what a
// file system gives a meaning; "" where that cannot be made of it.
// https://github.com/OpenTermsArchive/engine/blob/main/decision-records/0001-service-name-and-id.md
func serviceID(name string) string {
	id := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case unicode.IsControl(r) || strings.ContainsRune(`/\:"<>|*?`, r):
			return '-'
		}
		return r
	}, norm.NFD.String(name))
	if strings.ContainsFunc(id, func(r rune) bool { return r > unicode.MaxASCII }) {
		return ""
	}
	return strings.Trim(id, " .") // no folder of Windows ends in one of them
}

func readme(name, base, generator, commit string) []byte {
	return fmt.Appendf(nil, `# Terms of %s

Every version of the terms at <%s>, in the layout of a dataset of
[Open Terms Archive](https://opentermsarchive.org): a folder for the service, one for each
type of terms, and a file for each version, named by the time at which it was recorded in git.
A text is what its author wrote, not what was extracted from a page.

%s, commit %s
`, name, base, generator, commit)
}

// folder is written beside its place, which is empty or not there, and moved there when
// it is whole.
type folder struct{ beside, made, whole string }

func newFolder(dir string) (*folder, error) {
	whole, err := filepath.Abs(dir)
	if err != nil {
		return nil, unwritten(dir, err)
	}
	above, name := filepath.Split(whole)
	if err := os.MkdirAll(above, 0o777); err != nil {
		return nil, unwritten(dir, err)
	}
	beside, err := os.MkdirTemp(above, "."+name+"-*")
	if err != nil {
		return nil, unwritten(dir, err)
	}
	return &folder{beside, filepath.Join(beside, name), whole}, nil
}

func unwritten(dir string, err error) error {
	return policy.Fail(policy.ErrOutput, err, "", "cannot write %s", dir)
}

func (f *folder) write(name string, content []byte) error {
	file := filepath.Join(f.made, filepath.FromSlash(name))
	err := os.MkdirAll(filepath.Dir(file), 0o777)
	if err == nil {
		err = os.WriteFile(file, content, 0o666)
	}
	if err != nil {
		return unwritten(f.whole, err)
	}
	return nil
}

func (f *folder) commit() error {
	err := os.Remove(f.whole) // it keeps what somebody put there by now
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = os.Rename(f.made, f.whole)
	}
	if err != nil {
		return unwritten(f.whole, err)
	}
	return nil
}

// abort removes what is left beside the place.
func (f *folder) abort() { os.RemoveAll(f.beside) }
