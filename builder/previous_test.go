package builder_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/policy"
)

// archiveJSON is archive.json as any program reads it.
type archiveJSON = map[string]any

// changed copies a site and changes its archive.json.
func (s *site) changed(t *testing.T, change func(m archiveJSON)) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "changed")
	if err := os.CopyFS(dir, os.DirFS(s.dir)); err != nil {
		t.Fatal(err)
	}
	var m archiveJSON
	if err := json.Unmarshal([]byte(s.file("archive.json")), &m); err != nil {
		t.Fatal(err)
	}
	change(m)
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	// Without the list of its files, nothing else tells that it was changed.
	if err := os.WriteFile(filepath.Join(dir, "archive.json"), data, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, ".policysite")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// member leads to a member of archive.json: "policies", 0, "id".
func member(m archiveJSON, way ...any) (in any, last any) {
	in = m
	for i, step := range way {
		if i == len(way)-1 {
			return in, step
		}
		if name, ok := step.(string); ok {
			in = in.(map[string]any)[name]
		} else {
			in = in.([]any)[step.(int)]
		}
	}
	return in, nil
}

func setMember(value any, way ...any) func(m archiveJSON) {
	return func(m archiveJSON) {
		in, last := member(m, way...)
		if name, ok := last.(string); ok {
			in.(map[string]any)[name] = value
		} else {
			in.([]any)[last.(int)] = value
		}
	}
}

