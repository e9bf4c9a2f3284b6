package policy

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func leaf(kind BlockKind, text string) Block { return Block{Kind: kind, Text: text} }

func para(text string) Block { return leaf(Paragraph, text) }

// inOnePart and inParts are documents of the same blocks: it makes no difference
// where one is cut.
func inOnePart(blocks []Block) *Document { return &Document{Parts: []*Part{{Blocks: blocks}}} }

func inParts(blocks []Block) *Document {
	d := &Document{Parts: []*Part{{}}}
	for i := range blocks {
		d.Parts = append(d.Parts, &Part{Blocks: blocks[i : i+1]})
	}
	return d
}

func within(kind BlockKind, children ...Block) Block { return Block{Kind: kind, Children: children} }

// vectors hold one clause each of what visible text and wording are. Both are
// published as hashes: a sum that has to be changed here breaks every archive
// that was ever written.
var vectors = []struct {
	clause              string
	title               string
	blocks              []Block
	text, wording       string
	textSum, wordingSum string
}{
	{
		clause:     "no blocks, no lines",
		textSum:    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		wordingSum: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	},
	{
		clause: "each block ends in a newline",
		blocks: []Block{{Kind: Heading, Level: 1, Text: "Privacy"}, para("We keep logs.")},
		text:   "Privacy\nWe keep logs.\n", wording: "Privacy\nWe keep logs.\n",
		textSum:    "8239811fc635d9a003b6c5f461d7ad1a713fe709faedf65872d7679f9096d611",
		wordingSum: "8239811fc635d9a003b6c5f461d7ad1a713fe709faedf65872d7679f9096d611",
	},
	{
		clause: "a block without text of its own gives no line",
		blocks: []Block{para(""), {Kind: Rule}, within(Quote, para("Quoted."), within(Quote, para("Twice."))), within(Group)},
		text:   "Quoted.\nTwice.\n", wording: "Quoted.\nTwice.\n",
		textSum:    "9c93d0d0d34e3867e86d9a861fe5620206378fe084b35b0e8575d14e8b309cb9",
		wordingSum: "9c93d0d0d34e3867e86d9a861fe5620206378fe084b35b0e8575d14e8b309cb9",
	},
	{
		clause: "a list item's text excludes nested blocks",
		blocks: []Block{within(List,
			within(Item, para("One"), within(List, within(Item, para("One a")))),
			within(Item, para("Two"), para("Two, again")),
			within(Item))},
		text: "One\nOne a\nTwo\nTwo, again\n", wording: "One\nOne a\nTwo\nTwo, again\n",
		textSum:    "cf99320942c8e77b305b373e8757a8d2d1093d239593c2eb400192e70a0fc641",
		wordingSum: "cf99320942c8e77b305b373e8757a8d2d1093d239593c2eb400192e70a0fc641",
	},
	{
		clause: "checkboxes are text, list markers and numbers are not",
		blocks: []Block{{Kind: List, Ordered: true, Children: []Block{
			{Kind: Item, Number: 7, Children: []Block{para("[x] Done")}}, {Kind: Item, Number: 8, Children: []Block{para("[ ] Open")}}}}},
		text: "[x] Done\n[ ] Open\n", wording: "[x] Done\n[ ] Open\n",
		textSum:    "58038125c523a3c0699832df82114a87a88f407ce7091b31acc0ca9e8109cb6c",
		wordingSum: "58038125c523a3c0699832df82114a87a88f407ce7091b31acc0ca9e8109cb6c",
	},
	{
		clause: "one line for each table cell",
		blocks: []Block{within(Table,
			within(Row, Block{Kind: Cell, Header: true, Text: "Data"}, Block{Kind: Cell, Header: true, Text: "Kept for"}),
			within(Row, leaf(Cell, "Logs"), leaf(Cell, "7 days")),
			within(Row, leaf(Cell, "Mail"), leaf(Cell, "")))},
		text: "Data\nKept for\nLogs\n7 days\nMail\n", wording: "Data\nKept for\nLogs\n7 days\nMail\n",
		textSum:    "664d519117fbe95c457e008d5ce9cdf30695520549696f995b9451368ac97500",
		wordingSum: "664d519117fbe95c457e008d5ce9cdf30695520549696f995b9451368ac97500",
	},
	{
		clause: "code keeps its lines; wording drops its empty ones and collapses white space",
		blocks: []Block{leaf(Code, "a  =  1\n\n\tb")},
		text:   "a  =  1\n\n\tb\n", wording: "a = 1\nb\n",
		textSum:    "2bfd0eef3af48aacd4c7c7c6d789653140e5e4e2e5e43370bd5abbc97dab1a9e",
		wordingSum: "37c82247859b30a7de328431e1cc049ef95bba73b1bcb0dacbfb42af5b31275c",
	},
	{
		clause: "struck text stands between tildes",
		blocks: []Block{para("30 ~~14~~ days")},
		text:   "30 ~~14~~ days\n", wording: "30 ~~14~~ days\n",
		textSum:    "7b7778d5cfa0c9337156406247fa527a6a02f95c2db9eeb55c11e68108b6045e",
		wordingSum: "7b7778d5cfa0c9337156406247fa527a6a02f95c2db9eeb55c11e68108b6045e",
	},
	{
		clause: "footnotes stand at the end",
		blocks: []Block{para("Logs are kept."), within(Footnotes, within(Item, para("For a week.")), within(Item, para("And no longer.")))},
		text:   "Logs are kept.\nFor a week.\nAnd no longer.\n", wording: "Logs are kept.\nFor a week.\nAnd no longer.\n",
		textSum:    "a9426f5e909ebb32bcee51f719c7d48d1e2a2b96c9322f5c7d367e30761e65bc",
		wordingSum: "a9426f5e909ebb32bcee51f719c7d48d1e2a2b96c9322f5c7d367e30761e65bc",
	},
	{
		clause: "a title of front matter is the first line",
		title:  "Privacy \u00a0 policy",
		blocks: []Block{para("We keep logs.")},
		text:   "Privacy policy\nWe keep logs.\n", wording: "Privacy policy\nWe keep logs.\n",
		textSum:    "ee3fc22f0788653037c0416f9188763fcc73a3d9cea084d7e344246b965a7a18",
		wordingSum: "ee3fc22f0788653037c0416f9188763fcc73a3d9cea084d7e344246b965a7a18",
	},
	{
		clause: "unless the first block is a heading that says the same",
		title:  "Cafe\u0301",
		blocks: []Block{{Kind: Heading, Level: 2, Text: "Café"}, para("Open.")},
		text:   "Café\nOpen.\n", wording: "Café\nOpen.\n",
		textSum:    "fc767bc45aa13d9f8209692876ec8627db50232c8095457fd333b14aa5b53778",
		wordingSum: "fc767bc45aa13d9f8209692876ec8627db50232c8095457fd333b14aa5b53778",
	},
	{
		clause: "a first paragraph that says the same is no heading",
		title:  "Privacy",
		blocks: []Block{para("Privacy"), {Kind: Heading, Level: 1, Text: "Privacy"}},
		text:   "Privacy\nPrivacy\nPrivacy\n", wording: "Privacy\nPrivacy\nPrivacy\n",
		textSum:    "bc5c42d30cab6c3ea5ebe92eaae19ae36c970b81286007d7e284b0256850d33b",
		wordingSum: "bc5c42d30cab6c3ea5ebe92eaae19ae36c970b81286007d7e284b0256850d33b",
	},
	{
		clause: "wording is without date statements, white space collapsed again",
		blocks: []Block{para("These terms, last updated on July 14, 2021 10:00 UTC , apply.")},
		text:   "These terms, last updated on July 14, 2021 10:00 UTC , apply.\n", wording: "These terms, , apply.\n",
		textSum:    "cdf7b9360b65c146232e8938e2cc955a17e69a0d175908cced48576466a5512e",
		wordingSum: "bdef5f43f392492d80b507501e6344ff669c80bfaeb44eabb6282e5f5170d9ef",
	},
	{
		clause: "a line that is nothing but a date statement is dropped, its version number too",
		blocks: []Block{{Kind: Heading, Level: 1, Text: "Terms"}, para("Version 1.4, effective Sept 16, 2022"), para("We agree.")},
		text:   "Terms\nVersion 1.4, effective Sept 16, 2022\nWe agree.\n", wording: "Terms\nWe agree.\n",
		textSum:    "7677d04d535fc2357a578e46086e1ba0e396df04f798f5e1f8a8514b7866e8a6",
		wordingSum: "01bdd3bb8c0159a46b0ddda69c915c4a4373322e18d4479c35f0fbf335cc2707",
	},
	{
		clause: "a version number that leads no date statement stays",
		blocks: []Block{para("Version 1.4"), para("Effective: 2022-09-16")},
		text:   "Version 1.4\nEffective: 2022-09-16\n", wording: "Version 1.4\n",
		textSum:    "daba8b26d35f3c4d42a8955a5df5314ecd860c86a8412a936a2fa03816ce9737",
		wordingSum: "10d246c7110746d0ad9739a01dfc6e5a70db0a2d5fe73b46dfbe3d935e805fa0",
	},
	{
		clause: "a date that can be read in two ways is a date statement",
		blocks: []Block{para("Last updated: 01/03/2026")},
		text:   "Last updated: 01/03/2026\n", wording: "",
		textSum:    "5e49fcd69eecdc521db8eb959dac3dfb28951c5029a191edb4240e01ead79578",
		wordingSum: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	},
	{
		clause: "so is a month without a day",
		blocks: []Block{para("Last updated: March 2026")},
		text:   "Last updated: March 2026\n", wording: "",
		textSum:    "4de4f56ff06b722673f07753ebc8e6e56cdfe491b8866c1ed2796706dd7fe240",
		wordingSum: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	},
	{
		clause: "a label may stand right after the date",
		blocks: []Block{para("Die Fassung wurde zuletzt am 1. März 2026 geändert.")},
		text:   "Die Fassung wurde zuletzt am 1. März 2026 geändert.\n", wording: "Die Fassung wurde .\n",
		textSum:    "821a67b71a8116e54d850190514a7ad1c5073baf30398c85820413f493dbe3c7",
		wordingSum: "a361ddbe80538e7f697b4fdf972c67853041b4f3a1405ebade5e319a88abb594",
	},
	{
		clause: "words between a label that begins the sentence and the date that ends it go too",
		blocks: []Block{para("Last revision of our terms: 1 March 2026")},
		text:   "Last revision of our terms: 1 March 2026\n", wording: "",
		textSum:    "f7fc84c99d1d869aec84a47dbb69c261fda0185adc75bd1f4e5621dca1537b2d",
		wordingSum: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	},
	{
		clause: "of a sentence about the document, from its verb on",
		blocks: []Block{para("These terms take effect on 1 March 2026 for all.")},
		text:   "These terms take effect on 1 March 2026 for all.\n", wording: "These terms for all.\n",
		textSum:    "8daed98680fe6707a958e35d41b77f43bfb8d5a43da47f36e1f26d578a3a67f7",
		wordingSum: "90a6792edb30429f68d4814c8729facc5619a4dde7aabd21439551b0ab7d8ac0",
	},
	{
		clause: "a version number right before a date is a label",
		blocks: []Block{para("Version 2.0.1, March 1, 2026")},
		text:   "Version 2.0.1, March 1, 2026\n", wording: "",
		textSum:    "9f38abe2e3d6dd3bccb02f157ea3c01336516d7843b5db69f21a1df71ee1363c",
		wordingSum: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	},
	{
		clause: "two labels are one statement",
		blocks: []Block{para("Last updated and effective: 1 March 2026")},
		text:   "Last updated and effective: 1 March 2026\n", wording: "",
		textSum:    "d347f3a6210e993e1205f88c0da228c1a0b60d8a3910c12c5dfedd54c85168b9",
		wordingSum: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	},
	{
		clause: "a date of an earlier text stays",
		blocks: []Block{para("The previous version was updated on 1 March 2026.")},
		text:   "The previous version was updated on 1 March 2026.\n", wording: "The previous version was updated on 1 March 2026.\n",
		textSum:    "9d3368125ba4cb95a9820cd3592eccf3b50726233b68a49b25ae57e341ebbd71",
		wordingSum: "9d3368125ba4cb95a9820cd3592eccf3b50726233b68a49b25ae57e341ebbd71",
	},
	{
		clause: "a date of a law stays",
		blocks: []Block{para("Data Act, effective 1 March 2026.")},
		text:   "Data Act, effective 1 March 2026.\n", wording: "Data Act, effective 1 March 2026.\n",
		textSum:    "51f928f652c3b91c81bf22cd6f51952de6c4a6a2e6fc86951e8da7f994f8cba2",
		wordingSum: "51f928f652c3b91c81bf22cd6f51952de6c4a6a2e6fc86951e8da7f994f8cba2",
	},
	{
		clause: "a range stays",
		blocks: []Block{para("Effective from 1 March 2026 to 1 May 2026")},
		text:   "Effective from 1 March 2026 to 1 May 2026\n", wording: "Effective from 1 March 2026 to 1 May 2026\n",
		textSum:    "f7a0e2301735bbc370c4d1d55454af3a7f0b303d5895cf43ab2706acc12fb849",
		wordingSum: "f7a0e2301735bbc370c4d1d55454af3a7f0b303d5895cf43ab2706acc12fb849",
	},
	{
		clause: "a date for some readers only stays",
		blocks: []Block{para("Effective date in the EEA: 1 March 2026")},
		text:   "Effective date in the EEA: 1 March 2026\n", wording: "Effective date in the EEA: 1 March 2026\n",
		textSum:    "5e62dd6f2d9d0390fcbee14be72f9a5440bbe447c784ae11a542c4ae749f9484",
		wordingSum: "5e62dd6f2d9d0390fcbee14be72f9a5440bbe447c784ae11a542c4ae749f9484",
	},
	{
		clause: "in a sentence of more than eight other words they stay",
		blocks: []Block{para("One two three four five six seven eight nine, updated 1 March 2026.")},
		text:   "One two three four five six seven eight nine, updated 1 March 2026.\n", wording: "One two three four five six seven eight nine, updated 1 March 2026.\n",
		textSum:    "c493da6e6111b28c7299c4f07fd16f051201c33378649ae9b17cccf348cdc37f",
		wordingSum: "c493da6e6111b28c7299c4f07fd16f051201c33378649ae9b17cccf348cdc37f",
	},
	{
		clause: "of more than three sentences the first and the last are read",
		blocks: []Block{para("One. Updated 1 March 2026. Three. Effective 1 May 2026.")},
		text:   "One. Updated 1 March 2026. Three. Effective 1 May 2026.\n", wording: "One. Updated 1 March 2026. Three. .\n",
		textSum:    "5dd96050062390fe45126075d89c223302f1d71f446cca2db6e4d75b56952816",
		wordingSum: "aac7a95c7f62282d3b690b791851e3a8d4e767ea3466aa774ddf6ce8dc4e17c3",
	},
	{
		clause: "a line that ends at a hard break is read by itself",
		blocks: []Block{{Kind: Paragraph, Text: "one two three four five Updated 1 March 2026 one two three four five", Breaks: []int{23}}},
		text:   "one two three four five Updated 1 March 2026 one two three four five\n", wording: "one two three four five one two three four five\n",
		textSum:    "00346d7b7af4d2e9de77f85b499a3ad31cdaa84a2e00e873d44c48edd28f8dcb",
		wordingSum: "992baa3030213c2b72a326c818c26aaee828a733c880e60c07294805f18d4e58",
	},
	{
		clause: "labels and months of French",
		blocks: []Block{para("Dernière mise à jour : 1er mars 2026")},
		text:   "Dernière mise à jour : 1er mars 2026\n", wording: "",
		textSum:    "bafc6ed6e45ebc30f8983fdefa31ccb544a12c53491e476d76f1d04db5318fbf",
		wordingSum: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	},
	{
		clause: "labels and months of Russian",
		blocks: []Block{para("Дата вступления в силу: 1 марта 2026 г")},
		text:   "Дата вступления в силу: 1 марта 2026 г\n", wording: "",
		textSum:    "b9a6ad705210bb9d349574e59d92027b74f3e80965843908c9d3c353815574df",
		wordingSum: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	},
	{
		clause: "labels and months of Japanese",
		blocks: []Block{para("最終更新日：2026年3月1日")},
		text:   "最終更新日：2026年3月1日\n", wording: "",
		textSum:    "dc4463d6e767a8a89a31add6be59271b8ecefc8efa3a7dcfef10418c8ab4f921",
		wordingSum: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	},
	{
		clause: "labels and months of Korean",
		blocks: []Block{para("시행일: 2026년 3월 1일")},
		text:   "시행일: 2026년 3월 1일\n", wording: "",
		textSum:    "f93d26898bc39daeb2493f0d4b041620fd78204728188eef11056a6642daa617",
		wordingSum: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	},
	{
		clause: "labels and months of Arabic",
		blocks: []Block{para("تاريخ السريان: 1 مارس 2026")},
		text:   "تاريخ السريان: 1 مارس 2026\n", wording: "",
		textSum:    "dbe67ec6e1f9c887f9e4d576685be0ed7422c661bd0a9cd1ef1ddfb3caf64f10",
		wordingSum: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	},
	{
		clause: "labels and months of Turkish",
		blocks: []Block{para("Son güncelleme tarihi: 1 Mart 2026")},
		text:   "Son güncelleme tarihi: 1 Mart 2026\n", wording: "",
		textSum:    "88f1f6292e8fee70300c3166cbe1fdbe07a6289c54c06a5061b2a4ac2c602c45",
		wordingSum: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	},
	{
		clause: "date statements in code stay",
		blocks: []Block{leaf(Code, "Last updated: 2026-03-01")},
		text:   "Last updated: 2026-03-01\n", wording: "Last updated: 2026-03-01\n",
		textSum:    "fae2f3b5b26f4522edafb27ee3a09eafae18bc654f0c22d125edc20a3dc2f1c1",
		wordingSum: "fae2f3b5b26f4522edafb27ee3a09eafae18bc654f0c22d125edc20a3dc2f1c1",
	},
	{
		clause: "a date statement in a title stays",
		title:  "Terms, effective 2022-09-16",
		blocks: []Block{para("We agree.")},
		text:   "Terms, effective 2022-09-16\nWe agree.\n", wording: "Terms, effective 2022-09-16\nWe agree.\n",
		textSum:    "2f6abf10783002b83074a0f5372a3cb60e678c7a6a0cf4b358b40a12cc38cc95",
		wordingSum: "2f6abf10783002b83074a0f5372a3cb60e678c7a6a0cf4b358b40a12cc38cc95",
	},
	{
		clause:     "date statements in the middle of a long text stay",
		blocks:     append(append(many("Clause.", 10), para("Last updated: 2020-01-01")), many("Clause.", 10)...),
		text:       strings.Repeat("Clause.\n", 10) + "Last updated: 2020-01-01\n" + strings.Repeat("Clause.\n", 10),
		wording:    strings.Repeat("Clause.\n", 10) + "Last updated: 2020-01-01\n" + strings.Repeat("Clause.\n", 10),
		textSum:    "b4f69b24ba30f8a3b505c7fca34e694a8373684a98526ad3fc46272f33aca34e",
		wordingSum: "b4f69b24ba30f8a3b505c7fca34e694a8373684a98526ad3fc46272f33aca34e",
	},
	{
		clause: "letters of all scripts",
		blocks: []Block{para("سياسة الخصوصية"), para("隐私政策"), para("नीति")},
		text:   "سياسة الخصوصية\n隐私政策\nनीति\n", wording: "سياسة الخصوصية\n隐私政策\nनीति\n",
		textSum:    "52ff3bd6bfc46238036fe2ebf45130f4c35690811a69407c26ec5c6d2643c3ed",
		wordingSum: "52ff3bd6bfc46238036fe2ebf45130f4c35690811a69407c26ec5c6d2643c3ed",
	},
}

