// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package patch

import (
	"fmt"
	"strconv"
	"strings"
)

var (
	escaper   = strings.NewReplacer("~", "~0", "/", "~1")
	unescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

// Pointer builds a JSON Pointer (RFC 6901) of keys (string) and indexes (int):
// Pointer("spec", "http", 0) is "/spec/http/0". The empty pointer is the document.
func Pointer(tokens ...any) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteByte('/')
		switch t := t.(type) {
		case int:
			b.WriteString(strconv.Itoa(t))
		case string:
			b.WriteString(escaper.Replace(t))
		default:
			b.WriteString(escaper.Replace(fmt.Sprint(t)))
		}
	}
	return b.String()
}

// Join appends one token to a pointer.
func Join(pointer, token string) string { return pointer + "/" + escaper.Replace(token) }

// Split cuts the last token off a pointer: "/a/b" is "/a" and "b".
func Split(pointer string) (parent, last string) {
	i := strings.LastIndexByte(pointer, '/')
	if i < 0 {
		return "", pointer
	}
	return pointer[:i], unescaper.Replace(pointer[i+1:])
}

// Tokens splits a pointer into its unescaped tokens.
func Tokens(pointer string) ([]string, error) {
	if pointer == "" {
		return nil, nil
	}
	if pointer[0] != '/' {
		return nil, fmt.Errorf("pointer %q does not start with /", pointer)
	}
	parts := strings.Split(pointer[1:], "/")
	for i, p := range parts {
		if strings.Count(p, "~") != strings.Count(p, "~0")+strings.Count(p, "~1") {
			return nil, fmt.Errorf("pointer %q has a ~ that is neither ~0 nor ~1", pointer)
		}
		parts[i] = unescaper.Replace(p)
	}
	return parts, nil
}

// Get returns the value a pointer names.
func Get(doc any, pointer string) (any, error) {
	tokens, err := Tokens(pointer)
	if err != nil {
		return nil, err
	}
	for _, t := range tokens {
		switch at := doc.(type) {
		case map[string]any:
			v, found := at[t]
			if !found {
				return nil, fmt.Errorf("no field %q", t)
			}
			doc = v
		case []any:
			i, err := index(t, len(at), false)
			if err != nil {
				return nil, err
			}
			doc = at[i]
		default:
			return nil, fmt.Errorf("%q: expected an object or a list, found %T", t, doc)
		}
	}
	return doc, nil
}
