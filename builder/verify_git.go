package builder

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/policy"
)

// checkHistory holds archive.json against the first-parent chain of the commit
// that the site says it was built from.
func (v *verifier) checkHistory(ctx context.Context) error {
	if v.manifest.Format == "" {
		return nil // it could not be read, and that has been told
	}
	repo, err := history.Open(v.opt.Repo, v.opt.Git)
	if err != nil {
		return err
	}
	defer repo.Close()
	head := v.manifest.Head
	if _, err := hex.DecodeString(head); err != nil || len(head) != 40 && len(head) != 64 {
		v.differ(manifestName, DiffRecord, "the id of a commit as head", fmt.Sprintf("%q", head))
		return nil
	}
	if _, err := repo.Resolve(head); errors.Is(err, policy.ErrUsage) {
		return policy.Fail(policy.ErrHistory, nil, "fetch it (`git fetch origin "+head+"`), or name the repository that the site was built from",
			"%s has no commit %s, from which %s says it was built", v.opt.Repo, head, v.dir)
	} else if err != nil {
		return err
	}
	var progress func(done, total int)
	if v.opt.Progress != nil {
		progress = func(done, total int) { v.opt.Progress("reading history", done, total) }
	}
	log, err := repo.Read(ctx, head, progress)
	if err != nil {
		return err
	}
	steps := make(map[string]int, len(log.Steps))
	for i, step := range log.Steps {
		steps[step.Commit] = i
	}
	policies := v.manifest.Policies
	return v.inParallel(ctx, "comparing with git", len(policies), func(next func() (int, bool)) error {
		reader, err := repo.Reader()
		if err != nil {
			return err
		}
		defer reader.Close()
		for i, ok := next(); ok; i, ok = next() {
			c := &historyChecker{verifier: v, log: log, steps: steps, reader: reader, sums: map[string]string{}}
			if err := c.check(ctx, &policies[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// historyChecker checks one policy.
type historyChecker struct {
	*verifier
	log    *history.Log
	steps  map[string]int // index of a step in log by its commit
	reader *history.Reader
	sums   map[string]string // SHA-256 of attachments, by their blob

	step int    // of the last revision so far
	path string // that the policy has held since; "" for none
}

// check goes through the revisions of a policy, oldest first.
func (c *historyChecker) check(ctx context.Context, p *manifestPolicy) error {
	c.step = -1
	for i := range p.Versions {
		if err := ctx.Err(); err != nil {
			return err
		}
		ver := &p.Versions[i]
		if ver.Carried || len(ver.Revisions) == 0 {
			c.mu.Lock()
			c.notInGit++
			c.mu.Unlock()
			continue
		}
		where := p.ID + "@" + ver.ID
		for j := range ver.Revisions {
			c.revision(p, where, ver, &ver.Revisions[j])
		}
		if ver.Redacted || ver.unread() {
			continue // git says more than the site, and the site says so
		}
		if err := c.content(where, ver); err != nil {
			return err
		}
	}
	c.unbroken(p, len(c.log.Steps)-1)
	return nil
}

// revision holds a revision against the step of its commit.
func (c *historyChecker) revision(p *manifestPolicy, where string, ver *manifestVersion, rev *manifestRevision) {
	differ := func(want, have string) { c.differ(where, DiffGit, want, have) }
	at, ok := c.steps[rev.Commit]
	if !ok {
		differ("a step of the branch up to "+c.manifest.Head, fmt.Sprintf("commit %q, which is none", rev.Commit))
		return
	}
	if at <= c.step {
		differ("a later step than "+c.log.Steps[c.step].Commit, "commit "+rev.Commit)
		return
	}
	c.unbroken(p, at-1)
	step := c.log.Steps[at]
	if committed, authored := stampOf(step.Committed), stampOf(step.Authored); rev.Recorded != committed && rev.Recorded != authored {
		differ(committed+" as the date of commit "+rev.Commit, rev.Recorded)
	}
	file, ok := c.log.Lookup(at, rev.Path)
	isText := ok && (file.Mode == history.Regular || file.Mode == history.Executable)
	gone := rev.Kind == string(policy.Withdrawn)
	switch {
	case gone && isText:
		differ("no "+rev.Path+" in commit "+rev.Commit, "blob "+file.Blob)
	case gone && rev.Blob != nil:
		differ("no blob of a policy that is gone", *rev.Blob)
	case gone:
	case !isText:
		differ("a file "+rev.Path+" in commit "+rev.Commit, "none")
	case orNull(rev.Blob) != file.Blob && !(ver.Redacted && rev.Blob == nil):
		differ("blob "+file.Blob+", "+rev.Path+" in commit "+rev.Commit, orNull(rev.Blob))
	}
	if rev.FromPath != nil {
		if _, ok := c.log.Lookup(at-1, *rev.FromPath); !ok {
			differ("a file "+*rev.FromPath+" before commit "+rev.Commit, "none")
		}
	}
	c.step, c.path = at, rev.Path
	if gone {
		c.path = ""
	}
}

// unbroken checks that nothing happened to the path that a policy held, from
// its last revision to a step: whatever did would have been a revision.
func (c *historyChecker) unbroken(p *manifestPolicy, until int) {
	if c.path == "" || until <= c.step {
		return
	}
	left := func(step int) {
		c.differ(p.ID, DiffGit, "a revision of "+c.path+" at commit "+c.log.Steps[step].Commit, "none")
	}
	if states := c.log.States(c.path, c.step, until); len(states) > 1 {
		for _, state := range states[1:] {
			left(state.Step)
		}
	}
	if _, ok := c.log.Lookup(until, c.path); ok {
		return
	}
	for step := c.step + 1; step <= until; step++ {
		if _, ok := c.log.Lookup(step, c.path); !ok {
			left(step)
			return
		}
	}
}

// content holds the published source of a version, and what it links to, against
// the bytes in git.
func (c *historyChecker) content(where string, ver *manifestVersion) error {
	if start := ver.started(); start != nil {
		sum, err := c.sum(start.Commit, start.Path)
		if err != nil {
			return err
		}
		if have, ok := c.have[fileAt(ver.SourceURL)]; ok && sum != "" && sum != have {
			c.differ(where, DiffGit, "the source in commit "+start.Commit+", "+sum, have)
		}
	}
	for _, a := range ver.Attachments {
		if _, ok := c.steps[a.Commit]; !ok {
			c.differ(where, DiffGit, "a step of the branch up to "+c.manifest.Head, fmt.Sprintf("commit %q of %s, which is none", a.Commit, a.Path))
			continue
		}
		// A path through a symbolic link is no file of its own: its bytes
		// have only been held against archive.json.
		sum, err := c.sum(a.Commit, a.Path)
		if err != nil {
			return err
		}
		if sum != "" && sum != a.SHA256 {
			c.differ(where, DiffGit, a.Path+" in commit "+a.Commit+", "+sum, a.SHA256)
		}
	}
	return nil
}

// sum is the SHA-256 of the file at a path in a commit; "" when there is none.
func (c *historyChecker) sum(commit, path string) (string, error) {
	at, ok := c.steps[commit]
	if !ok {
		return "", nil
	}
	file, ok := c.log.Lookup(at, path)
	if !ok || file.Mode != history.Regular && file.Mode != history.Executable {
		return "", nil
	}
	if sum, ok := c.sums[file.Blob]; ok {
		return sum, nil
	}
	content, err := c.reader.Blob(file.Blob)
	if err != nil {
		return "", err
	}
	sum := hexSum(sha256.New(), content)
	c.sums[file.Blob] = sum
	return sum, nil
}

// stampOf is how archive.json writes a time.
func stampOf(t time.Time) string { return t.UTC().Format(time.RFC3339) }