func many(text string, n int) (out []Block) {
	for range n {
		out = append(out, para(text))
	}
	return out
}

func wordingOf(d *Document, title string) string {
	var b strings.Builder
	d.write(title, "", func(string) {}, func(line string) { b.WriteString(line + "\n") })
	return b.String()
}

func TestVisibleTextAndWordingVectors(t *testing.T) {
	for i, v := range slices.Concat(vectors, vectors) {
		t.Run(v.clause, func(t *testing.T) {
			d := inOnePart(v.blocks)
			if i >= len(vectors) {
				d = inParts(v.blocks)
			}
			if have := d.Text(v.title); have != v.text {
				t.Errorf("visible text\nhave %q\nwant %q", have, v.text)
			}
			if have := wordingOf(d, v.title); have != v.wording {
				t.Errorf("wording\nhave %q\nwant %q", have, v.wording)
			}
			text := NewText([]byte("source"), Meta{Title: v.title}, d)
			if text.TextSHA256 != v.textSum {
				t.Errorf("text_sha256 is %s, want %s", text.TextSHA256, v.textSum)
			}
			if text.WordingSHA256 != v.wordingSum {
				t.Errorf("wording_sha256 is %s, want %s", text.WordingSHA256, v.wordingSum)
			}
			if want := "41cf6794ba4200b839c53531555f0f3998df4cbb01a4d5cb0b94e3ca5e23947d"; text.SourceSHA256 != want {
				t.Errorf("source_sha256 is %s, want %s", text.SourceSHA256, want)
			}
		})
	}
}

