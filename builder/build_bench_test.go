package builder_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/policysite/policysite/builder"
)

// BenchmarkBuild is a cold build of each corpus beside the checkout.
func BenchmarkBuild(b *testing.B) {
	for _, name := range []string{"basecamp-policies", "pga-versions"} {
		b.Run(name, func(b *testing.B) {
			r := corpus(b, name)
			for b.Loop() {
				opt := options(r)
				opt.Destination = filepath.Join(b.TempDir(), "site")
				if _, err := builder.Build(context.Background(), opt); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
