package preview

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/policysite/policysite/builder/policy"
)

// ask sends a request as it is written, "HOST" being the server's.
func ask(t testing.TB, base, request string) (*http.Response, string) {
	t.Helper()
	u, err := url.Parse(base)
	must(t, err)
	c, err := net.DialTimeout("tcp", u.Host, 5*time.Second)
	must(t, err)
	defer c.Close()
	must(t, c.SetDeadline(time.Now().Add(5*time.Second)))
	request = strings.ReplaceAll(request, "HOST", u.Host)
	if !strings.Contains(request, "\r\n") {
		request = strings.ReplaceAll(request, "\n", "\r\n")
	}
	go io.WriteString(c, request+"\r\n\r\n")
	method, _, _ := strings.Cut(request, " ")
	r, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: method})
	if err != nil {
		return nil, ""
	}
	if r.Header.Get("Content-Type") == "text/event-stream" {
		return r, "" // it does not end
	}
	defer r.Body.Close()
	body, _ := io.ReadAll(r.Body)
	return r, string(body)
}

func TestAttacks(t *testing.T) {
	t.Parallel()
	_, base := served(t)
	const fine = "GET /a/ HTTP/1.1\nHost: HOST"
	events := "GET " + eventsURL + "?page=/a/ HTTP/1.1\nHost: HOST"
	tests := []struct {
		name, request string
		status        int
	}{
		{"a page", fine, 200},
		{"a page, HEAD", "HEAD /a/ HTTP/1.1\nHost: HOST", 200},
		{"by the name of this machine", "GET /a/ HTTP/1.1\nHost: localhost:1414", 200},
		{"by the name of this machine, IPv6", "GET /a/ HTTP/1.1\nHost: [::1]:1414", 200},
		{"events", events, 200},
		{"events for the site itself", events + "\nOrigin: http://HOST\nSec-Fetch-Site: same-origin", 200},
		{"a link on another site", fine + "\nSec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: document", 200},
		{"typed into the browser", fine + "\nSec-Fetch-Site: none\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: document", 200},
		{"the path that it will be published below", "GET /legal/a/ HTTP/1.1\nHost: HOST", 307},
		{"without the slash at the end", "GET /a HTTP/1.1\nHost: HOST", 307},

		{"rebound name", "GET /a/ HTTP/1.1\nHost: evil.example:1414", 403},
		{"rebound name that starts well", "GET /a/ HTTP/1.1\nHost: 127.0.0.1.evil.example", 403},
		{"rebound name that ends well", "GET /a/ HTTP/1.1\nHost: evil.localhost", 403},
		{"other address", "GET /a/ HTTP/1.1\nHost: 192.168.0.1:1414", 403},
		{"no host", "GET /a/ HTTP/1.1\nHost:", 403},
		{"host of an absolute target", "GET http://evil.example/a/ HTTP/1.1\nHost: HOST", 403},
		{"name of this machine in another script", "GET /a/ HTTP/1.1\nHost: lоcalhost", 400},
		{"foreign origin", fine + "\nOrigin: https://evil.example", 403},
		{"no origin to name", fine + "\nOrigin: null", 403},
		{"origin of another port", fine + "\nOrigin: http://127.0.0.1:1", 403},
		{"foreign origin behind a proxy", fine + "\nOrigin: https://evil.example\nX-Forwarded-Host: evil.example", 403},
		{"foreign event stream", events + "\nOrigin: https://evil.example", 403},
		{"foreign event stream without an origin", events + "\nSec-Fetch-Site: cross-site\nSec-Fetch-Mode: cors", 403},
		{"script element of another site", "GET " + scriptURL + " HTTP/1.1\nHost: HOST\nSec-Fetch-Site: cross-site\nSec-Fetch-Mode: no-cors\nSec-Fetch-Dest: script", 403},
		{"frame of another site", fine + "\nSec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: iframe", 403},
		{"another program on this machine", fine + "\nSec-Fetch-Site: same-site\nSec-Fetch-Mode: cors", 403},

		{"POST", "POST /a/ HTTP/1.1\nHost: HOST\nContent-Length: 0", 405},
		{"OPTIONS", "OPTIONS /a/ HTTP/1.1\nHost: HOST\nAccess-Control-Request-Method: GET", 405},
		{"CONNECT", "CONNECT HOST HTTP/1.1\nHost: HOST", 405},

		{"dots", "GET /../../etc/passwd HTTP/1.1\nHost: HOST", 400},
		{"dots within", "GET /a/../../etc/passwd HTTP/1.1\nHost: HOST", 400},
		{"encoded dots", "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\nHost: HOST", 400},
		{"half encoded dots", "GET /.%2e/etc/passwd HTTP/1.1\nHost: HOST", 400},
		{"dots encoded twice", "GET /%252e%252e/etc/passwd HTTP/1.1\nHost: HOST", 400},
		{"encoded slash", "GET /..%2fetc/passwd HTTP/1.1\nHost: HOST", 400},
		{"encoded slash without dots", "GET /a%2findex.html HTTP/1.1\nHost: HOST", 400},
		{"backslash", `GET /..\..\etc\passwd HTTP/1.1` + "\nHost: HOST", 400},
		{"encoded backslash", "GET /..%5c..%5cetc HTTP/1.1\nHost: HOST", 400},
		{"NUL", "GET /a%00.html HTTP/1.1\nHost: HOST", 400},
		{"raw NUL", "GET /a\x00 HTTP/1.1\nHost: HOST", 400},
		{"fragment", "GET /a/#/../../etc/passwd HTTP/1.1\nHost: HOST", 400},
		{"two slashes", "GET //evil.example/ HTTP/1.1\nHost: HOST", 400},
		{"broken escape", "GET /%zz HTTP/1.1\nHost: HOST", 400},
		{"no path", "GET a HTTP/1.1\nHost: HOST", 400},
		{"query of a bundler", "GET /etc/passwd?raw?? HTTP/1.1\nHost: HOST", 404},
		{"absolute file", "GET /@fs/etc/passwd HTTP/1.1\nHost: HOST", 404},
		{"a file of the repository", "GET /content/a.md HTTP/1.1\nHost: HOST", 404},
		{"git", "GET /.git/config HTTP/1.1\nHost: HOST", 404},
		{"headers without end", fine + "\nX: " + strings.Repeat("x", 1<<20), 431},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r, body := ask(t, base, test.request)
			if r == nil {
				if test.status != 431 { // the server may close before all is sent
					t.Fatal("no answer")
				}
				return
			}
			if r.StatusCode != test.status {
				t.Errorf("status %d, want %d: %s", r.StatusCode, test.status, body)
			}
			for name := range r.Header {
				if strings.HasPrefix(name, "Access-Control") {
					t.Errorf("header %s", name)
				}
			}
			if test.status == 200 || test.status == 403 || test.status == 404 {
				if r.Header.Get("X-Content-Type-Options") != "nosniff" || r.Header.Get("Cross-Origin-Resource-Policy") != "same-origin" {
					t.Errorf("headers %v", r.Header)
				}
			}
			if strings.Contains(body, "root:") || test.status != 200 && strings.Contains(body, "first") {
				t.Errorf("answered with %q", body)
			}
		})
	}
}

