//go:build unix

package builder_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/policysite/policysite/builder"
	"github.com/policysite/policysite/builder/cputime"
	"github.com/policysite/policysite/builder/history/historytest"
)

// What one hostile text may cost the process that builds its site, all of the
// process counted: seconds of the processor, as cputime.Second has them, and bytes.
const (
	bombTime   = 2
	bombMargin = 2
	bombMemory = 256 << 20
)

// bombs are texts that are small, and ask for much. want is the error of one
// that is refused, without the path; "" for one that can be rendered.
func bombs() map[string]struct{ text, want string } {
	repeat := strings.Repeat
	numbered := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	staircase := func(n int, marker string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(repeat(" ", i*len(marker)) + marker + "a\n")
		}
		return b.String()
	}
	yaml := func(s string) string { return "---\n" + s + "\n---\nWords.\n" }
	toml := func(s string) string { return "+++\n" + s + "\n+++\nWords.\n" }
	aliases := func() string {
		s := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
		for i := range 30 {
			s += fmt.Sprintf("a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(repeat(fmt.Sprintf("*a%d, ", i), 10), ", "))
		}
		return s
	}
	const unclosed = "1: takes too long: too much mark-up that is never closed at line 1"
	const expands = " makes more than 20 times its size in HTML"
	return map[string]struct{ text, want string }{
		"table of 100,000 columns":            {repeat("|a", 100_000) + "\n" + repeat("|-", 100_000) + "\n", "table with more than 100 columns at line 2"},
		"table of 50 KB that is a header":     {repeat("|a", 12_500) + "\n" + repeat("|-", 12_500) + "\n", "table with more than 100 columns at line 2"},
		"tables that are headers":             {repeat(repeat("|", 100)+"\n"+repeat("|-", 99)+"|\n\n", 160), "has no text"},
		"rows without cells":                  {repeat("|a", 100) + "\n" + repeat("|-", 100) + "\n" + repeat("|\n", 100_000), "more than 200000 table cells at line 2"},
		"100,000 quotes in one another":       {repeat(">", 100_000) + " a\n", "nested deeper than 100 levels at line 1"},
		"quotes and lists":                    {repeat("> - ", 100_000) + "a\n", "nested deeper than 100 levels at line 1"},
		"lists in one line":                   {repeat("- ", 100_000) + "a\n", "nested deeper than 100 levels at line 1"},
		"numbered lists in one line":          {repeat("1. ", 100_000) + "a\n", "nested deeper than 100 levels at line 1"},
		"staircase of lists":                  {staircase(1000, "- "), "nested deeper than 100 levels at line 101"},
		"footnotes in one another":            {numbered(1000, "[^%d]: ") + "a\n", "nested deeper than 100 levels at line 1"},
		"links that never end":                {repeat("[a](", 40_000), unclosed},
		"links that never end, with targets":  {repeat("[a](<b", 40_000), unclosed},
		"images that never end":               {repeat("![a](", 40_000), unclosed},
		"titles that never end":               {repeat("[a](b \"", 40_000), unclosed},
		"brackets":                            {repeat("[", 100_000), "brackets nested deeper than 100 levels at line 1"},
		"closing brackets":                    {repeat("]", 200_000), ""},
		"brackets that close":                 {repeat("[", 50_000) + "a" + repeat("]", 50_000), "brackets nested deeper than 100 levels at line 1"},
		"empty brackets":                      {repeat("[]", 200_000), unclosed},
		"references to a long target":         {"[a]: /" + repeat("x", 100_000) + "\n\n" + repeat("[a] ", 20_000), expands},
		"references to a long title":          {"[a]: /x '" + repeat("x", 100_000) + "'\n\n" + repeat("[a] ", 20_000), expands},
		"reference definitions":               {numbered(60_000, "[a%d]: /x\n"), unclosed},
		"reference definitions with one name": {repeat("[a]: /x\n", 60_000), unclosed},
		"references that lead nowhere":        {repeat("[a][b] ", 100_000), unclosed},
		"footnote references":                 {"[^1]: a\n\n" + repeat("[^1]", 100_000), expands},
		"footnotes that refer to one another": {numbered(5_000, "[^%d]: ") + repeat("[^1]", 5_000), "nested deeper than 100 levels at line 1"},
		"many footnotes":                      {numbered(20_000, "a[^%d] ") + "\n\n" + numbered(20_000, "[^%d]: b\n"), ""},
		"stars":                               {repeat("*", 200_000), "has no text"},
		"stars and letters":                   {repeat("*a", 100_000), unclosed},
		"strong that never ends":              {repeat("**a ", 50_000), unclosed},
		"two kinds of emphasis":               {repeat("*a_ ", 50_000), unclosed},
		"emphasis in emphasis":                {repeat("*a **b ", 500) + repeat("c** d* ", 500), "mark-up nested deeper than 100 levels"},
		"struck":                              {repeat("~~a ", 100_000), unclosed},
		"backticks":                           {repeat("`", 200_000), "has no text"},
		"backticks of all lengths": {func() string {
			s := ""
			for i := range 1000 {
				s += "a" + repeat("`", i)
			}
			return s
		}(), ""},
		"fences":                                {repeat("```\n", 100_001), "has no text"},
		"fence with a long name":                {"```" + repeat("a", 1<<20) + "\nb\n```\n", ""},
		"opening tags":                          {repeat("<a ", 100_000), unclosed},
		"angle brackets":                        {repeat("<", 500_000), ""},
		"comments that never end":               {"a " + repeat("<!--", 100_000), ""},
		"declarations that never end":           {"a " + repeat("<!A ", 100_000), ""},
		"instructions that never end":           {"a " + repeat("<?", 200_000), ""},
		"CDATA that never ends":                 {"a " + repeat("<![CDATA[", 50_000), "brackets nested deeper than 100 levels at line 1"},
		"elements in one another":               {repeat("<div>", 100_000), "raw HTML leaves too many elements open"},
		"text elements in one another":          {"a " + repeat("<b>", 100_000), "raw HTML leaves too many elements open"},
		"tables in one another":                 {repeat("<table><tr><td>", 30_000), "raw HTML leaves too many elements open"},
		"elements that are opened again":        {repeat("<b><i><u>", 30) + repeat("<p>x</p>", 20_000), "raw HTML leaves too many elements open"},
		"element with 100,000 attributes":       {"<p " + numbered(100_000, "a%d=b ") + ">a</p>\n", ""},
		"attribute of 2 MB":                     {"<p id=\"" + repeat("a", 2_000_000) + "\">a</p>\n", ""},
		"attributes of a heading":               {"# a {" + repeat("b=c ", 200_000) + "}\n", ""},
		"id of a heading":                       {"# a {#" + repeat("b", 1<<20) + "}\n", ""},
		"braces":                                {"# a " + repeat("{", 500_000) + repeat("}", 500_000) + "\n", ""},
		"headings of one name":                  {repeat("# a\n", 100_000), "more than 25000 headings"},
		"a heading of 2 MB":                     {"# " + repeat("a ", 1_000_000) + "\n", ""},
		"a paragraph that turns into a heading": {repeat("a\n", 500_000) + "===\n", ""},
		"entities":                              {repeat("&amp;", 400_000), ""},
		"long entities":                         {repeat("&CounterClockwiseContourIntegral;", 60_000), ""},
		"entities that are none":                {repeat("&x", 500_000), ""},
		"numeric entities that never end":       {"&#" + repeat("1", 1<<20), ""},
		"quotation marks":                       {repeat("\"", 1_000_000), ""},
		"backslashes":                           {repeat("\\", 1_000_000), ""},
		"addresses":                             {repeat("http://a.b/", 50_000), ""},
		"addresses with brackets":               {"http://a.b/" + repeat("(", 200_000), ""},
		"names without a protocol":              {repeat("www.a.", 100_000), ""},
		"mail addresses":                        {repeat("a@b.", 200_000), ""},
		"mail addresses that are none":          {repeat("a", 500_000) + "@", ""},
		"tabs":                                  {repeat("\t", 500_000) + "a\n", ""},
		"blank lines in an item":                {"- a\n" + repeat("\n", 500_000) + "  b\n", ""},
		"rules":                                 {repeat("---\n", 1) + repeat("***\n", 150_000), " has no text"},
		"dates":                                 {repeat("Last updated: July 14, 2021 ", 50_000), ""},
		"half dates":                            {repeat("effective ", 150_000), ""},
		"marks of letters":                      {"a" + repeat("\u0301", 500_000), ""},
		"invisible characters":                  {repeat("a\u200b\u202e\n", 150_000), "1: the invisible character U+202E"},
		"words without a space":                 {repeat("a", 2_000_000), ""},

		"YAML: aliases of aliases":    {yaml(aliases()), ""},
		"YAML: merged aliases":        {yaml("a: &a {b: c}\n" + numbered(2000, "k%d: {<<: *a}\n")), "3: YAML: keys from elsewhere (<<) are not read"},
		"YAML: lists in one another":  {yaml("title: " + repeat("[", 60_000)), "*"},
		"YAML: lists that close":      {yaml("title: " + repeat("[", 30_000) + repeat("]", 30_000)), "*"},
		"YAML: maps in one another":   {yaml("title: " + repeat("{a: ", 15_000)), "*"},
		"YAML: staircase of maps":     {yaml(staircase(340, "a:\n")), "*"},
		"YAML: dashes":                {yaml(repeat("- ", 30_000) + "a"), "*"},
		"YAML: questions":             {yaml(repeat("? ", 30_000) + "a"), ""},
		"YAML: anchors":               {yaml(numbered(4000, "a%d: &a%[1]d b\n")), ""},
		"YAML: 8,000 keys":            {yaml(numbered(8_000, "%d: \n")), ""},
		"YAML: one key 10,000 times":  {yaml(repeat("a: \n", 10_000)), ""},
		"YAML: a long key":            {yaml(repeat("a", 60_000) + ": b"), ""},
		"YAML: a long number":         {yaml("weight: " + repeat("9", 60_000)), "*"},
		"YAML: escapes":               {yaml("title: \"" + repeat(`\x41`, 15_000) + "\""), ""},
		"YAML: references to itself":  {yaml("a: &a [*a]"), ""},
		"YAML: tags":                  {yaml("title: " + repeat("!a ", 20_000) + "b"), "*"},
		"YAML: directives":            {yaml(repeat("%TAG !a! b\n", 5_000) + "title: a"), "*"},
		"YAML: two documents":         {"---\ntitle: a\n...\n---\ntitle: b\n---\nWords.\n", ""},
		"YAML: more than 64 KiB":      {yaml("title: " + repeat("a", 1<<16)), "1: front matter of 65544 bytes, at most 65536 are read"},
		"YAML: never ends":            {"---\n" + repeat("a: b\n", 400_000), "1: front matter opens with --- and never closes"},
		"TOML: lists in one another":  {toml("title = " + repeat("[", 60_000)), "*"},
		"TOML: lists that close":      {toml("title = " + repeat("[", 30_000) + repeat("]", 30_000)), "*"},
		"TOML: tables in one another": {toml("a = " + repeat("{a = ", 12_000)), "*"},
		"TOML: dotted keys":           {toml(repeat("a.", 30_000) + "a = 1"), "*"},
		"TOML: a dotted table":        {toml("[" + repeat("a.", 30_000) + "a]"), "*"},
		"TOML: arrays of tables":      {toml(repeat("[[a]]\n", 10_000)), ""},
		"TOML: arrays of tables in one another": {toml(func() string {
			s := ""
			for i := 1; i < 250; i++ {
				s += "[[" + strings.TrimSuffix(repeat("a.", i), ".") + "]]\n"
			}
			return s
		}()), "*"},
		"TOML: 6,000 keys":       {toml(numbered(6_000, "%d = 1\n")), ""},
		"TOML: a long number":    {toml("weight = " + repeat("9", 60_000)), "*"},
		"TOML: more than 64 KiB": {toml("title = '" + repeat("a", 1<<16) + "'"), "1: front matter of 65547 bytes, at most 65536 are read"},
	}
}

