package builder_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/atom"

	"github.com/policysite/policysite/builder/history/historytest"
)

const withBase = "title: Contoso policies\norganization: Contoso\nbaseURL: https://www.example.com/legal/\n"

// feed reads a feed of a site, and holds it against what RFC 4287 demands.
func (s *site) feed(name string) *atom.Feed {
	s.t.Helper()
	content := s.file(name)
	if len(content) > 1_000_000 {
		s.t.Errorf("%s has %d bytes", name, len(content))
	}
	feed, err := (&atom.Parser{}).Parse(strings.NewReader(content))
	if err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	if _, err := gofeed.NewParser().ParseString(content); err != nil {
		s.t.Errorf("%s: %v", name, err)
	}
	counts := childrenOf(s.t, content)
	for i, had := range counts {
		for _, must := range []string{"id", "title", "updated"} {
			if had[must] != 1 {
				s.t.Errorf("%s: %d elements %s in feed or entry %d, expected 1", name, had[must], must, i)
			}
		}
		if i == 0 && had["author"] == 0 {
			s.t.Errorf("%s has no author", name)
		}
	}
	if len(feed.Entries) > 50 {
		s.t.Errorf("%s has %d entries", name, len(feed.Entries))
	}
	ids := map[string]bool{feed.ID: true}
	rels := map[string]string{}
	for _, l := range feed.Links {
		rels[l.Rel] = l.Href
	}
	if want := "https://www.example.com/legal/" + name; rels["self"] != want {
		s.t.Errorf("%s is at %s, expected %s", name, rels["self"], want)
	}
	newest := ""
	for _, e := range feed.Entries {
		if ids[e.ID] || !strings.HasPrefix(e.ID, "tag:example.com,2026:/legal/") {
			s.t.Errorf("%s: the id %q is not one of its own", name, e.ID)
		}
		ids[e.ID] = true
		if e.UpdatedParsed == nil || e.UpdatedParsed.After(time.Date(2030, 12, 31, 23, 59, 59, 0, time.UTC)) {
			s.t.Errorf("%s: %s was updated on %q", name, e.ID, e.Updated)
		}
		newest = max(newest, e.Updated)
		if e.Summary == "" || len(e.Links) == 0 {
			s.t.Errorf("%s: %s has no summary or no link", name, e.ID)
		}
		for _, l := range e.Links {
			if l.Rel == "alternate" && !s.has(filepath.FromSlash(strings.TrimPrefix(l.Href, "https://www.example.com/legal/")+"index.html")) {
				s.t.Errorf("%s: %s leads to %s, where no page is", name, e.ID, l.Href)
			}
		}
		if e.Content != nil {
			if e.Content.Type != "html" {
				s.t.Errorf("%s: the content of %s is of type %s", name, e.ID, e.Content.Type)
			}
			wellFormed(s.t, e.ID, e.Content.Value)
		}
	}
	if len(feed.Entries) > 0 && feed.Updated != newest {
		s.t.Errorf("%s: updated %s, its newest entry %s", name, feed.Updated, newest)
	}
	return feed
}

// childrenOf counts the elements in a feed, and in each of its entries.
func childrenOf(t testing.TB, content string) []map[string]int {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(content))
	counts, depth := []map[string]int{{}}, 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			return counts
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if depth++; depth == 2 && e.Name.Local == "entry" {
				counts = append(counts, map[string]int{})
			}
			if depth == 2 {
				counts[0][e.Name.Local]++
			}
			if depth == 3 && len(counts) > 1 {
				counts[len(counts)-1][e.Name.Local]++
			}
		case xml.EndElement:
			depth--
		}
	}
}

// wellFormed reports HTML whose elements are not closed in order.
func wellFormed(t testing.TB, id, html string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader("<div>" + html + "</div>"))
	d.AutoClose, d.Entity = xml.HTMLAutoClose, xml.HTMLEntity
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Errorf("the content of %s is not well-formed: %v\n%s", id, err, html)
			return
		}
	}
}

