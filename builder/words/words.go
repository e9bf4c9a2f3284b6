// Package words has the words of the interface in every language that there is a
// file of words for, and writes dates, numbers and lists as readers of that language
// do. The files are of go-i18n's format, messages with the plural forms of CLDR.
package words

import (
	"errors"
	"fmt"
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
	"golang.org/x/text/unicode/bidi"

	"github.com/policysite/policysite/builder/policy"
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
	w := &Words{
		Lang:    lang,
		rtl:     Direction(lang) == "rtl",
		locale:  localeOf(lang),
		plain:   make(map[string]message, len(b.ids)),
		counted: make([]map[string]message, 1<<6),
	}
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
		w.plain[id] = form(localizers, id, nil)
	}
	for i := range 201 { // among them is one of each form in every language
		n := i
		if i == 200 {
			n = 1e6 // "un million de mots"
		}
		if c := w.class(n); w.counted[c] == nil {
			w.counted[c] = map[string]message{}
			for _, id := range b.ids {
				w.counted[c][id] = form(localizers, id, n)
			}
		}
	}
	return w
}

// Words are those of one language.
type Words struct {
	Lang    string // BCP 47, as a text states it: "de-AT", with the words of "de"
	rtl     bool
	bare    bool // without isolates
	locale  locales.Translator
	plain   map[string]message   // by id, in the form of no number
	counted []map[string]message // by class of the number, and by id
}

// class is a number for all numbers that take the same form, in the language and in
// English, of which missing messages are.
func (w *Words) class(n int) int {
	return int(w.locale.CardinalPluralRule(float64(n), 0))<<3 | int(englishLocale.CardinalPluralRule(float64(n), 0))
}

// message is the words between placeholders and the names of these, by turns.
type message []string

// form is a message in the form for a number; nil is no number. It is of the first of the
// localizers that has it.
func form(localizers []*i18n.Localizer, id string, n any) message {
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
		return message{id}
	}
	var m message
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

// T is a message as text. What its placeholders stand for follows: a number first
// where the message has one, which gives it its form and stands for Count, then by
// turns the names of others and what stands for them: T("edits", 3, "Of", "7").
// Numbers are written as the language does. A message that no file has is its id.
func (w *Words) T(id string, args ...any) string {
	m, count, args := w.pick(id, args)
	if len(m) == 1 {
		return w.written(m[0])
	}
	var b strings.Builder
	for i, s := range m {
		if i%2 == 0 {
			b.WriteString(s)
		} else if v := value(s, count, args); v != nil {
			b.WriteString(w.text(v))
		}
	}
	return w.written(b.String())
}

// HTML is a message as HTML: what is HTML already stays, and all else is escaped.
func (w *Words) HTML(id string, args ...any) template.HTML {
	m, count, args := w.pick(id, args)
	if len(m) == 1 {
		return template.HTML(escape(m[0]))
	}
	var b strings.Builder
	for i, s := range m {
		if i%2 == 0 {
			b.WriteString(escape(s))
			continue
		}
		switch v := value(s, count, args).(type) {
		case nil:
		case template.HTML:
			b.WriteString(string(v))
		default:
			b.WriteString(escape(w.text(v)))
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

func (w *Words) pick(id string, args []any) (message, any, []any) {
	if len(args)%2 == 0 {
		m, ok := w.plain[id]
		if !ok {
			m = message{id}
		}
		return m, nil, args
	}
	n, ok := args[0].(int)
	if !ok {
		return message{id}, nil, nil
	}
	m, ok := w.counted[w.class(n)][id]
	if !ok {
		m = message{id}
	}
	return m, n, args[1:]
}

// value is what stands for a placeholder; nil for nothing.
func value(name string, count any, args []any) any {
	if name == "Count" && count != nil {
		return count
	}
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return args[i+1]
		}
	}
	return nil
}

func (w *Words) text(v any) string {
	switch v := v.(type) {
	case string:
		return w.Isolate(v)
	case whole:
		return string(v)
	case template.HTML:
		return string(v)
	case int:
		return w.Number(v)
	}
	return fmt.Sprint(v)
}

// whole is text that stands as it is.
type whole string

// Isolate keeps a text of the other direction from changing the order of the words that
// it stands among: it becomes an isolate, as UAX #9 has it.
func (w *Words) Isolate(s string) string {
	if w.bare || !w.rtl && strings.IndexFunc(s, beyondLatin) < 0 {
		return s // nearly all
	}
	for _, r := range s {
		p, _ := bidi.LookupRune(r)
		switch p.Class() {
		case bidi.L, bidi.ES: // "2026-05-04" would be turned around behind Arabic words
			if w.rtl {
				return "\u2068" + s + "\u2069"
			}
		case bidi.R, bidi.AL:
			if !w.rtl {
				return "\u2068" + s + "\u2069"
			}
		}
	}
	return s
}

// Bare are the words for a terminal, where isolates would be escaped.
func (w *Words) Bare() *Words {
	bare := *w
	bare.bare = true
	return &bare
}

// written is text as these words give it out.
func (w *Words) written(s string) string {
	if w.bare {
		return isolates.Replace(s)
	}
	return s
}

// isolates are the characters that begin and end one.
var isolates = strings.NewReplacer("\u2066", "", "\u2067", "", "\u2068", "", "\u2069", "")

func beyondLatin(r rune) bool { return r >= '\u0590' }

// Number writes a number: "4,858".
func (w *Words) Number(n int) string { return w.locale.FmtNumber(float64(n), 0) }

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
	if _, ok := w.plain[id]; !ok {
		id = "nth-other"
	}
	return w.T(id, "Count", n)
}