func TestCollapseSpace(t *testing.T) {
	for in, want := range map[string]string{
		"":                                      "",
		"a b":                                   "a b",
		" a":                                    "a",
		"a ":                                    "a",
		"a  b":                                  "a b",
		"é\u3000b":                              "é b",
		"\u2003":                                "",
		"\u212b b":                              "\u00c5 b",
		"a\xff b":                               "a\xff b",
		" \t\r\n\u0085\u00a0\u2003\u2028\u3000": "",
		" a \n b ":                              "a b",
		"a\u00a0\u00a0b":                        "a b",
		"e\u0301":                               "é",
		"a\u200bb\u00adc\u2060d\ufeff":          "abcd", // they show nothing
		"a \u200b b":                            "a b",
		"e\u00ad\u0301":                         "é",
		"a\u200cb\u200dc":                       "a\u200cb\u200dc", // these change the letters beside them
	} {
		if have := CollapseSpace(in); have != want {
			t.Errorf("%q becomes %q, want %q", in, have, want)
		}
	}
}

// What tells links and formatting from nothing at all.
func TestMarkupAndTargets(t *testing.T) {
	// doc makes a document whose links are the href and src attributes of html.
	doc := func(html string) *Document {
		part := &Part{HTML: html, Blocks: []Block{para("Text")}}
		d := &Document{Parts: []*Part{part}}
		for at := 0; ; part.Links++ {
			href, src := strings.Index(html[at:], ` href="`), strings.Index(html[at:], ` src="`)
			start := href
			if href < 0 || src >= 0 && src < href {
				start = src
			}
			if start < 0 {
				return d
			}
			start += at
			open := start + strings.Index(html[start:], `"`) + 1
			end := open + strings.Index(html[open:], `"`)
			d.Links = append(d.Links, Link{Target: html[open:end], Image: html[start+1] == 's', Attr: Span{start, end + 1}})
			at = end + 1
		}
	}
	tests := []struct {
		name, a, b            string
		sameMarkup, sameLinks bool
	}{
		{"nothing", `<p>Text</p>`, `<p>Text</p>`, true, true},
		{"white space between tags and words", "<p>Text and</p>\n<p>text</p>", "<p>Text\n  and</p> <p>text</p>", true, true},
		{"an id", `<h2 id="a">Text</h2>`, `<h2 id="b-c">Text</h2>`, true, true},
		{"an id among other attributes", `<h2 class="x" id="a" lang="de">Text</h2>`, `<h2 class="x" lang="de">Text</h2>`, true, true},
		{"what looks like an id, in text", `<p>Text id="a"</p>`, `<p>Text id="b"</p>`, false, true},
		{"a tag", `<p><em>Text</em></p>`, `<p><strong>Text</strong></p>`, false, true},
		{"a link's target", `<p><a href="/a">Text</a></p>`, `<p><a href="/b">Text</a></p>`, true, false},
		{"an image's target", `<p><img src="a.png" alt="Text"></p>`, `<p><img src="b.png" alt="Text"></p>`, true, false},
		{"a link made of text", `<p>Text</p>`, `<p><a href="/b">Text</a></p>`, false, false},
		{"two links swapped", `<a href="/a">T</a><a href="/b">t</a>`, `<a href="/b">T</a><a href="/a">t</a>`, true, false},
		{"composed letters", "<p>é</p>", "<p>e\u0301</p>", true, true},
	}
	for _, test := range tests {
		a, b := doc(test.a), doc(test.b)
		if same := sameMarkup(a, b); same != test.sameMarkup {
			t.Errorf("%s: same mark-up: %v", test.name, same)
		}
		if same := sameTargets(a, b); same != test.sameLinks {
			t.Errorf("%s: same targets: %v", test.name, same)
		}
		// So they are before and behind the same parts, and shared ones.
		other := doc(`<p><a href="/c">Other</a></p>`)
		for _, d := range []*Document{a, b} {
			d.Parts = slices.Concat(other.Parts, d.Parts, other.Parts)
			d.Links = slices.Concat(other.Links, d.Links, other.Links)
		}
		if same := sameMarkup(a, b); same != test.sameMarkup {
			t.Errorf("%s, in parts: same mark-up: %v", test.name, same)
		}
		if same := sameMarkup(a, b.Whole()); same != test.sameMarkup {
			t.Errorf("%s, in parts and in one: same mark-up: %v", test.name, same)
		}
	}
}

