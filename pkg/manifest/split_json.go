// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"encoding/json"
)

// splitJSON returns the ends of the JSON values that follow each other from
// first on; the last is the end of data. A value ends where its braces close.
// So that one broken line does not swallow the rest of a stream of lines, a "{"
// at the start of a line where JSON allows none also starts a value.
func splitJSON(data []byte, first int) []int {
	ends := jsonEnds(data, first)
	if len(ends) == 1 {
		return ends
	}
	from := first
	for _, end := range ends {
		if !json.Valid(data[from:end]) {
			// Flow YAML can look like two JSON values; then it is one document.
			if _, p := parseYAML(data[first:]); p == nil {
				return []int{len(data)}
			}
			break
		}
		from = end
	}
	return ends
}

func jsonEnds(data []byte, first int) []int {
	var ends []int
	depth := 0
	var last byte // the last byte that is not blank
	for i := first; i < len(data); i++ {
		switch b := data[i]; b {
		case '"':
			i = jsonString(data, i)
			last = '"'
		case '{':
			lineStart := i == 0 || data[i-1] == '\n'
			if i > first && (depth <= 0 || lineStart && bytes.IndexByte([]byte(",:[{"), last) < 0) {
				if depth <= 0 && last != '}' {
					return []int{len(data)} // other text between the values: not JSON
				}
				ends = append(ends, i)
				depth = 0
			}
			depth++
			last = b
		case '}':
			depth--
			last = b
		case ' ', '\t', '\r', '\n':
		default:
			last = b
		}
	}
	return append(ends, len(data))
}

// jsonString returns the offset of the quote that closes the string opened at i,
// or of the end of the line, which JSON strings cannot cross.
func jsonString(data []byte, i int) int {
	for i++; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"', '\n':
			return i
		}
	}
	return i
}
