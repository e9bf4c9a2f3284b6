package builder

import (
	"bytes"
	"io"
	"io/fs"
)

// taker keeps the one file that a Composer writes.
type taker struct {
	file  []byte
	found bool
}

func (t *taker) emit(_ string, content []byte) error {
	t.file, t.found = bytes.Clone(content), true
	return nil
}

func (t *taker) emitFrom(_ string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	t.file, t.found = b.Bytes(), true
	return nil
}

func (t *taker) result(err error) ([]byte, error) {
	if err == nil && !t.found {
		err = fs.ErrNotExist
	}
	return t.file, err
}
