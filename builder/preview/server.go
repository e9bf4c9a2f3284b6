package preview

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"net"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/policysite/policysite/builder/policy"
)

// What the server itself answers stands below a name that no policy's address
// can start with: slugs have no dot.
const (
	own       = "/.policysite/"
	scriptURL = own + "reload.js"
	styleURL  = own + "reload.css"
	eventsURL = own + "events"
)

//go:embed reload.js reload.css
var ownFiles embed.FS

// server answers requests with the files of the last good site.
type server struct {
	hosts    hosts
	navigate bool
	wrong    func(policy.Problems) // is told what is wrong with a page

	mu      sync.Mutex
	state   *state
	clients map[*client]bool
}

// state is what the server shows from one load to the next.
type state struct {
	site     *Site // the last good one; nil before there is any
	errors   policy.Problems
	number   int
	navigate string // where browsers that like to go there find what changed
	files    *files // of site

	mu   sync.Mutex
	told map[telling][]byte // events as they are written: many clients have one page open
	said map[string]bool    // what is wrong with pages, and was told
}

// files are those of a site that were asked for.
type files struct {
	site *Site

	mu   sync.Mutex
	made map[string]*made
}

func filesOf(site *Site) *files { return &files{site: site, made: map[string]*made{}} }

// made is a file that was made or is being made.
type made struct {
	done    chan struct{}
	content []byte
	hash    string // of what a reader would see change
	err     error
}

func newServer(bind string) *server {
	return &server{hosts: newHosts(bind), state: newState(), clients: map[*client]bool{}}
}

func newState() *state { return &state{told: map[telling][]byte{}, said: map[string]bool{}} }

// listen takes the port. One that is taken is policy.ErrOutput; the hint names
// the next that is free.
func listen(bind string, port int) (net.Listener, error) {
	if bind == "" {
		bind = "127.0.0.1"
	}
	at := func(port int) string { return net.JoinHostPort(bind, strconv.Itoa(port)) }
	l, err := net.Listen("tcp", at(port))
	if err == nil {
		return l, nil
	}
	if !errors.Is(err, syscall.EADDRINUSE) {
		return nil, policy.Fail(policy.ErrOutput, err, "", "cannot listen on %s", at(port))
	}
	hint := "`--port 0` takes one that is free"
	for next := port + 1; next <= min(port+50, 65535); next++ {
		if free, err := net.Listen("tcp", at(next)); err == nil {
			free.Close()
			hint = fmt.Sprintf("port %d is free: --port %d", next, next)
			break
		}
	}
	return nil, policy.Fail(policy.ErrOutput, nil, hint, "port %d is in use by another program", port)
}

// address is the URL of the home page.
func (s *server) address(l net.Listener) string {
	host, port, _ := net.SplitHostPort(l.Addr().String())
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port) + "/"
}

// Limits of a request. One whose headers come slowly is dropped, and so is one
// that does not read its answer.
const (
	headerTime  = 5 * time.Second
	idleTime    = time.Minute
	writeTime   = 30 * time.Second
	headerBytes = 16 << 10
	stopTime    = 3 * time.Second
)

// serve answers until ctx is done; then it lets requests finish.
func (s *server) serve(ctx context.Context, l net.Listener) error {
	h := &http.Server{
		Handler: s, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: headerBytes,
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    nil,
	}
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(l) }()
	select {
	case err := <-ended:
		return policy.Fail(policy.ErrOutput, err, "", "the server ended")
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if err := h.Shutdown(stop); err != nil {
		h.Close()
	}
	return nil
}

// show makes a site the one that is served, and tells browsers. problems are
// why there is no newer one. It reports whether that is anything new.
func (s *server) show(site *Site, problems policy.Problems) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.state
	if old.number > 0 && old.site == site && old.errors.Error() == problems.Error() {
		return false
	}
	next := newState()
	next.site, next.errors, next.number = site, problems, old.number+1
	if next.files = old.files; old.site != site {
		next.files = filesOf(site)
	}
	if s.navigate && site != nil && old.site != nil && old.site != site && len(site.Changed) > 0 {
		next.navigate = site.Changed[0]
	}
	s.state = next
	for c := range s.clients {
		c.wake()
	}
	return true
}

func (s *server) current() *state {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// ServeHTTP answers a request.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("Cache-Control", "no-store")
	if no := s.hosts.check(r); no != nil {
		if no.status == http.StatusMethodNotAllowed {
			h.Set("Allow", "GET, HEAD")
		}
		h.Set("Connection", "close") // what is left of the request is not read
		http.Error(w, no.why, no.status)
		return
	}
	switch r.URL.Path {
	case eventsURL:
		s.events(w, r)
		return
	case scriptURL, styleURL:
		name := path.Base(r.URL.Path)
		content, _ := ownFiles.ReadFile(name)
		s.send(w, r, http.StatusOK, name, content)
		return
	}
	s.page(w, r)
}

