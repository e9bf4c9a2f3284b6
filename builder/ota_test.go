package builder_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/history/historytest"
	"github.com/policysite/policysite/builder/policy"
)

// exported exports the archive of a repository into a folder.
func exported(t *testing.T, r *historytest.Repo, dir string, change ...func(*builder.Options)) (*builder.Exported, error) {
	t.Helper()
	opt := options(r)
	for _, c := range change {
		c(&opt)
	}
	a, err := builder.ReadArchive(t.Context(), opt, "")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	return a.ExportOTA(t.Context(), dir)
}

// Every version of a policy that Open Terms Archive has a type for is a file, without
// what is withheld; and the declaration names the page of the policy.
func TestExportOTA(t *testing.T) {
	r := repository(t,
		on("2021-01-01T09:00:00Z", settings("title: Terms of Ours\norganization: 'Ours: Ltd.'\nbaseURL: https://example.com/legal/\nlanguages: [en, de]\narchived: [old]\n"),
			write("content/privacy.md", "---\nterms-type: Privacy Policy\n---\n# What we keep\n\nAsk Jane Roe.\n"),
			write("content/terms.md", "+++\nterms-type = \"terms of service\"\n+++\nPay.\n"),
			write("content/imprint.md", "# Imprint\n\nOurs.\n"), // by its title
			write("content/privacy.de.md", "---\nterms-type: Privacy Policy\n---\nWir.\n"),
			write("content/prices.md", "# Prices\n\nMany.\n"),
			write("content/old.md", "---\nterms-type: Live Policy\n---\nGone.\n")),
		on("2021-02-01T09:00:00Z", write("content/privacy.md", "---\nterms-type: Privacy Policy\n---\n# What we keep\n\nAsk the office.\n"), remove("content/old.md")),
		on("2021-02-01T09:00:00Z", write("content/privacy.md", "---\nterms-type: Privacy Policy\n---\n# What we keep\n\nAsk nobody.\n")),
		on("2021-03-01T09:00:00Z",
			write("history.yaml", "terms:\n  - file: history/terms.md\n    published: 2019-05-04\n"), write("history/terms.md", "---\ntitle: T\n---\nPay more.\n"),
			write("redactions.yaml", "- policy: privacy\n  version: 2021-01-01\n  block: 2\n  words: 2-3\n  reason: r\n  authority: a\n  date: 2021-03-01\n")))
	dir := filepath.Join(t.TempDir(), "new", "dataset")
	out, err := exported(t, r, dir)
	if err != nil {
		t.Fatal(err)
	}
	have := (&site{dir: dir, t: t}).files()
	want := map[string]string{
		"Ours- Ltd/Privacy Policy/2021-02-01T09-00-00Z.md":   "# What we keep\n\nAsk the office.\n",
		"Ours- Ltd/Privacy Policy/2021-02-01T09-00-01Z.md":   "# What we keep\n\nAsk nobody.\n",
		"Ours- Ltd/Terms of Service/2019-05-04T00-00-00Z.md": "Pay more.\n",
		"Ours- Ltd/Terms of Service/2021-01-01T09-00-00Z.md": "Pay.\n",
		"Ours- Ltd/Imprint/2021-01-01T09-00-00Z.md":          "# Imprint\n\nOurs.\n",
		"Ours- Ltd/Live Policy/2021-01-01T09-00-00Z.md":      "Gone.\n",
	}
	for name, text := range want {
		if have[name] != text {
			t.Errorf("%s is %q, want %q", name, have[name], text)
		}
	}
	const withheld = "Ours- Ltd/Privacy Policy/2021-01-01T09-00-00Z.md"
	if !strings.Contains(have[withheld], "Ask [withheld]") || len(have) != len(want)+3 {
		t.Errorf("%s is %q; files are %q", withheld, have[withheld], slices.Sorted(maps.Keys(have)))
	}
	for name, text := range have {
		if strings.Contains(text, "Jane") || strings.Contains(text, "terms-type") {
			t.Errorf("%s: %s", name, text)
		}
	}
	var declared struct {
		Name  string
		Terms map[string]map[string]any
	}
	if err := json.Unmarshal([]byte(have["declarations/Ours- Ltd.json"]), &declared); err != nil {
		t.Fatal(err)
	}
	for kind, at := range map[string]string{"Privacy Policy": "https://example.com/legal/privacy/", "Terms of Service": "https://example.com/legal/terms/", "Imprint": "https://example.com/legal/imprint/"} {
		if declared.Terms[kind]["fetch"] != at || declared.Name != "Ours: Ltd." || len(declared.Terms) != 3 {
			t.Errorf("%s is fetched from %v, want %s: %+v", kind, declared.Terms[kind]["fetch"], at, declared)
		}
	}
	slices.Sort(out.LeftOut)
	if left := strings.Join(out.LeftOut, ", "); out.Policies != 4 || out.Versions != 7 || left != "de/privacy (in another language), prices (no `terms-type`)" {
		t.Errorf("%+v", out)
	}

	// Paths have a name in ASCII, or the host's.
	for name, want := range map[string]string{"Société Générale": "Societe Generale", "туту": "example.com", "we://": "we---"} {
		commit(r, on("2021-04-01", settings("organization: '"+name+"'\nbaseURL: https://example.com/legal/\nlanguages: [en, de]\narchived: [old]\n")))
		out, err := exported(t, r, filepath.Join(t.TempDir(), "x"))
		if err != nil || out.Service != want {
			t.Errorf("%s is %+v (%v), want %s", name, out, err, want)
		}
	}
	r.Git("reset", "-q", "--hard", "HEAD~3")

	// The same commit gives the same bytes, into an empty folder, too.
	again := t.TempDir()
	if _, err := exported(t, r, again); err != nil {
		t.Fatal(err)
	}
	if !equalFiles((&site{dir: again, t: t}).files(), have) {
		t.Error("exported again it is not the same")
	}
}

