package pages

import "github.com/policysite/policysite/builder/policy"

// changesURL is the URL of a version's redline.
func changesURL(p *policy.Policy, i int) string { return versionURL(p, i) + "changes/" }

// sinceURL is the URL of what has changed since a superseded change.
func sinceURL(p *policy.Policy, i int) string { return versionURL(p, i) + "since/" }

// superseded reports whether version i is a change that a later one, in force
// now, has taken the place of.
func superseded(p *policy.Policy, i int) bool {
	return p.Current >= 0 && leads(p, i) && i < p.ChangeOf(p.Current)
}

func (c *Composer) changesPage(p *policy.Policy, i int, texts Texts, emit Emit) error {
	return nil
}

func (c *Composer) sincePage(p *policy.Policy, i int, texts Texts, emit Emit) error {
	return nil
}