func policies() []step {
	return []step{
		on("2024-01-01", settings(withBase), privacy("# Privacy\n\nWe keep data for 30 days.\n\nA < B & C.\n"), write("content/terms.md", "# Terms\n\nBe kind.\n")),
		on("2024-02-01", privacy("---\nchange: material\nsummary: We keep it longer.\neffective: 2024-03-01\n---\n# Privacy\n\nWe keep data for 60 days.\n\nA < B & C, [here](https://example.org).\n")),
		on("2024-03-01", write("content/terms.md", "---\nchange: editorial\n---\n# Terms\n\nBe kind!\n\nAlways so.\n")),
		on("2024-04-01", write("content/terms.md", "# Terms\n\nBe kind!\n\nAlways so, please.\n")),
	}
}

func TestFeeds(t *testing.T) {
	r := repository(t, policies()...)
	s := built(t, r)
	site, privacy, terms := s.feed("feed.atom"), s.feed("privacy/feed.atom"), s.feed("terms/feed.atom")
	titles := func(f *atom.Feed) (out []string) {
		for _, e := range f.Entries {
			out = append(out, e.Title)
		}
		return out
	}
	for _, x := range []struct {
		feed *atom.Feed
		want []string
	}{
		{site, []string{"Terms, 1 April 2024", "Privacy, 1 February 2024", "Privacy, 1 January 2024", "Terms, 1 January 2024"}},
		{privacy, []string{"Privacy, 1 February 2024", "Privacy, 1 January 2024"}},
		{terms, []string{"Terms, 1 April 2024", "Terms, 1 January 2024"}},
	} {
		if have := titles(x.feed); !slices.Equal(have, x.want) {
			t.Errorf("%s: entries %q, expected %q", x.feed.ID, have, x.want)
		}
	}
	e := privacy.Entries[0]
	if e.Updated != "2024-02-01T12:00:00Z" || len(e.Categories) != 1 || e.Categories[0].Term != "material" || e.Links[0].Href != "https://www.example.com/legal/privacy/2024-02-01/changes/" {
		t.Errorf("have %+v %+v %+v", e, e.Categories, e.Links)
	}
	for _, part := range []string{"We keep it longer.", "Material change", "Takes effect on 1 March 2024"} {
		if !strings.Contains(e.Summary, part) {
			t.Errorf("the summary %q does not say %q", e.Summary, part)
		}
	}
	for _, part := range []string{"<del>30</del><ins>60</ins> days.", "A &lt; B &amp; C", "+2 words"} {
		if !strings.Contains(e.Content.Value, part) {
			t.Errorf("the content does not have %q:\n%s", part, e.Content.Value)
		}
	}
	for _, page := range []string{"index.html", "privacy/index.html", "privacy/2024-01-01/index.html", "privacy/2024-02-01/changes/index.html", "changes/index.html", "404.html", "about-this-archive/index.html"} {
		content := s.file(page)
		if strings.Count(content, `type=application/atom+xml`) < 2 {
			t.Errorf("%s does not name the site's feed in its head and lead to it", page)
		}
		if inPolicy := strings.HasPrefix(page, "privacy/"); strings.Contains(content, `title="Changes to Privacy"`) != inPolicy {
			t.Errorf("%s names the policy's feed: %t", page, !inPolicy)
		}
	}

	// What an entry says stays the same when there is more to say.
	entries := func(f *atom.Feed) map[string]string {
		out := map[string]string{}
		for _, e := range f.Entries {
			b, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			out[e.ID] = string(b)
		}
		return out
	}
	before := []*atom.Feed{site, privacy}
	names := []string{"feed.atom", "privacy/feed.atom"}
	moved := strings.NewReplacer("/legal/privacy/", "/legal/…/", "/legal/data/", "/legal/…/") // a move changes addresses alone
	for _, do := range []step{on("2024-05-01", write("content/terms.md", "# Terms\n\nBe kinder.\n")), on("2024-06-01", rename("content/privacy.md", "content/data.md"))} {
		commit(r, do)
		s = built(t, r)
		if s.has("data/feed.atom") {
			names[1] = "data/feed.atom"
		}
		for i, name := range names {
			is := s.feed(name)
			now := entries(is)
			for id, entry := range entries(before[i]) {
				if have, want := moved.Replace(now[id]), moved.Replace(entry); have != want {
					t.Errorf("%s: the entry %s was\n%s\nand is\n%s", name, id, want, have)
				}
			}
			if is.ID != before[i].ID {
				t.Errorf("%s: the id was %s and is %s", name, before[i].ID, is.ID)
			}
		}
	}
}

