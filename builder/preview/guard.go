package preview

import (
	"net"
	"net/http"
	"net/url"
	"strings"
)

// refusal is why a request is not answered.
type refusal struct {
	status int
	why    string
}

// hosts are the names under which a server may be asked for anything. A page
// of a foreign site whose name was made to mean this machine (DNS rebinding)
// asks under that name.
type hosts struct {
	names    map[string]bool
	literals bool // any address that is written as one: nobody can rebind it
}

func newHosts(bind string) hosts {
	h := hosts{names: map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true}}
	if bind != "" {
		h.names[strings.ToLower(bind)] = true
	}
	ip := net.ParseIP(bind)
	h.literals = ip != nil && !ip.IsLoopback()
	return h
}

// allow reports whether a Host header names this server.
func (h hosts) allow(host string) bool {
	name := host
	if n, _, err := net.SplitHostPort(host); err == nil {
		name = n
	} else {
		name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	}
	return h.names[strings.ToLower(name)] || h.literals && net.ParseIP(name) != nil
}

// check decides whether a request is answered at all.
func (h hosts) check(r *http.Request) *refusal {
	if !h.allow(r.Host) {
		return &refusal{http.StatusForbidden, "this server is not " + quoteHost(r.Host) + "; to serve under that name, start it with --bind"}
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		u, err := url.Parse(origin)
		if err != nil || !strings.EqualFold(u.Host, r.Host) {
			return &refusal{http.StatusForbidden, "pages of other sites may not read this one"}
		}
	}
	// https://www.w3.org/TR/fetch-metadata/: a link on another site may lead
	// here, but nothing here may be a part of another site.
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		if r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Header.Get("Sec-Fetch-Dest") != "document" {
			return &refusal{http.StatusForbidden, "pages of other sites may not read this one"}
		}
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return &refusal{http.StatusMethodNotAllowed, "only GET and HEAD are answered"}
	}
	if !plain(r.RequestURI) {
		return &refusal{http.StatusBadRequest, "that is not the address of a page"}
	}
	return nil
}

// quoteHost shortens what somebody sent, for a message.
func quoteHost(host string) string {
	if len(host) > 100 {
		host = host[:100] + "…"
	}
	return `"` + host + `"`
}

// plain reports whether a request's target is a path that no two programs can
// understand differently: no dots that lead up, no empty part, which at the
// start would name another host, no backslash, no NUL, also not percent-encoded,
// once or twice.
func plain(target string) bool {
	p, _, _ := strings.Cut(target, "?")
	if !strings.HasPrefix(p, "/") || strings.Contains(p, "//") || strings.Contains(target, "#") {
		return false
	}
	for range 3 {
		if strings.ContainsAny(p, "\\\x00") {
			return false
		}
		for _, segment := range strings.Split(p, "/") {
			if segment == ".." || segment == "." {
				return false
			}
		}
		decoded, err := url.PathUnescape(p)
		if err != nil {
			return false
		}
		if strings.Count(decoded, "/") != strings.Count(p, "/") {
			return false // an encoded slash
		}
		if decoded == p {
			return true
		}
		p = decoded
	}
	return false
}