func TestSlowHeadersHoldUpNobody(t *testing.T) {
	t.Parallel()
	_, base := served(t)
	u, err := url.Parse(base)
	must(t, err)
	var slow sync.WaitGroup
	start := time.Now()
	for range 200 {
		c, err := net.Dial("tcp", u.Host)
		must(t, err)
		_, err = io.WriteString(c, "GET / HTTP/1.1\r\nHost: ")
		must(t, err)
		slow.Go(func() {
			defer c.Close()
			c.SetDeadline(time.Now().Add(2 * headerTime))
			_, err := c.Read(make([]byte, 1))
			for err == nil {
				_, err = c.Read(make([]byte, 100))
			}
			var timeout net.Error
			if errors.As(err, &timeout) && timeout.Timeout() {
				t.Error("a connection without headers stayed open")
			}
		})
	}
	for range 20 {
		at := time.Now()
		if status, _ := get(t, base+"a/"); status != 200 {
			t.Errorf("an honest request: %d", status)
		}
		if took := time.Since(at); took > time.Second {
			t.Errorf("an honest request took %s", took)
		}
	}
	slow.Wait()
	if took := time.Since(start); took > headerTime+3*time.Second {
		t.Errorf("the last was dropped after %s", took)
	}
}

func TestBusyPort(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	err = Serve(t.Context(), Options{Port: port})
	var fail *policy.Failure
	if !errors.Is(err, policy.ErrOutput) || !errors.As(err, &fail) || !strings.Contains(err.Error(), fmt.Sprint(port)) || !strings.Contains(fail.Hint, "--port ") {
		t.Errorf("served on a port that is taken: %v", err)
	}
}

func TestBindNamesTheHost(t *testing.T) {
	t.Parallel()
	for bind, want := range map[string]string{"": "+--", "127.0.0.1": "+--", "192.168.0.7": "++-", "0.0.0.0": "++-", "preview.example": "+-+"} {
		h := newHosts(bind)
		have := ""
		for _, host := range []string{"localhost:1", "192.168.0.7:1", "Preview.example"} {
			if h.allow(host) {
				have += "+"
			} else {
				have += "-"
			}
		}
		if have != want {
			t.Errorf("bound to %q: %s, want %s", bind, have, want)
		}
	}
}
