package policy

import "slices"

// Translation is how a policy stands to the one that it translates.
type Translation struct {
	Of      *Policy // the original
	Version int     // index of the version of it that is translated; -1 when it is not known
	Since   []int   // its changes after that version, oldest first
	Unknown string  // what the translation calls a version that the original does not have; or ""
}

// Translates compares a version of a policy with the original. Which version of that it
// translates says the author, by id or label; else it is the newest one on the day on
// which the translation was recorded.
func (v *Version) Translates(original *Policy) Translation {
	t := Translation{Of: original, Version: -1}
	if stated := v.TranslationOf; stated != "" {
		t.Version = slices.IndexFunc(original.Versions, func(o Version) bool { return o.ID == stated })
		for i, o := range slices.Backward(original.Versions) {
			if t.Version < 0 && o.Label == stated {
				t.Version = i
			}
		}
		if t.Version < 0 {
			t.Unknown = stated
		}
	} else {
		for i, o := range original.Versions {
			if !o.Draft && !o.Day.After(v.Day) {
				t.Version = i
			}
		}
	}
	if t.Version < 0 {
		return t
	}
	for i := t.Version + 1; i < len(original.Versions); i++ {
		if o := &original.Versions[i]; !o.Draft && o.IsChange() {
			t.Since = append(t.Since, i)
		}
	}
	return t
}
