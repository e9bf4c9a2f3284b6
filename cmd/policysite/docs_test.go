package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/policysite/policysite/builder/pages"
)

// documents are the documents for those who use the program, by their paths.
func documents(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(names) < 10 {
		t.Fatalf("%v, %v", names, err)
	}
	out := map[string]string{}
	for _, name := range append(names, "../../README.md") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimPrefix(name, "../../")] = string(text)
	}
	return out
}

// reader is a person with a terminal, who has git, this program and nothing of their own.
type reader struct {
	t   *testing.T
	dir string
	env []string
}

func newReader(t *testing.T) *reader {
	t.Helper()
	bin, home := t.TempDir(), t.TempDir()
	self, err := os.Executable()
	if err == nil {
		err = os.Symlink(self, filepath.Join(bin, "policysite"))
	}
	if err != nil {
		t.Fatal(err)
	}
	env := []string{"HOME=" + home, "PATH=" + bin + ":" + os.Getenv("PATH"), "GIT_CONFIG_NOSYSTEM=1", "SOURCE_DATE_EPOCH=1796299200"} // 3 December 2026
	for _, who := range []string{"AUTHOR", "COMMITTER"} {
		env = append(env, "GIT_"+who+"_NAME=A", "GIT_"+who+"_EMAIL=a@example.com", "GIT_"+who+"_DATE=2026-12-01T12:00:00Z")
	}
	return &reader{t, t.TempDir(), env}
}

// run runs a command line, and returns what it prints and its exit code.
func (r *reader) run(command string) (string, int) {
	r.t.Helper()
	c := exec.Command("sh", "-c", command)
	c.Dir, c.Env = r.dir, r.env
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		r.t.Fatal(err)
	}
	return string(out), c.ProcessState.ExitCode()
}

func (r *reader) write(name, content string) {
	r.t.Helper()
	file := filepath.Join(r.dir, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(content), 0o644)); err != nil {
		r.t.Fatal(err)
	}
}

var (
	// varying is what another machine, or a file more of the site, makes otherwise.
	varying = regexp.MustCompile(`\b\d+\.\d s\b|\b\d+ files\b`)
	// unreleased is what only a program says that go build made as it stands.
	unreleased = regexp.MustCompile(`(?m)^policysite: note: this program was built without .*\n`)
	// block is a block of code with what stands behind its fence.
	block = regexp.MustCompile("(?ms)^```([a-z]*)(?: (\\S+))?\n(.*?)^```$")
)

// The guides are followed word for word: their files are written as they show them, and
// their commands are run and have to print what they say.
func TestGuides(t *testing.T) {
	for name, fewest := range map[string]int{"docs/import.md": 8, "docs/later.md": 8, "docs/getting-started.md": 8, "docs/counsel.md": 5, "docs/open-terms-archive.md": 8} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReader(t)
			commands := 0
			for _, m := range block.FindAllStringSubmatch(documents(t)[name], -1) {
				switch kind, file, content := m[1], m[2], m[3]; {
				case file != "":
					r.write(file, content)
				case kind == "console":
					for _, step := range strings.Split("\n"+content, "\n$ ")[1:] {
						command, want, _ := strings.Cut(strings.TrimSuffix(step, "\n"), "\n")
						commands++
						have, code := r.run(command)
						have = unreleased.ReplaceAllString(have, "")
						if code != 0 {
							have += fmt.Sprintf("[exit %d]", code)
						}
						if have = strings.TrimSuffix(have, "\n"); varying.ReplaceAllString(have, "…") != varying.ReplaceAllString(want, "…") {
							t.Errorf("$ %s\nprints\n%s\nthe guide says\n%s", command, have, want)
						}
					}
				case kind == "sh": // see TestDocumentedCommands
				default:
					t.Errorf("a block of %q, which nothing checks:\n%s", kind, content)
				}
			}
			if commands < fewest {
				t.Errorf("%d commands in the guide", commands)
			}
		})
	}
}

// notRun are the commands of the documents that this test does not run, by how they
// begin, with the reason.
var notRun = map[string]string{
	"go ":                           "needs the source, and .ci/run or this test runs it",
	"TMPDIR=":                       ".ci/run runs it",
	".ci/":                          "is what runs the tests",
	"cd e2e":                        ".ci/run runs it",
	"docker ":                       "needs Docker: .ci/run runs the image",
	"brew ":                         "needs Homebrew and a release",
	"gh ":                           "needs GitHub and a release",
	"npm ":                          "needs Node.js: .ci/run runs what is checked with it",
	"node ":                         "needs Node.js: .ci/run runs what is checked with it",
	"curl 'https://web.archive.org": "asks a web archive",
	"pandoc ":                       "needs pandoc",
	"policysite serve":              "does not end: TestServe runs it",
	"policysite import":             "TestGuides runs import",
	"policysite verify FOLDER":      "has a placeholder",
	"policysite show POLICY@ID":     "has a placeholder",
	"policysite help COMMAND":       "has a placeholder",
	"policysite init [DIR]":         "has a placeholder",
	"policysite schema NAME":        "has a placeholder",
	"policysite export ota DIR":     "has a placeholder",
	"sh update.sh":                  "TestHostingElse runs it",
	"policysite check --base`":      "is the name of a flag",
	"git fetch --unshallow":         "is what a test of the hosting guide runs",
}