// A whole document has all that its parts have, and shares none of it.
func TestWholeDocument(t *testing.T) {
	part := func() *Part {
		leaf := Block{Kind: Paragraph, Outer: Span{2, 6}, Inner: Span{3, 5}}
		return &Part{HTML: "abcdefgh", Links: 1, Blocks: []Block{{Kind: Quote, Outer: Span{1, 7}, Inner: Span{2, 6}, Children: []Block{leaf}}}}
	}
	link := Link{Attr: Span{3, 4}, Element: Span{3, 5}}
	d := &Document{Parts: []*Part{part(), {HTML: "\n"}, part()}, Links: []Link{link, link}}
	w := d.Whole()
	whole := w.Parts[0]
	if len(w.Parts) != 1 || whole.HTML != "abcdefgh\nabcdefgh" || whole.Links != 2 || len(whole.Blocks) != 2 || len(w.Links) != 2 {
		t.Fatalf("%+v of %+v", *whole, *w)
	}
	for i := range whole.Blocks {
		b, l := &whole.Blocks[i], &w.Links[i]
		for want, s := range map[string]Span{"bcdefg": b.Outer, "cdef": b.Inner, "de": b.Children[0].Inner, "d": l.Attr} {
			if got := whole.HTML[s.Start:s.End]; got != want {
				t.Errorf("%q stands where %q should", got, want)
			}
		}
		if b.Children[0].Outer != b.Inner || l.Element != b.Children[0].Inner {
			t.Errorf("block %+v with the link %+v", *b, *l)
		}
		b.Children[0].Text, l.Target = "spoilt", "spoilt"
	}
	if !reflect.DeepEqual(d.Parts[0], part()) || !reflect.DeepEqual(d.Parts[2], part()) || d.Links[0] != link {
		t.Error("what is done to the whole is done to its parts")
	}
}

