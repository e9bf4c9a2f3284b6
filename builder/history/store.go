package history

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/policysite/policysite/builder/policy"
)

// maxBlob is the size of the largest blob that is read: 64 MiB. A policy is
// some kilobytes; a larger blob is an attachment gone wrong or an attack.
const maxBlob = 64 << 20

// objectStore is where the bytes of objects come from. It is not for
// concurrent use.
type objectStore interface {
	// read returns an object's kind and content. The content of an object
	// larger than limit is not read: the error is then errTooLarge. An object
	// that is not there is errMissing.
	read(id oid, limit int64) (kind string, data []byte, err error)
	// resolve returns the object that a name without operators means, be it a
	// ref or an id, whole (of an object that need not exist) or abbreviated;
	// errMissing when there is none, errAmbiguous when there are several.
	resolve(name string) (oid, error)
	close() error
}

var (
	errMissing   = errors.New("missing")
	errFiltered  = fmt.Errorf("%w from a partial clone", errMissing)
	errTooLarge  = errors.New("too large")
	errAmbiguous = errors.New("ambiguous")
)

// objects reads from a store and believes nothing: every object is hashed
// again and compared with the id it was asked for.
type objects struct {
	store   objectStore
	partial bool // the repository is a partial clone
}

// get reads an object of any kind.
func (o objects) get(id oid) (kind string, data []byte, err error) {
	kind, data, err = o.store.read(id, maxBlob)
	if o.partial && errors.Is(err, errMissing) {
		err = errFiltered
	}
	if err != nil {
		return "", nil, &damage{id: id, cause: err}
	}
	if have := hashObject(kind, data, id.size); have != id {
		return "", nil, &damage{id: id, cause: fmt.Errorf("its content is that of %s %s", kind, have)}
	}
	return kind, data, nil
}

// getKind reads an object that has to be of one kind.
func (o objects) getKind(id oid, want string) ([]byte, error) {
	kind, data, err := o.get(id)
	if err == nil && kind != want {
		err = &damage{id: id, cause: fmt.Errorf("expected a %s, found a %s", want, kind)}
	}
	return data, err
}

func (o objects) commit(id oid) (*commit, error) {
	data, err := o.getKind(id, kindCommit)
	if err != nil {
		return nil, err
	}
	c, err := parseCommit(data)
	if err != nil {
		return nil, &damage{id: id, cause: err}
	}
	return c, nil
}

func (o objects) tree(id oid) ([]entry, error) {
	data, err := o.getKind(id, kindTree)
	if err != nil {
		return nil, err
	}
	entries, err := parseTree(data, id.size)
	if err != nil {
		return nil, &damage{id: id, cause: err}
	}
	return entries, nil
}

// damage is an object that cannot be read. A caller that knows where the object
// belongs adds that with failure.
type damage struct {
	id    oid
	cause error
}

func (d *damage) Error() string { return fmt.Sprintf("object %s: %v", d.id, d.cause) }

func (d *damage) Unwrap() error { return d.cause }

// failure turns an error of objects into one for the user; place says what the
// object is and where it belongs, "content/privacy.md in commit 1234".
func failure(err error, place string) error {
	var d *damage
	if !errors.As(err, &d) {
		return err
	}
	what := "object " + d.id.String()
	if place != "" {
		what += " (" + place + ")"
	}
	const mend = "the repository is damaged: `git fsck --full` lists the damage; make a fresh clone"
	var told *policy.Failure
	switch {
	case errors.As(d.cause, &told):
		return policy.Fail(told.Reason, nil, cmp.Or(told.Hint, mend), "cannot read %s: %s", what, told.Error())
	case errors.Is(d.cause, errTooLarge):
		return policy.Fail(policy.ErrContent, nil, "keep large files out of the repository, or remove the link to it",
			"%s is larger than %d MiB", what, maxBlob>>20)
	case errors.Is(d.cause, errFiltered):
		return policy.Fail(policy.ErrHistory, nil, "`git fetch --refetch --no-filter` gets what is missing; for actions/checkout leave out `filter`",
			"the repository is a partial clone, and %s is not in it", what)
	case errors.Is(d.cause, errMissing):
		return policy.Fail(policy.ErrHistory, nil, "the repository is incomplete: `git fsck` lists what is missing; make a fresh, full clone",
			"%s is missing", what)
	}
	return policy.Fail(policy.ErrHistory, d.cause, mend, "%s is corrupt", what)
}