// What cannot be exported writes nothing.
func TestExportOTAIsRefused(t *testing.T) {
	typed := privacy("---\nterms-type: Privacy Policy\n---\nA\n")
	address := func(o *builder.Options) { o.BaseURL = "https://example.com/" }
	beside := t.TempDir()
	full := filepath.Join(beside, "full")
	if err := errors.Join(os.Mkdir(full, 0o755), os.WriteFile(filepath.Join(full, "mine"), []byte("mine"), 0o644)); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		do     []act
		dir    string
		change func(*builder.Options)
		reason error
		say    string
	}{
		"no address":        {[]act{typed}, "", func(*builder.Options) {}, errUsage, "the site's is not known"},
		"no type":           {[]act{privacy("A\n")}, "", address, errContent, "no policy has a `terms-type` in its front matter: privacy (no `terms-type`)"},
		"a type twice":      {[]act{typed, write("content/a.md", "---\nterms-type: privacy policy\n---\nB\n")}, "", address, nil, "content/privacy.md:2: is of the type Privacy Policy, and so is content/a.md"},
		"a folder not ours": {[]act{typed}, full, address, errOutput, "is not an empty folder"},
		"a file":            {[]act{typed}, filepath.Join(full, "mine"), address, errOutput, "is not an empty folder"},
	} {
		r := repository(t, on("2021-01-01", test.do...))
		dir := test.dir
		if dir == "" {
			dir = filepath.Join(beside, "new")
		}
		_, err := exported(t, r, dir, test.change)
		if err == nil || !strings.Contains(err.Error(), test.say) || test.reason != nil && !errors.Is(err, test.reason) {
			t.Errorf("%s: %v, want %s", name, err, test.say)
		}
	}
	var left []string
	err := fs.WalkDir(os.DirFS(beside), ".", func(name string, d fs.DirEntry, err error) error {
		left = append(left, name)
		return err
	})
	if have := strings.Join(left, " "); err != nil || have != ". full full/mine" {
		t.Errorf("left are %s (%v)", have, err)
	}
}

// A type that Open Terms Archive does not know is a warning with the nearest.
func TestTermsTypes(t *testing.T) {
	s := built(t, repository(t, on("2021-01-01", privacy("---\nterms-type: Privacy Polcy\n---\nA\n"))))
	if w := s.result.Warnings; len(w) != 1 || w[0].Error()+"; "+w[0].Hint != `content/privacy.md:2: terms-type: expected one of the types of Open Terms Archive, found "Privacy Polcy"; did you mean "Privacy Policy"?` {
		t.Errorf("warnings: %v", w)
	}
	if len(policy.TermsTypes) != 44 {
		t.Errorf("%d types", len(policy.TermsTypes))
	}
}
