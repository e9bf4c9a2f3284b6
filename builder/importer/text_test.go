package importer_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/importer"
)

func TestPlainText(t *testing.T) {
	for name, test := range map[string]struct{ have, want string }{
		"title, headings, bullets": {
			"example.com\n\nPrivacy Policy\n\nLast updated: 2026-06-10\n\nWhat We Collect\n\nThis:\n\n  • names,\n  • and\n    mails\n      ◦ of users\n\nHow We Use It\n\nNot at all.",
			"example.com\n\n# Privacy Policy\n\nLast updated: 2026-06-10\n\n## What We Collect\n\nThis:\n\n- names,\n- and\n  mails\n  - of users\n\n## How We Use It\n\nNot at all.\n",
		},
		"numbered headings": {
			"TERMS\n\nWelcome to them.\n\n1. Use of it\n\nUse it.\n\n2. Money\n\nPay.\n\n2.1 Late money\n\nPay more.",
			"# TERMS\n\nWelcome to them.\n\n## 1. Use of it\n\nUse it.\n\n## 2. Money\n\nPay.\n\n### 2.1 Late money\n\nPay more.\n",
		},
		"a list of numbers": {
			"Promises:\n\n1. We lock doors.\n2. We close windows,\nand shutters.\n3. We go home.",
			"Promises:\n\n1. We lock doors.\n2. We close windows,\nand shutters.\n3. We go home.\n",
		},
		"numbers that are none": {
			"We were founded in\n1999. That is long ago.",
			"We were founded in\n1999\\. That is long ago.\n",
		},
		"marks that mean nothing": {
			"Use *any* _name_ or snake_case, #1 <b>or</b> `x`, \\ and | and ~~it~~ &amp; [^1] [1]: [at] a.\n\n#\n> no quote\n+1",
			"Use \\*any\\* \\_name\\_ or snake_case, #1 \\<b>or\\</b> \\`x\\`, \\\\ and \\| and \\~~it\\~~ \\&amp; \\[^1] \\[1]: [at] a.\n\n\\#\n\\> no quote\n+1\n",
		},
		"dashes for bullets, indentation": {
			"        We use:\n\n- cookies\n- beacons\n",
			"We use:\n\n- cookies\n- beacons\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := read(importer.Source{Name: "x.txt", Data: []byte(strings.ReplaceAll(test.have, "\n", "\r\n"))})
			if err != nil {
				t.Fatal(err)
			}
			if string(text.Markdown) != test.want || text.Form != importer.Plain {
				t.Errorf("have\n%s\nwant\n%s", text.Markdown, test.want)
			}
		})
	}
}

const extracted = `> *The text was archived on 2012-10-28. Please check the [snapshot](https://web.archive.org/web/20121028225912id_/https%3A//www.example.com/privacy.html).*

[×](javascript:close\(\))

by using our site, you agree to the use of cookies. [CLS] [SEP] read our [privacy
policy](/privacy).

menu

  * [home](/)
  * domain

[web hosting](hosting) [register a
domain](//buy.example.com/cart)

#  example privacy policy

1\. [CLS] [SEP] Website Covered

it covers all. [CLS] [SEP]

2\. Information Collected

see [home](/) and [terms](/terms).

###### 2.1. [CLS] [SEP] notice: we are working on it. [CLS] [SEP] many of the things that we do now
with your data are in the works.

## contact us

write to [us](mailto:us@example.com).

## useful links

  * [hosting](/hosting)
  * [portal](/portal)

## example

a company from everywhere.

## legal

  * [privacy](/privacy)
  * [terms](/terms)

## navigation

  * [home](/)
  * [about](/about)

copyright (c) 2018 example
`

// A text that a tool made of a page loses the page's menus, the tool's tokens
// and an archive's remark, and nothing else.
func TestExtractedText(t *testing.T) {
	text, err := read(importer.Source{Name: "x.txt", Data: []byte(extracted)})
	if err != nil {
		t.Fatal(err)
	}
	const want = `# example privacy policy

## 1. Website Covered

it covers all.

## 2. Information Collected

see [home](/) and [terms](/terms).

###### 2.1. notice: we are working on it. many of the things that we do now with your data are in the works.

## contact us

write to [us](mailto:us@example.com).
`
	if string(text.Markdown) != want {
		t.Errorf("have\n%s\nwant\n%s", text.Markdown, want)
	}
	var why []string
	for _, p := range text.Removed {
		why = append(why, p.Why)
	}
	if have := strings.Join(why, ", "); have != "tokens of text extraction, remark about an archived copy, cookie banner, menu of the page, footer of the page" {
		t.Errorf("removed: %s", have)
	}
	if c := text.Capture; c == nil || c.Address != "https://web.archive.org/web/20121028225912/https://www.example.com/privacy.html" || text.Address != "https://www.example.com/privacy.html" {
		t.Errorf("capture %+v of %s", c, text.Address)
	}
}

// A text without a page around it loses nothing, whatever is in it.
func TestNothingToRemove(t *testing.T) {
	for _, source := range []string{
		"- [a](#a)\n\n- [b](#b)\n\n- [c](#c)\n\n# Terms\n\nWords.\n",
		"# Terms\n\nSee the [archived](https://example.com/old) copies.\n\n## Links\n\n[a](a) [b](b)\n\n## More\n\n[c](c) [d](d)\n",
		"Menu\n\nof the day\n\n# Soup\n\nWords.\n",
		"# Terms\n\n[CLS] is a class.\n",
		"# Terms\n\nThe Wayback Machine keeps snapshots: https://web.archive.org/.\n",
		"# Terms\n\n    code  with  1\\. [CLS]\n\n```\n• no bullet\n```\n",
		"# Terms\n\n© 2020 Example, all rights reserved\n",
	} {
		text, err := read(importer.Source{Name: "x.md", Data: []byte(source)})
		if err != nil {
			t.Error(err)
			continue
		}
		if string(text.Markdown) != source || len(text.Removed) > 0 {
			t.Errorf("have\n%s\nwant\n%s\nremoved %+v", text.Markdown, source, text.Removed)
		}
	}
}

func TestSlips(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, map[string]string{"2021-07-14.md": "---\ntitle: x\n---\n\n** Personal information ** is any, and **names** are **too**.\n\n" +
		"> * Last updated: July 14, 2021 *\n\nSee [the archive] (https://example.com/a) or [this](b) (or that), 2 ** 3 ** 4.\n\n```\n** code **\n```\n\n`** code **` and **this **.\n"})
	r := imported(t, importer.Options{Source: dir, Policy: "terms", Texts: []string{filepath.Join(dir, "2021-07-14.md")}})
	var have []string
	for _, w := range r.Warnings {
		have = append(have, fmt.Sprintf("%d: %s; %s", w.Line, w.Message, w.Hint))
	}
	expect(t, strings.Join(have, "\n"), strings.Join([]string{
		"5: readers see the marks of `** Personal information **`; if it is meant so, write `**Personal information**`",
		"7: readers see the marks of `* Last updated: July 14, 2021 *`; if it is meant so, write `*Last updated: July 14, 2021*`",
		"9: readers see the marks of `** 3 **`; if it is meant so, write `**3**`",
		"9: readers see the marks of `[the archive] (https://example.com/a)`; if it is meant so, write `[the archive](https://example.com/a)`",
		"15: readers see the marks of `**this **.`; if it is meant so, write `**this**`",
	}, "\n"))
}
