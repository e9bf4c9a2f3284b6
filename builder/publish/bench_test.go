package publish

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Writing, without minifying: 5,000 pages of 60 KB, a folder each.
func BenchmarkWrite(b *testing.B) {
	page := []byte(strings.Repeat("policy ", 60<<10/7))
	for _, writers := range []int{1, 2} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			b.SetBytes(5000 * int64(len(page)))
			for b.Loop() {
				s, err := Open(filepath.Join(b.TempDir(), "public"), Options{})
				if err != nil {
					b.Fatal(err)
				}
				var all sync.WaitGroup
				for w := range writers {
					all.Go(func() {
						for i := w; i < 5000; i += writers {
							if err := s.Add(fmt.Sprintf("policy-%d/v%d/index.html", i%50, i), page); err != nil {
								b.Error(err)
							}
						}
					})
				}
				all.Wait()
				b.StopTimer() // what follows is the disk's time
				if err := s.Abort(); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
	}
	// What the same costs without any of this package.
	b.Run("plain", func(b *testing.B) {
		b.SetBytes(5000 * int64(len(page)))
		for b.Loop() {
			dir := b.TempDir()
			for i := range 5000 {
				folder := filepath.Join(dir, fmt.Sprintf("policy-%d/v%d", i%50, i))
				if err := os.MkdirAll(folder, 0o755); err != nil {
					b.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(folder, "index.html"), page, 0o644); err != nil {
					b.Fatal(err)
				}
			}
			b.StopTimer()
			if err := os.RemoveAll(dir); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
	})
}

// A whole replacement of 5,000 pages of 60 KB by others, the disk included.
func BenchmarkReplace(b *testing.B) {
	page := []byte(strings.Repeat("policy ", 60<<10/7))
	dir := filepath.Join(b.TempDir(), "public")
	b.SetBytes(5000 * int64(len(page)))
	for b.Loop() {
		s, err := Open(dir, Options{})
		if err != nil {
			b.Fatal(err)
		}
		for i := range 5000 {
			if err := s.Add(fmt.Sprintf("policy-%d/v%d/index.html", i%50, i), page); err != nil {
				b.Fatal(err)
			}
		}
		if err := s.Commit(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMinify(b *testing.B) {
	page := []byte("<!doctype html><html><head><title>t</title></head><body>\n" +
		strings.Repeat("<h2 id=\"x\">Title</h2>\n<p>Some <em>words</em> of a policy, with <a href=\"../x/\">a link</a> and &amp; so on.</p>\n", 600) + "</body></html>\n")
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		if _, err := Minify(nil, "a.html", page); err != nil {
			b.Fatal(err)
		}
	}
}
