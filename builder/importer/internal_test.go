package importer

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/policy"
)

func TestFetch(t *testing.T) {
	mux := http.NewServeMux()
	answer := func(path, body string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
	}
	server := httptest.NewServer(mux)
	defer server.Close()
	answer("/terms", "<h1>Terms</h1>")
	mux.Handle("/moved", http.RedirectHandler("/terms", http.StatusFound))
	mux.Handle("/round", http.RedirectHandler("/round", http.StatusFound))
	mux.Handle("/file", http.RedirectHandler("file:///etc/passwd", http.StatusFound))
	mux.HandleFunc("/bomb", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		for range 64 {
			fmt.Fprint(z, strings.Repeat("0", 1<<20))
		}
		z.Close()
	})
	open := newClient(true)
	src, err := fetch(context.Background(), open, server.URL+"/moved")
	if err != nil || src.Address != server.URL+"/terms" || string(src.Data) != "<h1>Terms</h1>" {
		t.Errorf("have %+v, %v", src, err)
	}
	for path, want := range map[string]string{
		"/none": "the server answered 404 Not Found", "/round": "is redirected more than 10 times", "/file": "expected an address with http or https",
		"/bomb": "has more than 10485760 bytes",
	} {
		if _, err := fetch(context.Background(), open, server.URL+path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: have %v, want %q", path, err, want)
		}
	}
	if _, err := fetch(context.Background(), open, strings.Replace(server.URL, "//", "//user:secret@", 1)); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("a password: %v", err)
	}
	if _, err := fetch(context.Background(), newClient(false), server.URL+"/terms"); !errors.Is(err, errPrivate) {
		t.Errorf("an address of this machine: %v", err)
	}
}

