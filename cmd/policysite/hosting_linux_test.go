package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"go.yaml.in/yaml/v4"
)

// What docs/hosting.md tells people to commit is run here, step by step, in a
// clone made as the host makes it.

// guide are the code blocks of docs/hosting.md that have a name, by it.
func guide(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../docs/hosting.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := map[string]string{}
	for _, m := range regexp.MustCompile("(?ms)^```[a-z]+ (\\S+)\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		blocks[m[1]] = m[2]
	}
	return blocks
}

// world is the internet of these tests: a repository, the place where releases
// are, and a host.
type world struct {
	t      *testing.T
	origin string // a bare repository with a branch main
	public string // what the host publishes
	site   string // its address, with a slash at its end
	env    []string
	forged bool   // releases are not what checksums.txt says
	base   string // of a pull request; "" when there is none
	review string // what the action wrote for the page of the run
}

const releasesAt = "/policysite/policysite/releases/download/"

func newWorld(t *testing.T) *world {
	t.Helper()
	dir := t.TempDir()
	w := &world{t: t, origin: filepath.Join(dir, "origin.git"), public: filepath.Join(dir, "published")}
	host := httptest.NewServer(http.FileServer(http.Dir(w.public)))
	t.Cleanup(host.Close)
	w.site = host.URL + "/"

	// The program of a release is this test, see TestMain.
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "bin", "policysite")
	if err := errors.Join(os.Mkdir(filepath.Dir(program), 0o755), os.Symlink(self, program)); err != nil {
		t.Fatal(err)
	}
	releases := httptest.NewTLSServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, releasesAt)
		version, file, _ := strings.Cut(strings.TrimPrefix(name, "v"), "/")
		archive := archiveOf(t, "#!/bin/sh\nexec "+program+" \"$@\"\n")
		linux := regexp.MustCompile("^policysite_" + regexp.QuoteMeta(version) + "_linux_(amd64|arm64).tar.gz$")
		switch {
		case r.Host != "github.com" || name == r.URL.Path:
			http.Error(out, "not a release: "+r.Host+r.URL.Path, http.StatusNotFound)
		case linux.MatchString(file):
			out.Write(archive)
		case file == "checksums.txt":
			sum := sha256.Sum256(archive)
			if w.forged {
				sum[0]++
			}
			for _, arch := range []string{"darwin_arm64", "linux_amd64", "linux_arm64"} {
				fmt.Fprintf(out, "%x  policysite_%s_%s.tar.gz\n", sum, version, arch)
			}
		default:
			http.NotFound(out, r)
		}
	}))
	t.Cleanup(releases.Close)
	// curl is sent to these releases, whoever it asks for.
	rc := fmt.Sprintf("connect-to = \"::%s\"\ninsecure\n", releases.Listener.Addr())
	if err := os.WriteFile(filepath.Join(dir, ".curlrc"), []byte(rc), 0o644); err != nil {
		t.Fatal(err)
	}
	w.env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "CURL_HOME=" + dir, "TMPDIR=" + dir, "GIT_CONFIG_NOSYSTEM=1"}
	w.commits()
	return w
}

func archiveOf(t *testing.T, program string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	a := tar.NewWriter(z)
	err := a.WriteHeader(&tar.Header{Name: "policysite", Mode: 0o755, Size: int64(len(program))})
	_, err2 := a.Write([]byte(program))
	if err := errors.Join(err, err2, a.Close(), z.Close()); err != nil {
		t.Error(err)
	}
	return b.Bytes()
}

