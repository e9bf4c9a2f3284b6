package redline_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/policysite/policysite/builder/markdown"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/redline"
	"github.com/policysite/policysite/builder/redline/docx"
)

var office = flag.Bool("office", false, "open documents in LibreOffice")

// LibreOffice accepts and rejects all changes of ten documents of real policies. On
// Debian it is in the packages libreoffice-writer-nogui and python3-uno.
func TestLibreOfficeKeepsBothTexts(t *testing.T) {
	if !*office {
		t.Skip("without -office")
	}
	const python = "/usr/bin/python3" // that of the system, which has the module
	dir := t.TempDir()
	r := markdown.New(markdown.Options{})
	var names []string
	want := map[string]string{}
	seen := 0
	corpus(t, clone(t, "basecamp-policies"), func(path string, old, new []byte) {
		a, b := side(t, r, old), side(t, r, new)
		if a.Doc == nil || b.Doc == nil {
			return
		}
		if seen++; seen%29 != 0 {
			return
		}
		file, err := docx.Write(redline.Compare(a, b), docx.Options{Title: path, Lang: "en", Author: "Basecamp", Date: time.Unix(1700000000, 0)})
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, fmt.Sprintf("%d.docx", seen))
		if err := os.WriteFile(name, file, 0o644); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
		want[name+".Accept"], want[name+".Reject"] = b.Doc.Text(b.Title), a.Doc.Text(a.Title)
	})
	pipe := "policysite" + filepath.Base(filepath.Dir(dir))
	office := exec.Command("soffice", "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--norestore", "--nologo", "--accept=pipe,name="+pipe+";urp;")
	if err := office.Start(); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, append([]string{"testdata/office.py", pipe}, names...)...).CombinedOutput()
	if err != nil {
		office.Process.Kill()
		t.Fatalf("%v\n%s", err, out)
	}
	office.Wait()
	for name, text := range want {
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		for line := range strings.Lines(string(got)) {
			if line = policy.CollapseSpace(line); line != "" {
				said.WriteString(line + "\n")
			}
		}
		differ(t, filepath.Base(name), said.String(), text)
	}
	if len(names) < 10 {
		t.Errorf("%d documents", len(names))
	}
}
