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

// newClient makes a client for texts. Unless private is allowed it connects to
// no address of the machine itself or of a network that is not public: whoever
// writes a page, or answers for a name, could else have this machine read what
// only it can reach. What counts is the address that is connected to, whatever
// name it was found under, so a proxy is used only when private is allowed.
func newClient(private bool) *http.Client {
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
	return &http.Client{
		Transport: transport, Timeout: fetchTime,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return fmt.Errorf("is redirected more than %d times", maxRedirects)
			}
			return checkAddress(r.URL.String())
		},
	}
}

// errPrivate is why an address was not connected to.
var errPrivate = errors.New("is not on the public internet: --allow-private fetches from there, too")

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
		return fmt.Errorf("%s %w", ip, errPrivate)
	}
	return nil
}

// checkAddress says whether a text may be fetched from an address.
func checkAddress(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return err
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("expected an address with http or https, found %q", address)
	case u.User != nil:
		return errors.New("has a user name or a password in its address, which would be published")
	}
	return nil
}

// fetch gets a text from the web. The Address of the source is the one that
// answered.
func fetch(ctx context.Context, client *http.Client, address string) (Source, error) {
	if err := checkAddress(address); err != nil {
		return Source{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Source{}, err
	}
	request.Header.Set("User-Agent", userAgent)
	request.Header.Set("Accept", "text/html, text/markdown, text/plain, */*;q=0.1")
	response, err := client.Do(request)
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
	data, err := readAll(response.Body) // decompressed
	final := *response.Request.URL
	final.Fragment = ""
	return Source{Name: address, Address: final.String(), Type: response.Header.Get("Content-Type"), Data: data}, err
}

// readAll reads a whole source, and not much of one that is too large: a
// megabyte on the wire makes a gigabyte of nothing.
func readAll(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxSource+1))
	if err == nil && len(data) > maxSource {
		err = errTooLarge
	}
	return data, err
}