// What no build writes is refused before anything is made of it, and the message
// names the member.
func TestPreviousSiteIsChecked(t *testing.T) {
	r := repository(t,
		on("2021-01-01", privacy("# Privacy\n\nOne [list](list.pdf).\n"), write("content/list.pdf", "%PDF-1.4"), write("content/old.md", "# Terms\n\nA.\n")),
		on("2021-02-01", privacy("# Privacy\n\nTwo.\n"), rename("content/old.md", "content/terms.md")),
		on("2021-03-01", privacy("# Privacy\n\nOne [list](list.pdf).\n")))
	was := built(t, r)
	commit(r, on("2021-04-01", privacy("# Privacy\n\nThree.\n")))
	v := func(rest ...any) []any { return append([]any{"policies", 0, "versions", 1}, rest...) }
	p := func(rest ...any) []any { return append([]any{"policies", 0}, rest...) }
	double := func(way ...any) func(m archiveJSON) {
		return func(m archiveJSON) {
			in, last := member(m, append(way, 0)...)
			list := in.([]any)
			outer, name := member(m, way...)
			outer.(map[string]any)[name.(string)] = append(list, list[last.(int)])
		}
	}
	for _, c := range []struct {
		want   string
		change func(m archiveJSON)
	}{
		{"policies: expected a list, found null", setMember(nil, "policies")},
		{"policies: expected a list, found null", func(m archiveJSON) { delete(m, "policies") }},
		{"policies: ", setMember("none", "policies")},
		{"at: ", setMember("2021-13-01", "at")},
		{"at: ", setMember(nil, "at")},
		{"head: ", setMember("HEAD", "head")},
		{"timezone: ", setMember("Mars/Olympus", "timezone")},
		{"policies[0].id: ", setMember("", p("id")...)},
		{"policies[0].id: ", setMember("../../etc", p("id")...)},
		{"policies[0].id: ", setMember("Privacy", p("id")...)},
		{"policies[0].id: ", setMember(7, p("id")...)},
		{"policies[1].id: ", setMember("privacy", "policies", 1, "id")},
		{"policies[2].id: ", double("policies")},
		{"policies[0].url: ", setMember("javascript:alert(1)//", p("url")...)},
		{"policies[0].url: ", setMember("//evil.example/", p("url")...)},
		{"policies[0].url: ", setMember("/a/../../b/", p("url")...)},
		{"policies[0].url: ", setMember("/privacy", p("url")...)},
		{"policies[0].url: ", setMember("/", p("url")...)},
		{"policies[0].url: ", setMember("/a%2f..%2fb/", p("url")...)},
		{"policies[1].url: ", setMember("/privacy/", "policies", 1, "url")},
		{"policies[0].path: ", setMember("/etc/passwd", p("path")...)},
		{"policies[0].path: ", setMember("../x.md", p("path")...)},
		{"policies[0].lang: ", setMember("e<n", p("lang")...)},
		{"policies[0].status: ", setMember("gone", p("status")...)},
		{"policies[0].current: ", setMember("2021-01-01", p("current")...)},
		{"policies[0].status: ", setMember(nil, p("current")...)},
		{"policies[1].former[0]: ", setMember([]any{"javascript:x"}, "policies", 1, "former")},
		{"policies[1].former[0]: ", setMember([]any{"/../x/"}, "policies", 1, "former")},
		{"policies[1].former: ", setMember("/x/", "policies", 1, "former")},
		{"policies[0].versions: ", setMember([]any{}, p("versions")...)},
		{"policies[0].versions: ", setMember(nil, p("versions")...)},
		{"policies[0].versions[3].id: ", double(p("versions")...)},
		{"policies[0].versions[1].id: ", setMember("", v("id")...)},
		{"policies[0].versions[1].id: ", setMember("2021-02-30", v("id")...)},
		{"policies[0].versions[1].id: ", setMember("2021-02-01-1", v("id")...)},
		{"policies[0].versions[1].id: ", setMember("<b>", v("id")...)},
		{"policies[0].versions[1].url: ", setMember("/terms/2021-02-01/", v("url")...)},
		{"policies[0].versions[1].source_url: ", setMember("/../../secret", v("source_url")...)},
		{"policies[0].versions[1].kind: ", setMember("draft", v("kind")...)},
		{"policies[0].versions[1].change: ", setMember("major", v("change")...)},
		{"policies[0].versions[1].recorded: ", setMember("yesterday", v("recorded")...)},
		{"policies[0].versions[1].recorded: ", setMember("2020-01-01T00:00:00Z", v("recorded")...)},
		{"policies[0].versions[1].published: ", setMember("1 May", v("published")...)},
		{"policies[0].versions[1].declared.effective: ", setMember(5, v("declared", "effective")...)},
		{"policies[0].versions[1].in_force: ", setMember("2021-01-15", v("in_force", "from")...)},
		{"policies[0].versions[1].in_force: ", setMember("2021-02-01", v("in_force", "until")...)},
		{"policies[0].versions[1].in_force: ", setMember(nil, v("in_force", "from")...)},
		{"policies[0].versions[2].in_force: ", setMember(nil, v("in_force", "until")...)},
		{"policies[0].versions[2].same_text_as: ", setMember("2021-02-01", "policies", 0, "versions", 2, "same_text_as")},
		{"policies[0].versions[1].text_sha256: ", setMember("abc", v("text_sha256")...)},
		{"policies[0].versions[1].source_sha256: ", setMember(nil, v("source_sha256")...)},
		{"policies[0].versions[1].source_blob: ", setMember(strings.Repeat("0", 40), v("source_blob")...)},
		{"policies[0].versions[0].attachments[0].url: ", setMember("/x.html", "policies", 0, "versions", 0, "attachments", 0, "url")},
		{"policies[0].versions[0].attachments[0].sha256: ", setMember("x", "policies", 0, "versions", 0, "attachments", 0, "sha256")},
		{"policies[0].versions[0].attachments[0].path: ", setMember("../../x", "policies", 0, "versions", 0, "attachments", 0, "path")},
		{"policies[0].versions[1].revisions: ", setMember("source", v("revisions", 0, "kind")...)},
		{"policies[0].versions[1].revisions[0].commit: ", setMember("main", v("revisions", 0, "commit")...)},
		{"policies[0].versions[1].revisions[0].kind: ", setMember("edit", v("revisions", 0, "kind")...)},
		{"policies[0].versions[1].revisions[0].path: ", setMember("..", v("revisions", 0, "path")...)},
		{"policies[0].versions[1].revisions[0].recorded: ", setMember("x", v("revisions", 0, "recorded")...)},
	} {
		have := refused(t, r, policy.ErrHistory, previous(was.changed(t, c.change)))
		if !strings.Contains(have, "/archive.json: "+c.want) {
			t.Errorf("have %s\nwant %s", have, c.want)
		}
	}
	for _, format := range []any{"policysite-archive/2", "", nil} {
		if have := refused(t, r, errUsage, previous(was.changed(t, setMember(format, "format")))); !strings.Contains(have, "is not a site: format: expected policysite-archive/1") {
			t.Errorf("format %v: have %s", format, have)
		}
	}
	// What is not changed is taken.
	s := built(t, r, previous(was.changed(t, func(archiveJSON) {})))
	if len(s.Policies) != 2 || len(s.Policies[0].Versions) != 4 {
		t.Errorf("have\n%s", s.tell())
	}
}

