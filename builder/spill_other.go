//go:build !linux

package builder

import (
	"errors"
	"os"
)

// unnamedFile cannot be done here.
func unnamedFile() (*os.File, error) { return nil, errors.ErrUnsupported }
