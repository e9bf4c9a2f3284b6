package builder_test

import (
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/publish"
	"github.com/policysite/policysite/builder/verify"
)

// What is done to a site, and what Verify says of it: the place and the class.
func TestVerifyFindsWhatWasChanged(t *testing.T) {
	t.Parallel()
	whole := built(t, richRepository(t))
	const page, own, origins, source = "data/2021-02-01/index.html", "data/index.html", "data/origins/index.html", "data/2021-02-01/index.md"
	hash := strings.Repeat("0", 64)
	for name, test := range map[string]struct {
		do   func(s *site)
		want []string // starts of lines, in their order; and no others
	}{
		"the frame of a page":             {func(s *site) { s.replace(page, "Skip to", "Go to") }, []string{page + ": presentation: expected "}},
		"a word of a page":                {func(s *site) { s.replace(page, "keep your name", "sell your name") }, []string{page + `: wording: expected "Privacy We keep your name.`}},
		"a word of the policy's own page": {func(s *site) { s.replace(own, "keep nothing", "keep everything") }, []string{own + ": wording: "}},
		"a word among its origins":        {func(s *site) { s.replace(origins, "keep nothing", "keep everything") }, []string{origins + ": wording: "}},
		"a word, sealed":                  {func(s *site) { s.replace(page, "keep your name", "sell your name"); s.seal() }, []string{page + ": wording: "}},
		"a word hidden as a note, sealed": {func(s *site) { s.replace(page, "your name", "<i data-note>your</i> name"); s.seal() }, []string{page + ": wording: "}},
		"a word hidden as a comment":      {func(s *site) { s.replace(page, "your name", "<!--your--> name"); s.seal() }, []string{page + ": wording: "}},
		"a box ticked": {func(s *site) {
			s.replace("terms/index.html", "<input disabled=\"\" type=\"checkbox\" aria-label=\"not done\">", "<input checked disabled type=checkbox>")
		}, []string{"terms/index.html: wording: "}},
		"a struck word restored":      {func(s *site) { s.replace("terms/index.html", "<s>your shoe size</s>", "your shoe size") }, []string{"terms/index.html: wording: "}},
		"a picture that says another": {func(s *site) { s.replace("terms/index.html", "alt=\"The whole process\"", "alt=\"The process\"") }, []string{"terms/index.html: wording: "}},
		"another target": {func(s *site) {
			s.replace("terms/index.html", "href=\"../assets/", "href=\"https://example.org/assets/")
		}, []string{"terms/index.html: presentation: "}},
		"a text ended early, sealed": {func(s *site) { s.replace(page, "your name", "</div></div> your name"); s.seal() }, []string{page + ": wording: "}},
		"words on a page that has none": {func(s *site) {
			s.replace("terms/2021-03-01/index.html", "</main>", "<p data-policy-text>We said this.</p></main>")
			s.seal()
		}, []string{"terms/2021-03-01/index.html: wording: expected no text of a version that cannot be rendered, found "}},
		"a second text, sealed":    {func(s *site) { s.replace(page, "</main>", "<p data-policy-text>And more.</p></main>"); s.seal() }, []string{page + ": wording: expected one element with data-policy-text, found 2"}},
		"a page that is no page":   {func(s *site) { s.put(page, "") }, []string{page + ": wording: expected one element with data-policy-text, found 0"}},
		"another page":             {func(s *site) { s.replace("data/changes/index.html", "Changes", "No changes") }, []string{"data/changes/index.html: changed: expected "}},
		"a source":                 {func(s *site) { s.put(source, "# Privacy\n\nWe sell your name.\n") }, []string{source + ": source: expected "}},
		"a source, sealed":         {func(s *site) { s.put(source, "# Privacy\n\nWe sell your name.\n"); s.seal() }, []string{source + ": source: expected "}},
		"a source and its page":    {func(s *site) { s.put(source, "x"); s.replace(page, "your name", "") }, []string{page + ": changed: ", source + ": source: "}},
		"an attachment":            {func(s *site) { s.put(s.attachment(0), "%PDF false") }, []string{"assets/"}},
		"an attachment, sealed":    {func(s *site) { s.put(s.attachment(0), "%PDF false"); s.seal() }, []string{"assets/"}},
		"archive.json":             {func(s *site) { s.replace("archive.json", `"title":"Policies"`, `"title":"Laws"`) }, []string{"archive.json: changed: "}},
		"archive.json, no more":    {func(s *site) { s.put("archive.json", "{") }, []string{"archive.json: changed: "}},
		"archive.json, deleted":    {func(s *site) { s.delete("archive.json") }, []string{"archive.json: missing: expected a file, found nothing"}},
		"archive.json, sealed":     {func(s *site) { s.put("archive.json", "{"); s.seal() }, []string{"archive.json: record: "}},
		"a hash of archive.json":   {func(s *site) { s.editVersion("data@2021-02-01", func(v object) { v["source_sha256"] = hash }) }, []string{source + ": source: expected " + hash}},
		"the blob in archive.json": {func(s *site) { s.editVersion("data@2021-02-01", func(v object) { v["source_blob"] = hash[:40] }) }, []string{"data@2021-02-01: record: expected the blob of the revision that started it", "data@2021-02-01: source: expected source_blob"}},
		"the text's hash":          {func(s *site) { s.editVersion("data@2021-02-01", func(v object) { v["text_sha256"] = hash }) }, []string{"data@2021-02-01: text: expected text_sha256 "}},
		"the wording's hash":       {func(s *site) { s.editVersion("data@2021-02-01", func(v object) { v["wording_sha256"] = nil }) }, []string{"data@2021-02-01: text: expected wording_sha256 "}},
		"no source hash":           {func(s *site) { s.editVersion("data@2021-02-01", func(v object) { v["source_sha256"] = nil }) }, []string{source + ": source: expected null"}},
		"the date": {func(s *site) {
			s.editVersion("data@2021-02-01", func(v object) { v["recorded"] = "2020-02-01T12:00:00Z" })
		}, []string{"data@2021-02-01: record: expected the date of the revision that started it"}},
		"a hash of an error":   {func(s *site) { s.editVersion("terms@2021-03-01", func(v object) { v["text_sha256"] = hash }) }, []string{"terms@2021-03-01: record: "}},
		"the address":          {func(s *site) { s.editVersion("data@2021-02-01", func(v object) { v["url"] = "/data/2021-01-01/" }) }, []string{"data/2021-01-01/changes/index.html: record: ", "data@2021-02-01: record: expected the addresses", "data/2021-01-01/index.html: wording: ", "data/2021-02-01/index.html: record: expected a version in archive.json"}},
		"an address outside":   {func(s *site) { s.editVersion("data@2021-02-01", func(v object) { v["source_url"] = "/../x" }) }, []string{"data@2021-02-01: record: expected an address below", "data@2021-02-01: record: expected the addresses"}},
		"an id twice":          {func(s *site) { s.editVersion("data@2021-02-01", func(v object) { v["id"] = "2021-01-01" }) }, []string{"data@2021-01-01: record: expected an id of its own", "data@2021-01-01: record: expected the addresses", "data@2021-02-01-2: record: expected the text of 2021-01-01"}},
		"an id that is none":   {func(s *site) { s.editVersion("data@2021-02-01-2", func(v object) { v["id"] = "2021-02-01-1" }) }, []string{"data: record: expected as current", own + ": wording: ", origins + ": wording: ", "data@2021-02-01-1: record: expected an id of its own", "data@2021-02-01-1: record: expected the addresses"}},
		"a policy twice":       {func(s *site) { s.editPolicy("cookies", func(p object) { p["id"] = "terms" }) }, []string{"terms: record: expected an id and an address of its own"}},
		"the same text":        {func(s *site) { s.editVersion("data@2021-02-01-2", func(v object) { v["same_text_as"] = "2021-02-01" }) }, []string{"data@2021-02-01-2: record: expected the text of 2021-02-01"}},
		"a text of no version": {func(s *site) { s.editVersion("data@2021-02-01-2", func(v object) { v["same_text_as"] = "2020-01-01" }) }, []string{"data@2021-02-01-2: record: expected an earlier version"}},
		"days in force": {func(s *site) {
			s.editVersion("data@2021-01-01", func(v object) { v["in_force"] = object{"from": "2021-01-01", "until": nil} })
		}, []string{"data: record: expected as current", "data@2021-02-01-2: record: expected days in force after"}},
		"days that are none": {func(s *site) {
			s.editVersion("data@2021-01-01", func(v object) { v["in_force"] = object{"from": "2021-01-01", "until": "2021-01-01"} })
		}, []string{"data@2021-01-01: record: expected days in force that end"}},
		"what is in force":          {func(s *site) { s.editPolicy("data", func(p object) { p["current"] = "2021-02-01" }) }, []string{"data: record: expected as current", own + ": wording: ", origins + ": wording: "}},
		"the status":                {func(s *site) { s.editPolicy("data", func(p object) { p["status"] = "withdrawn" }) }, []string{"data: record: expected the status"}},
		"versions in another order": {func(s *site) { s.editPolicy("data", func(p object) { slices.Reverse(p["versions"].([]any)) }) }, []string{"data: record: expected as current", "data@"}},
		"a version left out of archive.json": {func(s *site) {
			s.editPolicy("data", func(p object) { p["versions"] = slices.Delete(p["versions"].([]any), 1, 2) })
		}, []string{page + ": record: expected a version in archive.json, found none"}},
		"files in no list": {func(s *site) {
			s.check(os.MkdirAll(s.path(".git/x"), 0o755))
			s.check(os.MkdirAll(s.path(".well-known"), 0o755))
			s.check(os.MkdirAll(s.path("data/2021-09-09"), 0o755))
			for _, name := range []string{"CNAME", ".well-known/security.txt", ".git/x/y", "data/2021-09-09/index.html", "mine.html"} {
				s.put(name, "mine")
			}
			s.check(os.Symlink("/etc", s.path("etc")))
		}, []string{"data/2021-09-09/index.html: extra: ", "etc: extra: ", "mine.html: extra: "}},
		"a deleted page":            {func(s *site) { s.delete(page) }, []string{page + ": missing: expected a file, found nothing"}},
		"a deleted source":          {func(s *site) { s.delete(source) }, []string{source + ": missing: "}},
		"a deleted page, sealed":    {func(s *site) { s.delete(page); s.seal() }, []string{page + ": record: expected a line in .policysite, found none"}},
		"a deleted source, sealed":  {func(s *site) { s.delete(source); s.seal() }, []string{source + ": missing: ", source + ": record: "}},
		"a deleted redline, sealed": {func(s *site) { s.delete("data/2021-02-01/changes"); s.seal() }, []string{"data/2021-02-01/changes/index.html: record: "}},
		"a folder for a file":       {func(s *site) { s.delete(page); s.check(os.Mkdir(s.path(page), 0o755)) }, []string{page + ": missing: expected a file, found a folder"}},
		"a link for a file": {func(s *site) {
			other := filepath.Join(s.t.TempDir(), "page")
			s.check(os.Rename(s.path(page), other))
			s.check(os.Symlink(other, s.path(page)))
		}, []string{page + ": missing: expected a file, found a symbolic link"}},
		"a linked folder": {func(s *site) {
			other := filepath.Join(s.t.TempDir(), "folder")
			s.check(os.Rename(s.path("data/2021-02-01/changes"), other))
			s.check(os.Symlink(other, s.path("data/2021-02-01/changes")))
		}, []string{"data/2021-02-01/changes/index.html: missing: expected a file, found what cannot be read", "data/2021-02-01/changes: extra: "}},
		"a line of the marker": {func(s *site) {
			_, after, _ := strings.Cut(s.file(publish.MarkerName), "  "+source)
			before, _, _ := strings.Cut(s.file(publish.MarkerName), "  "+source)
			s.put(publish.MarkerName, before[:len(before)-64]+after[1:])
		}, []string{".policysite: record: expected the bytes", source + ": record: expected a line in .policysite", source + ": extra: "}},
		"a line of the marker that nothing else asks for": {func(s *site) {
			lines := slices.DeleteFunc(strings.SplitAfter(s.file(publish.MarkerName), "\n"), func(l string) bool { return strings.HasSuffix(l, "robots.txt\n") })
			s.put(publish.MarkerName, strings.Join(lines, ""))
		}, []string{".policysite: record: expected the bytes", "robots.txt: extra: "}},
		"the note of the marker": {func(s *site) { s.replace(publish.MarkerName, "wrote", "Wrote") }, []string{".policysite: record: "}},
		"a cut marker":           {func(s *site) { m := s.file(publish.MarkerName); s.put(publish.MarkerName, m[:len(m)-1]) }, []string{".policysite: record: expected a list of files"}},
		"nothing":                {func(s *site) { s.seal() }, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			s := whole.copied(t)
			test.do(s)
			_, have := s.verify("")
			told := strings.Split(strings.TrimSuffix(have, "\n"), "\n")
			if have == "" {
				told = nil
			}
			for _, line := range told {
				if !slices.ContainsFunc(test.want, func(w string) bool { return strings.HasPrefix(line, w) }) {
					t.Errorf("told: %s", line)
				}
			}
			for _, w := range test.want {
				if !slices.ContainsFunc(told, func(line string) bool { return strings.HasPrefix(line, w) }) {
					t.Errorf("not told: %s; but\n%s", w, have)
				}
			}
		})
	}
}

