// Policysite turns the policies of a company, kept as Markdown in git, into a
// static site with every version of every policy.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the site's time zone must not depend on the machine

	"github.com/policysite/policysite/builder"
)

func main() {
	builder.BoundGarbage()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