// What counts is the address that is connected to, whatever its name is and
// whoever led there.
func TestPrivateAddresses(t *testing.T) {
	reached := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer server.Close()
	port := server.URL[strings.LastIndexByte(server.URL, ':'):]
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]", "2130706433", "127.1",
		"10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "[fe80::1]", "[fd00::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "224.0.0.1", "255.255.255.255"} {
		_, err := fetch(context.Background(), newClient(false), "http://"+host+port+"/")
		if err == nil || reached {
			t.Errorf("%s was reached", host)
		}
		if !errors.Is(err, errPrivate) && host != "2130706433" && host != "127.1" && host != "localhost" && host != "[::1]" {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestParseCapture(t *testing.T) {
	for address, want := range map[string]string{
		"https://web.archive.org/web/20121028225912/https://example.com/privacy":         "2012-10-28 https://example.com/privacy",
		"https://web.archive.org/web/20121028225912id_/https%3A//www.example.com/p.html": "2012-10-28 https://www.example.com/p.html",
		"http://web.archive.org/web/20121028/http:/example.com/a?b=c":                    "2012-10-28 http://example.com/a?b=c",
		"https://web.archive.org/web/20121028225912/example.com/privacy":                 "2012-10-28 http://example.com/privacy",
		"https://arquivo.pt/wayback/20121028225912/http://example.pt/":                   "2012-10-28 http://example.pt/",
		"https://web.archive.org/web/20121328225912/https://example.com/":                "",
		"https://web.archive.org/web/2012*/https://example.com/":                         "",
		"https://example.com/2012/20121028/index.html":                                   "",
		"https://example.com/20121028225912/index.html":                                  "",
		"https://example.com/privacy":                                                    "",
	} {
		have := ""
		if c := parseCapture(address); c != nil {
			have = c.Day().String() + " " + c.Original
		}
		if have != want {
			t.Errorf("%s: have %q, want %q", address, have, want)
		}
	}
}

func TestParseCaptures(t *testing.T) {
	const lines = `com,example)/privacy 20140203000000 https://example.com/privacy text/html 301 AAA 500
com,example)/privacy 20121028225912 http://example.com/privacy text/html 200 BBB 5000
`
	const list = `[["timestamp","original","statuscode"],
["20140203000000","https://example.com/privacy","301"],
["20121028225912","http://example.com/privacy","200"]]`
	for _, source := range []string{lines, list} {
		all, err := parseCaptures([]byte(source), waybackMachine)
		if err != nil || len(all) != 2 {
			t.Fatalf("have %v, %v", all, err)
		}
		if c := all[0]; c.Address != "https://web.archive.org/web/20121028225912/http://example.com/privacy" || c.unusable() != "" {
			t.Errorf("first: %+v", c)
		}
		if all[1].unusable() != "a redirect (301)" {
			t.Errorf("second: %+v", all[1])
		}
	}
	for source, want := range map[string]string{
		"":      "has no captures",
		"[]":    "has no captures",
		"[1]":   "is not a list of captures in JSON",
		"a b c": "line 1: expected 7 fields (urlkey timestamp original mimetype statuscode digest length), found 3",
		"a 2012 http://example.com/ text/html 200 A 1":               "line 1: expected a time such as 20121028225912",
		"a 20121028225912 nowhere text/html 200 A 1":                 "line 1: expected the address of a page",
		"\na 20121399225912 http://example.com/ text/html 200 A 1\n": "line 2: expected a time",
	} {
		if _, err := parseCaptures([]byte(source), ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: have %v, want %q", source, err, want)
		}
	}
}

func TestAppend(t *testing.T) {
	day := func(s string) policy.Date {
		d, err := policy.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	entries := []policy.Entry{
		{File: "history/privacy/2012-10-28.md", Statement: policy.Statement{Effective: day("2011-08-29"), Seen: day("2012-10-28"), Evidence: "https://web.archive.org/web/20121028225912/https://example.com/privacy"}},
	}
	const added = "- file: history/privacy/2012-10-28.md\n    effective: 2011-08-29\n    evidence: https://web.archive.org/web/20121028225912/https://example.com/privacy\n    seen: 2012-10-28\n"
	flat := strings.ReplaceAll(added, "\n    ", "\n  ")
	for name, test := range map[string][2]string{
		"an empty file":         {"", "privacy:\n  " + added},
		"comments alone":        {"# ours\n", "# ours\n\nprivacy:\n  " + added},
		"another policy":        {"terms:\n  - version: 2015-03-02\n    published: 2015-03-01\n", "terms:\n  - version: 2015-03-02\n    published: 2015-03-01\n\nprivacy:\n  " + added},
		"behind what is there":  {"# a\nprivacy: # ours\n  - version: 2015-03-02\n    published: 2015-03-01 # sure\n\n# of the terms\nterms:\n  - version: 2016-03-02\n    summary: x\n", "# a\nprivacy: # ours\n  - version: 2015-03-02\n    published: 2015-03-01 # sure\n  " + added + "\n# of the terms\nterms:\n  - version: 2016-03-02\n    summary: x\n"},
		"a list without indent": {"privacy:\n- version: 2015-03-02\n  published: 2015-03-01\nterms:\n- version: 2016-03-02\n  summary: x\n", "privacy:\n- version: 2015-03-02\n  published: 2015-03-01\n" + flat + "terms:\n- version: 2016-03-02\n  summary: x\n"},
		"a name in quotes":      {"\"privacy\":\n    - version: 2015-03-02\n      summary: >\n        # no comment\n\n        of two", "\"privacy\":\n    - version: 2015-03-02\n      summary: >\n        # no comment\n\n        of two\n    " + strings.ReplaceAll(added, "\n    ", "\n      ")},
		"a name without a list": {"privacy:\nterms:\n  - version: 2016-03-02\n    summary: x\n", "privacy:\n  " + added + "terms:\n  - version: 2016-03-02\n    summary: x\n"},
		"lines of Windows":      {"privacy:\r\n  - version: 2015-03-02\r\n    summary: x\r\n", "privacy:\r\n  - version: 2015-03-02\r\n    summary: x\r\n  " + strings.ReplaceAll(added, "\n", "\r\n")},
	} {
		have, err := appendEntries([]byte(test[0]), "privacy", entries)
		if err != nil || string(have) != test[1] {
			t.Errorf("%s: have %v\n%s\nwant\n%s", name, err, have, test[1])
			continue
		}
		before, _ := policy.ParseStatements([]byte(test[0]))
		if name == "a name without a list" {
			before = make([]policy.Entry, 1)
		}
		after, problems := policy.ParseStatements(have)
		if len(problems) > 0 || len(after) != len(before)+1 {
			t.Errorf("%s: %v, %d entries\n%s", name, problems, len(after), have)
		}
	}
	if _, err := appendEntries([]byte("privacy: []\n"), "privacy", entries); err == nil || !strings.Contains(err.Error(), "line 1: expected the entries of privacy as a list below its name") {
		t.Errorf("a list on one line: %v", err)
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string][2]string{
		"2021-01-01.html":           {"2021-01-01", ""},
		"old/terms_20210101.txt":    {"2021-01-01", ""},
		"terms.2021.01.31 (1).html": {"2021-01-31", ""},
		"privacy-v3.txt":            {"", "3"},
		"privacy_version-2.1.md":    {"", "2.1"},
		"v3-2021-02-03.html":        {"2021-02-03", "3"},
		"2021-02-30.html":           {"", ""},
		"terms-20210101123.html":    {"", ""},
		"2021.html":                 {"", ""},
		"service-vendors.html":      {"", ""},
	} {
		day, label := nameSays(name)
		if day.String() != want[0] || label != want[1] {
			t.Errorf("%s: have %q and %q, want %q", name, day, label, want)
		}
	}
}
