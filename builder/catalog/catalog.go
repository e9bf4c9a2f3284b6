// Package catalog reads what one commit says before any of its past is told: the
// settings, the texts as they are, which policies there are and where they belong
// on the site, where links lead, and what is said of versions later.
//
// A Catalog never changes once Read has returned it.
package catalog

import (
	"cmp"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/policysite/policysite/builder/history"
	"github.com/policysite/policysite/builder/pages"
	"github.com/policysite/policysite/builder/policy"
)

// Source is what a catalog is read from, and what its reader wants.
type Source struct {
	Repo   *history.Repository
	Log    *history.Log // of the commit
	Commit string
	Draft  bool // the last step of Log is the work tree, which is not committed

	Content  string      // content folder, relative to the source folder; "" is what the configuration says
	BaseURL  string      // "" is what the configuration says
	At       policy.Date // the day to build for; zero is that of Now in the site's time zone
	Now      time.Time
	Previous *Previous // nil when there is none
	Texts    Texts     // texts that were read before; nil for none
	Pointers Pointers  // files that were looked at before; nil for none
}

// Catalog is what one commit says.
type Catalog struct {
	Built        pages.Built
	Draft        bool // the last step is the work tree
	Log          *history.Log
	Config       policy.Config
	Layout       policy.Layout
	Folders      Folders
	Policies     []*Policy // of the site, sorted by id
	Rest         Rest
	Introduction *Text // index.md of the content folder, or nil
	Links        *Links
	Statements   Statements
	Previous     *Previous // nil when there is none
}

// Rest is what the history has besides the policies of the site.
type Rest struct {
	Unpublished []policy.History    // policies that are not on the site: drafts, and those that are gone
	Formerly    map[string][]string // by path: lines of front matter of which one says what the policy was before
	Held        []Held              // texts whose publishDate is to come
}

// Held is a text that is not on the site before a day.
type Held struct {
	Path  string
	Until policy.Date
	stays bool // the version before it does
}

func (h Held) String() string {
	if h.stays {
		return fmt.Sprintf("%s (%s, and the version before stays)", h.Path, h.Until)
	}
	return fmt.Sprintf("%s (%s)", h.Path, h.Until)
}

// Folders are those that hold more than texts; "" where there is none.
type Folders struct {
	Layouts string   // the user's templates
	Static  string   // files that are published as they are
	Usual   []string // their usual names, where these would be used
}

// Policy is one policy of the site, before its versions are known.
type Policy struct {
	History policy.History
	Place   policy.Place
	Meta    policy.Meta                          // of the built commit; of a policy that is gone, of its last text
	IDs     map[string]bool                      // what a fragment on its page can point to; nil when that is not known
	Since   func(step int, day policy.Date) bool // whether history is shown from there on; nil: all of it is

	Published *pages.ManifestPolicy // what the previous site says of it; nil when it says nothing
	Drafted   bool                  // it had versions, and is a draft now
	Expired   policy.Date           // the day from which its front matter makes it one
	Kept      []string              // former addresses that the previous site has and the text does not state
	silenced  []string
}

// Silences reports whether the policy's text, or the configuration, silences a rule.
func (p *Policy) Silences(rule string) bool { return slices.Contains(p.silenced, rule) }

// reader reads a catalog.
type reader struct {
	src     Source
	cat     *Catalog
	texts   map[string]*Text // of the policies, by path
	foreign string           // another generator's configuration, or ""

	passed     map[string][]string // texts that are no policies, by why
	configured bool                // there is a policysite.yaml
	found      policy.Findings
	wrong      policy.Problems // with history.yaml and redactions.yaml
}

// Read reads the catalog of a commit. What is wrong with the texts is among the
// findings, all of it together; an error is what leaves no catalog to speak of.
func Read(src Source) (*Catalog, policy.Findings, error) {
	r := &reader{src: src, texts: map[string]*Text{}, cat: &Catalog{
		Built: pages.Built{Commit: src.Commit}, Draft: src.Draft, Log: src.Log, Previous: src.Previous,
		Layout: policy.Layout{Source: src.Repo.Prefix()}, Rest: Rest{Formerly: map[string][]string{}},
	}}
	for _, read := range []func() error{r.readConfig, r.layOut, r.readStatements, r.readTexts, r.follow, r.place, r.checkStatements, r.checkLinks} {
		if err := read(); err != nil {
			if len(r.wrong) == 0 {
				return nil, r.found, err
			}
			break
		}
	}
	if len(r.wrong) > 0 {
		return nil, r.found, &policy.Failure{Reason: policy.ErrUsage, Message: "later statements are wrong", Cause: append(r.wrong, r.found.Problems.Errors(false)...)}
	}
	return r.cat, r.found, nil
}

// Head is the last step, that of the commit or of the work tree.
func (c *Catalog) Head() int { return len(c.Log.Steps) - 1 }

// RecordedHead is the last step that is in git.
func (c *Catalog) RecordedHead() int {
	if c.Draft {
		return c.Head() - 1
	}
	return c.Head()
}

