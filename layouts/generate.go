//go:build ignore

// Generate makes compare.bin, the comparison of texts for browsers (WebAssembly,
// compressed with gzip, so that hosts which compress nothing send a quarter of it), and
// copies the script of the Go distribution that starts it.
package main

import (
	"bytes"
	"compress/gzip"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	log.SetFlags(0)
	wasm := filepath.Join(must(os.MkdirTemp("", "policysite-")), "compare.wasm")
	defer os.RemoveAll(filepath.Dir(wasm))
	args := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", wasm}
	// Libraries that read front matter and HTML run once for a text: smaller is better there than faster.
	for _, library := range strings.Fields("go.yaml.in github.com/BurntSushi golang.org/x/net regexp fmt reflect time") {
		args = append(args, "-gcflags="+library+"/...=-l")
	}
	build := exec.Command("go", append(args, "../cmd/compare")...)
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOFLAGS=")
	build.Stderr = os.Stderr
	check(build.Run())
	var small bytes.Buffer
	z := must(gzip.NewWriterLevel(&small, gzip.BestCompression))
	must(z.Write(must(os.ReadFile(wasm))))
	check(z.Close())
	check(os.WriteFile("compare.bin", small.Bytes(), 0o644))
	root := strings.TrimSpace(string(must(exec.Command("go", "env", "GOROOT").Output())))
	check(os.WriteFile("wasm_exec.js", must(os.ReadFile(filepath.Join(root, "lib", "wasm", "wasm_exec.js"))), 0o644))
	log.Printf("compare.bin: %d bytes", small.Len())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func must[T any](v T, err error) T {
	check(err)
	return v
}