// page answers with a file of the site.
func (s *server) page(w http.ResponseWriter, r *http.Request) {
	st := s.current()
	if st.site == nil {
		s.send(w, r, http.StatusServiceUnavailable, "index.html", noPage("There is no site to show yet", st.errors))
		return
	}
	status := http.StatusOK
	name := fileOf(r.URL.Path)
	content, err := st.files.page(r.Context(), name)
	if errors.Is(err, fs.ErrNotExist) {
		if base := st.site.Base; base != "/" && strings.HasPrefix(r.URL.Path, base) {
			// A page that knows where the site will stand links there.
			redirect(w, "/"+strings.TrimPrefix(r.URL.Path, base))
			return
		}
		if !strings.HasSuffix(r.URL.Path, "/") {
			if _, err := st.files.page(r.Context(), name+"/index.html"); err == nil {
				redirect(w, r.URL.Path+"/")
				return
			}
		}
		status, name = http.StatusNotFound, "404.html"
		content, err = st.files.page(r.Context(), name)
	}
	if err != nil {
		if r.Context().Err() == nil {
			s.send(w, r, http.StatusInternalServerError, "index.html", noPage("This page cannot be made", s.failed(st, err)))
		}
		return
	}
	s.send(w, r, status, name, content)
}

// redirect leads to another path of this server. http.Redirect would clean it.
func redirect(w http.ResponseWriter, to string) {
	w.Header().Set("Location", escaped(to))
	w.WriteHeader(http.StatusTemporaryRedirect)
}

// fileOf is the path of the file at a URL's path.
func fileOf(p string) string {
	if strings.HasSuffix(p, "/") {
		p += "index.html"
	}
	return p[1:]
}

// failed tells, once for a state, why a page cannot be made, and returns it.
func (s *server) failed(st *state, err error) policy.Problems {
	var fresh policy.Problems
	problems := problemsOf(err)
	st.mu.Lock()
	for _, p := range problems {
		if key := p.Error(); !st.said[key] && !slices.Contains(st.site.Errors, p) {
			st.said[key] = true
			fresh = append(fresh, p)
		}
	}
	st.mu.Unlock()
	if len(fresh) > 0 {
		s.wrong(fresh)
	}
	return problems
}

// noPage stands for a page that is not there yet. The script shows what is wrong,
// and the page once there is one.
func noPage(why string, problems policy.Problems) []byte {
	page := `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>` + why +
		`</title></head><body><h1>` + why + `</h1><p>It is shown here when what is wrong is mended.</p><noscript><pre>` +
		html.EscapeString(problems.Error()) + `</pre></noscript></body></html>`
	return withScript([]byte(page), "", "")
}

func (s *server) send(w http.ResponseWriter, r *http.Request, status int, name string, content []byte) {
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTime))
	w.Header().Set("Content-Type", mediaType(name))
	if strings.HasPrefix(name, "assets/") {
		w.Header().Set("Content-Security-Policy", "sandbox") // files that texts link to are nobody's pages
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(content)
	}
}

// mediaTypes do not depend on the machine, as those of package mime do.
var mediaTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".json": "application/json", ".xml": "application/xml", ".atom": "application/atom+xml", ".md": "text/markdown; charset=utf-8",
	".txt": "text/plain; charset=utf-8", ".csv": "text/csv; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png",
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp", ".avif": "image/avif", ".ico": "image/x-icon",
	".pdf": "application/pdf", ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".woff": "font/woff", ".woff2": "font/woff2", ".mp4": "video/mp4", ".zip": "application/zip",
}

func mediaType(name string) string {
	if t, ok := mediaTypes[strings.ToLower(path.Ext(name))]; ok {
		return t
	}
	return "application/octet-stream"
}

// page returns a file as it is served: made once, and a page with the script
// in it.
func (f *files) page(ctx context.Context, name string) ([]byte, error) {
	m, err := f.get(ctx, name)
	if err != nil {
		return nil, err
	}
	if path.Ext(name) == ".html" {
		return withScript(m.content, m.hash, f.site.Style), nil
	}
	return m.content, nil
}

// mostKept bounds the memory that pages take.
const mostKept = 500

func (f *files) get(ctx context.Context, name string) (*made, error) {
	for {
		f.mu.Lock()
		m := f.made[name]
		if m == nil {
			if len(f.made) >= mostKept {
				clear(f.made)
			}
			m = &made{done: make(chan struct{})}
			f.made[name] = m
			f.mu.Unlock()
			m.content, m.err = f.site.File(ctx, name)
			if m.err != nil {
				f.mu.Lock()
				if f.made[name] == m {
					delete(f.made, name)
				}
				f.mu.Unlock()
			} else {
				m.hash = hash(m.content, f.site.Style)
			}
			close(m.done)
			return m, m.err
		}
		f.mu.Unlock()
		select {
		case <-m.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		// Who was making it may have gone away.
		if m.err == nil || !errors.Is(m.err, context.Canceled) {
			return m, m.err
		}
	}
}

// hash tells pages apart by everything but the address of the style sheet,
// which is exchanged without a reload.
func hash(content []byte, style string) string {
	if style != "" {
		content = bytes.ReplaceAll(content, []byte(style[1:]), nil)
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}

// allowed is what a page says that it may load, where it begins.
var allowed = regexp.MustCompile(`<meta http-equiv="?Content-Security-Policy"? content="`)

// withScript puts the script that reloads at the end of a page, with what tells the
// page from what it will be. The page is then allowed to ask for that.
func withScript(page []byte, hash, style string) []byte {
	if at := allowed.FindIndex(page); at != nil {
		page = slices.Insert(slices.Clip(page), at[1], []byte("connect-src 'self'; ")...)
	}
	script := `<script src="` + scriptURL + `" data-hash="` + hash + `" data-style="` + style + `"></script>`
	end := bytes.LastIndex(page, []byte("</body>"))
	if end < 0 {
		end = len(page)
	}
	out := make([]byte, 0, len(page)+len(script))
	out = append(out, page[:end]...)
	out = append(out, script...)
	return append(out, page[end:]...)
}