// archive.json says which addresses lead to a policy, so that a host need show
// neither _redirects nor pages that lead on.
func TestFormerAddressesOfThePreviousSite(t *testing.T) {
	r := repository(t,
		on("2021-01-01", write("content/tos.md", "---\naliases: [/agb/, /old/terms.html, /Überblick/]\n---\n# Terms\n\nA.\n")),
		on("2021-02-01", rename("content/tos.md", "content/terms.md")))
	first := built(t, r)
	var m struct {
		Policies []struct{ Former []string }
	}
	if err := json.Unmarshal([]byte(first.file("archive.json")), &m); err != nil {
		t.Fatal(err)
	}
	slices.Sort(m.Policies[0].Former)
	if have, want := fmt.Sprint(m.Policies[0].Former), "[/%C3%9Cberblick/ /agb/ /old/terms.html /tos/]"; have != want {
		t.Errorf("former are %s, want %s", have, want)
	}
	// The next site is of a history that knows none of them.
	r = repository(t, on("2021-02-01", write("content/terms.md", "# Terms\n\nA.\n")))
	for _, gone := range []string{"_redirects", "tos", "agb", "old", "Überblick", ".policysite"} {
		if err := os.RemoveAll(filepath.Join(first.dir, gone)); err != nil {
			t.Fatal(err)
		}
	}
	second := built(t, r, previous(first.dir))
	for _, page := range []string{"tos/index.html", "agb/index.html", "old/terms.html", "Überblick/index.html"} {
		if !second.has(page) || !strings.Contains(second.file(page), "terms/") {
			t.Errorf("%s does not lead on", page)
		}
	}
	// And so it goes on.
	third := built(t, r, previous(second.dir))
	if a, b := second.file("_redirects"), third.file("_redirects"); a != b || !strings.Contains(a, "/agb/* /terms/:splat 301\n") {
		t.Errorf("_redirects was\n%s\nand is\n%s", a, b)
	}
}

// Nothing need have been published at the first build, where that is said.
func TestFirstBuild(t *testing.T) {
	r := repository(t, on("2021-01-01", privacy("# Privacy\n\nWords.\n")))
	status := http.StatusNotFound
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(status) }))
	defer host.Close()
	first := func(o *builder.Options) { o.First = true }
	for _, status = range []int{http.StatusForbidden, http.StatusNotFound, http.StatusGone} {
		if have := refused(t, r, errUsage, previous(host.URL)); !strings.Contains(have, "is not a site") {
			t.Errorf("%d: have %s", status, have)
		}
		if s := built(t, r, previous(host.URL), first); len(s.notes("nothing was published at "+host.URL)) != 1 {
			t.Errorf("%d: notes are %q", status, s.result.Notes)
		}
	}
	for _, status = range []int{http.StatusInternalServerError, http.StatusUnauthorized, http.StatusFound} {
		refused(t, r, policy.ErrHistory, previous(host.URL), first)
	}
	missing := filepath.Join(t.TempDir(), "none")
	refused(t, r, errUsage, previous(missing))
	built(t, r, previous(missing), first)
	refused(t, r, errUsage, first) // of what?
	// Where there is a site, it is read.
	was := built(t, r)
	again := built(t, r, previous(was.dir), first)
	if again.Policies[0].Versions[0].Published == nil || len(again.notes("nothing was published")) > 0 {
		t.Errorf("the previous site was not read: %q", again.result.Notes)
	}
}

// The result names what git gave when the previous site was built, and no longer
// gives; what was carried before is no news.
func TestNewlyCarriedVersionsAreNamed(t *testing.T) {
	r := repository(t, thirtyDays()...)
	first := built(t, r)
	afresh("2021-03-01", privacy("# Privacy\n\nWe keep data for thirty days.\n"))(r)
	second := built(t, r, previous(first.dir))
	slices.Sort(second.result.Carried)
	if have := strings.Join(second.result.Carried, " "); have != "privacy@2021-01-01 privacy@2021-02-01" {
		t.Errorf("newly carried are %s", have)
	}
	third := built(t, r, previous(second.dir))
	if len(third.result.Carried) > 0 || len(third.notes("carried forward")) != 1 {
		t.Errorf("newly carried are %q, notes are %q", third.result.Carried, third.result.Notes)
	}
}

// A text that was emptied by a slip is told of once, on a site that was published, too.
func TestEmptiedTextIsToldOnce(t *testing.T) {
	r := repository(t, on("2021-01-01", privacy("Words.\n"), write("content/terms.md", "Terms.\n")))
	before := built(t, r)
	commit(r, on("2021-02-01", privacy("")))
	expect(t, refused(t, r, errContent, previous(before.dir)), "content/privacy.md: has no text")
}
