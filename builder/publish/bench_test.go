package publish

import (
	"strings"
	"testing"
)

func BenchmarkMinify(b *testing.B) {
	page := []byte("<!doctype html><html><head><title>t</title></head><body>\n" +
		strings.Repeat("<h2 id=\"x\">Title</h2>\n<p>Some <em>words</em> of a policy, with <a href=\"../x/\">a link</a> and &amp; so on.</p>\n", 600) + "</body></html>\n")
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		if _, err := Minify("a.html", page); err != nil {
			b.Fatal(err)
		}
	}
}
