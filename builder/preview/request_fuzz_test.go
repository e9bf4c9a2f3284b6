package preview

import (
	"bufio"
	"context"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/policy"
	"unicode"
)

// Whatever a request asks for: the answer is a file of the site, or a refusal.
// Nothing outside is looked for, nothing breaks, and no header of the answer
// has a word of the request but an address of this server.
func FuzzRequest(f *testing.F) {
	for _, target := range []string{
		"/", "/a/", "/a", "/a/index.html", "/legal/a/", "/legal//evil.example/", "/legal/../a", "/.policysite/reload.js", "/.policysite/events?page=/a/&hash=x",
		"/.policysite/events?page=/../../etc/passwd", "/.policysite/events?page=//evil.example", "/..", "/../../etc/passwd", "/a/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/%252e%252e/x",
		"/..%2fx", "/..%5cx", `/..\..\x`, "/a%00.html", "/a%0d%0aSet-Cookie:%20a=b", "/a%0a", "/a#/../x", "//evil.example/", "///evil.example", "/\\evil.example", "/%5cevil.example", "/%zz", "/a?b#c", "*", "a",
		"http://evil.example/a/", "http://localhost/a/", "/@fs/etc/passwd", "/etc/passwd?raw??", "/\u202e", "/%ff", "/%E2%80%AE/", "/a;b", "/a/./", "/a//", "/a/%2e/", "/con", "/legal", "/legal/legal/", "/é", "/legal/%0d%0ax", "/legal//", "/legal/%2f%2fevil.example",
		"/" + strings.Repeat("a/", 3000), "/" + strings.Repeat("%25", 2000) + "2e",
	} {
		f.Add("GET", target, "localhost:1414", "")
	}
	f.Add("HEAD", "/a/", "127.0.0.1", "http://127.0.0.1")
	f.Add("POST", "/a/", "[::1]:1414", "null")
	f.Add("GET", "/a/", "evil.example\"<script>", "https://evil.example")
	f.Add("OPTIONS", "*", "localhost", "http://localhost")
	f.Add("CONNECT", "localhost:1414", "localhost", "")

	content := map[string]string{
		"index.html": "<html><body>home</body></html>", "a/index.html": "<html><body>a</body></html>", "legal.html": "<html><body>legal</body></html>",
		"404.html": "<html><body>none</body></html>", "assets/0123456789abcdef/style.css": "body{}",
	}
	var asked []string
	s := newServer("")
	s.show(&Site{
		File: func(_ context.Context, name string) ([]byte, error) {
			asked = append(asked, name)
			if page, ok := content[name]; ok {
				return []byte(page), nil
			}
			return nil, fs.ErrNotExist
		},
		Findings: func(context.Context, string) (policy.Findings, error) { return policy.Findings{}, nil },
		Moved:    func(string) string { return "" },
		Base:     "/legal/",
	}, nil)
	f.Fuzz(func(t *testing.T, method, target, host, origin string) {
		head := method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\n"
		if origin != "" {
			head += "Origin: " + origin + "\r\nX-Forwarded-Host: " + origin + "\r\n"
		}
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head + "\r\n")))
		if err != nil {
			return // net/http answers that itself
		}
		if r.URL.Path == eventsURL {
			// An event stream ends with its request.
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			r = r.WithContext(ctx)
		}
		asked = asked[:0]
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		for _, name := range asked {
			if !filepath.IsLocal(name) || path.Clean(name) != strings.TrimSuffix(name, "/") || strings.ContainsAny(name, "\\\x00") {
				t.Errorf("%q asks for the file %q", target, name)
			}
		}
		if !slices.Contains([]int{200, 307, 400, 403, 404, 405}, w.Code) {
			t.Errorf("%q: status %d", head, w.Code)
		}
		if (w.Code == 200 || w.Code == 307) && method != "GET" && method != "HEAD" {
			t.Errorf("%q is answered", head)
		}
		for name, values := range w.Header() {
			value := strings.Join(values, "\n")
			switch {
			case strings.HasPrefix(name, "Access-Control"), name == "Set-Cookie", strings.ContainsFunc(value, unicode.IsControl):
				t.Errorf("%q: header %s: %q", head, name, value)
			case name == "Location":
				u, err := url.Parse(value)
				if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(value, "/") || strings.HasPrefix(value, "//") || strings.ContainsAny(value, "\\") || !plain(value) {
					t.Errorf("%q leads to %q", head, value)
				}
			case !slices.Contains([]string{"nosniff", "same-origin", "SAMEORIGIN", "no-store", "close", "GET, HEAD"}, value) && name != "Content-Type" && name != "Content-Length":
				t.Errorf("%q: header %s: %q", head, name, value)
			case name == "Content-Type" && w.Code >= 400 && w.Code != 404 && value != "text/plain; charset=utf-8":
				t.Errorf("%q: a refusal is %s", head, value)
			}
		}
		if w.Code == 200 && r.URL.Path != scriptURL && r.URL.Path != eventsURL && method == "GET" {
			want, ok := content[fileOf(r.URL.Path)]
			if body := w.Body.String(); !ok || !strings.HasPrefix(body, strings.TrimSuffix(want, "</body></html>")) {
				t.Errorf("%q answered with %q", head, body)
			}
		}
	})
}
