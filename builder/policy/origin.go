package policy

import "slices"

// Origin says since when some lines of the visible text stand as they do. Lines with
// the same origin that follow one another have one. Versions are named by their
// index in Policy.Versions, and all of them are at or before the one whose text it is.
//
// What is compared is the visible text as the site shows it, each readable version
// with the one before it, whatever its kind: a version of kind dates changes the line
// that states the date, one that its author marked editorial changes what it
// changed, and links and mark-up are not words. Which line became which is what the
// redline of the two says. A line of fewer than tellingBytes that went and came anew
// elsewhere is a new one, since such say the same by chance.
//
// Of a version that cannot be rendered or is withheld nothing is said: the versions
// around it are compared, and it is among Unread of each line that may have stood in
// it. In the same way a line with withheld words is not read in the version that
// withholds them; in the version whose text it is, nothing is said of it at all.
// Before the setting `since` nothing is there.
type Origin struct {
	Line  int // the first line of the visible text, from 1
	Lines int // how many there are

	Withheld bool // words of the line are withheld: nothing of what follows is known

	Since       int   // the version that the wording dates from
	First       int   // the version in which it first stood, if with other words; edits, moves, splits and joins are followed
	Changes     []int // the versions that changed its wording since First, oldest first; mostly Since is the last of them
	StoodBefore int   // the last version in which these words stood before they went and came back with Since; -1 for none
	Unread      []int // the versions of which it is not known whether these words stood in them: after Since, or directly before it
}

// Same reports whether two origins say the same, of whatever lines.
func (o *Origin) Same(p *Origin) bool {
	return o.Withheld == p.Withheld && o.Since == p.Since && o.First == p.First && o.StoodBefore == p.StoodBefore &&
		slices.Equal(o.Changes, p.Changes) && slices.Equal(o.Unread, p.Unread)
}