// needsMore are the commands that do nothing without an argument.
var needsMore = map[string]bool{"announce": true, "diff": true, "import": true, "redline": true, "schema": true, "show": true, "verify": true}

// Every other command that a document shows ends well where its reader would be: in a
// repository of two versions, with a branch on a server, and a site on the web.
func TestDocumentedCommands(t *testing.T) {
	inline := regexp.MustCompile("`((?:policysite [a-z]|(?:git|go|gh|sh|npm|npx|node|curl|brew|docker|rsync|printf|openssl|python3|sha256sum) )[^`\n]*)`")
	ran, used := 0, map[string]bool{}
	for name, text := range documents(t) {
		var commands []string
		for _, m := range block.FindAllStringSubmatch(text, -1) {
			if m[1] == "sh" && m[2] == "" {
				commands = append(commands, strings.Split(strings.TrimSpace(m[3]), "\n")...)
			}
		}
		for _, m := range inline.FindAllStringSubmatch(block.ReplaceAllString(text, ""), -1) {
			commands = append(commands, m[1])
		}
		commands = slices.DeleteFunc(commands, func(c string) bool {
			for begins := range notRun {
				if strings.HasPrefix(c, begins) || c+"`" == begins {
					used[begins] = true
					return true
				}
			}
			return c == ""
		})
		if len(commands) == 0 {
			continue
		}
		ran += len(commands)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReader(t)
			setUp := `git init -q -b main repository && cd repository && mkdir content && cp ../1.md content/privacy.md && git add . &&
				GIT_COMMITTER_DATE=2026-01-15T12:00:00Z git commit -qm one && cp ../2.md content/privacy.md && git add . &&
				GIT_COMMITTER_DATE=2026-05-04T12:00:00Z git commit -qm two && git clone -q --bare . ../origin.git && git remote add origin ../origin.git &&
				git fetch -q && policysite build -q && cp -r public ../published && git switch -qc change && cp ../3.md content/privacy.md && git commit -qam three`
			if name == "docs/coming-from.md" { // of another generator
				setUp = `git init -q repository && cd repository && cp ../1.md privacy.md && touch _config.yml && git add . && git commit -qm one`
			}
			for file, text := range map[string]string{
				"1.md": "# Privacy\n\nWe keep logs for a year.\n", "2.md": "# Privacy\n\nWe keep logs for a month.\n", "3.md": "# Privacy\n\nWe keep logs for a week.\n",
			} {
				r.write(file, text)
			}
			if out, code := r.run(setUp); code != 0 {
				t.Fatal(out)
			}
			web := httptest.NewServer(http.StripPrefix("/policies/", http.FileServer(http.Dir(filepath.Join(r.dir, "published")))))
			defer web.Close()
			r.dir = filepath.Join(r.dir, "repository")
			for _, file := range []string{"old.md", "new.md", "privacy.md"} {
				if _, err := os.Stat(filepath.Join(r.dir, file)); err != nil && name != "docs/coming-from.md" {
					r.write(file, "# "+file+"\n")
				}
			}
			for _, c := range commands {
				if m := regexp.MustCompile(`^policysite (\w+)$`).FindStringSubmatch(c); m != nil && needsMore[m[1]] {
					c = "policysite help " + m[1] // its name is meant
				}
				here := strings.ReplaceAll(c, "https://example.com/policies/", web.URL+"/policies/")
				if strings.HasSuffix(c, " .policysite") {
					here = "cd public && " + here // a list of the site's files
				}
				if out, code := r.run(here); code != 0 {
					t.Errorf("$ %s\n%s[exit %d]", c, out, code)
				}
			}
		})
	}
	for begins := range notRun {
		if ran < 40 || !used[begins] {
			t.Errorf("%d commands are run, and %q is none that is not", ran, begins)
		}
	}
}

// The first commands of README lead to a redline on the screen of somebody who has git
// and the program.
func TestReadmeLeadsToARedline(t *testing.T) {
	t.Parallel()
	_, text, found := strings.Cut(documents(t)["README.md"], "\n## See it\n")
	commands := block.FindStringSubmatch(text)
	git, err := exec.LookPath("git")
	if !found || commands == nil || err != nil {
		t.Fatalf("no commands (%v)", err)
	}
	r := newReader(t)
	bin := strings.TrimPrefix(strings.Split(r.env[1], ":")[0], "PATH=")
	if err := os.Symlink(git, filepath.Join(bin, "git")); err != nil {
		t.Fatal(err)
	}
	r.env = []string{r.env[0], "PATH=" + bin}
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	out := ""
	for command := range strings.Lines(commands[3]) {
		if strings.HasPrefix(command, "policysite serve") {
			continue // needs a browser
		}
		c := exec.Command(sh, "-c", command)
		c.Dir, c.Env = r.dir, r.env
		said, err := c.CombinedOutput()
		if out += string(said); err != nil {
			t.Fatalf("$ %s%s%v", command, said, err)
		}
	}
	if !strings.Contains(out, "{+") || !strings.Contains(out, "[-") {
		t.Errorf("no redline in\n%s", out)
	}
	page, err := os.ReadFile(filepath.Join(r.dir, "sample", "public", "sample", "2026-05-04", "changes", "index.html"))
	if err != nil || !strings.Contains(string(page), "<ins") {
		t.Errorf("the site has no redline (%v)", err)
	}
}

