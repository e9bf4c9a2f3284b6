package builder

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"html"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"strings"

	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/record"
	"github.com/policysite/policysite/builder/redline"
	"github.com/policysite/policysite/builder/words"
)

// Message tells people of a version of a policy, in the policy's language. It can be
// had as plain text, Markdown, HTML, and as a mail of text and HTML.
type Message struct {
	Subject string
	lang    string
	blocks  []messageBlock
}

// messageBlock is a heading (h1, h2), a paragraph (p), a link (a) or the redline.
type messageBlock struct {
	tag   string
	text  string // of the redline: HTML
	plain string // the same in plain text, where that is another
	href  string
}

// maxMessage bounds the redline in a message, in bytes: GMail shows 102 KB of HTML.
const maxMessage = 60_000

// Announce writes the message about version i of a policy. Without a baseURL it has
// no links.
func (a *Archive) Announce(ctx context.Context, p *policy.Policy, i int) (*Message, error) {
	theme, err := a.in.opt.theme(a.cat, a.in.repo)
	if err != nil {
		return nil, err
	}
	w := pages.New(a.in.opt.site(a.cat), theme).Words(p.Lang).Bare()
	v := &p.Versions[i]
	if v.Withheld() {
		return nil, policy.Fail(policy.ErrUsage, nil, "", "version %s of %s is withheld", v.ID, p.ID)
	}
	m := &Message{Subject: a.subject(p, v, w), lang: p.Lang}
	add := func(tag, text string) {
		if text != "" {
			m.blocks = append(m.blocks, messageBlock{tag: tag, text: text})
		}
	}
	add("h1", m.Subject)
	switch now := p.Current; {
	case v.InForce == nil:
		add("p", w.T("never-in-force"))
	case !v.InForce.From.After(a.cat.Built.At):
		add("p", w.T("in-force-since", "From", w.Date(v.InForce.From)))
	case now >= 0:
		add("p", w.T("announce-coming", "Day", w.Date(v.InForce.From), "Before", w.Date(p.Versions[now].Day)))
	default:
		add("p", w.T("takes-effect", "From", w.Date(v.InForce.From)))
	}
	if mark := v.Mark(); mark != "" {
		add("p", w.T("mark-"+mark))
	}
	add("p", cmp.Or(said(v), pages.Summary(w, v)))
	if v.Comparison != nil {
		if err := a.announceRedline(ctx, m, p, i, w); err != nil {
			return nil, err
		}
	}
	link := func(id, url string) {
		if href, ok := pages.Absolute(a.cat.Config.BaseURL, url); ok {
			m.blocks = append(m.blocks, messageBlock{tag: "a", text: w.T(id), href: href})
		}
	}
	link("announce-read", p.URL+v.ID+"/")
	if v.Comparison != nil {
		link("see-changes", pages.ChangesURL(p, i))
		link("announce-before", p.URL+v.Comparison.With+"/")
	}
	link("all-changes", p.URL+"changes/")
	return m, nil
}

// said is the summary of a version that its author gave, at once or later.
func said(v *policy.Version) string {
	summary := v.Summary
	for _, s := range v.Statements {
		summary = cmp.Or(summary, s.Summary)
	}
	return summary
}

// subject says in a line what the message is about.
func (a *Archive) subject(p *policy.Policy, v *policy.Version, w *words.Words) string {
	id, day := "announce-changed", v.Day
	if v.InForce != nil {
		day = v.InForce.From
	}
	if day.After(a.cat.Built.At) {
		id = "announce-changes"
	}
	if v.Kind == policy.Initial {
		id = "announce-first"
	}
	subject := w.T(id, "Policy", p.Title, "Day", w.Date(day))
	if of := a.cat.Config.Organization; of != "" {
		subject = w.T("announce-of", "Organization", of, "Subject", subject)
	}
	return policy.CollapseSpace(policy.Printable(subject))
}

// announceRedline adds what changed.
func (a *Archive) announceRedline(ctx context.Context, m *Message, p *policy.Policy, i int, w *words.Words) error {
	from := 0
	for p.Versions[from].ID != p.Versions[i].Comparison.With {
		from++
	}
	return a.in.with(ctx, a.cat, func(r *record.Reader) error {
		for n, resolved := range a.resolved {
			if resolved.Policy != p {
				continue
			}
			found, err := r.Redline(a.all[n], resolved, from, i)
			if err != nil {
				return err
			}
			c := found.Comparison
			marked, cutHTML := pages.CutLines(found.Text(redline.TextOptions{HTML: true, Words: w.Phrases}), maxMessage)
			plain, cutText := pages.CutLines(found.Text(redline.TextOptions{Words: w.Phrases}), maxMessage)
			m.blocks = append(m.blocks,
				messageBlock{tag: "h2", text: w.T("what-changed")},
				messageBlock{tag: "p", text: w.T("size", "Added", w.T(words.Unit(p.Lang)+"-added", c.Added), "Removed", w.T(words.Unit(p.Lang)+"-removed", c.Removed))},
				messageBlock{tag: "p", text: w.T("announce-marks"), plain: w.T("announce-marks-text")},
				messageBlock{tag: "redline", text: marked, plain: plain},
			)
			if cutHTML || cutText {
				m.blocks = append(m.blocks, messageBlock{tag: "p", text: w.T("announce-cut")})
			}
		}
		return nil
	})
}

