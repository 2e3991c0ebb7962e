// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

// sniffJSON looks for the strings "apiVersion" and "kind" among the keys of the
// object src starts with, skipping over other values.
func sniffJSON(src []byte) (apiVersion, kind string, ok bool) {
	i := jsonBlank(src, 1)
	for i < len(src) && src[i] == '"' {
		key, next := jsonWord(src, i)
		i = jsonBlank(src, next)
		if i >= len(src) || src[i] != ':' {
			return "", "", false
		}
		i = jsonBlank(src, i+1)
		if key == "apiVersion" || key == "kind" {
			var word string
			if word, i = jsonWord(src, i); word == "" {
				return "", "", false
			}
			if key == "kind" {
				kind = word
			} else {
				apiVersion = word
			}
			if apiVersion != "" && kind != "" {
				return apiVersion, kind, true
			}
		} else if i = skipJSON(src, i); i < 0 {
			return "", "", false
		}
		if i = jsonBlank(src, i); i >= len(src) || src[i] != ',' {
			return "", "", false
		}
		i = jsonBlank(src, i+1)
	}
	return "", "", false
}

func jsonBlank(src []byte, i int) int {
	for i < len(src) && (isBlank(src[i]) || isBreak(src[i])) {
		i++
	}
	return i
}

// jsonWord returns the string at i when it is a word (see isWord), else "", and
// the offset after the string.
func jsonWord(src []byte, i int) (string, int) {
	if i >= len(src) || src[i] != '"' {
		return "", i
	}
	end := jsonString(src, i)
	if end >= len(src) || !isWord(src[i+1:end]) {
		return "", end + 1
	}
	switch string(src[i+1 : end]) { // no allocation for the common keys
	case "apiVersion":
		return "apiVersion", end + 1
	case "kind":
		return "kind", end + 1
	}
	return string(src[i+1 : end]), end + 1
}

// skipJSON returns the offset after the value at i, -1 when it does not end.
func skipJSON(src []byte, i int) int {
	depth := 0
	for ; i < len(src); i++ {
		switch src[i] {
		case '"':
			if i = jsonString(src, i); i >= len(src) || src[i] != '"' {
				return -1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return i
			}
		case ',':
			if depth == 0 {
				return i
			}
			continue
		}
	}
	return -1
}
