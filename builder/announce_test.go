package builder_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"testing"

	nethtml "golang.org/x/net/html"

	"github.com/policysite/policysite/builder"
)

// announced is the message about the last version of a policy.
func announced(t *testing.T, opt builder.Options, id string) *builder.Message {
	t.Helper()
	a, err := builder.ReadArchive(context.Background(), opt, id)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	p := a.Policies[0]
	m, err := a.Announce(context.Background(), p, len(p.Versions)-1)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// mailParts opens a mail as a program does, and returns its subject, text and HTML.
func mailParts(t *testing.T, m *builder.Message) (subject, text, page string) {
	t.Helper()
	raw, err := m.Mail()
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if n := len(lines.Bytes()); n > 998 || bytes.ContainsFunc(lines.Bytes(), func(r rune) bool { return r > 126 }) {
			t.Errorf("a line of %d bytes: %.80q", n, lines.Text())
		}
	}
	if bytes.Count(raw, []byte("\n")) != bytes.Count(raw, []byte("\r\n")) {
		t.Error("a line does not end in CR LF")
	}
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if subject, err = new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s, %v", kind, err)
	}
	parts := multipart.NewReader(msg.Body, params["boundary"])
	for _, want := range []struct {
		kind string
		to   *string
	}{{"text/plain; charset=utf-8", &text}, {"text/html; charset=utf-8", &page}} {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		if have := part.Header.Get("Content-Type"); have != want.kind {
			t.Errorf("a part of type %s, want %s", have, want.kind)
		}
		content, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		*want.to = strings.ReplaceAll(string(content), "\r\n", "\n")
	}
	if _, err := parts.NextPart(); err != io.EOF {
		t.Errorf("a third part (%v)", err)
	}
	return subject, text, page
}

// A mail has all that readers have to be told, in both parts.
func TestAnnounce(t *testing.T) {
	t.Parallel()
	r := repository(t,
		on("2026-01-01", settings("organization: Örlog & Co\n"), privacy("# Privacy\n\nWe keep <Logs> for 30 days.\n\n## Other\n\nStays.\n")),
		on("2026-03-01", privacy("---\neffective: 2026-06-01\nchange: material\nsummary: Logs are kept for a week.\n---\n# Privacy\n\nWe keep <Logs> for 7 days.\n\n"+strings.Repeat("Länger ", 400)+"\n\n## Other\n\nStays.\n")),
	)
	opt := options(r)
	opt.At, opt.BaseURL = date("2026-03-02"), "https://example.com/legal/"
	m := announced(t, opt, "privacy")
	subject, text, page := mailParts(t, m)
	if want := "Örlog & Co, Privacy: changes from 1 June 2026"; subject != want {
		t.Errorf("subject %q, want %q", subject, want)
	}
	for _, want := range []string{
		"It takes effect on 1 June 2026. Until then the version of 1 January 2026 stays in force.\n", "Material change\n", "Logs are kept for a week.\n",
		"We keep <Logs> for [-30-]{+7+} days", "https://example.com/legal/privacy/2026-03-01/\n", "https://example.com/legal/privacy/2026-03-01/changes/\n",
		"https://example.com/legal/privacy/2026-01-01/\n", "https://example.com/legal/privacy/changes/\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the text does not say %q:\n%s", want, text)
		}
	}
	root, err := nethtml.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	all := textOf(root)
	for _, want := range []string{"It takes effect on 1 June 2026.", "Material change", "Logs are kept for a week.", "We keep <Logs> for 307 days"} {
		if !strings.Contains(all, want) {
			t.Errorf("the page does not say %q: %s", want, all)
		}
	}
	// Without styles the marks are those of the elements, and nothing is loaded.
	if del, ins := elements(root, "del"), elements(root, "ins"); len(del) != 1 || textOf(del[0]) != "30" || len(ins) == 0 || textOf(ins[0]) != "7" || len(ins) != 2 {
		t.Errorf("%d deletions, %d insertions", len(del), len(ins))
	}
	if n := len(elements(root, "style")) + len(elements(root, "link")) + len(elements(root, "img")) + len(elements(root, "script")); n > 0 || strings.Contains(page, "class=") {
		t.Errorf("%d elements of style", n)
	}
	if strings.Contains(text+page, "Stays") {
		t.Error("what did not change is told")
	}
	if links := elements(root, "a"); len(links) != 4 || links[1].Attr[0].Val != "https://example.com/legal/privacy/2026-03-01/changes/" {
		t.Errorf("%d links", len(links))
	}
	for _, want := range []string{"# Örlog &amp; Co, Privacy: changes from", "<del>30</del><ins>7</ins>", "- [See what changed](https://example.com/legal/privacy/2026-03-01/changes/)\n"} {
		if !strings.Contains(m.Markdown(), want) {
			t.Errorf("the Markdown does not say %q:\n%s", want, m.Markdown())
		}
	}

	// Once it is in force; in the language of the policy; of a policy that is new.
	opt.At = date("2026-07-01")
	if subject, text, _ := mailParts(t, announced(t, opt, "privacy")); !strings.HasSuffix(subject, "Privacy: changed on 1 June 2026") || !strings.Contains(text, "In force since 1 June 2026\n") {
		t.Errorf("%s\n%s", subject, text)
	}
	commit(r, on("2026-08-01", write("layouts/i18n/de.yaml", "announce-first: \"{{.Policy}}: neu ab {{.Day}}\"\n"), write("content/agb.md", "---\nlang: de\n---\n# AGB\n")))
	opt.BaseURL = ""
	subject, text, page = mailParts(t, announced(t, opt, "agb"))
	if !strings.HasSuffix(subject, "AGB: neu ab 1. August 2026") || !strings.Contains(page, `<html lang="de" dir="ltr">`) || strings.Contains(text+page, "://") {
		t.Errorf("%s\n%s\n%s", subject, text, page)
	}
}