// Every flag that a document names is one of this program, and every flag of this
// program is in a document. The same holds for exit codes.
func TestDocumentedFlags(t *testing.T) {
	known := map[string]bool{}
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { known[f.Name] = known[f.Name] || f.Hidden })
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk((&app{out: io.Discard, report: reporter{to: io.Discard, format: "text"}}).root())
	// The rest are of git, gh, docker and the like.
	ours := regexp.MustCompile("`(?:-[a-zA-Z]`, `)?--([a-zA-Z][a-zA-Z-]*)(?: [^`]*)?`|policysite [^`\n]*?--([a-zA-Z][a-zA-Z-]*)")
	named := map[string]bool{}
	all := ""
	for name, text := range documents(t) {
		all += text
		for _, m := range ours.FindAllStringSubmatch(text, -1) {
			flag := m[1] + m[2]
			named[flag] = true
			if _, ok := known[flag]; !ok && !slices.Contains([]string{"first-parent", "shared", "reference", "follow", "user", "replace-text", "trailer", "snapshot"}, flag) {
				t.Errorf("%s names --%s, which is not a flag", name, flag)
			}
		}
	}
	for flag, hidden := range known {
		if !hidden && flag != "help" && flag != "no-descriptions" && !regexp.MustCompile("--"+flag+"\\b").MatchString(all) {
			t.Errorf("no document names --%s", flag)
		}
	}

	_, table, _ := strings.Cut(documents(t)["docs/commands.md"], "| Exit code | Meaning |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	var codes []string
	for _, m := range regexp.MustCompile(`(?m)^\| (\d+) \|`).FindAllStringSubmatch(table, -1) {
		codes = append(codes, m[1])
	}
	var want []string
	for _, code := range []int{0, exitContent, exitUsage, exitHistory, exitOutput, exitMismatch, exitBug, exitInterrupted} {
		want = append(want, fmt.Sprint(code))
	}
	if !slices.Equal(codes, want) {
		t.Errorf("exit codes %v, want %v", codes, want)
	}
}

// Every field of archive.json is in the document of its fields.
func TestDocumentedFields(t *testing.T) {
	text := documents(t)["docs/urls.md"]
	fields := 0
	var walk func(of reflect.Type)
	walk = func(of reflect.Type) {
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct || of.PkgPath() != reflect.TypeFor[pages.Manifest]().PkgPath() {
			return
		}
		for _, field := range reflect.VisibleFields(of) {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if fields++; !field.Anonymous && !strings.Contains(text, "`"+name+"`") && !strings.HasSuffix(name, "_in_text") { // `…_in_text`
				t.Errorf("urls.md does not name %s of %s", name, of.Name())
			}
			walk(field.Type)
		}
	}
	walk(reflect.TypeFor[pages.Manifest]())
	if fields < 60 {
		t.Errorf("%d fields", fields)
	}
}

// Every relative link of a document leads to a file of the repository, and to a heading
// of it.
func TestDocumentedLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading := regexp.MustCompile(`(?m)^#+ (.*)$`)
	slug := regexp.MustCompile(`[^\p{L}\p{N}\- _]`)
	links := 0
	documents := documents(t)
	for _, name := range []string{"SECURITY.md", "CONTRIBUTING.md"} {
		text, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		documents[name] = string(text)
	}
	for name, text := range documents {
		for _, m := range link.FindAllStringSubmatch(block.ReplaceAllString(text, ""), -1) {
			if strings.Contains(m[1], ":") {
				continue
			}
			links++
			file, anchor, _ := strings.Cut(m[1], "#")
			target := filepath.Join("../..", filepath.Dir(name), file)
			if file == "" {
				target = filepath.Join("../..", name)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %s: %v", name, m[1], err)
				continue
			}
			if anchor == "" {
				continue
			}
			content, err := os.ReadFile(target)
			if err != nil {
				t.Errorf("%s: %s: %v", name, m[1], err)
			}
			found := false
			for _, h := range heading.FindAllStringSubmatch(block.ReplaceAllString(string(content), ""), -1) {
				found = found || strings.ReplaceAll(slug.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-") == anchor
			}
			if !found {
				t.Errorf("%s: %s: no heading has this name", name, m[1])
			}
		}
	}
	if links < 100 {
		t.Errorf("%d links", links)
	}
}
