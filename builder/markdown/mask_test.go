package markdown

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// targeted are parts with what is a target, looks like one, or stands by one.
// Everything from "/" to ")" gets other letters, digits, "-" and "_".
var targeted = []string{
	"[a](/bcd)\n", "[a](/bcd) [a](/bcd) [a](/bcd)\n", "[a](https://b.cd/efg?h=ijk&l=mno#p)\n", "[![a](/bcd)](/efg) ![h](i/jklm.png)\n",
	"[a](/b) [a](/bcd)\n", "[a](/b%20c%2Dd%e%%f%g)\n", "[a](/%zzzz) [a](/b%) [b](/bbb%c)\n", "[a](javascript:/bcd) [a](mailto:b@c.de/fgh)\n", "[a](b:/cde)\n![a](data:b/cde)\n",
	"[a](/b&amp;cde)\n", "[a](/b&#99;def)\n", "[a](/b&copy=def) [a](/bcd&lt)\n", "[a](/b\\_cde) [a](</bcd>) [a](/b(cde)) [a](/bcd \"/efg\")\n",
	"[a](/b*c*def) *[a](/b_c_def)* _[a](/b_c_def)_ ~~[a](/b~~cde)~~\n", "[a](/b`cde) `[a](/bcd)` `` [a](/bcd)\n", "\\[a](/bcd) [a\\](/bcd) [a]\\(/bcd)\n",
	"[a [b](/cde)](/fgh)\n", "![a [b](/cde) ![c](/def)](/fgh)\n", "[a](b \"[c](/def)\")\n", "[a](b '](/cde)')\n", "[a [b]](/cde) ](/def) [](/efg)\n",
	"http://a.bc/[d](/efg) https://a.bc/d](/efg_) www.a.bc/d](/efg)\n", "a@b.cd](/efg) a.b](/cde@f.gh)\n", "<http://a.bc/](/def)> <a@b.cd](/efg)>\n", "(/abc) ](/abc)\n", "a ](http://b.cd/efg) h\n", "[a [b](/cde)](https://f.gh/ijk)\n", "a ](/bcd@e.fg)\n",
	"<!-- [a](/b--cde) -->\n", "a <!-- [b](/c-d-e) --> f\n", "<a href=](/bcd)>\n", "b <a href=\"](/cde)\" title='](/def)'> f\n", "<div>\n[a](/bcd)\n\n[a](/bcd)\n", "<? ](/abc) ?>\n", "<br>[a](/bcd)<br>\n",
	"# A [b](/cde)\n\n# A b\n", "# A {id=\"](/bcd)\"}\n", "# A {lang=](/bcd)}\n", "[a](/bcd)\n===\n", "> [a](/bcd)\n\n- [a](/bcd)\n\n  [a](/bcd)\n",
	"|[a](/bcd)|b|\n|-|-|\n|[c](/d|ef)|g|h [i](/jkl)|\n|`[a](/bcd)`|\n", "[a](/bcd) | b\n- | -\n", "a\n](/bcd)\n- ](/bcd)\n", "    [a](/bcd)\n\n```\n[a](/bcd)\n```\n", "```\n[a](/bcd)\n\n[a](/bcd)\n",
	"[a](/bcd)\n\n[a]: /bcd\n", "[a]: ](/bcd)\n", "a[^](/bcd)\n", "{{ [a](/bcd) }} {% ](/bcd) %} [a](/{%bcd%}) [b](/{{cde}})\n", "(a) b [c](/def)\n(b) c [d](/efg)\n", "[x] [a](/bcd)\n- [ ](/bcd)\n- [x](/bcd)\n",
	"[a](/سياسة/bcd) [a](/b\u00adcde)\n", "[a](/b[c]de) [a](//[::1]/abc) [a](http://[::1]/bcd)\n", "[" + strings.Repeat("a", 990) + "[](/bcd)](/cde)\n",
	strings.Repeat("[a](/bcd) ", maxMasks+2) + "\n",
	// White space at the ends of lines.
	"a \t\nb\n", "a    \nb\n", "a   \nb   \n", "*a* \t\nb\n", "*a*    \nb\n", "- a \t\n\tb\t \n", "> a    \n> b  \n", "# a \t\n", "- a    ", "> a    ", "a    ", "a \t", "|a    |\n|-|\n|b \t|\n", "[a \t\nb](/cde) ![a    \nb](/cde)\n",
	"](https://a.bc/d?e=1&f=2) ](https://a.bc/d) [g](https://a.bc/d)\n", "](www.a.bc/def) (https://a.bc/def)\n",
	"a\\ b \\\nc  \\\nd\n", "a &am p; &amp;(b &amp;_c\n", "\\* a \\( b \\\\( c \\_d\n",
}

// retarget gives what may be targets other letters, digits, "-" and "_".
func retarget(random *rand.Rand, source []byte) []byte {
	source = bytes.Clone(source)
	for at := 0; ; {
		i := bytes.Index(source[at:], []byte("]("))
		if i < 0 {
			return source
		}
		at += i + len("](")
		slash := bytes.IndexAny(source[at:], "/)\n")
		if slash < 0 || source[at+slash] != '/' {
			continue
		}
		for i := at + slash + 1; i < len(source) && source[i] != ')' && source[i] != '\n'; i++ {
			if masked(source[i]) && random.IntN(3) > 0 {
				const other = "abcxyzABCXYZ0189__--"
				source[i] = other[random.IntN(len(other))]
			}
		}
	}
}

func TestMasksMakeTheSamePiece(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	r, plain := New(Options{}), New(Options{})
	unmasked := 0
	for _, source := range slices.Concat(targeted, sources, around) {
		for range 200 {
			part, err := check(retarget(random, []byte(source)), 1)
			if err != nil || len(part) == 0 {
				break
			}
			r.raw.reset()
			plain.raw.reset()
			got, want := r.newPiece(part), plain.renderPart(part)
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%q:\n%+v\nwant\n%+v", part, got, want)
			}
			if !r.masks.mask(part) {
				continue
			}
			if p := r.memo.get(r.masks.text); p != nil && r.masks.unmask(part, p) != nil {
				unmasked++
			}
			// The masks may be what a text has.
			r.masks.mask(part)
			part = bytes.Clone(r.masks.text)
			if got, want := r.piece(part), plain.renderPart(part); !reflect.DeepEqual(got, want) {
				t.Fatalf("%q:\n%+v\nwant\n%+v", part, got, want)
			}
		}
	}
	if unmasked < 2000 {
		t.Errorf("only %d parts are unmasked: little is tested", unmasked)
	}
}

// A part that differs from one before in targets alone is not rendered again.
func TestTargetsAloneAreNotRenderedAgain(t *testing.T) {
	r := New(Options{})
	render := func(source string) int {
		r.source.work = 0
		if _, err := r.Render([]byte(source), 1); err != nil {
			t.Fatal(err)
		}
		return r.source.work
	}
	if render("*a* *b* [c](https://d.ef/g?h=AbC-1_2) ![i](/jkl.png)\n") == 0 {
		t.Fatal("rendering leaves no trace")
	}
	if render("*a* *b* [c](https://d.ef/g?h=3-_zzY9) ![i](/mno.png)\n") != 0 {
		t.Error("it is rendered again")
	}
	if render("*a* *b* [c](https://d.ef/g?h=3-_zzY9) ![i](/mno/png)\n") == 0 {
		t.Error("another form of target is not rendered")
	}
}
