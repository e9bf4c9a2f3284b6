package markdown_test

import (
	"fmt"
	"testing"

	"github.com/policysite/policysite/builder/markdown"
)

// What other generators read is read, shown in the plainest way, or told.
func TestSyntaxOfOthers(t *testing.T) {
	const code = " is a directive of another generator; what it holds is shown as code"
	const stars = ": ** is not taken for emphasis here, and is shown: put a space or no punctuation beside it"
	for _, c := range []struct{ source, text, said string }{
		// Alerts and admonitions are quotes with a title.
		{"> [!WARNING]\n> You *may*\n> lose it.\n", "Warning\nYou may lose it.\n", ""},
		{"> [!Tip]\n>\n> A.\n", "Tip\nA.\n", ""},
		{"> [!WARNING] Not alone\n", "[!WARNING] Not alone\n", ""},
		{"!!! danger \"Read this\"\n    A.\n\n    - B\n\nC.\n", "Read this\nA.\nB\nC.\n", ""},
		{"??? tip\n\tA.\n\nB.\n", "Tip\nA.\nB.\n", ""},
		{"Hurry!!! now\n!!!\n", "Hurry!!! now !!!\n", ""},
		{":::caution Before you sign\nA.\n\nB.\n:::\nC.\n", "Before you sign\nA.\nB.\nC.\n", ""},
		{"::::{important} X\n:::note\nA.\n:::\nB.\n::::\n\nC.\n", "X\nNote\nA.\nB.\nC.\n", ""},
		{"!!! danger \"Mind **the** [fee](https://a.bc)\"\n    A.\n\n  :::note[Look `here`]\nB.\n:::\n\n:::tip *a* & b\n:::\n", "Mind the fee\nA.\nLook here\nB.\na & b\n", ""},
		{":::note{#id .cls}\nA.\n:::\n\n:::caution[Mind]{#my-id}\nB.\n:::\n\n::: {.callout-note title=\"Look here\"}\nC.\n:::\n\n::: details Click me {open}\nD.\n:::\n", "Note\nA.\nMind\nB.\nLook here\nC.\nClick me\nD.\n", ""},
		{"::: info [Title]\n```\n:::\n```\n", "Title\n", ""},
		// A tag that nothing closes is a word to be filled in, as far as its name is one.
		{"Pay <Code> to <Image>, <text> and <S>.\n", "Pay <Code> to <Image>, <text> and <S>.\n", "1: <Code> is never closed and is shown as it stands"},
		{"<font color=red>A</font> <big>b</big> <code>c</code> <b>d.\n", "A b c d.\n", ""},
		{"A <text> <svg><text>b</text></svg>\n", "A b\n", "1: <svg> is removed"},
		// A definition that is not used and leads nowhere is text.
		{"[Fee]: EUR10.50\n\n[Rate]: 1.5%/year\n\n[Hours]: 9:00-17:00\n\n[Term]:\nYear\n\n[a]: b.md\n[c]: d/\n[e]:\n<https://f.gh/>\n", "[Fee]: EUR10.50\n[Rate]: 1.5%/year\n[Hours]: 9:00-17:00\n[Term]: Year\n", ""},
		// Terms and their definitions are lines.
		{"Seller\n: We, *Acme*.\n: Or who follows us.\n\nBuyer\nCustomer\n:   You.\n\n    Or who acts for you.\n\nA.\n", "Seller\nWe, Acme.\nOr who follows us.\nBuyer\nCustomer\nYou.\nOr who acts for you.\nA.\n", ""},
		{"- Fee\n  : Ten.\n\nA :b\n:c\n\n> Due\n> : Now.\n", "Fee\nTen.\nA :b :c\nDue\nNow.\n", ""},
		// Attribute lists are read, and are not text.
		{"# A\n{: #x .y}\n\n[to](#x){: rel=\"a_b_c\"} and *b*{:.c}.\n{: .note }\n", "A\nto and b.\n", ""},
		{"## A {: #x }\n\n* TOC\n{:toc}\n", "A\nTOC\n", ""},
		{"A {: b} and c{:d}.\n", "A {: b} and c{:d}.\n", ""},
		// Characters that show nothing are not text.
		{"Daten&shy;schutz\u200b is\u2060 \ufeff *b*\u00ad.\n\n    a\u200b  b\n", "Datenschutz is b.\na  b\n", ""},
		// What a title says is text; what would be filled in is told.
		{"```{warning} Mind the fee\nA.\n```\n", "Mind the fee\nA.\n", "1: {warning}" + code},
		{"```{include} a.md\n```\n\n~~~{include} b.md\n~~~\n", "a.md\nb.md\n", "1: {include}" + code},
		{"[[TOC]]\n\n[TOC]\n\n[[TOC]]\n", "[[TOC]]\n[TOC]\n[[TOC]]\n", "1: [[TOC]] is a table of contents of another generator, and is shown as it is3: [TOC] is a table of contents of another generator, and is shown as it is"},
		{"A\n(fees-due)=\n", "A (fees-due)=\n", "2: (fees-due)= is a label of another generator, and is shown as it is"},
		{"import Tabs from '@theme/Tabs';\n", "import Tabs from '@theme/Tabs';\n", "1: import Tabs from '@theme/Tabs'; is code of MDX, and is shown as it is"},
		{"##Fees\n\n#1 and\n#!x\n", "##Fees\n#1 and #!x\n", "1: ##Fees is not a heading without a space after the signs"},
		{"**Fee:**due. \\*\\*x `**`\n\n- **a:**b\n", "**Fee:**due. **x **\n**a:**b\n", "1" + stars},
		{"*Fee:*due.\n\n*a, \"*b*\" c* and *a:* b, 2*3,*4.\n\n__Fee__due, __a__ b__c__d and `__e__f`.\n", "*Fee:*due.\na, \"b\" c and a: b, 2*3,*4.\n__Fee__due, a b__c__d and __e__f.\n", "1" + stars[:2] + stars[3:] + "5: __" + stars[4:]},
		{"A {term}`fee` {.note}.\n\n![i](https://a.bc/j){width=5}\n", "A {term}fee {.note}.\ni{width=5}\n", "1: {term} is not read here, and is shown as it is3: {width=5} is not read here, and is shown as it is"},
		{"Mind :warning: at 10:30:15, a :b:c.\n", "Mind :warning: at 10:30:15, a :b:c.\n", "1: :warning: is the name of a character, and is shown as it is"},
		{"--8<-- \"a.md\"\n\n=== \"A\"\n\nB\n===\n", "--8<-- \"a.md\"\n=== \"A\"\nB\n", "1: --8<-- \"a.md\" is a mark of MkDocs that is not read here, and is shown as it is3: === \"A\" is a mark of MkDocs that is not read here, and is shown as it is"},
		{"A\n\n:::\n\n.. note:: B\n\n*[EU]: Union\n*[a]: b*\n", "A\n:::\n.. note:: B\n*[EU]: Union [a]: b\n", "3: ::: is a mark of a directive that is not read here, and is shown as it is5: .. note:: B is a directive of reStructuredText, and is shown as it is7: *[EU]: Union is an abbreviation of another generator, and is shown as it is"},
		{"|**a:**b|\n|-|\n|{.x} `{.y}`|\n", "**a:**b\n{.x} {.y}\n", "1" + stars + "3: {.x} is not read here, and is shown as it is"},
		{"`{{` **a** `[[toc]]`\n\n    (x)=\n", "{{ a [[toc]]\n(x)=\n", ""},
	} {
		doc, err := markdown.New(markdown.Options{}).Render([]byte(c.source), 1)
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, n := range doc.Notes {
			said += fmt.Sprintf("%d: %s", n.Line, n.Message)
		}
		if have := doc.Text(""); have != c.text || said != c.said {
			t.Errorf("%q:\nhave %q, %q\nwant %q, %q", c.source, have, said, c.text, c.said)
		}
	}
}

