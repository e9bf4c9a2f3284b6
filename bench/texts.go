package main

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
)

// past is what package history tells of a repository: the first stage of a
// build, by itself.
type past struct {
	repo      *history.Repository
	histories []policy.History // of the policies that are live
}

// readPast follows the policies of HEAD through their history. It selects texts
// as a build does where the configuration names nothing but folders and globs.
func readPast(source string) (*past, error) {
	repo, err := history.Open(source, "")
	if err != nil {
		return nil, err
	}
	commit, err := repo.Resolve("")
	if err != nil {
		return nil, err
	}
	log, err := repo.Read(context.Background(), commit, nil)
	if err != nil {
		return nil, err
	}
	head := len(log.Steps) - 1
	var configured []byte
	if f, ok := log.Lookup(head, policy.ConfigFile); ok {
		if configured, err = repo.Blob(f.Blob); err != nil {
			return nil, err
		}
	}
	config, problems := policy.ParseConfig(configured)
	if len(problems) > 0 {
		return nil, problems
	}
	layout := policy.Layout{Content: config.Content, Include: config.Include, Exclude: config.Exclude, Language: config.Language, Languages: config.Languages}
	if layout.Content == "" && log.IsDir(head, "content") {
		layout.Content = "content"
	}
	for folder, usual := range map[string]string{config.Layouts: "layouts", config.Static: "static", "public": ""} {
		layout.Skip = append(layout.Skip, cmp.Or(folder, usual))
	}
	declared := map[string]history.Declared{}
	for f := range log.Files(head) {
		if !layout.Selected(f.Path) || f.Mode != history.Regular && f.Mode != history.Executable {
			continue
		}
		text, err := repo.Blob(f.Blob)
		if err != nil {
			return nil, err
		}
		if meta, _, _, _ := policy.ParseSource(text); meta.ID != "" || meta.Formerly != nil {
			declared[f.Path] = history.Declared{ID: meta.ID, Formerly: meta.Formerly}
		}
	}
	all, _, err := log.Follow(history.Selection{
		Selected: func(p string) bool { return layout.Selected(p) && !layout.Introduction(p) },
		ID:       func(p string) string { id, _, _ := layout.ID(p); return id },
		Declared: declared,
		ReadID: func(text []byte) string {
			meta, _, _, _ := policy.ParseSource(text)
			return meta.ID
		},
	}, repo.Blob)
	if err != nil {
		return nil, err
	}
	p := &past{repo: repo}
	for _, h := range all {
		if h.Live {
			p.histories = append(p.histories, h)
		}
	}
	return p, nil
}

// facts are what is told of a corpus.
type facts struct {
	Policies, Revisions, Blobs int
	Bytes                      int64 // of all revisions
	Head                       string

	// The policy of which the text is nearest to 27 KB: it is the one to edit.
	Edited          string // path
	EditedSize      int
	EditedRevisions int
}

// editedSize is what the text has that is edited, in bytes.
const editedSize = 27_000

// survey tells what a repository holds, and writes the ids of its texts to a
// file, each once, for git cat-file: path by path, the newest first, which is
// the order in which git reads them fastest.
func survey(source, list string) (*facts, error) {
	p, err := readPast(source)
	if err != nil {
		return nil, err
	}
	defer p.repo.Close()
	f, err := os.Create(list)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	out := &facts{Policies: len(p.histories)}
	if out.Head, err = p.repo.Resolve(""); err != nil {
		return nil, err
	}
	sizes := map[string]int{}
	for _, h := range p.histories {
		for i := len(h.Revisions) - 1; i >= 0; i-- {
			blob := h.Revisions[i].Blob
			if blob == "" {
				continue
			}
			out.Revisions++
			if _, known := sizes[blob]; !known {
				text, err := p.repo.Blob(blob)
				if err != nil {
					return nil, err
				}
				sizes[blob] = len(text)
				fmt.Fprintln(w, blob)
			}
			out.Bytes += int64(sizes[blob])
		}
		size := sizes[h.Revisions[len(h.Revisions)-1].Blob]
		if out.Edited == "" || distance(size) < distance(out.EditedSize) {
			out.Edited, out.EditedSize, out.EditedRevisions = h.Path, size, len(h.Revisions)
		}
	}
	out.Blobs = len(sizes)
	return out, w.Flush()
}

func distance(size int) int { return max(size-editedSize, editedSize-size) }

// extracted says where the pages for other programs are.
type extracted struct {
	Pages  int
	Bytes  int64
	Edited string // the page of the newest version of the policy to edit
}

// extract writes the text of every version of a site of ours as one page of
// Markdown, for programs that read no git: what they make pages of is what we
// made pages of. The front matter has what a layout shows; of the author's own
// it would not be known what another program makes of it.
func extract(site, edited, to string) (*extracted, error) {
	data, err := os.ReadFile(filepath.Join(site, "archive.json"))
	if err != nil {
		return nil, err
	}
	var archive pages.Manifest
	if err := json.Unmarshal(data, &archive); err != nil {
		return nil, err
	}
	out := &extracted{}
	for i, p := range archive.Policies {
		// Addresses of ours may be names that mean something to others.
		folder := filepath.Join(to, fmt.Sprintf("p%04d", i))
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return nil, err
		}
		name := func(n int) string {
			if n < 0 || n >= len(p.Versions) {
				return ""
			}
			return fmt.Sprintf("v%05d", n)
		}
		for n, v := range p.Versions {
			address, err := url.PathUnescape(v.SourceURL)
			if err != nil {
				return nil, err
			}
			source, err := os.ReadFile(filepath.Join(site, filepath.FromSlash(address)))
			if err != nil {
				return nil, err
			}
			_, body, _, _ := policy.ParseSource(source)
			// Two braces open a shortcode of Hugo's.
			text := strings.ReplaceAll(string(body), "{{", "{ {")
			day := fmt.Sprintf("%.10s", v.ID)
			page := fmt.Sprintf("---\ntitle: %q\ndate: %s\nday: %q\nprevious: %q\nnext: %q\nsha256: \"%x\"\ncommit: %q\n---\n%s",
				p.Title, day, day, name(n-1), name(n+1), sha256.Sum256(source), archive.Head, text)
			file := filepath.Join(folder, name(n)+".md")
			if err := os.WriteFile(file, []byte(page), 0o666); err != nil {
				return nil, err
			}
			out.Pages++
			out.Bytes += int64(len(body))
			if p.Path == edited {
				out.Edited = file
			}
		}
	}
	return out, nil
}
