//go:build !linux

package historytest

// UseMemory does nothing where no folder is known to be in memory.
func UseMemory() {}
