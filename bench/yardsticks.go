package main

import (
	"bufio"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// The other programs, as of the day on which the budgets were set.
const (
	hugoVersion     = "0.165.0"
	eleventyVersion = "3.1.7" // see eleventy/package.json
)

//go:embed eleventy hugo
var configurations embed.FS

// cacheFolder is where the other programs are kept from run to run.
func cacheFolder(name string) (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(dir, "policysite-bench", name)
	return dir, os.MkdirAll(dir, 0o777)
}

// hugo finds Hugo of the one version, or builds it.
func hugo() (string, error) {
	dir, err := cacheFolder("hugo-" + hugoVersion)
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "hugo")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	say("building Hugo %s", hugoVersion)
	// Not below this module's folder: it is no dependency of ours.
	_, err = command{dir: dir, env: []string{"GOBIN=" + dir}, args: []string{"go", "install", "github.com/gohugoio/hugo@v" + hugoVersion}}.run()
	return program, err
}

// eleventy finds Eleventy of the one version, or installs it, and returns its
// script.
func eleventy() (string, error) {
	if _, err := exec.LookPath("node"); err != nil {
		return "", errors.New("node is not installed")
	}
	dir, err := cacheFolder("eleventy-" + eleventyVersion)
	if err != nil {
		return "", err
	}
	script := filepath.Join(dir, "node_modules", "@11ty", "eleventy", "cmd.cjs")
	if _, err := os.Stat(script); err == nil {
		return script, nil
	}
	say("installing Eleventy %s", eleventyVersion)
	for _, name := range []string{"package.json", "package-lock.json"} {
		if err := unpack("eleventy/"+name, filepath.Join(dir, name)); err != nil {
			return "", err
		}
	}
	return script, quiet(dir, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
}

// unpack writes an embedded file.
func unpack(name, to string) error {
	data, err := configurations.ReadFile(name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o666)
}

// configure makes a folder with pages of Markdown in its folder content one that
// Hugo and Eleventy can build.
func configure(dir string) error {
	return fs.WalkDir(configurations, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), "package") {
			return err
		}
		_, inside, _ := strings.Cut(name, "/")
		return unpack(name, filepath.Join(dir, filepath.FromSlash(inside)))
	})
}

// rebuilds starts Hugo's server on the same pages, saves one of them again and
// again, and reads from its own messages how long each rebuild took. The time
// until it notices is not in it.
func rebuilds(program, dir, page string, n int) (_ *edited, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	listener.Close()
	text, err := os.ReadFile(page)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(program, "server", "--minify", "--renderToMemory", "--noBuildLock", "--bind", "127.0.0.1", "--port", strconv.Itoa(port))
	cmd.Dir = dir
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	defer func() {
		cmd.Process.Kill()
		cmd.Wait()
		err = cmp.Or(err, os.WriteFile(page, text, 0o666))
	}()
	totals := make(chan time.Duration, n+8)
	ready := make(chan bool, 1)
	ended := make(chan bool)
	go func() {
		defer close(ended)
		// "Total in 104 ms", of the first build "Built in 6250 ms".
		total := regexp.MustCompile(`^Total in (\d+) ms`)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			line := lines.Text()
			if strings.HasPrefix(line, "Web Server is available") {
				select {
				case ready <- true:
				default: // it says so after each rebuild, too
				}
			} else if m := total.FindStringSubmatch(line); m != nil {
				ms, _ := strconv.Atoi(m[1])
				totals <- time.Duration(ms) * time.Millisecond
			}
		}
	}()
	select {
	case <-ready:
	case <-ended:
		return nil, errors.New("hugo server ended")
	}
	var all []time.Duration
	for i := range n {
		time.Sleep(500 * time.Millisecond) // saves in quick succession are taken together
		for len(totals) > 0 {
			<-totals
		}
		if err := os.WriteFile(page, fmt.Appendf(text, "\nEdit %d.\n", i), 0o666); err != nil {
			return nil, err
		}
		select {
		case d := <-totals:
			all = append(all, d)
		case <-ended:
			return nil, errors.New("hugo server ended")
		case <-time.After(2 * time.Minute):
			return nil, errors.New("hugo server did not notice a save within two minutes")
		}
	}
	return spread(all), nil
}
