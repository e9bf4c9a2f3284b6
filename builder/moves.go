package builder

import (
	"github.com/policysite/policysite/builder/catalog"
	"github.com/policysite/policysite/builder/policy"
)

// Followed is how a policy was followed through the history.
type Followed struct {
	ID       string   `json:"id"`
	Path     string   `json:"path"`
	Moves    []Move   `json:"moves"`
	Formerly []string `json:"formerly"` // lines of front matter of which one connects it with what it may have been before
}

// Move is a step at which a policy began, came to another path, went or came
// back.
type Move struct {
	Day      policy.Date `json:"day"`
	Commit   string      `json:"commit"`
	What     MoveKind    `json:"what"`
	From     string      `json:"from,omitempty"`
	Path     string      `json:"path"`
	By       policy.By   `json:"by,omitempty"`
	Likeness float64     `json:"likeness,omitempty"`
}

// MoveKind says what happened to a policy.
type MoveKind string

const (
	Begins    MoveKind = "begins"
	Moves     MoveKind = "moves"
	Returns   MoveKind = "returns"
	Withdrawn MoveKind = "withdrawn"
	Unread    MoveKind = "unread" // it went on in a format that is not read
)

// followed tells how each policy was followed.
func followed(cat *catalog.Catalog) []Followed {
	options := policy.TimelineOptions{AuthorDates: cat.Config.AuthorDates}
	var out []Followed
	for _, p := range cat.Policies {
		f := Followed{ID: p.Place.ID, Path: p.History.Path, Formerly: cat.Rest.Formerly[p.History.Path]}
		here := ""
		for i, r := range p.History.Revisions {
			step := cat.Log.Steps[r.Step]
			m := Move{
				Day: policy.DateOf(options.Recorded(step), cat.Config.Timezone), Commit: step.Commit,
				Path: r.Path, By: r.By, Likeness: r.Likeness,
			}
			switch {
			case i == 0:
				m.What = Begins
			case r.Unread:
				m.What = Unread
			case r.Blob == "":
				m.What = Withdrawn
			case here == "":
				m.What = Returns
			case r.Path != here:
				m.What, m.From = Moves, here
			default:
				continue
			}
			here = r.Path
			if r.Blob == "" {
				here = ""
			}
			f.Moves = append(f.Moves, m)
		}
		out = append(out, f)
	}
	return out
}
