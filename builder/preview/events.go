package preview

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/policysite/policysite/builder/policy"
)

// client is a page that is open in a browser and listens. It is woken, and
// then looks at what is there: however many loads it missed, it is told once.
type client struct {
	woken chan struct{} // holds one
}

func (c *client) wake() {
	select {
	case c.woken <- struct{}{}:
	default:
	}
}

const (
	mostClients = 2000
	eventTime   = 5 * time.Second  // for a browser to take an event
	beat        = 20 * time.Second // between signs of life
)

// event is what a browser is told.
type event struct {
	Reload   bool      `json:"reload"`   // the page is another now
	Hash     string    `json:"hash"`     // of the page as it is now
	Style    string    `json:"style"`    // address of the style sheet; "" when the page cannot be made
	Navigate string    `json:"navigate"` // where to go; "" stays
	Errors   []problem `json:"errors"`   // why the page is not newer
	Others   []problem `json:"others"`   // errors of other pages
	Warnings []problem `json:"warnings"` // about what the page shows
	Notes    []problem `json:"notes"`    // likewise
}

// problem is a policy.Problem as the script reads it.
type problem struct {
	Place   string `json:"place"` // "content/privacy.md:4:12"
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

func problemsFor(problems policy.Problems) []problem {
	out := []problem{}
	for _, p := range problems {
		place := *p
		place.Message = ""
		where := place.Error()
		if n := len(where); n > 2 {
			where = where[:n-2] // ": " before the message
		}
		out = append(out, problem{where, p.Message, p.Hint})
	}
	return out
}

// events is a stream of server-sent events,
// https://html.spec.whatwg.org/multipage/server-sent-events.html. The query
// says which page is open, and the hash it was served with.
func (s *server) events(w http.ResponseWriter, r *http.Request) {
	c := &client{woken: make(chan struct{}, 1)}
	s.mu.Lock()
	full := len(s.clients) >= mostClients
	if !full {
		s.clients[c] = true
	}
	s.mu.Unlock()
	if full {
		http.Error(w, "too many pages listen", http.StatusServiceUnavailable)
		return
	}
	defer func() {
		s.mu.Lock()
		delete(s.clients, c)
		s.mu.Unlock()
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	if r.Method == http.MethodHead {
		return
	}
	query := r.URL.Query()
	page := query.Get("page")
	if !plain(escaped(page)) {
		page = "/"
	}
	hash := query.Get("hash")
	control := http.NewResponseController(w)
	write := func(text []byte) bool {
		// A browser that does not read holds up itself alone, and not for long.
		control.SetWriteDeadline(time.Now().Add(eventTime))
		_, err := w.Write(text)
		return err == nil && control.Flush() == nil
	}
	alive := time.NewTicker(beat)
	defer alive.Stop()
	first := true
	for c.wake(); ; {
		select {
		case <-r.Context().Done():
			return
		case <-alive.C:
			if !write([]byte(":\n\n")) {
				return
			}
		case <-c.woken:
			st := s.current()
			text, now, err := s.tell(r.Context(), st, page, hash, first)
			if err != nil || !write(text) {
				return
			}
			hash, first = now, false
		}
	}
}

// telling is all that an event depends on beside its state.
type telling struct {
	page, hash string
	first      bool
}

// tell writes the event for a page that was served with a hash, and returns
// the hash that it has now. What changed before the page was opened is nowhere
// to go to: first is true for what a client is told first.
func (s *server) tell(ctx context.Context, st *state, page, hash string, first bool) (text []byte, now string, err error) {
	e := s.event(ctx, st, page, hash, first)
	key := telling{page, hash, first}
	st.mu.Lock()
	defer st.mu.Unlock()
	if text = st.told[key]; text != nil {
		return text, e.Hash, nil
	}
	data, err := json.Marshal(e)
	if err != nil {
		return nil, "", err
	}
	text = append(append([]byte("data: "), data...), "\n\n"...)
	// A page that cannot be made yet may be made the next time.
	if ctx.Err() == nil && len(st.told) < mostKept {
		st.told[key] = text
	}
	return text, e.Hash, nil
}

// event says what became of a page.
func (s *server) event(ctx context.Context, st *state, page, hash string, first bool) event {
	e := event{Hash: hash, Errors: problemsFor(st.errors), Others: []problem{}, Warnings: []problem{}, Notes: []problem{}}
	if st.site == nil {
		return e
	}
	if !first {
		e.Navigate = st.navigate
	}
	if to := st.site.Moved(page); to != "" {
		e.Navigate = to
	}
	name := fileOf(page)
	m, err := st.files.get(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		m, err = st.files.get(ctx, "404.html")
	}
	if err == nil {
		e.Hash, e.Reload, e.Style = m.hash, m.hash != hash, st.site.Style
	}
	here, failure := st.site.Findings(ctx, name)
	if err == nil {
		err = failure
	}
	if err != nil && ctx.Err() == nil {
		for _, p := range s.failed(st, err) {
			if !slices.Contains(here.Problems, p) {
				here.Problems = append(here.Problems, p)
			}
		}
	}
	var others policy.Problems
	for _, p := range st.site.Errors {
		if !slices.Contains(here.Problems, p) {
			others = append(others, p)
		}
	}
	warnings := slices.DeleteFunc(slices.Clone(here.Problems), func(p *policy.Problem) bool { return !p.Warning })
	e.Errors = append(e.Errors, problemsFor(here.Problems.Errors(false))...)
	e.Others, e.Warnings = problemsFor(others), problemsFor(warnings)
	for _, n := range here.Notes {
		e.Notes = append(e.Notes, problem{Message: n})
	}
	return e
}

// escaped percent-encodes a path.
func escaped(p string) string { return (&url.URL{Path: p}).EscapedPath() }
