package pages

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/policysite/policysite/builder/policy"
)

// A timeline is drawn in units that a style sheet stretches to the width there is. It
// has a mark for each change, and beyond mostMarks one for each quarter of a year.
const (
	lineWidth, lineHeight = 960, 60
	markWidth             = 6
	mostMarks             = 60
)

// mark is one of a timeline.
type mark struct {
	at       float64 // years
	words    int     // added and removed
	material bool
	coming   bool
	href     string
	title    string
}

// timeline draws the changes of an archive over the years; "" where there is no more
// than one. It is for the eye and the pointer: the list that it stands above says and
// links the same.
func (c *Composer) timeline(page *Page, all []changeAt, years []year) template.HTML {
	marks := c.marks(page, all, years)
	if len(marks) < 2 {
		return ""
	}
	from, to := marks[0].at, marks[0].at
	for _, m := range marks {
		from, to = math.Floor(min(from, m.at)), max(to, m.at)
	}
	to = math.Floor(to) + 1
	x := func(at float64) int {
		if page.Dir == "rtl" {
			at = from + to - at
		}
		return int((at - from) / (to - from) * (lineWidth - markWidth))
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="timeline" viewBox="0 0 %d %d" preserveAspectRatio="none" aria-hidden="true">`, lineWidth, lineHeight)
	for y := from + 1; y < to; y++ {
		fmt.Fprintf(&b, `<path d="M%d 0v%d" vector-effect="non-scaling-stroke"/>`, x(y), lineHeight)
	}
	for _, m := range marks {
		// As tall as the logarithm of its words: a new version of a long text would leave
		// nothing to see of the others.
		height := min(lineHeight, 8+int(6*math.Log2(float64(1+m.words))))
		class := ""
		if m.material {
			class = ` class="material"`
		} else if m.coming {
			class = ` class="coming"`
		}
		fmt.Fprintf(&b, `<a href="%s" tabindex="-1"><title>%s</title><rect x="%d" y="%d" width="%d" height="%d" vector-effect="non-scaling-stroke"%s/></a>`,
			escape(m.href), escape(m.title), x(m.at), lineHeight-height, markWidth, height, class)
	}
	fmt.Fprintf(&b, "</svg>")
	return template.HTML(b.String())
}

// marks are those of the changes of an archive, the oldest first. One of a quarter
// leads to its year.
func (c *Composer) marks(page *Page, all []changeAt, years []year) []mark {
	var out []mark
	quarters := map[int]int{} // in out, by quarters
	for _, a := range slices.Backward(all) {
		v := &a.policy.Versions[a.i]
		m := mark{
			at:       float64(v.Day.Year) + (float64(timeOf(v.Day).YearDay())-1)/366,
			material: v.Mark() == policy.Material,
			coming:   stateOf(a.policy, a.i) == stateUpcoming,
		}
		if v.Comparison != nil {
			m.words = v.Comparison.Added + v.Comparison.Removed
		}
		if len(all) <= mostMarks {
			_, _, day := c.name(page, v.ID)
			if m.title, m.href = day, Href(page.URL, versionURL(a.policy, a.i)); compared(a.policy, a.i) >= 0 {
				m.href = Href(page.URL, ChangesURL(a.policy, a.i))
			}
			out = append(out, m)
			continue
		}
		quarter := int(m.at * 4)
		k, ok := quarters[quarter]
		if !ok {
			k = len(out)
			quarters[quarter] = k
			y := years[slices.IndexFunc(years, func(y year) bool { return y.Year == v.Day.Year })]
			m.at, m.href, m.title = float64(quarter)/4, y.Href, strconv.Itoa(y.Year)
			out = append(out, m)
			continue
		}
		out[k].words += m.words
		out[k].material = out[k].material || m.material
		out[k].coming = out[k].coming && m.coming
	}
	return out
}
