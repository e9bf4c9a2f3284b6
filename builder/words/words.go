// Package words has the words of the interface in every language that there is a
// file of words for, and writes dates, numbers and lists as readers of that language
// do. The files are of go-i18n's format, messages with the plural forms of CLDR.
package words

import (
	"errors"
	"html"
	"html/template"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gohugoio/locales"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	parser "github.com/nicksnyder/go-i18n/v2/i18n/template"
	"go.yaml.in/yaml/v4"
	"golang.org/x/text/language"

	"github.com/policysite/policysite/builder/policy"
	"github.com/policysite/policysite/builder/words/phrases"
	"github.com/policysite/policysite/layouts"
)

// Folder is where the files of words are, in the theme and in the user's layouts:
// one a language, "i18n/pt-BR.yaml".
const Folder = "i18n"

// source is the language in which every message exists.
const source = "en"

// Book has the words of all languages. It may be used by several goroutines.
type Book struct {
	Warnings policy.Problems // of the user's files, by their paths
	langs    []string        // with a file, sorted
	ids      []string        // of all messages
	own      map[string]messages
	known    sync.Map // what Words has returned, by language

	mu     sync.Mutex
	bundle *i18n.Bundle    // of the languages that were asked for
	loaded map[string]bool // by language
}

// messages are those of a language, by id.
type messages map[string]*i18n.Message

// shipped are the files of words of the program, by language, each read when it is
// asked for: they take longer to read than a small site takes to build.
var shipped = sync.OnceValue(func() map[string]func() messages {
	names, err := fs.Glob(layouts.FS, Folder+"/*.yaml")
	if err != nil {
		panic(err)
	}
	out := map[string]func() messages{}
	for _, name := range names {
		lang := strings.TrimSuffix(path.Base(name), ".yaml")
		out[lang] = sync.OnceValue(func() messages {
			content, err := fs.ReadFile(layouts.FS, name)
			if err != nil {
				panic(err)
			}
			_, m, err := read(name, content)
			if err != nil {
				panic(err) // the files are part of the program
			}
			return m
		})
	}
	return out
})

// read reads a file of words, and by its name which language it is.
func read(name string, content []byte) (lang string, m messages, err error) {
	file, err := i18n.ParseMessageFileBytes(content, name, map[string]i18n.UnmarshalFunc{"yaml": yaml.Unmarshal})
	if err != nil {
		return "", nil, err
	}
	m = messages{}
	for _, x := range file.Messages {
		m[x.ID] = x
	}
	return file.Tag.String(), m, nil
}

// New is the words of the program, and own over them: the content of the user's files
// by their path below the folder of layouts. Only files of Folder are read. A message
// that a language lacks is English.
func New(own map[string][]byte) (*Book, error) {
	b := &Book{own: map[string]messages{}, bundle: i18n.NewBundle(language.English), loaded: map[string]bool{}}
	b.ids, b.langs = slices.Collect(maps.Keys(shipped()[source]())), slices.Collect(maps.Keys(shipped()))
	var files []string
	var problems policy.Problems
	for _, name := range slices.Sorted(maps.Keys(own)) {
		if fits, _ := path.Match(Folder+"/*.yaml", name); !fits {
			continue
		}
		lang, m, err := read(name, own[name])
		if err == nil { // are its plurals known?
			err = i18n.NewBundle(language.English).AddMessages(language.Make(lang))
		}
		if err != nil {
			problems = append(problems, &policy.Problem{Path: name, Message: "cannot be read as words of the interface: " + err.Error(), Hint: "the default words are in layouts/i18n/en.yaml; a file may have some of them"})
			continue
		}
		files = append(files, name)
		b.own[lang], b.langs = m, append(b.langs, lang)
		b.ids = slices.AppendSeq(b.ids, maps.Keys(m)) // templates of the user's may ask for words of their own
	}
	if problems != nil {
		return nil, problems
	}
	for _, list := range []*[]string{&b.ids, &b.langs} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	for _, name := range files {
		b.check(name, own[name])
	}
	return b, nil
}

