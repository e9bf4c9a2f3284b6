package markdown_test

import (
	"fmt"
	"testing"

	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/policy"
)

// leaves lists the texts of leaves with their hard breaks and dates.
func leaves(blocks []policy.Block) (out string) {
	for i := range blocks {
		b := &blocks[i]
		if b.Text != "" {
			out += fmt.Sprintf("%q %v %s;", b.Text, b.Breaks, b.Datetime)
		}
		out += leaves(b.Children)
	}
	return out
}

// Hard breaks are spaces of the text, and known; line ends of the source and of
// code are neither.
func TestHardBreaksAndDatetimes(t *testing.T) {
	for _, test := range []struct{ source, want, html string }{
		{"One  \ntwo\nthree\\\nfour", `"One two three four" [3 13] ;`, ""},
		{"One<br>two <br/> three<br>", `"One two three" [3 7] ;`, ""},
		{"One\u00a0<br>\u2003<br>two", `"One two" [3] ;`, ""},
		{"| a<br>b |\n|---|\n", `"a b" [1] ;`, ""},
		{"    a\n    b\n", `"a\nb" [] ;`, ""},
		{"Effective May 2025\n{: datetime=\"2025-05-04\" }", `"Effective May 2025" [] 2025-05-04;`, "<p>Effective May 2025</p>\n"},
		{"Effective May 2025\n{: .date datetime=\"2025-05-04\"}\n\n<b>x</b>", `"Effective May 2025" [] 2025-05-04;"x" [] ;`, "<p>Effective May 2025</p>\n<p><b>x</b></p>\n"},
		{"Effective May 2025\n{: .date }", `"Effective May 2025" [] ;`, ""},
		{"{: datetime=\"2025-05-04\" }", "", ""},
		{"<p data-datetime=\"2025-05-04\">May 2025</p>", `"May 2025" [] ;`, ""},
	} {
		doc, err := markdown.New(markdown.Options{}).Render([]byte(test.source), 1)
		if err != nil {
			t.Fatal(err)
		}
		html, have := "", ""
		for _, p := range doc.Parts {
			html += p.HTML
			have += leaves(p.Blocks)
		}
		if have != test.want || test.html != "" && html != test.html {
			t.Errorf("%q:\nhave %s, %q\nwant %s, %q", test.source, have, html, test.want, test.html)
		}
	}
}