// attachment is the path of an attachment of the site.
func (s *site) attachment(n int) string {
	s.t.Helper()
	for _, p := range s.Policies {
		for _, v := range p.Versions {
			for _, a := range v.Attachments {
				if n--; n < 0 {
					return unescape(s.t, a.URL)[1:]
				}
			}
		}
	}
	s.t.Fatal("no attachment")
	return ""
}

// Whatever byte of whatever file of a site becomes another one, Verify names the
// file.
func TestVerifyFindsEveryByte(t *testing.T) {
	t.Parallel()
	s := built(t, richRepository(t))
	files := s.files()
	names := slices.Sorted(maps.Keys(files))
	random := rand.New(rand.NewPCG(1, 2))
	const flips = 60
	seen := map[string]bool{}
	for range flips {
		name := names[random.IntN(len(names))]
		content := []byte(files[name])
		if len(content) == 0 {
			continue
		}
		at, was := random.IntN(len(content)), content
		content = slices.Clone(content)
		content[at] ^= byte(1 + random.IntN(255))
		s.put(name, string(content))
		v, have := s.verify("")
		if name != publish.MarkerName && !slices.ContainsFunc(v.Differences, func(d verify.Difference) bool { return d.Where == name }) || have == "" {
			t.Errorf("%s, byte %d: %q instead of %q: %q", name, at, content[at], was[at], have)
		}
		s.put(name, files[name])
		seen[name] = true
	}
	s.clean("")
	t.Logf("%d of %d files", len(seen), len(names))
}