// Who follows a policy goes on to, when it gets another address.
func TestFilesForProgramsAtFormerAddresses(t *testing.T) {
	r := repository(t, append(policies(), on("2024-06-01", rename("content/privacy.md", "content/data.md")))...)
	s := built(t, r)
	for _, name := range []string{"feed.atom", "current.json", "versions.json"} {
		if have, want := s.file("privacy/"+name), s.file("data/"+name); have != want {
			t.Errorf("privacy/%s:\n%s\nexpected\n%s", name, have, want)
		}
	}
}

func TestFeedsAreBounded(t *testing.T) {
	long := func(n int) string {
		var b strings.Builder
		b.WriteString("# Privacy\n\n")
		for i := range 2000 {
			fmt.Fprintf(&b, "Sentence %d of %d says what it says & more.\n\n", i, n*7919+i*n)
		}
		return b.String()
	}
	r := historytest.New(t)
	day := time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC)
	commit(r, on(day.Format(time.RFC3339), settings(withBase)))
	for n := range 14 {
		day = day.AddDate(0, 0, 1)
		commit(r, on(day.Format(time.RFC3339), privacy(long(n))))
	}
	for n := range 60 {
		day = day.AddDate(0, 0, 1)
		commit(r, on(day.Format(time.RFC3339), write("content/terms.md", fmt.Sprintf("# Terms\n\nRule %d.\n", n))))
	}
	s := built(t, r)
	if n := len(s.feed("terms/feed.atom").Entries); n != 50 {
		t.Errorf("%d entries, expected 50", n)
	}
	n := len(s.feed("privacy/feed.atom").Entries)
	if n < 5 || n > 12 {
		t.Errorf("%d entries of long redlines", n)
	}
	if !strings.Contains(s.file("privacy/feed.atom"), "This is the beginning of what changed") {
		t.Error("an entry that is cut does not say so")
	}
	s.feed("feed.atom")
}

// A change that is recorded on a day to come is not in a feed before.
func TestFeedsSayNothingOfTheFuture(t *testing.T) {
	r := repository(t, append(policies(), on("2031-02-01", privacy("# Privacy\n\nWe keep data for a year.\n")))...)
	s := built(t, r)
	if have := s.feed("privacy/feed.atom").Entries[0].Title; have != "Privacy, 1 February 2024" {
		t.Errorf("newest entry: %s", have)
	}
}

func TestFeedsNeedAnAddress(t *testing.T) {
	s := built(t, repository(t, on("2024-01-01", privacy("# Privacy\n\nWe keep data.\n"))))
	if s.has("feed.atom") || s.has("privacy/feed.atom") || strings.Contains(s.file("index.html"), "atom+xml") {
		t.Error("a site that does not know its address has feeds")
	}
	if !slices.ContainsFunc(s.result.Notes, func(n string) bool { return strings.Contains(n, "no feeds") }) {
		t.Errorf("no note says so: %q", s.result.Notes)
	}
}

func TestFeedsWithholdWords(t *testing.T) {
	r := repository(t, secret()...)
	commit(r, on("2021-04-01", settings(withBase), redactions("- policy: privacy\n  version: 2021-02-01\n  block: 3\n  words: 3-4\n  reason: r\n  authority: a\n  date: 2021-03-30\n- policy: privacy\n  version: 2021-02-01\n  block: 4\n  words: 2-6\n  reason: r\n  authority: a\n  date: 2021-03-30\n")))
	s := built(t, r)
	for _, name := range []string{"feed.atom", "privacy/feed.atom", "privacy/versions.json", "privacy/current.json", "llms.txt"} {
		for _, word := range []string{"Jane", "555 0100"} {
			if strings.Contains(s.file(name), word) {
				t.Errorf("%s says %s", name, word)
			}
		}
	}
	feed := s.feed("privacy/feed.atom")
	if len(feed.Entries) != 3 || !strings.Contains(feed.Entries[1].Summary, "Partly withheld") || feed.Entries[1].Content == nil {
		t.Errorf("have %+v", feed.Entries[1])
	}
}
