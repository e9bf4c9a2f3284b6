// Package publish turns pages into a site at its destination: it minifies them,
// writes the whole site beside the destination and swaps it in at once.
//
// What it promises, for a destination public/ in some parent folder:
//
//   - A failure or a kill at any moment leaves the old site or the new one,
//     whole. Where the file system can exchange two folders (Linux: ext4, xfs,
//     btrfs, tmpfs …) readers never see anything else; elsewhere two renames
//     replace the site, and the next run repairs what a kill between them left.
//   - A folder that is not ours is refused untouched. Ours is a folder that
//     holds a marker, the file .policysite, which lists every file we wrote with
//     its SHA-256; so is an empty one, and a folder of nothing but dot-entries and
//     CNAME, which is what a checkout made for publishing holds before its first
//     site.
//   - What the user put into our folder survives: every file that the marker
//     does not list is linked into the new site before the swap, and looked at
//     once more before the old site is removed.
//   - Nothing is written but the destination and, while a run lasts, beside it.
//   - One run at a time: a lock file says who is writing. The kernel drops the
//     lock of a killed process.
//
// A run takes these steps: Open judges the destination, takes its lock, recovers
// what a killed run left and makes a folder beside it; Add writes files there;
// Commit syncs, carries over the user's files, swaps and removes the old site.
// Beside public/ there are, while it runs:
//
//	.public.policysite-lock        the lock, "pid 4711 since 2026-11-22T09:00:00Z"
//	.public.policysite-new-<id>    the site being written; after an exchange, the old one
//	.public.policysite-old-<id>    the old site, where folders cannot be exchanged
//
// What a killed run left of them is cleaned up by the next Open.
package publish
