package builder_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// object is a file of JSON, as a stranger would read it.
func (s *site) object(name string) (out map[string]any) {
	s.t.Helper()
	if err := json.Unmarshal([]byte(s.file(name)), &out); err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	return out
}

// policy is what archive.json says of a policy.
func (s *site) policy(id string) map[string]any {
	s.t.Helper()
	for _, p := range s.object("archive.json")["policies"].([]any) {
		if p := p.(map[string]any); p["id"] == id {
			return p
		}
	}
	s.t.Fatalf("archive.json has no policy %s", id)
	return nil
}

// versions.json says what archive.json says, without the revisions; current.json what
// both say of the version in force and the next.
func TestSmallFiles(t *testing.T) {
	front := func(lines string) act {
		return privacy("---\n" + lines + "\n---\n# Privacy\n\nWe keep data. " + lines[len(lines)-1:] + "\n")
	}
	r := repository(t,
		on("2024-01-01", front("version: 1")),
		on("2024-02-01", front("change: material\nversion: 2")),
		on("2024-03-01", front("change: minor\nversion: 3")),
		on("2030-12-01", front("change: material\neffective: 2031-03-01\nversion: 4")),
		on("2030-12-02", front("effective: 2031-04-01\nversion: 5")),
	)
	s := built(t, r)
	want := s.policy("privacy")
	for _, v := range want["versions"].([]any) {
		delete(v.(map[string]any), "revisions")
	}
	have := s.object("privacy/versions.json")
	delete(have, "origins")
	if !reflect.DeepEqual(have, want) {
		t.Errorf("versions.json\nhave %v\nwant %v", have, want)
	}
	versions := want["versions"].([]any)
	short := func(i int) any {
		v := map[string]any{}
		for _, key := range []string{"id", "url", "label", "in_force", "text_sha256", "wording_sha256"} {
			v[key] = versions[i].(map[string]any)[key]
		}
		return v
	}
	current := s.object("privacy/current.json")
	if want := (map[string]any{
		"id": "privacy", "title": "Privacy", "url": "/privacy/", "lang": "en", "version": short(2), "upcoming": short(3),
		"material": map[string]any{"id": "2024-02-01", "url": "/privacy/2024-02-01/"},
	}); !reflect.DeepEqual(current, want) {
		t.Errorf("current.json\nhave %v\nwant %v", current, want)
	}

	// It is the same from day to day, until another version is in force.
	if same := built(t, r, forDay("2031-02-28")); same.file("privacy/current.json") != s.file("privacy/current.json") {
		t.Error("current.json is another one on another day")
	}
	later := built(t, r, forDay("2031-03-01")).object("privacy/current.json")
	if later["version"].(map[string]any)["id"] != "2030-12-01" || later["material"].(map[string]any)["id"] != "2030-12-01" || later["upcoming"].(map[string]any)["id"] != "2030-12-02" {
		t.Errorf("on the day on which a material change takes effect: %v", later)
	}

	// Of a policy without a version in force.
	early := built(t, repository(t, on("2030-12-01", front("effective: 2031-03-01\nversion: 1")))).object("privacy/current.json")
	if early["version"] != nil || early["upcoming"].(map[string]any)["id"] != "2030-12-01" || early["material"].(map[string]any)["id"] != "2030-12-01" {
		t.Errorf("of a policy that is to come: %v", early)
	}
}

func TestSmallFilesStaySmall(t *testing.T) {
	long := strings.Repeat("Überlang ", 300)
	s := built(t, repository(t,
		on("2024-01-01", privacy("---\ntitle: \""+long+"\"\nversion: \""+long+"\"\n---\nWe keep data.\n")),
		on("2030-12-01", privacy("---\ntitle: \""+long+"\"\nversion: \""+long+"\"\neffective: 2031-03-01\n---\nWe keep it.\n")),
	))
	if n := len(s.file("privacy/current.json")); n > 2048 {
		t.Errorf("current.json has %d bytes", n)
	}
	if title := s.object("privacy/current.json")["title"].(string); !strings.HasPrefix(title, "Überlang Über") || !strings.HasSuffix(title, "…") {
		t.Errorf("the title is %q", title)
	}
}

// llms.txt lists the texts in force, in one line each, an original before its translations.
func TestTextsAsMarkdown(t *testing.T) {
	s := built(t, repository(t,
		on("2024-01-01", settings(withBase+"languages: [en, de]\n"), privacy("---\ndescription: What we [keep].\n---\n# Privacy\n\nWe keep data.\n"),
			write("content/privacy.de.md", "# Datenschutz\n\nWir speichern.\n"), write("content/later.md", "---\neffective: 2031-01-01\n---\n# Later\n\nNot yet.\n")),
		on("2024-02-01", privacy("---\ndescription: What we [keep].\n---\n# Privacy\n\nWe keep less.\n")),
	))
	want := "# Contoso policies\n\n## Policies\n\n" +
		"- [Privacy](https://www.example.com/legal/privacy/2024-02-01/index.md): What we \\[keep\\]. In force since 1 February 2024\n" +
		"- [Datenschutz](https://www.example.com/legal/de/privacy/2024-01-01/index.md): Gültig seit 1. Januar 2024 (Deutsch)\n"
	if have := s.file("llms.txt"); have != want {
		t.Errorf("have\n%s\nwant\n%s", have, want)
	}
	if page := s.file("404.html"); strings.Index(page, ">Privacy<") > strings.Index(page, ">Datenschutz<") {
		t.Error("404.html names a translation before its original")
	}
}