// Recorded are the revisions of a policy that are in git.
func (c *Catalog) Recorded(p *Policy) []policy.Revision {
	revisions := p.History.Revisions
	if n := len(revisions); n > 0 && revisions[n-1].Step > c.RecordedHead() {
		revisions = revisions[:n-1]
	}
	return revisions
}

// Policy is the policy of an id; nil when there is none.
func (c *Catalog) Policy(id string) *Policy {
	for _, p := range c.Policies {
		if p.Place.ID == id {
			return p
		}
	}
	return nil
}

// IDs are those of the policies of the site, sorted.
func (c *Catalog) IDs() []string {
	out := make([]string, len(c.Policies))
	for i, p := range c.Policies {
		out[i] = p.Place.ID
	}
	return out
}

// InSource is the path, from the repository's root, of one in the source folder.
func (c *Catalog) InSource(p string) string { return inFolder(c.Layout.Source, p) }

func inFolder(folder, p string) string {
	if p = path.Join(folder, p); p != "." {
		return p
	}
	return ""
}

// Site is what every page may depend on beside its own policy.
func (c *Catalog) Site() pages.Site {
	site := pages.Site{
		Title: c.Config.Title, Organization: c.Config.Organization, BaseURL: c.Config.BaseURL,
		Lang: c.Config.Language, Languages: c.Config.Languages, Controlling: c.Config.Controlling, Timezone: c.Built.Timezone, At: c.Built.At,
		Brand: pages.Brand{Brand: c.Config.Brand}, NoticeDays: c.Config.NoticeDays, Trusted: c.Config.TrustedHTML,
		Docx: c.Config.Docx, RulesAlone: c.Config.RulesAlone, Static: map[string]bool{},
	}
	for _, p := range c.Policies {
		site.Places = append(site.Places, p.Place)
	}
	for name, f := range c.Files(c.Folders.Static) {
		if f.Mode.IsFile() && !pages.Appended(name) {
			site.Static[name] = true
		}
	}
	return site
}

// Files are the files in a folder of the commit by their paths in it; none for "".
func (c *Catalog) Files(folder string) map[string]history.File {
	out := map[string]history.File{}
	if folder != "" {
		for f := range c.Log.Files(c.Head()) {
			if name, ok := strings.CutPrefix(f.Path, folder+"/"); ok {
				out[name] = f
			}
		}
	}
	return out
}

// Concerns reports whether the site would be another if a path of the work tree
// were committed.
func (c *Catalog) Concerns(p string) bool {
	for _, f := range append([]string{c.Folders.Layouts, c.Folders.Static}, c.Folders.Usual...) {
		if f != "" && strings.HasPrefix(p, f+"/") {
			return true
		}
	}
	return p == c.InSource(policy.ConfigFile) || p == c.InSource(policy.OtherName(policy.ConfigFile)) || c.Layout.Selected(p)
}

// committed returns the content of a file of the commit; nil when there is none.
func (r *reader) committed(p string) ([]byte, error) {
	f, ok := r.cat.Log.Lookup(r.cat.Head(), p)
	if !ok || !f.Mode.IsFile() {
		return nil, nil
	}
	return r.src.Repo.Blob(f.Blob)
}

// settings returns a file of settings by either of its names, and that name.
func (r *reader) settings(file string) (name string, data []byte, err error) {
	name, other := r.cat.InSource(file), r.cat.InSource(policy.OtherName(file))
	for _, p := range []string{name, other} {
		if f, _ := r.cat.Log.Lookup(r.cat.Head(), p); f.Mode == history.Symlink {
			return "", nil, history.NotFollowed(p) // redactions, for one, would not be made
		}
	}
	if data, err = r.committed(name); err != nil {
		return "", nil, err
	}
	more, err := r.committed(other)
	switch {
	case err != nil || more == nil:
		return name, data, err
	case data != nil:
		return "", nil, policy.Fail(policy.ErrUsage, nil, "delete one of the two", "there are both %s and %s", name, other)
	}
	return other, more, nil
}

func (r *reader) readConfig() error {
	for _, ending := range []string{".toml", ".json"} {
		name := r.cat.InSource(strings.TrimSuffix(policy.ConfigFile, ".yaml") + ending)
		if _, ok := r.cat.Log.Lookup(r.cat.Head(), name); ok {
			return policy.Fail(policy.ErrUsage, nil, "write it as YAML, in "+policy.ConfigFile, "%s is not read", name)
		}
	}
	name, data, err := r.settings(policy.ConfigFile)
	if err != nil {
		return err
	}
	r.configured = data != nil
	config, problems := policy.ParseConfig(data)
	if len(problems) > 0 {
		for _, p := range problems {
			p.Path = name
		}
		return &policy.Failure{Reason: policy.ErrUsage, Message: "the configuration is wrong", Cause: problems}
	}
	if r.src.BaseURL != "" {
		if _, err := policy.ParseBaseURL(r.src.BaseURL); err != nil {
			return policy.Fail(policy.ErrUsage, err, "", "baseURL")
		}
		config.BaseURL = r.src.BaseURL
	}
	r.cat.Config = config
	r.cat.Built.Timezone = config.Timezone.String()
	if r.cat.Built.At = r.src.At; r.src.At.IsZero() {
		r.cat.Built.At = policy.DateOf(r.src.Now, config.Timezone)
	}
	return nil
}