// Long titles and redlines leave a mail that programs take.
func TestAnnounceIsBounded(t *testing.T) {
	t.Parallel()
	title := strings.Repeat("Bedingungen für alles ", 40)
	text := func(word string) act {
		return privacy("---\ntitle: \"" + title + "\"\n---\n" + strings.Repeat(strings.Repeat(word+" ", 60)+"\n\n", 600))
	}
	r := repository(t, on("2026-01-01", text("alt")), on("2026-01-02", text("neu")))
	subject, _, page := mailParts(t, announced(t, options(r), "privacy"))
	if len(page) > 100_000 || !strings.Contains(page, "This is the beginning of what changed") {
		t.Errorf("%d bytes of HTML", len(page))
	}
	if !strings.HasPrefix(subject, "Bedingungen für alles") || len(subject) > 300 {
		t.Errorf("subject %q", subject)
	}
}

// Neither a message nor a review says what is withheld.
func TestMessagesWithhold(t *testing.T) {
	t.Parallel()
	for what, entry := range map[string]string{"whole": "whole: true", "words": "block: 3\n  words: 4-6"} {
		r := repository(t,
			on("2021-01-01", privacy("# Privacy\n\nWe keep data.\n\nWrite to us at once.\n")),
			on("2021-02-01", privacy("---\nlast-updated: 2021-02-02\n---\n# Privacy\n\nWe keep data.\n\nWrite to Miss Jane Roe at once.\n")),
		)
		note := "- policy: privacy\n  version: 2021-02-01\n  " + entry + "\n  reason: r\n  authority: a\n  date: 2021-03-30\n"
		if what == "words" {
			note = strings.Replace(note, "words: 4-6", "words: 3-5", 1)
		}
		commit(r, on("2021-03-01", redactions(note)), on("2021-04-01", privacy("# Privacy\n\nWe keep data.\n\nWrite to us.\n")))
		said := review(t, options(r), "HEAD~2", "HEAD").Markdown() + review(t, options(r), "HEAD~1", "HEAD").Markdown()
		a, err := builder.ReadArchive(context.Background(), options(r), "privacy")
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		told := 0
		for i := range a.Policies[0].Versions {
			m, err := a.Announce(context.Background(), a.Policies[0], i)
			if err != nil {
				said += fmt.Sprint(err)
				continue
			}
			told++
			_, text, page := mailParts(t, m)
			said += text + page + m.Markdown()
		}
		if found := regexp.MustCompile(`(?i)jane|\broe\b`).FindString(said); found != "" {
			t.Errorf("%s: %q is said in\n%s", what, found, said)
		}
		if told < 2 || !strings.Contains(said, "Privacy") {
			t.Errorf("%s: %d messages", what, told)
		}
	}
}
