package record

import (
	"context"
	"runtime"

	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/policy"
)

// Pool lends readers of one repository, as many at a time as there are processors.
type Pool struct {
	sums    Sums
	readers chan lent
}

// lent is a reader, and what it reads the blobs of git with; nothing in the place
// of one that nobody has asked for yet.
type lent struct {
	reader *Reader
	blobs  *history.Reader
}

// NewPool returns a pool without readers.
func NewPool() *Pool {
	p := &Pool{readers: make(chan lent, runtime.GOMAXPROCS(0))}
	for range cap(p.readers) {
		p.readers <- lent{}
	}
	return p
}

// With lends a reader of a catalog, which also has the drafts of a work tree. It
// waits for one. A panic of use is a policy.Bug.
func (p *Pool) With(ctx context.Context, repo *history.Repository, cat *catalog.Catalog, drafts history.Drafts, use func(*Reader) error) (err error) {
	var l lent
	select {
	case l = <-p.readers:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() {
		if err != nil { // it may hold open what git has packed away since
			l.close()
			l = lent{}
		}
		p.readers <- l
	}()
	defer policy.Recover(&err)
	if l.reader == nil || !l.reader.reads(cat) {
		l.close()
		l = lent{}
		if l.blobs, err = repo.Reader(); err != nil {
			return err
		}
		l.reader = newReader(cat, l.blobs, &p.sums)
	}
	return use(l.reader.with(cat, l.blobs.With(drafts)))
}

// Close closes the readers, which must all be back.
func (p *Pool) Close() {
	for range cap(p.readers) {
		l := <-p.readers
		l.close()
	}
}

func (l *lent) close() {
	if l.blobs != nil {
		l.blobs.Close()
	}
}
