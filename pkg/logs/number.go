// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// isNumber reports whether a word is a number as JSON writes them.
func isNumber(s string) bool {
	digit := strings.TrimPrefix(s, "-")
	if digit == "" || digit[0] < '0' || digit[0] > '9' || len(digit) > 1 && digit[0] == '0' && digit[1] != '.' && digit[1] != 'e' && digit[1] != 'E' {
		return false
	}
	if last := digit[len(digit)-1]; last < '0' || last > '9' || strings.ContainsAny(s, "xXpP_") {
		return false
	}
	_, err := strconv.ParseFloat(s, 64)
	return err == nil && !strings.Contains(s, ".e") && !strings.Contains(s, ".E")
}

// quantity reports whether a text is a number with something behind it that may be
// its unit, such as "10 MB".
func quantity(s string) bool {
	rest := strings.TrimLeft(strings.TrimPrefix(s, "-"), "0123456789.")
	const longest = 20 // of a unit
	if digit := strings.TrimPrefix(s, "-"); rest == "" || len(rest) > longest || digit == "" || digit[0] < '0' || digit[0] > '9' {
		return false
	}
	for _, r := range strings.TrimPrefix(rest, " ") {
		if !unicode.IsLetter(r) && r != '%' {
			return false
		}
	}
	return true
}

// exactly compares two numbers that are the same as far as a float64 is exact.
// Floats keep the order, so that only equal ones may differ.
func exactly(a, b string, rounded float64) int {
	const exact = 1 << 53
	if a == b || math.Abs(rounded) < exact || math.Abs(rounded) > 1e300 {
		return 0
	}
	x, known := new(big.Rat).SetString(a)
	y, too := new(big.Rat).SetString(b)
	if !known || !too {
		return 0
	}
	return x.Cmp(y)
}

// units are the endings of names that say what their numbers count. Envoy's
// access log counts milliseconds and does not say so.
var units = []struct {
	ending string
	unit   time.Duration
}{
	{"_ms", time.Millisecond}, {"Ms", time.Millisecond}, {"_millis", time.Millisecond}, {"Millis", time.Millisecond}, {"_milliseconds", time.Millisecond},
	{"_us", time.Microsecond}, {"_micros", time.Microsecond}, {"_ns", time.Nanosecond}, {"_nanos", time.Nanosecond},
	{"_s", time.Second}, {"_sec", time.Second}, {"_secs", time.Second}, {"_seconds", time.Second}, {"Seconds", time.Second},
}

// unitOf is what a number under a name counts; false where the name does not say.
func unitOf(key string, r Record) (time.Duration, bool) {
	for _, u := range units {
		if strings.HasSuffix(key, u.ending) {
			return u.unit, true
		}
	}
	if key == "duration" || key == "upstream_service_time" {
		if _, envoy := r.Lookup("response_code"); envoy {
			return time.Millisecond, true
		}
	}
	return 0, false
}

// seconds reads a field as a duration: "1.5s", or a number whose name says what
// it counts.
func seconds(f Field, r Record) (value float64, ok, unclear bool) {
	if d, err := time.ParseDuration(f.Value); err == nil {
		if f.Value != "0" || !f.Raw {
			return d.Seconds(), true, false
		}
		return 0, true, false
	}
	n, err := strconv.ParseFloat(f.Value, 64)
	if err != nil {
		return 0, false, false
	}
	unit, known := unitOf(f.Key, r)
	if !known {
		return 0, false, true
	}
	return n * unit.Seconds(), true, false
}
