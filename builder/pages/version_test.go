package pages

import (
	"reflect"
	"testing"

	"github.com/policysite/policysite/builder/policy"
)

// A version says of itself what its policy.Version says, whether templates get
// it from the one or the other.
func TestAVersionHidesNothingOfItsPolicys(t *testing.T) {
	all := fixture()
	v := &all[0].Versions[0]
	v.Draft, v.Carried, v.PublishedOn, v.Published = true, true, true, v.Day
	v.Statements = []policy.Statement{{Change: policy.Minor}}
	v.Redactions = []policy.Redaction{{Whole: true}}
	c := New(fixtureSite(all), defaultTheme(t), nil)
	said := map[string]bool{} // by name: something was
	for _, p := range all {
		for i := range p.Versions {
			view, of := reflect.ValueOf(c.version("/", p, i)).Elem(), reflect.ValueOf(&p.Versions[i])
			for k := range view.NumField() {
				name := view.Type().Field(k).Name
				want := of.Elem().FieldByName(name)
				if method := of.MethodByName(name); method.IsValid() {
					want = method.Call(nil)[0]
				}
				if !want.IsValid() || name == "Summary" { // made up where its author wrote none
					continue
				}
				said[name] = said[name] || !want.IsZero()
				if have := view.Field(k).Interface(); !reflect.DeepEqual(have, want.Interface()) {
					t.Errorf("%s %s: %s is %v, want %v", p.ID, p.Versions[i].ID, name, have, want)
				}
			}
		}
	}
	for name, something := range said {
		if !something {
			t.Errorf("no version of the fixture has a %s", name)
		}
	}
	if len(said) < 17 {
		t.Errorf("only %d fields compared", len(said))
	}
}