// The id of an attribute list is that of the block that it follows.
func TestIDsOfAttributeLists(t *testing.T) {
	source := "A\nb.\n{: #p .x}\n\n- c\n- d\n{: #l}\n\n1. e\n   {: #i}\n2. f\n\n> g\n{: #q}\n\nh\n{: .x}\n"
	doc, err := markdown.New(markdown.Options{}).Render([]byte(source), 1)
	if err != nil {
		t.Fatal(err)
	}
	const want = "<p id=\"p\">A\nb.</p>\n<ul id=\"l\">\n<li>c</li>\n<li>d</li>\n</ul>\n<ol>\n<li id=\"i\">e</li>\n<li>f</li>\n</ol>\n<blockquote>\n<p id=\"q\">g</p>\n</blockquote>\n<p>h</p>\n"
	if have := doc.Whole().Parts[0].HTML; have != want {
		t.Errorf("have\n%s", have)
	}
}

// GFM's rules, where goldmark has others.
func TestMarksOfGFM(t *testing.T) {
	for source, want := range map[string]string{
		"It costs ~4~~ a day, ~~not~~ ~so~.\n": "It costs ~4~~ a day, ~~not~~ ~~so~~.\n",
		"Term\n---|---\nfoo|bar\n":             "Term ---|--- foo|bar\n",
		"| a \\| b |\n|---|---|\n| c | d |\n":  "| a | b | |---|---| | c | d |\n",
		"a|b\n-|-\nc|d\n":                      "a\nb\nc\nd\n",
		"Mind![^x] ![a](b.png)\n\n[^x]: N.\n":  "Mind! a\nN.\n",
		"我们保留\n您的信息 and\n数据。\n":                "我们保留您的信息 and 数据。\n",
		"**重要**\n事項 `重要`\n事項 [重要](https://a.bc)\n事項重要<!-- c -->\n事項\n": "重要事項 重要事項 重要事項重要事項\n",
		"한국어\n문장.\n":             "한국어 문장.\n",
		"A.\n*数据*\n**数据**\n数据\n": "A. 数据数据数据\n",
		"データを\n「保存」します。\n":       "データを「保存」します。\n",
	} {
		doc, err := markdown.New(markdown.Options{}).Render([]byte(source), 1)
		if err != nil {
			t.Fatal(err)
		}
		if have := doc.Text(""); have != want {
			t.Errorf("%q:\nhave %q\nwant %q", source, have, want)
		}
	}
}