// commits fills the repository with more commits than any host clones: the first
// and the last change the policy, and so does one on a branch, of a pull request.
func (w *world) commits() {
	w.t.Helper()
	w.git("init", "--quiet", "--bare", "--initial-branch=main", w.origin)
	var in strings.Builder
	commit := func(branch, from, name, text string, day int) {
		when := time.Date(2026, 1, day, 12, 0, 0, 0, time.UTC).Unix()
		fmt.Fprintf(&in, "commit refs/heads/%s\ncommitter E <e@example.com> %d +0000\ndata 1\nx\n%sM 644 inline %s\ndata %d\n%s\n", branch, when, from, name, len(text), text)
	}
	commit("main", "", "content/privacy.md", "# Privacy\n\nWe keep it.\n", 1)
	for i := range 60 {
		commit("main", "", "notes.txt", fmt.Sprint(i), 2+i)
	}
	commit("main", "", "static/.well-known/security.txt", "Contact: x\n", 70)
	commit("main", "", "content/privacy.md", "# Privacy\n\nWe keep it for a year.\n", 71)
	commit("change", "from refs/heads/main\n", "content/privacy.md", "# Privacy\n\nWe keep it for a day.\n", 72)
	commit("broken", "from refs/heads/main\n", "content/privacy.md", "---\neffective: soon\n---\n# Privacy\n", 73)
	cmd := exec.Command("git", "-C", w.origin, "fast-import", "--quiet")
	cmd.Stdin, cmd.Env = strings.NewReader(in.String()), w.env
	if out, err := cmd.CombinedOutput(); err != nil {
		w.t.Fatalf("git fast-import: %v\n%s", err, out)
	}
	// A pull request is built as the commit that would merge it.
	for i, branch := range []string{"change", "broken"} {
		merge := w.git("-C", w.origin, "-c", "user.name=E", "-c", "user.email=e@example.com", "commit-tree", "-m", "Merge", "-p", "main", "-p", branch, branch+"^{tree}")
		w.git("-C", w.origin, "update-ref", fmt.Sprintf("refs/pull/%d/merge", i+1), merge)
	}
	w.git("-C", w.origin, "config", "uploadpack.allowAnySHA1InWant", "true")
}

func (w *world) git(args ...string) string {
	w.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Env = w.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// clone makes a clone with the files of the guide in it that a user has
// committed; depth 0 is all of it.
func (w *world) clone(depth int, files ...string) string {
	w.t.Helper()
	dir := filepath.Join(w.t.TempDir(), "clone")
	args := []string{"clone", "--quiet", "--branch", "main"}
	if depth > 0 {
		args = append(args, fmt.Sprint("--depth=", depth))
	}
	w.git(append(args, "file://"+w.origin, dir)...)
	w.isShallow(dir, depth > 0)
	for _, name := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(guide(w.t)[name]), 0o644); err != nil {
			w.t.Fatal(err)
		}
	}
	return dir
}

func (w *world) isShallow(dir string, want bool) {
	w.t.Helper()
	if have := w.git("-C", dir, "rev-parse", "--is-shallow-repository"); have != fmt.Sprint(want) {
		w.t.Fatalf("a shallow clone: %s, expected %v", have, want)
	}
}

