package docx

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/redline"
)

// lists number the items of lists as their author did. Word counts for itself: a
// numbering is a list from a number on, and an item that does not have the number that
// follows begins another.
type lists struct {
	known map[numbering]int
	order []numbering
	at    [2]map[int]*count // of the old text, and of the new: by the ID of the list
}

// numbering is a list of one of the texts, or what follows an item in it whose number
// its author chose. What has the same one in both texts is not changed.
type numbering struct {
	list, from, level int
	as                string // the type of the list
}

// count is how far a list was read.
type count struct{ from, item, next int }

// bullets is the numbering of all lists without numbers. Others follow it.
const bullets = 1

// deepest is the last level that Word has.
const deepest = 8

// number is the numbering of a passage that begins an item of a list, with its level from
// 0; 0, 0 of others.
func (ls *lists) number(p *redline.Place, text int) (id, level int) {
	if !p.Begin {
		return 0, 0
	}
	item, list := redline.Around{}, redline.Around{}
	level = -1
	for i, a := range p.In {
		switch a.Kind {
		case policy.List, policy.Footnotes:
			level = min(level+1, deepest)
		case policy.Item:
			item, list = a, redline.Around{}
			if i > 0 {
				list = p.In[i-1]
			}
		}
	}
	level = max(level, 0)
	if !list.Ordered && list.Kind != policy.Footnotes {
		return bullets, level
	}
	if ls.at[text] == nil {
		ls.at[text] = map[int]*count{}
	}
	c := ls.at[text][list.ID]
	if c == nil {
		c = &count{from: item.Number, next: item.Number}
		ls.at[text][list.ID] = c
	}
	if item.ID != c.item {
		if item.Number != c.next {
			c.from = item.Number
		}
		c.item, c.next = item.ID, item.Number+1
	}
	return ls.of(numbering{list.ID, c.from, level, list.Type}), level
}

func (ls *lists) of(n numbering) int {
	if ls.known == nil {
		ls.known = map[numbering]int{}
	}
	if ls.known[n] == 0 {
		ls.order = append(ls.order, n)
		ls.known[n] = bullets + len(ls.order)
	}
	return ls.known[n]
}

// formats are Word's names for what ordered lists count with.
var formats = map[string]string{"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}

// xml is the part of the document that defines the numberings. Each has a definition
// of its own: those with one in common count on from each other.
func (ls *lists) xml() string {
	var abstract, nums strings.Builder
	define := func(n, levels int, level func(i int) string) {
		id := strconv.Itoa(n)
		abstract.WriteString(`<w:abstractNum w:abstractNumId="` + id + `"><w:multiLevelType w:val="multilevel"/>`)
		for i := range levels {
			left := strconv.Itoa((i + 1) * listIndent)
			abstract.WriteString(`<w:lvl w:ilvl="` + strconv.Itoa(i) + `">` + level(i) + `<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="` + left + `" w:hanging="` + strconv.Itoa(numberIndent) + `"/></w:pPr></w:lvl>`)
		}
		abstract.WriteString("</w:abstractNum>")
		nums.WriteString(`<w:num w:numId="` + id + `"><w:abstractNumId w:val="` + id + `"/></w:num>`)
	}
	define(bullets, deepest+1, func(i int) string {
		return `<w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="` + []string{"•", "◦", "▪"}[i%3] + `"/>`
	})
	for i, n := range ls.order {
		define(bullets+1+i, n.level+1, func(i int) string {
			from, format := 1, "decimal"
			if i == n.level {
				from, format = n.from, cmp.Or(formats[n.as], format)
			}
			return `<w:start w:val="` + strconv.Itoa(from) + `"/><w:numFmt w:val="` + format + `"/><w:lvlText w:val="%` + strconv.Itoa(i+1) + `."/>`
		})
	}
	return `<w:numbering xmlns:w="` + namespace + `">` + abstract.String() + nums.String() + `</w:numbering>`
}
