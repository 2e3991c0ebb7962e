// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

func (s *shape) expected() string {
	switch s.form {
	case text:
		return "text"
	case boolean:
		return "true or false"
	case number:
		return "a number"
	case quantity:
		return "a quantity"
	case intOrString:
		return "a whole number or text"
	case enumeration:
		return "one of " + strings.Join(s.values, ", ")
	case integer:
		return "a whole number" + s.limits(false)
	case list:
		return "a list"
	case mapping:
		return "a mapping"
	}
	return "a value"
}

// limits are the bounds of a whole number. Those that come of its size alone are
// left out, unless all are wanted: nobody asks for them but who is beyond them.
func (s *shape) limits(all bool) string {
	bounded := s.bounded
	if !all {
		bounded[0], bounded[1] = bounded[0] && s.bounds[0] != math.MinInt32, bounded[1] && s.bounds[1] != math.MaxInt32
	}
	low, high := strconv.FormatFloat(s.bounds[0], 'f', -1, 64), strconv.FormatFloat(s.bounds[1], 'f', -1, 64)
	switch bounded {
	case [2]bool{true, true}:
		return " from " + low + " to " + high
	case [2]bool{true, false}:
		return " of at least " + low
	case [2]bool{false, true}:
		return " of at most " + high
	}
	return ""
}

// describe says what a value is. Text is quoted: the quotes are often what is
// wrong.
func describe(v any) string {
	switch v := v.(type) {
	case string:
		if r := []rune(v); len(r) > 40 {
			v = string(r[:39]) + "…"
		}
		return "the text " + strconv.Quote(v)
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return "the number " + strconv.FormatFloat(v, 'g', -1, 64)
	case map[string]any:
		return "a mapping"
	case []any:
		return "a list"
	case nil:
		return "null"
	}
	return fmt.Sprintf("the number %v", v)
}
