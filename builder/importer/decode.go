package importer

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/unicode/norm"
)

func normalize(s string) string { return norm.NFC.String(s) }

// decode finds out what a source is written in, and makes UTF-8 of it. The type
// that a server stated counts only where the bytes leave room for it.
func decode(src Source) (string, Form, error) {
	data := src.Data
	if len(bytes.TrimSpace(data)) == 0 {
		return "", "", errors.New("is empty")
	}
	sniffed, _, _ := mime.ParseMediaType(http.DetectContentType(data))
	if !strings.HasPrefix(sniffed, "text/") && sniffed != "application/octet-stream" {
		return "", "", fmt.Errorf("is not text, but %s: save its text as a .txt or .html file first", sniffed)
	}
	content, err := toUTF8(data, src.Type)
	if err != nil {
		return "", "", err
	}
	if strings.ContainsRune(content, 0) {
		return "", "", errors.New("is not text: it has zero bytes")
	}
	if n := strings.Count(content, "\uFFFD"); n > 10 && n > len(content)/100 {
		return "", "", fmt.Errorf("is in an unknown character set: %d characters cannot be read", n)
	}
	content = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.TrimPrefix(content, "\uFEFF"))
	declared, _, _ := mime.ParseMediaType(src.Type)
	return content, formOf(content, strings.ToLower(path.Ext(src.Name)), declared), nil
}

// toUTF8 reads bytes in the most likely character set: that of a byte order
// mark; UTF-8 when they are valid as that, since texts in other sets hardly ever
// are by chance; the one that the header or the page names; else that of old
// Windows programs.
func toUTF8(data []byte, contentType string) (string, error) {
	encoding, name, _ := charset.DetermineEncoding(data[:min(len(data), 1024)], contentType)
	marked := bytes.HasPrefix(data, []byte("\xFE\xFF")) || bytes.HasPrefix(data, []byte("\xFF\xFE"))
	escaped := bytes.IndexByte(data, 0x1B) >= 0 // ISO-2022-JP is valid as ASCII
	if !marked && !escaped && utf8.Valid(data) {
		return string(data), nil
	}
	if !marked && name == "utf-8" { // which it is not
		encoding, name, _ = charset.DetermineEncoding(data[:min(len(data), 1024)], "")
		if name == "utf-8" {
			encoding, name = charset.Lookup("windows-1252")
		}
	}
	out, err := encoding.NewDecoder().Bytes(data)
	if err != nil {
		return "", fmt.Errorf("cannot be read as %s: %w", name, err)
	}
	if len(out) > 4*len(data) {
		return "", fmt.Errorf("cannot be read as %s", name)
	}
	return string(out), nil
}

var (
	htmlStart = regexp.MustCompile(`(?is)^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body|title|meta|div|main|article|section|p|h1|h2|table|center|font)\b`)
	htmlTags  = regexp.MustCompile(`(?i)</(?:p|div|h[1-6]|li|td|body)>`)
)

func formOf(content, ext, declared string) Form {
	start := content[:min(len(content), 4096)]
	switch {
	case ext == ".md" || ext == ".markdown" || declared == "text/markdown":
		return Markdown
	case htmlStart.MatchString(start), ext == ".html" || ext == ".htm" || ext == ".xhtml",
		declared == "text/html" && htmlTags.MatchString(content):
		return HTML
	case looksLikeMarkdown(content):
		return Markdown
	}
	return Plain
}

var (
	markdownBlock  = regexp.MustCompile(`(?m)^(?:#{1,6} +\S|\d+\\\. )`)
	markdownInline = regexp.MustCompile(`\]\([^)\s]+\)|\*\*[^*\s][^*\n]*\*\*`)
)

// looksLikeMarkdown tells Markdown in a .txt file from plain text: it has front
// matter, headings with #, escaped numbers, links or words in bold.
func looksLikeMarkdown(content string) bool {
	return strings.HasPrefix(content, "---\n") || strings.HasPrefix(content, "+++\n") ||
		markdownBlock.MatchString(content) || markdownInline.MatchString(content)
}
