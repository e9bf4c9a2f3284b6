// Package builder is the pipeline: it reads a company's policies and their git
// history, and writes the site. This text is its specification.
//
// # Stages
//
// A stage imports package policy and no other stage, and has types of its own: a
// later stage never fills in what an earlier one has made.
//
//	policy     what a policy, a revision, a version and a change are; front matter,
//	           settings, dates; revisions → versions (Timeline)
//	words      the words of the interface, by language; stages import it too;
//	           words/phrases: those of one language, which browsers get
//	history    git → the log of the publish branch → the revisions of each policy
//	markdown   source → document: blocks, visible text, HTML
//	redline    two documents → what changed; redline/docx: → a Word document
//	pages      policies and a theme → pages; the URL of everything
//	publish    pages → minified → destination, in one swap
//	importer   texts from elsewhere → Markdown and entries of history.yaml
//
// The second ring is made of stages:
//
//	catalog    one commit → its settings, policies, places, links and statements: a
//	           value that never changes
//	record     one policy through time → its versions, with their texts
//	verify     a stranger's check of a published site
//	preview    the site of the work tree, made page by page, served and reloaded
//	files      any two texts, compared: for the command line and for browsers
//
// Package builder puts them in order (see input.write), and the commands are thin
// callers of it. Check with a base takes the commit as one step on that base and holds
// what it would publish against the rules of policy.Rules (see input.review); Archive
// has what commands tell without a site, a message about a version (Announce) among it.
// Each outside library has one door: go-git is imported by history
// alone, goldmark by markdown, minify by publish, fsnotify by preview. A test keeps
// the rings and the doors.
//
// # From a blob to a page
//
// These eight functions make a page of a text, in a build and in the preview:
//
//	record.Reader.Read          the revisions of a policy, one after the other
//	history.Reader.Blob         the bytes of a blob, checked against its id
//	markdown.Renderer.Text      front matter and body → policy.Text
//	policy.Timeline.Add         does it start a version, and of which kind?
//	record.Reader.Place         the policy's place on the site, its attachments
//	record.Reader.Texts         the text of a version, redacted, with the addresses
//	                            of its links, when a page asks for it
//	pages.Composer.NewText      the HTML of the text
//	pages.Composer.Policy       the pages of the policy
//
// # Rules
//
// A build takes everything from one commit: texts, settings, layouts and static
// files. All errors of the present are reported together, before anything is
// written. The unit of work is a policy: one goroutine takes it from its blobs to
// its pages and lets go of its texts; only the facts that pages of the whole site
// need outlive it. So memory does not grow with the length of history, and the
// output depends neither on scheduling nor on the clock: the same commit, day and
// program give the same bytes.
//
// The past does not change: what is computed from a blob, or from a pair of blobs,
// may be kept in memory under their ids, in a policy.Cache. Nothing is written
// outside of the destination: texts may have to be redacted tomorrow.
package builder
