package verify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/publish"
)

// checkGit holds the site against a repository: its revisions against the
// first-parent chain of its head, and, where this very program has written it,
// every file against a rebuild.
func (v *verifier) checkGit(ctx context.Context) error {
	head := v.manifest.Head
	if _, err := hex.DecodeString(head); err != nil || len(head) != 40 && len(head) != 64 {
		v.differ(manifestName, Record, "the id of a commit as head", strconv.Quote(head))
		return nil
	}
	if err := v.checkRevisions(ctx, head); err != nil {
		return err
	}
	v.result.Git = true
	if v.opt.Rebuild == nil || v.manifest.Generator != v.opt.Generator {
		return nil
	}
	return v.rebuild(ctx)
}

// checkRevisions holds the revisions of archive.json against git, and finds how
// far the branch has gone on since the site was built.
func (v *verifier) checkRevisions(ctx context.Context, head string) error {
	repo, err := history.Open(v.opt.Repo, v.opt.Git)
	if err != nil {
		return err
	}
	defer repo.Close()
	if _, err := repo.Resolve(head); errors.Is(err, policy.ErrUsage) {
		return policy.Fail(policy.ErrHistory, nil, "fetch it (`git fetch origin "+head+"`), or name the repository that the site was built from",
			"%s has no commit %s, from which %s says it was built", v.opt.Repo, head, v.dir)
	} else if err != nil {
		return err
	}
	progress := func(done, total int) { v.progress("reading history", done, total) }
	// Most often the chain of HEAD goes on from that of head. HEAD may be unborn.
	var log *history.Log
	last := -1
	if tip, err := repo.Resolve(""); err == nil {
		if log, err = repo.Read(ctx, tip, progress); err != nil {
			return err
		}
		last = slices.IndexFunc(log.Steps, func(s policy.Step) bool { return s.Commit == head })
	}
	if last >= 0 {
		v.result.Behind = len(log.Steps) - 1 - last
	} else if log, err = repo.Read(ctx, head, progress); err != nil {
		return err
	} else {
		v.result.Behind, last = -1, len(log.Steps)-1
	}
	steps := make(map[string]int, last+1)
	for i, step := range log.Steps[:last+1] {
		steps[step.Commit] = i
	}
	for _, p := range v.manifest.Policies {
		for _, ver := range p.Versions {
			if ver.Carried || len(ver.Revisions) == 0 {
				v.result.NotInGit++
				continue
			}
			for _, rev := range ver.Revisions {
				v.checkRevision(log, steps, p.ID+"@"+ver.ID, &rev)
			}
		}
	}
	return nil
}

// checkRevision holds a revision against the step of its commit.
func (v *verifier) checkRevision(log *history.Log, steps map[string]int, where string, rev *manifestRevision) {
	at, ok := steps[rev.Commit]
	if !ok {
		v.differ(where, Git, "a step of the branch up to "+v.manifest.Head, "commit "+strconv.Quote(rev.Commit))
		return
	}
	step := log.Steps[at]
	committed, authored := step.Committed.UTC().Format(time.RFC3339), step.Authored.UTC().Format(time.RFC3339)
	if rev.Recorded != committed && rev.Recorded != authored {
		v.differ(where, Git, committed+" as the date of commit "+rev.Commit, rev.Recorded)
	}
	if file, ok := log.Lookup(at, rev.Path); rev.Blob != "" && (!ok || file.Blob != rev.Blob) {
		v.differ(where, Git, fmt.Sprintf("blob %q, %s in commit %s", file.Blob, rev.Path, rev.Commit), rev.Blob)
	}
}

// rebuild builds the site again, and compares every file.
func (v *verifier) rebuild(ctx context.Context) error {
	m := &v.manifest
	m.Fragments = v.fragments()
	var mu sync.Mutex
	read := map[string]bool{}
	built := map[string]bool{}
	taken, err := v.opt.Rebuild(ctx, m.Site, func(path string, limit int64) ([]byte, error) {
		mu.Lock()
		defer mu.Unlock()
		read[path] = true
		return v.read(path, limit)
	}, func(path string, content []byte) {
		mu.Lock()
		defer mu.Unlock()
		built[path] = true
		v.compare(path, content)
	})
	var problems policy.Problems
	switch {
	case err == nil:
	case errors.As(err, &problems), errors.Is(err, policy.ErrUsage), errors.Is(err, policy.ErrContent), errors.Is(err, policy.ErrHistory) && len(v.result.Differences) > 0:
		// The commit was built once: what is wrong is in the site.
		v.differ(manifestName, Git, "what can be built again from commit "+m.Head, err.Error())
		return nil
	default:
		return err
	}
	v.built, v.result.Rebuilt = built, true
	for path := range v.have {
		if !built[path] && !v.told[path] {
			v.differFile(path, Git, "nothing", "a file that the repository does not give")
		}
	}
	for _, name := range []string{manifestName, publish.MarkerName, "_redirects"} {
		delete(read, name)
	}
	zone, err := time.LoadLocation(m.Timezone)
	if err != nil {
		zone = time.UTC // archive.json differs then from what was built
	}
	var published, dated []string
	v.result.NotInGit = 0
	for _, p := range m.Policies {
		for _, ver := range p.Versions {
			name := p.ID + "@" + ver.ID
			if ver.Carried {
				v.result.NotInGit++
			}
			if ver.Published != "" {
				published = append(published, name)
			}
			if start := ver.started(); start != nil && !ver.Carried && (ver.Recorded != start.Recorded || !start.isOf(ver.ID, zone)) {
				dated = append(dated, name)
			}
		}
	}
	for _, t := range append(taken, Taken{"days of publication", published}, Taken{"recorded dates and ids", dated}, Taken{"files", slices.Sorted(maps.Keys(read))}) {
		if len(t.Names) > 0 {
			v.result.Taken = append(v.result.Taken, t)
		}
	}
	return nil
}

// compare holds a file of the site against the same of the rebuild.
func (v *verifier) compare(path string, content []byte) {
	sum := sha256.Sum256(content)
	want := hex.EncodeToString(sum[:])
	have, ok := v.have[path]
	if v.told[path] || have == want {
		return
	}
	if !ok {
		if f, err := v.open(path, maxHashed); err != nil {
			v.differFile(path, Missing, "a file", err.Error())
		} else {
			f.Close()
			v.differFile(path, Record, "a line in "+publish.MarkerName, "none")
		}
		return
	}
	if is, err := v.read(path, maxList); err == nil && utf8.Valid(content) && utf8.Valid(is) {
		i := 0
		for i < len(is) && i < len(content) && is[i] == content[i] {
			i++
		}
		want, have = strconv.Quote(around(string(content), i)), strconv.Quote(around(string(is), i))
	}
	v.differFile(path, Git, want, have)
}
