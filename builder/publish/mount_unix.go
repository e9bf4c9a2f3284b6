//go:build !linux && !windows

package publish

// isMount reports whether a folder is a mount point: one that cannot be renamed,
// and whose files must not be taken for a part of the site.
func isMount(path, parent string) (bool, error) { return onOtherDevice(path, parent) }
