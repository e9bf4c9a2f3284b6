package policy

import (
	"fmt"
	"runtime/debug"
)

// Bug is a fault of this program that came up while it ran. It reaches the
// caller as an error, so that nothing is left half-done.
type Bug struct {
	Value any
	Stack []byte
}

func (b *Bug) Error() string { return fmt.Sprintf("a fault of this program: %v", b.Value) }

// Recover makes a Bug of a panic; it is to be deferred.
func Recover(err *error) {
	if r := recover(); r != nil {
		*err = &Bug{r, debug.Stack()}
	}
}