// of are the messages of a language, the user's over those of the program.
func (b *Book) of(lang string) messages {
	out := messages{}
	if file := shipped()[lang]; file != nil {
		maps.Copy(out, file())
	}
	maps.Copy(out, b.own[lang])
	return out
}

// English are the default words.
var English = sync.OnceValue(func() *Words {
	b, err := New(nil)
	if err != nil {
		panic(err) // the files are part of the program
	}
	return b.Words(source)
})

// Words returns the words of the first of some languages that there is a file for,
// that of a wider language too: "de" for "de-AT". Without any they are English.
func (b *Book) Words(langs ...string) *Words {
	key := strings.Join(langs, " ")
	if w, ok := b.known.Load(key); ok {
		return w.(*Words)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	w := b.find(langs)
	known, _ := b.known.LoadOrStore(key, w)
	return known.(*Words)
}

func (b *Book) find(langs []string) *Words {
	for _, lang := range langs {
		if files := b.chain(lang); files != nil {
			return b.speak(lang, files)
		}
	}
	return b.speak(source, []string{source})
}

// chain are the languages with a file that a language's words may come from, its own
// first: "de-AT", "de".
func (b *Book) chain(lang string) (files []string) {
	tag, err := language.Parse(lang)
	for ; err == nil && tag != language.Und; tag = tag.Parent() {
		if name := tag.String(); slices.Contains(b.langs, name) {
			files = append(files, name)
		}
	}
	return files
}

// speak takes the messages of files for a language, the first one's before the others',
// and else those of English.
func (b *Book) speak(lang string, files []string) *Words {
	w := &Words{&phrases.Phrases{
		Lang:  lang,
		RTL:   Direction(lang) == "rtl",
		Plain: make(map[string]phrases.Message, len(b.ids)),
	}, localeOf(lang)}
	w.Long = strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return '1'
		}
		return r
	}, w.locale.FmtNumber(1e18, 0))
	var localizers []*i18n.Localizer
	for _, name := range append([]string{source}, files...) {
		if !b.loaded[name] {
			b.loaded[name] = true
			if err := b.bundle.AddMessages(language.Make(name), slices.Collect(maps.Values(b.of(name)))...); err != nil {
				panic(err) // New has seen that its plurals are known
			}
		}
	}
	for _, name := range files {
		localizers = append(localizers, i18n.NewLocalizer(b.bundle, name))
	}
	for _, id := range b.ids {
		w.Plain[id] = form(localizers, id, nil)
	}
	known := map[[2]locales.PluralRule]int{} // missing messages are English
	for i := range w.Classes {
		n := i
		if i == phrases.Classes-1 {
			n = 1e6
		}
		rules := [2]locales.PluralRule{w.locale.CardinalPluralRule(float64(n), 0), englishLocale.CardinalPluralRule(float64(n), 0)}
		class, ok := known[rules]
		if !ok {
			class = len(known)
			known[rules] = class
			counted := map[string]phrases.Message{}
			for _, id := range b.ids {
				if m := form(localizers, id, n); !slices.Equal(m, w.Plain[id]) {
					counted[id] = m
				}
			}
			w.Counted = append(w.Counted, counted)
		}
		w.Classes[i] = class
	}
	return w
}

// Words are those of one language.
type Words struct {
	*phrases.Phrases
	locale locales.Translator
}