// layOut decides which files of the repository are policies.
func (r *reader) layOut() error {
	c, config := r.cat, &r.cat.Config
	l := &c.Layout
	l.Include, l.Exclude, l.Language, l.Languages = config.Include, config.Exclude, config.Language, config.Languages
	folder := r.src.Content
	if folder == "" {
		folder = config.Content
	}
	if err := r.checkForeign(folder); err != nil {
		return err
	}
	switch {
	case folder != "":
		l.Content = c.InSource(filepath.ToSlash(folder))
		if err := r.checkFolder(l.Content); err != nil {
			return err
		}
		if !c.Log.IsDir(c.Head(), l.Content) && l.Content != "" {
			return policy.Fail(policy.ErrUsage, nil, "git add and git commit it first", "commit %.7s has no folder %s", r.src.Commit, l.Content)
		}
	case r.foreign == "" && c.Log.IsDir(c.Head(), c.InSource("content")):
		l.Content = c.InSource("content")
	default:
		if err := r.checkFolder(c.InSource("content")); err != nil {
			return err
		}
		l.Content = l.Source
	}
	c.Built.Source, c.Built.Content = l.Source, l.Content
	c.Folders = Folders{Layouts: r.folder(config.Layouts, "layouts"), Static: r.folder(config.Static, "static")}
	for _, folder := range []string{c.Folders.Layouts, c.Folders.Static} {
		if err := r.checkFolder(folder); err != nil {
			return err
		}
	}
	if r.foreign == "" {
		c.Folders.Usual = []string{c.InSource("layouts"), c.InSource("static")}
	}
	for _, name := range []string{c.Folders.Layouts, c.Folders.Static, c.InSource("public")} {
		if name != "" {
			l.Skip = append(l.Skip, name)
		}
	}
	return nil
}

// checkFolder refuses a folder whose files are not in this repository.
func (r *reader) checkFolder(folder string) error {
	at := ""
	for part := range strings.SplitSeq(folder, "/") {
		at = path.Join(at, part)
		f, ok := r.cat.Log.Lookup(r.cat.Head(), at)
		switch {
		case ok && f.Mode == history.Submodule:
			return policy.Fail(policy.ErrUsage, nil, "build the repository that it is: `policysite build -s "+at+"`", "%s is a submodule: its files and their history are in another repository", at)
		case ok && f.Mode == history.Symlink:
			return history.NotFollowed(at)
		}
	}
	return nil
}

// folder is a folder that the configuration names, or one by its usual name.
// Where another generator's configuration is, the usual name is that
// generator's.
func (r *reader) folder(configured, usual string) string {
	switch at := r.cat.InSource(usual); {
	case configured != "":
		return r.cat.InSource(configured)
	case r.foreign == "":
		if f, _ := r.cat.Log.Lookup(r.cat.Head(), at); f.Mode == history.Symlink || r.cat.Log.IsDir(r.cat.Head(), at) {
			return at
		}
	}
	return ""
}

func (r *reader) problem(p *policy.Problem) { r.found.Problems = append(r.found.Problems, p) }

// Scope is the part of a work tree that a site is made from, and its content folder
// ("" for the whole source folder), by the configuration in the work tree. read
// returns a file of the work tree, nil when there is none, and isDir tells of its
// folders; paths are relative to the root. prefix is the source folder.
func Scope(prefix, content string, read func(path string) ([]byte, error), isDir func(path string) bool) (scope history.Scope, folder string, err error) {
	at := func(p string) string { return inFolder(prefix, p) }
	either := func(file string) (data []byte, err error) {
		if data, err = read(at(file)); data == nil && err == nil {
			data, err = read(at(policy.OtherName(file)))
		}
		return data, err
	}
	data, err := either(policy.ConfigFile)
	if err != nil {
		return scope, "", err
	}
	config, _ := policy.ParseConfig(data) // what is wrong with it is told when it is read
	switch content = cmp.Or(content, config.Content); {
	case content != "":
		folder = at(filepath.ToSlash(content))
	case isDir(at("content")):
		folder = at("content")
	}
	scope.Folders = []string{folder, at(cmp.Or(config.Layouts, "layouts")), at(cmp.Or(config.Static, "static"))}
	if folder == "" || folder == at("") {
		folder, scope.Folders[0] = "", at("")
	}
	slices.Sort(scope.Folders)
	for _, file := range []string{policy.ConfigFile, policy.StatementsFile, policy.RedactionsFile} {
		scope.Files = append(scope.Files, at(file), at(policy.OtherName(file)))
	}
	for _, f := range foreignConfigs {
		scope.Files = append(scope.Files, at(f.name))
	}
	if data, err = either(policy.StatementsFile); err != nil {
		return scope, "", err
	}
	entries, _ := policy.ParseStatements(data)
	for _, e := range entries {
		if e.File != "" {
			scope.Files = append(scope.Files, at(e.File))
		}
	}
	scope.Skip = []string{at("public")}
	return scope, folder, nil
}
