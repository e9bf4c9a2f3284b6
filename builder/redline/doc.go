// Package redline compares two rendered texts and shows what changed, as a
// lawyer would mark it up.
//
// It compares documents, never Markdown source: in real policies most edits of
// the source change nothing that a reader sees.
//
// # How it works
//
// A document is read as a sequence of units: headings, paragraphs, list items'
// texts, rows of tables, blocks of code. Three alignments follow, each within
// what the one before left open.
//
//  1. Units. A difference algorithm on whole units finds those that stayed the
//     same. In each gap that is left, an old and a new unit that share enough of
//     their words are one, edited; which pairs are taken is the heaviest chain
//     of pairs that keeps the order of both sides. Candidates come from shared
//     words and pairs of words that are rare in the gap, so that the work grows
//     with the length of the texts and not with its square. What is then left is
//     removed or added; where a removed unit says the same as an added one, it
//     moved. Before that, the sentences of what is left open are aligned whatever
//     unit they stand in: where sentences that stayed neighbours share a unit on
//     one side only, it was split or joined, and is cut in two for the alignment.
//  2. Sentences of an edited unit, in the same way. A sentence without a partner
//     is removed or added as a whole: people change sentences, and a sentence
//     half of whose words are replaced by others reads better struck out and
//     written anew.
//  3. Words of an edited sentence, along the boundaries of Unicode Standard
//     Annex #29. Short coincidences between edits ("the", a comma) are given up,
//     so that edits are phrases and not confetti.
//
// A unit in which little stayed is shown as one removal and one insertion, but for
// the sentences in it of which more did. Removed and added units that say the same,
// or nearly, moved, and so did sentences; their neighbours move along.
//
// In most pairs of versions most units are the same, to the byte of their HTML
// and the targets of their links. Of those nothing else is read: neither words
// nor mark-up. The versions of one policy have most of their paragraphs in
// common, edited ones too: a Comparer looks at the words of two paragraphs once.
//
// # What always holds
//
// Dropping the insertions gives the old text, dropping the deletions gives the
// new one, and a text compared with itself has no edits. A passage that moved
// is therefore a deletion and an insertion that say so, and where a paragraph was
// split a space is deleted and the end of a line inserted, which shows as "¶".
//
// Time is bounded by the difference algorithm, O(n log n) on the texts' words
// (znkr.io/diff, Fast, for long ones), and by a fixed number of candidates for
// each unit.
package redline
