// Policysite turns the policies of a company, kept as Markdown in git, into a
// static site with every version of every policy.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // the site's time zone must not depend on the machine
)

func main() {
	boundGarbage()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// boundGarbage lets garbage take twice what lives as long as the whole process
// stays below 320 MiB: a build of 5,000 versions takes 4 % less processor time
// than with the default. GOGC and GOMEMLIMIT count as usual.
func boundGarbage() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(200)
		debug.SetMemoryLimit(320 << 20)
	}
}
