package redline

import "testing"

func TestLabelsOfClauses(t *testing.T) {
	for text, want := range map[string]string{
		"2.1 Fees":                 "2.1 ",
		"2.1. Fees":                "2.1. ",
		"1) the fee":               "1) ",
		"(b) the fee":              "(b) ",
		"(iv) the fee":             "(iv) ",
		"iv. the fee":              "iv. ",
		"IV. Fees":                 "IV. ",
		"B. Fees":                  "B. ",
		"Article 3 The fee is due": "Article 3 ",
		"ARTICLE III – Fees":       "ARTICLE III – ",
		"Section 4: the fee":       "Section 4: ",
		"Section 4 applies to you": "",
		"Annex B. Fees":            "Annex B. ",
		"§ 4 Beiträge":             "§ 4 ",
		"§4 Beiträge":              "§4 ",
		"Artículo 5. Cuotas":       "Artículo 5. ",
		"Статья 7. Взносы":         "Статья 7. ",
		"第三条 会费":                   "第三条 ",
		"第3章　会費":                   "第3章　",
		"（二）会费":                    "（二）",
		"2.5 percent of the fee":   "",
		"2024 was a good year":     "",
		"We collect your name.":    "",
		"Ms. Smith":                "",
		"Part of the fee":          "",
		"Partners A and B pay":     "",
		"A fee is due":             "",
		"Go. Now.":                 "",
		"":                         "",
	} {
		if got := text[:labelOf(text)]; got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
