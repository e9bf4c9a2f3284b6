package markdown_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/markdown"
)

// hrefs are the targets of the links of a source, one a line, and its visible text.
func hrefs(t *testing.T, source string) (targets, text string) {
	t.Helper()
	doc, err := markdown.New(markdown.Options{}).Render([]byte(source), 1)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, l := range doc.Links {
		out = append(out, l.Target)
	}
	return strings.Join(out, " "), doc.Text("")
}

// markUp is in sources whose visible text is not their own.
var markUp = regexp.MustCompile("[|<>*~[\\\\#&`]|_[af]")

func TestBareAddresses(t *testing.T) {
	const nbsp, ideographic, thin = "\u00a0", "\u3000", "\u2009"
	for source, want := range map[string]string{
		// Letters of any script, in the path and in the name of the host.
		"https://shop.example/kündigung/für-alle.":     "https://shop.example/kündigung/für-alle",
		"https://bücher.example/":                      "https://bücher.example/",
		"https://example.com/политика?a=ж#ъ":           "https://example.com/политика?a=ж#ъ",
		"https://example.com/Foo–Bar":                  "https://example.com/Foo–Bar",
		"www.bücher.example/ä":                         "https://www.bücher.example/ä",
		"<https://example.com/ä b> <https://a.bc/ä>":   "https://example.com/ä https://a.bc/ä",
		"HTTPS://EXAMPLE.COM/A":                        "HTTPS://EXAMPLE.COM/A",
		"http://10.0.0.1:8080/a|b$c*d":                 "http://10.0.0.1:8080/a|b$c*d",
		"https://example.com/a_b_c and https://a.bc/_": "https://example.com/a_b_c https://a.bc/",
		// After any white space, and where no letter or digit stands before.
		"At" + nbsp + "https://a.bc" + nbsp + "or":        "https://a.bc",
		"At" + ideographic + "www.a.bc" + ideographic:     "https://www.a.bc",
		"At" + thin + "a@b.cd" + thin + "or":              "mailto:a@b.cd",
		"\ta@b.cd":                                        "",
		"E-mail:a@b.cd, \"c@d.ef\" (g@h.ij)":              "mailto:a@b.cd mailto:c@d.ef mailto:g@h.ij",
		"**a@b.cd** ~~https://a.bc~~ *www.a.bc*":          "mailto:a@b.cd https://a.bc https://www.a.bc",
		"请访问https://example.com/隐私，或邮箱a@b.cd。":            "https://example.com/隐私 mailto:a@b.cd",
		"（https://example.com/東京（映画））":                    "https://example.com/東京（映画）",
		"„https://a.bc“ «https://d.ef» “https://g.hi/?”…": "https://a.bc https://d.ef https://g.hi/",
		"xhttps://a.bc 1https://a.bc awww.a.bc":           "",
		// The marks of the sentence are none of the address.
		"(https://a.bc/d_(e)), https://a.bc/x?y=1&z;!":  "https://a.bc/d_(e) https://a.bc/x?y=1",
		"https://a.bc/?d&copy; https://a.bc/<b>e</b>":   "https://a.bc/?d https://a.bc/",
		"https://a.bc/?d=1&amp;e=2":                     "https://a.bc/?d=1&e=2",
		"https://a.bc/d\\_e first\\_last@a.bc a_b@c.de": "https://a.bc/d_e mailto:first_last@a.bc mailto:a_b@c.de",
		"_a_b@c.de_ _f@g.hi_.":                          "mailto:a_b@c.de mailto:f@g.hi",
		"\\<https://a.bc/d\\> &lt;www.a.bc>":            "https://a.bc/d",
		// An address that would be cut is none.
		"für@a.bc a@bücher.example a@b.münchen a@b.c_ a@b.c- a@b a@@b.cd a@b.cd@e.fg": "",
		"https://a_b.c https:// http://. https://a http://-.":                         "",
		"www. x www.a_b.c": "",
		"o'hara@a.bc mailto:a@b.cd r&d@a.bc a+b@c.d-e_f.gh": "mailto:o'hara@a.bc mailto:a@b.cd mailto:r&d@a.bc mailto:a+b@c.d-e_f.gh",
		// Nothing of a link is linked again.
		"[https://a.bc](https://d.ef) [a@b.cd](x.md) [a@b.cd]":  "https://d.ef x.md mailto:a@b.cd",
		"`https://a.bc a@b.cd` \\@a.bc a\\@b.cd https\\://a.bc": "",
		"| https://a.bc/d | a@b.cd |\n|---|---|\n":              "https://a.bc/d mailto:a@b.cd",
		"## www.a.bc\n> https://d.ef\n\n- a@b.cd\n":             "https://www.a.bc https://d.ef mailto:a@b.cd",
	} {
		have, text := hrefs(t, source)
		if have != want {
			t.Errorf("%q:\nhave %s\nwant %s", source, have, want)
		}
		if !markUp.MatchString(source) && text != strings.Join(strings.Fields(source), " ")+"\n" {
			t.Errorf("%q: text is %q", source, text)
		}
	}
}