// Text is the message as plain text.
func (m *Message) Text() string {
	var b strings.Builder
	for i, x := range m.blocks {
		text := cmp.Or(x.plain, x.text)
		if i > 0 && (x.tag != "a" || m.blocks[i-1].tag != "a") {
			b.WriteByte('\n')
		}
		switch x.tag {
		case "h1", "h2":
			b.WriteString(text + "\n" + strings.Repeat("-", min(72, len([]rune(text)))) + "\n")
		case "a":
			b.WriteString(text + ": " + x.href + "\n")
		default:
			b.WriteString(strings.TrimRight(text, "\n") + "\n")
		}
	}
	return b.String()
}

// Markdown is the message as Markdown, with the redline in HTML.
func (m *Message) Markdown() string {
	var b strings.Builder
	for i, x := range m.blocks {
		if i > 0 && (x.tag != "a" || m.blocks[i-1].tag != "a") {
			b.WriteByte('\n')
		}
		switch x.tag {
		case "h1", "h2":
			b.WriteString(strings.Repeat("#", int(x.tag[1]-'0')) + " " + markdownText(x.text) + "\n")
		case "a":
			b.WriteString("- [" + markdownText(x.text) + "](" + x.href + ")\n")
		case "redline":
			b.WriteString(x.text)
		default:
			b.WriteString(markdownText(x.text) + "\n")
		}
	}
	return b.String()
}

// Styles stand in the elements: mail programs leave style sheets out. Without them the
// marks are still those of <ins> and <del>.
var messageStyle = strings.NewReplacer(
	"<ins>", `<ins style="color:#00632b;background:#e3f6e8;text-decoration:underline">`,
	"<del>", `<del style="color:#a40e26;background:#fdecee;text-decoration:line-through">`,
	"<small>", `<small style="color:#595959">`,
)

// HTML is the message as a page that needs no other file.
func (m *Message) HTML() string {
	var b strings.Builder
	fmt.Fprintf(&b, "<!doctype html>\n<html lang=\"%s\" dir=\"%s\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>%s</title></head>\n", html.EscapeString(m.lang), words.Direction(m.lang), html.EscapeString(m.Subject))
	b.WriteString("<body style=\"margin:0 auto;padding:16px;max-width:40em;font:16px/1.5 sans-serif;color:#1a1a1a;background:#fff\">\n")
	for _, x := range m.blocks {
		switch text := html.EscapeString(x.text); x.tag {
		case "redline":
			b.WriteString("<div style=\"border-top:1px solid #ccc;border-bottom:1px solid #ccc;font-family:serif\">\n" + messageStyle.Replace(x.text) + "</div>\n")
		case "a":
			fmt.Fprintf(&b, "<p><a href=\"%s\">%s</a></p>\n", html.EscapeString(x.href), text)
		case "p":
			fmt.Fprintf(&b, "<p>%s</p>\n", text)
		default:
			size := map[string]string{"h1": "24px", "h2": "19px"}[x.tag]
			fmt.Fprintf(&b, "<%s style=\"font-size:%s;line-height:1.25\">%s</%[1]s>\n", x.tag, size, text)
		}
	}
	b.WriteString("</body>\n</html>\n")
	return b.String()
}

// Mail is the message as a file that mail programs open as a draft: text and HTML, no
// line longer than 76 characters, without a sender, a recipient or a date.
func (m *Message) Mail() ([]byte, error) {
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	text, page := m.Text(), m.HTML()
	// It is the same for the same message.
	if err := parts.SetBoundary(fmt.Sprintf("=_%x", sha256.Sum256([]byte(text+page)))[:42]); err != nil {
		return nil, err
	}
	for _, part := range []struct{ kind, content string }{{"text/plain", text}, {"text/html", page}} {
		w, err := parts.CreatePart(textproto.MIMEHeader{
			"Content-Type":              {part.kind + "; charset=utf-8"},
			"Content-Transfer-Encoding": {"quoted-printable"},
		})
		if err != nil {
			return nil, err
		}
		q := quotedprintable.NewWriter(w)
		if _, err := q.Write([]byte(part.content)); err != nil {
			return nil, err
		}
		if err := q.Close(); err != nil {
			return nil, err
		}
	}
	if err := parts.Close(); err != nil {
		return nil, err
	}
	subject := m.Subject
	if r := []rune(subject); len(r) > 200 {
		subject = string(r[:200]) + "…"
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "Subject: %s\r\n", strings.ReplaceAll(mime.QEncoding.Encode("utf-8", subject), "?= =?", "?=\r\n =?"))
	fmt.Fprintf(&out, "MIME-Version: 1.0\r\nX-Unsent: 1\r\nContent-Language: %s\r\n", m.lang)
	fmt.Fprintf(&out, "Content-Type: multipart/alternative;\r\n boundary=\"%s\"\r\n\r\n", parts.Boundary())
	out.Write(body.Bytes())
	return out.Bytes(), nil
}