// form is a message in the form for a number; nil is no number. It is of the first of the
// localizers that has it.
func form(localizers []*i18n.Localizer, id string, n any) phrases.Message {
	// The words come back with their placeholders in: they are filled in here, since
	// what a template of text/template does for each takes longer than the page.
	var text string
	for i, l := range localizers {
		var err error
		text, err = l.Localize(&i18n.LocalizeConfig{MessageID: id, PluralCount: n, TemplateParser: parser.IdentityParser{}})
		if missing := (*i18n.MessageNotFoundErr)(nil); i == len(localizers)-1 || !errors.As(err, &missing) {
			break // else it is English, or nothing
		}
	}
	if text == "" {
		return phrases.Message{id}
	}
	var m phrases.Message
	for {
		before, rest, found := strings.Cut(text, "{{")
		m = append(m, before)
		if !found {
			return m
		}
		name, after, _ := strings.Cut(rest, "}}")
		m = append(m, strings.TrimPrefix(strings.TrimSpace(name), "."))
		text = after
	}
}

// HTML is a message as HTML: what is HTML already stays, and all else is escaped.
func (w *Words) HTML(id string, args ...any) template.HTML {
	m, count, args := w.Pick(id, args)
	if len(m) == 1 {
		return template.HTML(escape(m[0]))
	}
	var b strings.Builder
	b.Grow(64)
	for i, s := range m {
		if i%2 == 0 {
			b.WriteString(escape(s))
			continue
		}
		switch v := phrases.Value(s, count, args).(type) {
		case nil:
		case template.HTML:
			b.WriteString(string(v))
		default:
			b.WriteString(escape(w.Text(v)))
		}
	}
	return template.HTML(b.String())
}

func escape(s string) string {
	if strings.ContainsAny(s, `&<>"'`) {
		return html.EscapeString(s)
	}
	return s
}

// whole is text that stands as it is.
type whole string

// Bare are the words for a terminal, where isolates would be escaped.
func (w *Words) Bare() *Words {
	bare := *w.Phrases
	bare.Bare = true
	return &Words{&bare, w.locale}
}

// Date writes a day: "4 May 2026"; "" for none.
func (w *Words) Date(d policy.Date) string {
	if d.IsZero() {
		return ""
	}
	return w.locale.FmtDateLong(timeOf(d))
}

func timeOf(d policy.Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// Time is a day on a page, for programs too; "" for none.
func (w *Words) Time(d policy.Date) template.HTML {
	return timeElement(d, w.Date(d))
}

func timeElement(d policy.Date, text string) template.HTML {
	if d.IsZero() {
		return ""
	}
	return template.HTML(`<time datetime="` + d.String() + `">` + escape(text) + `</time>`)
}

// Days writes the days from one to another, which counts: "4 May – 16 August 2020".
// They may be one day.
func (w *Words) Days(from, last policy.Date) template.HTML {
	if from == last {
		return w.Time(from)
	}
	id := "days"
	if from.Year == last.Year {
		id = "days-in-year"
	}
	inYear := func(d policy.Date) template.HTML {
		return timeElement(d, w.T("day-in-year", "Day", w.Number(d.Day), "Month", w.locale.MonthWide(d.Month)))
	}
	return w.HTML(id, "From", w.Time(from), "To", w.Time(last), "FromInYear", inYear(from), "ToInYear", inYear(last))
}

// List joins names: "a, b and c".
func (w *Words) List(names []string) string {
	out := ""
	for i, name := range names {
		switch i {
		case 0:
			out = w.Isolate(name)
		case len(names) - 1:
			id := "list-last"
			if i == 1 {
				id = "list-two"
			}
			out = w.T(id, "Before", whole(out), "Last", name)
		default:
			out = w.T("list-next", "Before", whole(out), "Next", name)
		}
	}
	return out
}

// Series joins parts of a page without a last one: "a, b, c".
func (w *Words) Series(parts []template.HTML) (out template.HTML) {
	for i, part := range parts {
		if i == 0 {
			out = part
		} else {
			out = w.HTML("list-next", "Before", out, "Next", part)
		}
	}
	return out
}

// Nth names the nth of several: "2nd version".
func (w *Words) Nth(n int) string {
	id := "nth-" + strings.ToLower(w.locale.OrdinalPluralRule(float64(n), 0).String())
	if _, ok := w.Plain[id]; !ok {
		id = "nth-other"
	}
	return w.T(id, "Count", n)
}