// Whatever archive.json says, it is judged and never brings the program down.
func TestVerifyOfNonsense(t *testing.T) {
	t.Parallel()
	r := richRepository(t)
	whole := built(t, r)
	random := rand.New(rand.NewPCG(3, 4))
	nonsense := []any{nil, "", "x", "/", "/../", "/data/", "2021-02-01", "-1", "\x00", strings.Repeat("0", 40), strings.Repeat("a/", 2000), 0, -1e300, true, []any{}, object{}, []any{nil}}
	var mutate func(v any) any
	mutate = func(v any) any {
		switch v := v.(type) {
		case object:
			keys := slices.Sorted(maps.Keys(v))
			if len(keys) > 0 && random.IntN(4) > 0 {
				k := keys[random.IntN(len(keys))]
				v[k] = mutate(v[k])
				return v
			}
		case []any:
			if n := len(v); n > 0 && random.IntN(5) > 0 {
				i := random.IntN(n)
				v[i] = mutate(v[i])
				return v
			} else if n > 0 {
				return append(v, v[random.IntN(n)])
			}
		}
		return nonsense[random.IntN(len(nonsense))]
	}
	s := whole.copied(t)
	content, found := s.file("archive.json"), 0
	for range 40 {
		s.put("archive.json", content)
		s.edit(func(m object) {
			policies := m["policies"]
			if random.IntN(4) > 0 {
				m["policies"] = mutate(policies)
			} else {
				mutate(m)
			}
		})
		v, err := builder.Verify(t.Context(), s.dir, r.Dir, verifier)
		var bug *policy.Bug
		if errors.As(err, &bug) {
			t.Fatalf("%v\n%s\n%s", bug, bug.Stack, s.file("archive.json"))
		}
		if err != nil || len(v.Differences) > 0 {
			found++
		}
	}
	if found < 20 { // titles, summaries and the like are not judged
		t.Errorf("only %d of 100 were found", found)
	}
	t.Logf("%d of 100 were found", found)
}
