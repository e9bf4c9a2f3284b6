package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

const (
	fetchTime    = 30 * time.Second // for one address, redirects and all
	maxRedirects = 10
	userAgent    = "policysite (+https://github.com/policysite/policysite)"
)

// Fetcher gets texts from the web.
type Fetcher struct{ client *http.Client }

// NewFetcher makes a Fetcher. Unless private is allowed it connects to no
// address of the machine itself or of a network that is not public: whoever
// writes a page, or answers for a name, could else have this machine read what
// only it can reach. What counts is the address that is connected to, whatever
// name it was found under, so a proxy is used only when private is allowed.
func NewFetcher(private bool) *Fetcher {
	dialer := &net.Dialer{Timeout: fetchTime}
	transport := &http.Transport{
		DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
		TLSHandshakeTimeout: fetchTime, ResponseHeaderTimeout: fetchTime, MaxIdleConnsPerHost: 2, IdleConnTimeout: fetchTime,
	}
	if private {
		transport.Proxy = http.ProxyFromEnvironment
	} else {
		dialer.Control = func(_, address string, _ syscall.RawConn) error { return checkPublic(address) }
	}
	return &Fetcher{&http.Client{
		Transport: transport, Timeout: fetchTime,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return fmt.Errorf("is redirected more than %d times", maxRedirects)
			}
			_, err := checkAddress(r.URL.String())
			return err
		},
	}}
}

// ErrPrivate is why an address was not connected to.
var ErrPrivate = errors.New("is not on the public internet")

// Ranges beside those that netip knows: shared, test and reserved networks, and
// IPv6 addresses that stand for an IPv4 one (RFC 6890, RFC 6052, RFC 3056).
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2001::/32"),
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
}

// checkPublic says whether an address with a port may be connected to.
func checkPublic(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	ip := at.Addr().Unmap().WithZone("")
	bad := !ip.IsGlobalUnicast() || ip.IsPrivate()
	for _, p := range notPublic {
		bad = bad || p.Contains(ip)
	}
	if bad {
		return fmt.Errorf("%s %w", ip, ErrPrivate)
	}
	return nil
}

// checkAddress reads an address that a text may be fetched from.
func checkAddress(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, fmt.Errorf("want an address with http or https, have %q", address)
	case u.User != nil:
		return nil, errors.New("has a user name or a password in its address, which would be published")
	}
	return u, nil
}

// Get fetches a text. Its Address is the one that answered.
func (f *Fetcher) Get(ctx context.Context, address string) (Source, error) {
	u, err := checkAddress(address)
	if err != nil {
		return Source{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return Source{}, err
	}
	request.Header.Set("User-Agent", userAgent)
	request.Header.Set("Accept", "text/html, text/markdown, text/plain, */*;q=0.1")
	response, err := f.client.Do(request)
	if err != nil {
		var where *url.Error
		if errors.As(err, &where) {
			err = where.Err // the address stands before the message anyway
		}
		return Source{}, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return Source{}, fmt.Errorf("the server answered %s", response.Status)
	}
	// Of the decompressed text: a megabyte of nothing makes a gigabyte.
	data, err := io.ReadAll(io.LimitReader(response.Body, MaxSource+1))
	if err != nil {
		return Source{}, err
	}
	if len(data) > MaxSource {
		return Source{}, fmt.Errorf("has more than %d bytes", MaxSource)
	}
	final := *response.Request.URL
	final.Fragment = ""
	return Source{Name: address, Address: final.String(), Type: response.Header.Get("Content-Type"), Data: data}, nil
}