var everyBomb = flag.Bool("every-bomb", false, "try every text that is made to exhaust a build, not every sixteenth")

// Every bomb is an error or rendered, within the limits, as the present and as
// the past.
func TestBombs(t *testing.T) {
	if dir := os.Getenv("POLICYSITE_TEST_BOMB"); dir != "" {
		opt := options(historytest.New(t).At(dir))
		opt.Rev = os.Getenv("POLICYSITE_TEST_REV")
		if _, err := builder.Check(t.Context(), opt); err != nil {
			fmt.Printf("refused: %v\n", err)
		}
		return
	}
	all := bombs()
	for i, name := range slices.Sorted(maps.Keys(all)) {
		if i%16 != 0 && !*everyBomb {
			continue
		}
		bomb := all[name]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := repository(t, on("2021-01-01", privacy("Some words.\n")), on("2021-02-01", privacy(bomb.text)), on("2021-03-01", privacy("Other words.\n")))
			want := ""
			if bomb.want != "" {
				want = "refused: content/privacy.md:"
			}
			said := run(t, r.Dir, "HEAD~1")
			if (bomb.want == "") != (said == "") || !strings.HasPrefix(said, want) || bomb.want != "*" && !strings.Contains(said, bomb.want) {
				t.Errorf("as the present: %.300s, want %q", said, bomb.want)
			}
			if said := run(t, r.Dir, "HEAD"); said != "" {
				t.Errorf("as the past: %.300s", said)
			}
		})
	}
}

// run checks a repository in a process of its own, and measures that.
func run(t *testing.T, dir, rev string) string {
	t.Helper()
	// Long, for machines that do much else; the limits are those below.
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestBombs$")
	cmd.Env = append(os.Environ(), "POLICYSITE_TEST_BOMB="+dir, "POLICYSITE_TEST_REV="+rev, "GOMEMLIMIT=192MiB") // what lives is measured, not garbage
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%.2000s", rev, err, &out)
	}
	if took := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(); took > bombTime*bombMargin*cputime.Second() {
		t.Errorf("%s: took %v of processor time", rev, took)
	} else if took > bombTime*cputime.Second()/2 {
		t.Logf("%s: took %v of processor time", rev, took)
	}
	peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	if runtime.GOOS != "darwin" { // which counts in bytes
		peak *= 1024
	}
	if peak > bombMemory {
		t.Errorf("%s: took %d MiB of memory", rev, peak>>20)
	} else if peak > bombMemory*3/4 {
		t.Logf("%s: took %d MiB of memory", rev, peak>>20)
	}
	said, _, _ := strings.Cut(out.String(), "\nPASS")
	if said = strings.TrimSpace(said); said == "PASS" {
		return ""
	}
	return strings.TrimSuffix(said, "PASS")
}