func TestTitle(t *testing.T) {
	heading := Block{Kind: Heading, Level: 2, Text: "Of the heading"}
	tests := []struct {
		name   string
		meta   Meta
		blocks []Block
		want   string
	}{
		{"front matter", Meta{Title: "Of front matter"}, []Block{heading}, "Of front matter"},
		{"first heading", Meta{}, []Block{heading, para("x")}, "Of the heading"},
		{"a later heading is none", Meta{}, []Block{para("x"), heading}, "file"},
		{"an empty heading is none", Meta{}, []Block{{Kind: Heading}}, "file"},
		{"no blocks", Meta{}, nil, "file"},
	}
	for _, test := range tests {
		if have := NewText(nil, test.meta, inOnePart(test.blocks)).Title("file"); have != test.want {
			t.Errorf("%s: %q, want %q", test.name, have, test.want)
		}
	}
	if have := BrokenText(nil, Meta{Title: "Broken"}, ErrContent).Title("file"); have != "Broken" {
		t.Errorf("of a text that cannot be rendered: %q", have)
	}
}

// longText is a document of about 60 KB, with links, code, and date statements at
// its beginning.
func longText() *Document {
	d, part := &Document{}, &Part{}
	var html strings.Builder
	add := func(kind BlockKind, text string) {
		fmt.Fprintf(&html, "<p id=\"%d\">%s <a", len(part.Blocks), text)
		start := html.Len()
		html.WriteString(` href="https://example.com/"`)
		d.Links = append(d.Links, Link{Target: "https://example.com/", Attr: Span{start, html.Len()}})
		html.WriteString(">more</a></p>\n")
		part.Blocks = append(part.Blocks, Block{Kind: kind, Level: 1, Text: text})
	}
	add(Heading, "Privacy")
	add(Paragraph, "Version 1.4, effective Sept 16, 2022. Last updated: August 30, 2022.")
	for i := range 150 {
		add(Paragraph, strings.Repeat(fmt.Sprintf("In %d we kept what you sent us for as long as it took. “Logs” are kept for %d days; ", 2000+i%30, i), 4)+"ok.")
		if i%20 == 0 {
			add(Code, "one line\n  another  line\n")
		}
	}
	part.HTML, part.Links = html.String(), len(d.Links)
	d.Parts = []*Part{part}
	return d
}

func BenchmarkNewText(b *testing.B) {
	d := longText()
	source := []byte(d.Parts[0].HTML)
	b.SetBytes(int64(len(source)))
	b.ReportAllocs()
	for b.Loop() {
		NewText(source, Meta{Title: "Privacy"}, d)
	}
}

func BenchmarkSameMarkup(b *testing.B) {
	x, y := longText(), longText()
	from, to := x.Parts[0], y.Parts[0]
	to.HTML = strings.Replace(to.HTML, `id="150"`, `id="x50"`, 1)
	if from.HTML == to.HTML || !sameMarkup(x, y) {
		b.Fatal("not what is to be measured")
	}
	b.SetBytes(int64(len(from.HTML) + len(to.HTML)))
	b.ReportAllocs()
	for b.Loop() {
		sameMarkup(x, y)
	}
}
