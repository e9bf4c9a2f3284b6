package policy

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Problem is something wrong with a text or a setting, at a place a person
// can go to.
type Problem struct {
	Path    string // relative to the repository root, with slashes
	Line    int    // from 1; 0 when the whole file is meant
	Column  int    // from 1; 0 when the whole line is meant
	Message string // what is wrong: no capital, no final period
	Hint    string // how to mend it; may be empty
	Warning bool   // does not fail a build, unless it is strict
	Value   bool   // front matter is wrong, and the text can be read without it
	Key     string // the unknown key that it is about
	Other   string // path of another file that it is about, too
	Rule    string // that it breaks; "" for none
}

// Error returns "content/privacy.md:4:12: message".
func (p *Problem) Error() string {
	var b strings.Builder
	if p.Path != "" {
		b.WriteString(Printable(p.Path))
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d", p.Line)
			if p.Column > 0 {
				fmt.Fprintf(&b, ":%d", p.Column)
			}
		}
		b.WriteString(": ")
	}
	b.WriteString(p.Message)
	return b.String()
}

// Printable is a path or a word as it can be shown in a terminal, which obeys
// control characters and shows letters in the order that others ask for: with both
// escaped, as in "\x1b" and "\u202e".
func Printable(s string) string { return printable(s, "") }

// PrintableText does the same with a text, which keeps its lines and tabs.
func PrintableText(s string) string { return printable(s, "\n\t") }

func printable(s, kept string) string {
	obeyed := func(r rune) bool {
		return r == utf8.RuneError || (unicode.IsControl(r) || isBidiControl(r)) && !strings.ContainsRune(kept, r)
	}
	if !strings.ContainsFunc(s, obeyed) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case n == 1 && r == utf8.RuneError: // a byte that some terminals obey
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r != utf8.RuneError && obeyed(r):
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// Problems are all that is wrong with one run's input, reported together.
type Problems []*Problem

// Error lists the problems, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Sort orders problems by path, line and column, errors and warnings alike.
func (ps Problems) Sort() {
	slices.SortStableFunc(ps, func(a, b *Problem) int {
		if c := strings.Compare(a.Path, b.Path); c != 0 {
			return c
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
}

// Errors returns the problems that fail a build: all of them when strict.
func (ps Problems) Errors(strict bool) Problems {
	var out Problems
	for _, p := range ps {
		if strict || !p.Warning {
			out = append(out, p)
		}
	}
	return out
}

// The reasons a command fails, each with its own exit code. An error that
// wraps none of them is a fault of this program.
var (
	ErrContent  = errors.New("content error")             // exit 1
	ErrUsage    = errors.New("usage error")               // exit 2
	ErrHistory  = errors.New("history cannot be trusted") // exit 3
	ErrOutput   = errors.New("output not written")        // exit 4
	ErrMismatch = errors.New("difference found")          // exit 5
)

// Failure is an error of one of the reasons above with the hint that mends it.
type Failure struct {
	Reason  error  // one of ErrContent … ErrMismatch
	Message string // no capital, no final period
	Hint    string // may be empty; lines are separated by "\n"
	Cause   error  // may be nil
}

// Fail makes a Failure. The cause, when there is one, ends the message.
func Fail(reason error, cause error, hint, format string, args ...any) *Failure {
	return &Failure{Reason: reason, Message: fmt.Sprintf(format, args...), Hint: hint, Cause: cause}
}

func (f *Failure) Error() string {
	if f.Cause != nil {
		return f.Message + ": " + f.Cause.Error()
	}
	return f.Message
}

// Unwrap makes errors.Is see both the reason and the cause.
func (f *Failure) Unwrap() []error {
	if f.Cause != nil {
		return []error{f.Reason, f.Cause}
	}
	return []error{f.Reason}
}

// ProblemOf makes a problem of an error, unless it is one.
func ProblemOf(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	return &Problem{Message: err.Error()}
}
