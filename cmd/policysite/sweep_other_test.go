//go:build !(linux && amd64) && !windows

package main

import "testing"

// Whoever asks for the sweep where it cannot be done is told so.
func TestFaultSweep(t *testing.T) {
	if *sweep != 0 {
		t.Fatal("-sweep: this test traces system calls of Linux on amd64")
	}
	t.Skip("traces system calls of Linux on amd64")
}
