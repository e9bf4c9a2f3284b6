package policy

import "testing"

func TestAccents(t *testing.T) {
	for accent, want := range map[string][2]string{
		"#0b55a0": {"#0b55a0", ""}, // too dark for the dark ground
		"#767676": {"#767676", ""},
		"#ffff00": {"", "#ffff00"},
		"#000000": {"#000000", ""},
		"#ffffff": {"", "#ffffff"},
	} {
		light, dark := Brand{Accent: accent}.Accents()
		for k, have := range [2]string{light, dark} {
			ground := [2]string{lightGround, darkGround}[k]
			a, b := luminance(rgb(have)), luminance(rgb(ground))
			if ratio := (max(a, b) + .05) / (min(a, b) + .05); ratio < 4.5 || want[k] == "" && ratio > 5 {
				t.Errorf("%s became %s on %s: contrast %.2f", accent, have, ground, ratio)
			}
			if want[k] != "" && have != want[k] {
				t.Errorf("%s became %s on %s", accent, have, ground)
			}
		}
	}
}

func TestBrandSettings(t *testing.T) {
	c, problems := ParseConfig([]byte("brand:\n  accent: \"#ABC\"\n  home: https://example.com/\n  links:\n    B: https://example.com/b\n    A: https://example.com/a\n"))
	if problems != nil || c.Brand.Accent != "#aabbcc" || len(c.Brand.Links) != 2 || c.Brand.Links[0] != (BrandLink{"B", "https://example.com/b"}) {
		t.Errorf("%v, %+v", problems, c.Brand)
	}
	for _, wrong := range []string{"brand: blue\n", "brand:\n  accent: blue\n", "brand:\n  home: example.com\n", "brand:\n  colour: \"#123\"\n", "brand:\n  links: [a]\n", "brand:\n  logo: ../logo.svg\n"} {
		if _, problems := ParseConfig([]byte(wrong)); len(problems) == 0 {
			t.Errorf("%q is no error", wrong)
		}
	}
}