// sh runs a step as hosts do, and returns its exit code and what it printed.
func (w *world) sh(dir, shell, step string, env ...string) (int, string) {
	w.t.Helper()
	cmd := exec.Command("sh", "-e", "-c", step)
	if shell == "bash" {
		cmd = exec.Command("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step)
	}
	cmd.Dir, cmd.Env = dir, append(slices.Clone(w.env), env...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		w.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// publish makes a folder the published site.
func (w *world) publish(dir string) {
	w.t.Helper()
	if err := errors.Join(os.RemoveAll(w.public), os.CopyFS(w.public, os.DirFS(dir))); err != nil {
		w.t.Fatal(err)
	}
}

// wantSite checks that the published site has both versions, and whether it was
// built upon the one before it.
func (w *world) wantSite(upon bool) {
	w.t.Helper()
	var manifest struct {
		BaseURL  string `json:"base_url"`
		Preview  bool
		Policies []struct {
			Versions []struct{ ID, Published string }
		}
	}
	data, err := os.ReadFile(filepath.Join(w.public, "archive.json"))
	if err == nil {
		err = json.Unmarshal(data, &manifest)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	if len(manifest.Policies) != 1 || len(manifest.Policies[0].Versions) != 2 || manifest.Preview || manifest.BaseURL != w.site {
		w.t.Fatalf("published: %+v", manifest)
	}
	if have := manifest.Policies[0].Versions[0].Published != ""; have != upon {
		w.t.Errorf("built upon the site before it: %v, expected %v", have, upon)
	}
}

// The steps of a host other than GitHub.
type host struct {
	depth   int      // of its clones, once it is set up as the guide says
	files   []string // of the guide
	steps   func(t *testing.T) []string
	env     []string // that the host or its settings give to builds of main, $SITE for the site's address
	preview []string // and to those of pull requests, instead
	out     string   // what is published
	alone   bool     // the clone has no remote
}

func TestHosting(t *testing.T) {
	today := "FIRST_BUILD=" + time.Now().UTC().Format(time.DateOnly)
	for name, h := range map[string]host{
		"GitLab Pages": {
			files: []string{"policysite.sh", ".gitlab-ci.yml"}, out: "public", env: []string{"CI_PAGES_URL=$BARE"},
			steps: func(t *testing.T) []string {
				jobs := decoded[struct {
					Variables map[string]int
					Pages     struct{ Script []string }
				}](t, ".gitlab-ci.yml", yaml.Unmarshal)
				if depth, set := jobs.Variables["GIT_DEPTH"]; !set || depth != 0 {
					t.Error("GitLab clones 20 commits unless GIT_DEPTH is 0")
				}
				return jobs.Pages.Script
			},
		},
		"Netlify": {
			files: []string{"policysite.sh", "netlify.toml"}, out: "public", env: []string{"URL=$BARE"}, preview: []string{"URL=$BARE", "CONTEXT=deploy-preview"},
			steps: func(t *testing.T) []string {
				conf := decoded[struct {
					Build   struct{ Command, Publish string }
					Context map[string]struct{ Command string }
				}](t, "netlify.toml", toml.Unmarshal)
				if conf.Build.Publish != "public" {
					t.Errorf("publish: %q", conf.Build.Publish)
				}
				return []string{fmt.Sprintf("if [ \"${CONTEXT:-}\" = deploy-preview ]; then\n%s\nelse\n%s\nfi", conf.Context["deploy-preview"].Command, conf.Build.Command)}
			},
		},
		"Cloudflare Pages": {
			depth: 1, files: []string{"policysite.sh"}, out: "public",
			env: []string{"SITE=$SITE", "CF_PAGES_BRANCH=main"}, preview: []string{"SITE=$SITE", "CF_PAGES_BRANCH=change"},
			steps: func(t *testing.T) []string { return []string{guide(t)["cloudflare"]} },
		},
		"Vercel": { // with VERCEL_DEEP_CLONE
			alone: true, files: []string{"policysite.sh", "vercel.json"}, out: "public",
			env: []string{"SITE=$SITE", "VERCEL_ENV=production"}, preview: []string{"SITE=$SITE", "VERCEL_ENV=preview"},
			steps: func(t *testing.T) []string {
				conf := decoded[struct{ BuildCommand, OutputDirectory string }](t, "vercel.json", json.Unmarshal)
				if len(conf.BuildCommand) > 256 || conf.OutputDirectory != "public" {
					t.Errorf("Vercel takes commands of 256 characters: %+v", conf)
				}
				return []string{conf.BuildCommand}
			},
		},
		"Read the Docs": {
			depth: 50, files: []string{"policysite.sh", ".readthedocs.yaml"}, out: "../out/html",
			env:     []string{"SITE=$SITE", "READTHEDOCS_VERSION_TYPE=branch", "READTHEDOCS_OUTPUT=../out"},
			preview: []string{"SITE=$SITE", "READTHEDOCS_VERSION_TYPE=external", "READTHEDOCS_OUTPUT=../out"},
			steps: func(t *testing.T) []string {
				return decoded[struct {
					Build struct{ Commands []string }
				}](t, ".readthedocs.yaml", yaml.Unmarshal).Build.Commands
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			steps := h.steps(t)
			if len(steps) == 0 {
				t.Fatal("the guide has no step")
			}
			// build makes a clone and runs the steps, and publishes what they made of main.
			build := func(preview bool, more ...string) (int, string) {
				t.Helper()
				env := h.env
				if preview {
					env = h.preview
				}
				dir := w.clone(h.depth, h.files...)
				if h.alone {
					w.git("-C", dir, "remote", "remove", "origin")
				}
				for _, e := range env {
					e = strings.NewReplacer("$SITE", w.site, "$BARE", strings.TrimSuffix(w.site, "/")).Replace(e)
					more = append(more, e)
				}
				said := ""
				for _, step := range steps {
					code, out := w.sh(dir, "sh", step, more...)
					if said += out; code != 0 {
						return code, said
					}
				}
				if !preview {
					w.publish(filepath.Join(dir, h.out))
				} else if page, err := os.ReadFile(filepath.Join(dir, h.out, "index.html")); err != nil || !strings.Contains(string(page), "Preview") {
					t.Errorf("a pull request was built as no preview (%v)", err)
				}
				return 0, said
			}
			if code, out := build(false); code != 2 || !strings.Contains(out, "--first") {
				t.Fatalf("nothing is published yet: exit %d\n%s", code, out)
			}
			if code, out := build(false, "FIRST_BUILD=2026-01-01"); code != 2 {
				t.Fatalf("the first build was long ago: exit %d\n%s", code, out)
			}
			if code, out := build(false, today); code != 0 {
				t.Fatalf("first build: exit %d\n%s", code, out)
			}
			w.wantSite(false)
			if code, out := build(false); code != 0 {
				t.Fatalf("second build: exit %d\n%s", code, out)
			}
			w.wantSite(true)
			if h.preview != nil {
				if code, out := build(true); code != 0 {
					t.Fatalf("preview: exit %d\n%s", code, out)
				}
			}
		})
	}
}

// A step that the table of TestHosting does not run.
func TestHostingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := "FIRST_BUILD=" + time.Now().UTC().Format(time.DateOnly)
	jobs := decoded[struct{ Check struct{ Script []string } }](t, ".gitlab-ci.yml", yaml.Unmarshal)
	check := strings.Join(jobs.Check.Script, "\n")
	bare := "CI_PAGES_URL=" + strings.TrimSuffix(w.site, "/")
	dir := w.clone(0, "policysite.sh")
	w.git("-C", dir, "checkout", "--quiet", "origin/change")
	base := "CI_MERGE_REQUEST_DIFF_BASE_SHA=" + w.git("-C", dir, "rev-parse", "origin/main")
	if code, out := w.sh(dir, "sh", check, bare, base, first); code != 0 || !strings.Contains(out, "1 policy, 3 versions in ") {
		t.Errorf("GitLab, merge request: exit %d\n%s", code, out)
	}
	if summary, err := os.ReadFile(filepath.Join(dir, "summary.md")); err != nil || !strings.Contains(string(summary), "1 policy changes") {
		t.Errorf("GitLab, merge request: %v, %q", err, summary)
	}
	if _, err := os.Stat(w.public); err == nil {
		t.Error("a merge request was published")
	}

	// A clone that cannot be completed is refused, with the reason.
	command := decoded[struct{ BuildCommand string }](t, "vercel.json", json.Unmarshal).BuildCommand
	dir = w.clone(10, "policysite.sh")
	w.git("-C", dir, "remote", "remove", "origin")
	if code, out := w.sh(dir, "sh", command, "SITE="+w.site, "VERCEL_ENV=production", first); code != 3 || !strings.Contains(out, "shallow") {
		t.Errorf("Vercel, without VERCEL_DEEP_CLONE: exit %d\n%s", code, out)
	}

	// A program that is not the released one is not run.
	w.forged = true
	if code, out := w.sh(w.clone(0, "policysite.sh"), "sh", check, bare, base, first); code == 0 || strings.Contains(out, "policy,") {
		t.Errorf("a forged release: exit %d\n%s", code, out)
	}

	// A server of one's own.
	dir = t.TempDir()
	w.git("clone", "--quiet", "file://"+w.origin, filepath.Join(dir, "policies"))
	script := strings.ReplaceAll(guide(t)["update.sh"], "https://example.com/policies/", w.site)
	if err := os.WriteFile(filepath.Join(dir, "update.sh"), []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	installed := "PATH=" + filepath.Join(filepath.Dir(w.origin), "bin") + ":" + os.Getenv("PATH")
	for i, run := range []struct {
		command string
		code    int
	}{{"sh update.sh", 2}, {"sh update.sh --first", 0}, {"sh update.sh", 0}} {
		if code, out := w.sh(dir, "sh", run.command, installed); code != run.code {
			t.Fatalf("%s: exit %d\n%s", run.command, code, out)
		}
		if run.code == 0 {
			w.publish(filepath.Join(dir, "policies", "public"))
			w.wantSite(i == 2)
		}
	}

	// The address that starts a daily build.
	called := ""
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { called = r.Method }))
	defer hook.Close()
	daily := decoded[workflow](t, ".github/workflows/daily.yml", yaml.Unmarshal)
	curl := exec.Command("bash", "-e", "-c", daily.Jobs["build"].Steps[0].Run)
	curl.Env = []string{"PATH=" + os.Getenv("PATH"), "HOOK=" + hook.URL}
	if out, err := curl.CombinedOutput(); err != nil || called != "POST" {
		t.Errorf("%v, called by %q\n%s", err, called, out)
	}
}

// workflow is one of GitHub Actions, and action.yml.
type workflow struct {
	Jobs map[string]job
	Runs struct{ Steps []step }

	Inputs map[string]struct {
		Required bool
		Default  string
	}
}

type job struct {
	If          string
	Timeout     int `yaml:"timeout-minutes"`
	Permissions map[string]string
	Outputs     map[string]string
	Steps       []step
}

type step struct {
	ID, If, Uses, Run string
	With, Env         map[string]string
}

// expression is a part of a workflow that GitHub fills in.
var expression = regexp.MustCompile(`\$\{\{ *(.*?) *\}\}`)

// filled fills in what is known. Anything else in a workflow is a mistake of it or
// of this test.
func (w *world) filled(s string, known map[string]string) string {
	return expression.ReplaceAllStringFunc(s, func(e string) string {
		v, ok := known[expression.FindStringSubmatch(e)[1]]
		if !ok {
			w.t.Errorf("not known here: %s", e)
		}
		return v
	})
}

// action runs action.yml, and returns its exit code, what it printed and its
// outputs.
func (w *world) action(dir string, with map[string]string) (code int, said string, outputs map[string]string) {
	w.t.Helper()
	data, err := os.ReadFile("../../action.yml")
	if err != nil {
		w.t.Fatal(err)
	}
	var action workflow
	if err := yaml.Unmarshal(data, &action); err != nil {
		w.t.Fatal(err)
	}
	known := map[string]string{}
	for name, input := range action.Inputs {
		known["inputs."+name] = input.Default
		if value, given := with[name]; given {
			known["inputs."+name] = value
		} else if input.Required {
			w.t.Errorf("the input %s is missing", name)
		}
	}
	for name := range with {
		if _, ok := action.Inputs[name]; !ok {
			w.t.Errorf("the action has no input %s", name)
		}
	}
	temp := w.t.TempDir()
	results := filepath.Join(temp, "output")
	for _, s := range action.Runs.Steps {
		env := []string{"RUNNER_OS=Linux", "RUNNER_ARCH=X64", "RUNNER_TEMP=" + temp, "GITHUB_OUTPUT=" + results}
		summary := filepath.Join(temp, "summary")
		if w.base != "" {
			env = append(env, "GITHUB_BASE_REF="+w.base, "GITHUB_STEP_SUMMARY="+summary)
		}
		for name, value := range s.Env {
			env = append(env, name+"="+w.filled(value, known))
		}
		var out string
		code, out = w.sh(dir, "bash", s.Run, env...)
		review, _ := os.ReadFile(summary)
		w.review = string(review)
		if said += out; code != 0 {
			return code, said, nil
		}
	}
	outputs = map[string]string{}
	if data, err := os.ReadFile(results); err == nil {
		for line := range strings.Lines(string(data)) {
			name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
			outputs[name] = value
		}
	}
	return code, said, outputs
}

// checkout does as actions/checkout does.
func (w *world) checkout(ref string, with map[string]string) string {
	w.t.Helper()
	dir := w.t.TempDir()
	at := w.git("-C", w.origin, "rev-parse", ref)
	tracking := strings.NewReplacer("refs/heads/", "refs/remotes/origin/", "refs/pull/", "refs/remotes/pull/").Replace(ref)
	depth, specs := "--depth=1", []string{"+" + at + ":" + tracking}
	if with["fetch-depth"] == "0" {
		depth = "--prune"
		all := []string{"+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"}
		if specs = append(specs, all...); strings.HasPrefix(ref, "refs/heads/") {
			specs = all
		}
	}
	w.git("-C", dir, "init", "--quiet")
	w.git("-C", dir, "remote", "add", "origin", "file://"+w.origin)
	w.git(append([]string{"-C", dir, "-c", "protocol.version=2", "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", depth, "origin"}, specs...)...)
	if branch, ok := strings.CutPrefix(ref, "refs/heads/"); ok {
		w.git("-C", dir, "checkout", "--quiet", "--force", "-B", branch, tracking)
	} else {
		w.git("-C", dir, "checkout", "--quiet", "--force", tracking)
	}
	return dir
}

// run runs the jobs of the workflow for an event, and publishes what they deploy.
func (w *world) run(event, ref string, inputs map[string]string) (code int, said string) {
	w.t.Helper()
	flow := decoded[workflow](w.t, ".github/workflows/policies.yml", yaml.Unmarshal)
	w.base = ""
	if event == "pull_request" {
		w.base = "main"
	}
	known := map[string]string{"inputs.first": inputs["first"]}
	var dir, uploaded string
	ran := 0
	for _, name := range []string{"check", "build", "deploy"} {
		j := flow.Jobs[name]
		conditions := map[string]bool{
			"github.event_name == 'pull_request'": event == "pull_request",
			"github.event_name != 'pull_request'": event != "pull_request",
			"":                                    event != "pull_request", // it needs the job build
		}
		on, ok := conditions[j.If]
		if !ok || j.Timeout == 0 || j.Permissions == nil {
			w.t.Fatalf("the job %s: if %q, timeout %d, permissions %v", name, j.If, j.Timeout, j.Permissions)
		}
		if !on {
			continue
		}
		for _, s := range j.Steps {
			with := map[string]string{}
			for key, value := range s.With {
				with[key] = w.filled(value, known)
			}
			action, _, _ := strings.Cut(s.Uses, "@")
			switch ran++; action {
			case "actions/checkout":
				dir = w.checkout(ref, with)
			case "actions/configure-pages":
				known["steps."+s.ID+".outputs.base_url"] = strings.TrimSuffix(w.site, "/")
			case "policysite/policysite":
				code, out, outputs := w.action(dir, with)
				if said += out; code != 0 {
					return code, said
				}
				for key, value := range outputs {
					known["steps."+s.ID+".outputs."+key] = value
				}
			case "actions/upload-pages-artifact":
				uploaded = filepath.Join(w.t.TempDir(), "site")
				pack := "mkdir " + uploaded + " && tar --dereference --hard-dereference --directory " + with["path"] + " -cf - --exclude=.git --exclude=.github"
				if with["include-hidden-files"] != "true" {
					pack += " --exclude='.[^/]*'"
				}
				if code, out := w.sh(dir, "sh", pack+" . | tar -xf - -C "+uploaded); code != 0 {
					w.t.Fatalf("upload: %s", out)
				}
			case "actions/deploy-pages":
				w.publish(uploaded)
			case "actions/attest":
				archive, err := os.ReadFile(filepath.Join(w.public, with["subject-name"]))
				if have := fmt.Sprintf("sha256:%x", sha256.Sum256(archive)); err != nil || with["subject-digest"] != have {
					w.t.Errorf("attested: %s, published: %s (%v)", with["subject-digest"], have, err)
				}
			default:
				w.t.Errorf("a step of unknown kind: %+v", s)
			}
		}
		for key, value := range j.Outputs {
			known["needs."+name+".outputs."+key] = w.filled(value, known)
		}
	}
	if ran < 3 {
		w.t.Fatalf("%d steps ran for %s", ran, event)
	}
	return 0, said
}

func TestHostingGitHub(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const main, change, broken = "refs/heads/main", "refs/pull/1/merge", "refs/pull/2/merge"
	first := map[string]string{"first": "true"}
	for _, event := range []string{"push", "schedule", "pull_request"} {
		ref := main
		if event == "pull_request" {
			ref = change
		}
		if code, out := w.run(event, ref, nil); code != 2 || !strings.Contains(out, "--first") {
			t.Fatalf("%s, and nothing is published yet: exit %d\n%s", event, code, out)
		}
	}
	if code, out := w.run("workflow_dispatch", main, first); code != 0 {
		t.Fatalf("the first run: exit %d\n%s", code, out)
	}
	w.wantSite(false)
	for _, event := range []string{"push", "schedule", "workflow_dispatch"} {
		if code, out := w.run(event, main, nil); code != 0 {
			t.Fatalf("%s: exit %d\n%s", event, code, out)
		}
		w.wantSite(true)
	}
	for _, name := range []string{".policysite", ".well-known/security.txt", ".nojekyll"} {
		if _, err := os.Stat(filepath.Join(w.public, name)); err != nil {
			t.Errorf("not published: %v", err)
		}
	}

	// The proposal is one step on top of main, and is not published.
	if code, out := w.run("pull_request", change, nil); code != 0 || !strings.Contains(out, "1 policy, 3 versions") {
		t.Errorf("a pull request: exit %d\n%s", code, out)
	}
	w.wantSite(true)
	if !strings.Contains(w.review, "1 policy changes") || !strings.Contains(w.review, "<del>year</del><ins>day</ins>") {
		t.Errorf("the page of the run says %q", w.review)
	}
	if code, out := w.run("pull_request", broken, nil); code != 1 || !strings.Contains(out, "::error file=content/privacy.md,line=2") {
		t.Errorf("a pull request with a mistake: exit %d\n%s", code, out)
	}

	if !strings.Contains(w.review, "This cannot be published") {
		t.Errorf("the page of the run says %q", w.review)
	}
	if code, out, _ := w.action(w.checkout(change, nil), map[string]string{"version": "0.1.0", "command": "check"}); code != 3 || !strings.Contains(out, "would merge a pull request") {
		t.Errorf("a shallow clone of a pull request: exit %d\n%s", code, out)
	}

	// As actions/checkout clones when nobody says how.
	if code, out, _ := w.action(w.checkout(main, nil), map[string]string{"version": "0.1.0", "command": "check"}); code != 3 || !strings.Contains(out, "shallow") {
		t.Errorf("a shallow clone: exit %d\n%s", code, out)
	}
	if code, out, _ := w.action(w.checkout(main, map[string]string{"fetch-depth": "0"}), map[string]string{"version": "0.1.0", "command": "verify"}); code != 2 {
		t.Errorf("a command that is none: exit %d\n%s", code, out)
	}
	w.forged = true
	if code, out, _ := w.action(w.checkout(main, map[string]string{"fetch-depth": "0"}), map[string]string{"version": "0.1.0", "command": "check"}); code == 0 || strings.Contains(out, "policy,") {
		t.Errorf("a forged release: exit %d\n%s", code, out)
	}
}

// The documents name one release, and no action by a name that others can move.
func TestHostingPins(t *testing.T) {
	var versions []string
	for _, name := range []string{"README.md", "docs/hosting.md", "docs/commands.md"} {
		text, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		// What follows the program's name, or stands in one of its own settings.
		for _, m := range regexp.MustCompile(`(?:policysite[@:_]v?|version[:=] ?|rev: v)(\d+\.\d+\.\d+)`).FindAllStringSubmatch(string(text), -1) {
			versions = append(versions, m[1])
		}
	}
	if slices.Sort(versions); len(versions) < 8 || len(slices.Compact(versions)) != 1 {
		t.Errorf("releases: %v", versions)
	}
	files, err := filepath.Glob("../../.github/workflows/*.yml")
	if err != nil || len(files) < 3 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, name := range append(files, "../../docs/hosting.md") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^ *(?:- )?uses: (\S+)(.*)$`).FindAllStringSubmatch(string(text), -1) {
			own := strings.HasPrefix(m[1], "policysite/policysite@v") || strings.HasPrefix(m[1], "./")
			if !own && !regexp.MustCompile(`^[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`).MatchString(m[1]+m[2]) {
				t.Errorf("%s: %s is not pinned to a commit, with its version", name, m[1])
			}
		}
	}
}

// decoded is a file of the guide, in its own form.
func decoded[T any](t *testing.T, name string, unmarshal func([]byte, any) error) (v T) {
	t.Helper()
	if err := unmarshal([]byte(guide(t)[name]), &v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}
