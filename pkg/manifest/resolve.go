// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// words are the plain scalars YAML 1.1 gives a meaning.
var words = map[string]any{}

func init() {
	for value, list := range map[any]string{
		true:         "y Y yes Yes YES true True TRUE on On ON",
		false:        "n N no No NO false False FALSE off Off OFF",
		nil:          "~ null Null NULL",
		math.Inf(1):  ".inf .Inf .INF +.inf +.Inf +.INF",
		math.Inf(-1): "-.inf -.Inf -.INF",
	} {
		for word := range strings.FieldsSeq(list) {
			words[word] = value
		}
	}
	for word := range strings.FieldsSeq(".nan .NaN .NAN") {
		words[word] = math.NaN()
	}
	words[""] = nil
}

var decimal = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)

// resolvePlain gives a plain scalar its value as go.yaml.in/yaml/v2 does, which
// kubectl reads with: nil, bool, int64, uint64 (only above int64), float64 or
// string. Timestamps stay strings.
func resolvePlain(s string) any {
	if s == "" {
		return nil
	}
	switch b := s[0]; {
	case b >= '0' && b <= '9', b == '+', b == '-':
		if v, ok := words[s]; ok {
			return v
		}
		return resolveNumber(s)
	case b == '.':
		if v, ok := words[s]; ok {
			return v
		}
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			return f
		}
	case len(s) <= 5: // the longest word is "false"
		if v, ok := words[s]; ok {
			return v
		}
	}
	return s
}

func resolveNumber(s string) any {
	digits := strings.ReplaceAll(s, "_", "")
	if i, ok := parseInteger(digits, 0); ok {
		return i
	}
	if decimal.MatchString(digits) {
		if f, err := strconv.ParseFloat(digits, 64); err == nil {
			return f
		}
	}
	if rest, ok := strings.CutPrefix(digits, "0b"); ok { // signs after the prefix
		if i, ok := parseInteger(rest, 2); ok {
			return i
		}
	}
	return s
}

func parseInteger(s string, base int) (any, bool) {
	if i, err := strconv.ParseInt(s, base, 64); err == nil {
		return i, true
	}
	if u, err := strconv.ParseUint(s, base, 64); err == nil {
		return u, true
	}
	return nil, false
}

// resolve returns the value of a scalar node of a YAML document.
func resolve(n *node) (any, error) {
	switch n.tag {
	case "":
		if n.style != plain {
			return n.text, nil
		}
		return resolvePlain(n.text), nil
	case "!!str":
		return n.text, nil
	case "!!binary":
		raw, err := base64.StdEncoding.DecodeString(n.text)
		if err != nil {
			return nil, errors.New("expected base64 data after the tag !!binary")
		}
		return string([]rune(string(raw))), nil // JSON text has no other bytes than UTF-8
	case "!!null", "!!bool", "!!int", "!!float", "!!timestamp":
		v := resolvePlain(n.text)
		if i, ok := v.(int64); ok && n.tag == "!!float" {
			v = float64(i)
		}
		if tagOf(v) != n.tag {
			return nil, fmt.Errorf("expected a value that fits the tag %s, found %q", n.tag, n.text)
		}
		return v, nil
	}
	return n.text, nil
}

func tagOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "!!null"
	case bool:
		return "!!bool"
	case int64, uint64:
		return "!!int"
	case float64:
		return "!!float"
	case string:
		if isTimestamp(v) {
			return "!!timestamp"
		}
	}
	return "!!str"
}

func isTimestamp(s string) bool {
	for _, layout := range []string{"2006-1-2T15:4:5Z07:00", "2006-1-2t15:4:5Z07:00", "2006-1-2 15:4:5", "2006-1-2"} {
		if _, err := time.Parse(layout, s); err == nil && len(s) > 4 && s[4] == '-' {
			return true
		}
	}
	return false
}

// toJSON turns a resolved scalar into what is left of it after a passage
// through JSON text: int64 for whole numbers that fit, float64 for others.
func toJSON(v any) (any, error) {
	switch v := v.(type) {
	case uint64:
		return float64(v), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, errors.New("expected a number that JSON can express")
		}
		if math.Abs(v) < 1e21 { // as encoding/json writes it: shortest digits, no exponent
			if i, err := strconv.ParseInt(strconv.FormatFloat(v, 'f', -1, 64), 10, 64); err == nil {
				return i, nil
			}
		}
	}
	return v, nil
}

// keyString turns a resolved key into a JSON key as sigs.k8s.io/yaml does.
func keyString(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case int64:
		return strconv.FormatInt(v, 10), true
	case bool:
		return strconv.FormatBool(v), true
	case float64:
		switch {
		case math.IsNaN(v):
			return ".nan", true
		case math.IsInf(v, 1):
			return ".inf", true
		case math.IsInf(v, -1):
			return "-.inf", true
		}
		return strconv.FormatFloat(v, 'g', -1, 32), true
	}
	return "", false
}
