package policy

import (
	"fmt"
	"math"
	"regexp"
	"strings"
)

// Brand is how an organization's site looks: "" and nil where nothing is stated.
type Brand struct {
	Logo    string // path of a picture, from the source folder
	Favicon string // likewise
	Home    string // address of the organization's own site
	Accent  string // colour of links, "#0b55a0"
	Links   []BrandLink
}

// BrandLink is a link of the organization's at the foot of every page.
type BrandLink struct{ Text, Href string }

// colour is one as style sheets write it.
var colour = regexp.MustCompile(`^#([0-9a-f]{3}|[0-9a-f]{6})$`)

// brand reads the setting of that name.
func (r *reader) brand(f field) (b Brand) {
	if !f.mapping {
		r.fail(f, "brand:\n  home: https://example.com/", "expected logo, home, favicon, accent and links")
		return b
	}
	r.set(f.nested, map[string]func(field){
		"logo":    func(f field) { b.Logo = r.folder(f) },
		"favicon": func(f field) { b.Favicon = r.folder(f) },
		"home":    func(f field) { b.Home = r.address(f) },
		"accent": func(f field) {
			if b.Accent = strings.ToLower(r.word(f)); !colour.MatchString(b.Accent) {
				r.fail(f, `accent: "#0b55a0" (in quotes, since # begins a comment)`, "expected a colour such as #0b55a0, found %q", b.Accent)
				b.Accent = ""
			}
			if len(b.Accent) == 4 {
				c := b.Accent
				b.Accent = string([]byte{'#', c[1], c[1], c[2], c[2], c[3], c[3]})
			}
		},
		"links": func(f field) {
			r.is("map")
			if !f.mapping {
				r.fail(f, "links:\n  Contact: https://example.com/contact", "expected the text and the address of each link")
			}
			for _, l := range f.nested {
				b.Links = append(b.Links, BrandLink{l.key, r.address(l)})
			}
		},
	})
	return b
}

// The grounds of pages, and the contrast that WCAG 2 asks of text on them.
const (
	lightGround = "#ffffff"
	darkGround  = "#14171b"
	contrast    = 4.5
)

// Accents are the accent as it is used on the light and on the dark ground: as it is
// where it can be read there, else as much darker or lighter as that takes.
func (b Brand) Accents() (light, dark string) {
	return legible(b.Accent, lightGround, 0), legible(b.Accent, darkGround, 255)
}

// legible moves a colour towards black or white until it can be read on a ground.
func legible(colour, ground string, towards float64) string {
	for part := 0.0; part < 1; part += 1. / 64 {
		c := rgb(colour)
		for i := range c {
			c[i] = math.Round(c[i] + (towards-c[i])*part)
		}
		moved := fmt.Sprintf("#%02x%02x%02x", int(c[0]), int(c[1]), int(c[2]))
		a, b := luminance(rgb(moved)), luminance(rgb(ground))
		if (max(a, b)+.05)/(min(a, b)+.05) >= contrast {
			return moved
		}
	}
	return fmt.Sprintf("#%02[1]x%02[1]x%02[1]x", int(towards))
}

func rgb(colour string) (c [3]float64) {
	var n [3]int
	fmt.Sscanf(colour, "#%02x%02x%02x", &n[0], &n[1], &n[2])
	for i := range n {
		c[i] = float64(n[i])
	}
	return c
}

// luminance is the relative luminance of WCAG 2.
func luminance(c [3]float64) float64 {
	for i := range c {
		if c[i] /= 255; c[i] <= 0.04045 {
			c[i] /= 12.92
		} else {
			c[i] = math.Pow((c[i]+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2]
}
