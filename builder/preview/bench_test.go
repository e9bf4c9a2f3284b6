package preview

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/policysite/policysite/builder/policy"
)

// narrow gives connections small buffers, so that a client that does not read
// stalls its connection after a few events rather than after megabytes.
type narrow struct{ net.Listener }

func (n narrow) Accept() (net.Conn, error) {
	c, err := n.Listener.Accept()
	if err == nil {
		err = c.(*net.TCPConn).SetWriteBuffer(4 << 10)
	}
	return c, err
}

// BenchmarkClients loads a new site every second while 500 pages listen, 25 of
// which never read what they are told. With -benchtime=60x it lasts a minute.
// It prints how long it takes until the others know, and what is left of it all
// when they are gone.
func BenchmarkClients(b *testing.B) {
	const clients, stalled = 500, 25
	if b.N < 5 {
		return // the benchmark's own first try
	}
	page := strings.Repeat("x", 2<<10)
	site := func(i int) *Site {
		return &Site{
			File: func(_ context.Context, name string) ([]byte, error) {
				if name != "index.html" {
					return nil, fs.ErrNotExist
				}
				return fmt.Appendf(nil, "<html><body>%d %s</body></html>", i, page), nil
			},
			Findings: func(context.Context, string) (policy.Findings, error) {
				return policy.Findings{Problems: policy.Problems{{Message: page, Warning: true}}}, nil
			},
			AllFindings: func(context.Context) (policy.Findings, error) { return policy.Findings{}, nil },
			Moved:       func(string) string { return "" },
			Style:       "/assets/0123456789abcdef/style.css", Base: "/",
		}
	}
	settle := func() {
		for range 10 {
			runtime.GC()
			time.Sleep(100 * time.Millisecond)
		}
	}
	memory := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	s := newServer("")
	s.show(site(0), nil)
	l, err := listen("", 0)
	must(b, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.serve(ctx, narrow{l}) }()
	u, err := url.Parse(s.address(l))
	must(b, err)
	settle()
	goroutines, heap := runtime.NumGoroutine(), memory()

	var (
		mu    sync.Mutex
		waits []time.Duration
		shown atomic.Int64 // when the current site was shown
		wg    sync.WaitGroup
		conns []net.Conn
	)
	for i := range clients {
		c, err := net.Dial("tcp", u.Host)
		must(b, err)
		conns = append(conns, c)
		if i < stalled {
			must(b, c.(*net.TCPConn).SetReadBuffer(1<<10))
		}
		_, err = fmt.Fprintf(c, "GET %s?page=/&hash=x HTTP/1.1\r\nHost: %s\r\n\r\n", eventsURL, u.Host)
		must(b, err)
		if i < stalled {
			continue
		}
		wg.Go(func() {
			first := true
			for lines := bufio.NewReader(c); ; {
				line, err := lines.ReadString('\n')
				if err != nil {
					return
				}
				if !strings.HasPrefix(line, "data: ") {
					continue
				}
				if first { // told when it came
					first = false
					continue
				}
				wait := time.Since(time.Unix(0, shown.Load()))
				mu.Lock()
				waits = append(waits, wait)
				mu.Unlock()
			}
		})
	}
	time.Sleep(time.Second)
	b.ResetTimer()
	for i := range b.N {
		shown.Store(time.Now().UnixNano())
		s.show(site(i+1), nil)
		time.Sleep(time.Second)
	}
	b.StopTimer()
	mu.Lock()
	told := len(waits)
	slices.Sort(waits)
	if told != b.N*(clients-stalled) {
		b.Errorf("%d of %d events came", told, b.N*(clients-stalled))
	}
	b.ReportMetric(float64(waits[told/2].Microseconds())/1000, "ms-median")
	b.ReportMetric(float64(waits[told*99/100].Microseconds())/1000, "ms-p99")
	b.ReportMetric(float64(waits[told-1].Microseconds())/1000, "ms-max")
	if p99 := waits[told*99/100]; p99 > 100*time.Millisecond {
		b.Errorf("the 99th percentile is %s", p99)
	}
	mu.Unlock()
	b.ReportMetric(float64(runtime.NumGoroutine()-goroutines), "goroutines-while")
	for _, c := range conns {
		c.Close()
	}
	wg.Wait()
	waits, conns = nil, nil
	settle()
	left, grown := runtime.NumGoroutine()-goroutines, int64(memory())-int64(heap)
	b.ReportMetric(float64(left), "goroutines-left")
	b.ReportMetric(float64(grown)/1024, "KiB-left")
	if left > 5 || grown > 4<<20 {
		b.Errorf("left behind: %d goroutines, %d bytes", left, grown)
	}
	stop()
	if err := <-ended; err != nil {
		b.Error(err)
	}
}
