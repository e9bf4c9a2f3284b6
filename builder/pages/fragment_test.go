package pages

import "testing"

func TestStyleOfFragments(t *testing.T) {
	const own = `.policysite{container-type:inline-size}.policysite .ps-text .ps-table.ps-table.ps-table{max-inline-size:100%}` + "\n"
	for css, want := range map[string]string{
		"a { color: red }": ".policysite a{ color: red }",
		":root{--a:1}html,body > p{b:c}html:has(.x){}":               ".policysite{--a:1}.policysite,.policysite > p{b:c}.policysite:has(.ps-x){}",
		".a.b-c > #d:is(.e, f):not(.g)::before{}":                    ".policysite .ps-a.ps-b-c > #ps-d:is(.ps-e, f):not(.ps-g)::before{}",
		`[class=".x"] .y,[id^="~"],a[href$='.pdf']{}`:                `.policysite [class=".x"] .ps-y,.policysite [id^="~"],.policysite a[href$='.pdf']{}`,
		`/* .a{ */.b /* c */ .c{d:url(.e) "}.f"}`:                    `.policysite .ps-b  .ps-c{d:url(.e) "}.f"}`,
		"@media print{.a{}@page{margin:1cm;@top-left{content:'{'}}}": "@media print{.policysite .ps-a{}@page{margin:1cm;@top-left{content:'{'}}}",
		"@media (min-width: 40rem){.a{}}":                            "@container (min-width: 40rem){.policysite .ps-a{}}",
		"@media(prefers-color-scheme:dark){:root{}}":                 "@media(prefers-color-scheme:dark){.policysite:not([data-theme=light] *){}}",
		"@font-face{src:url(a.woff)}@charset 'x';.a{}":               "@font-face{src:url(a.woff)}@charset 'x';.policysite .ps-a{}",
		`.a\.b,.5x{margin:.5em}`:                                     `.policysite .ps-a\.b,.policysite .5x{margin:.5em}`,
		".a{":                                                        ".policysite .ps-a{}",
	} {
		if have := scoped(css); have != want+own {
			t.Errorf("%s\nhave %s\nwant %s", css, have, want+own)
		}
	}
	for _, css := range []string{"", "}", "{", "a{'", "/*", "@", "a[\"", ".a\\", "a{{}", ")", "[{]}"} {
		scoped(css) // and does not panic
	}
}
