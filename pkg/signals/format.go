// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

import (
	"math"
	"strconv"
)

// Absent is printed for what is not known. It is no number, so that nobody reads
// it as one.
const Absent = "-"

// Percent prints a share with two decimals, cut and not rounded: 99.996 % prints
// 99.99, and only a true 1 prints 100. A share above 0 never prints as 0.
func Percent(share float64) string {
	const step = 1e-4
	switch {
	case math.IsNaN(share):
		return Absent
	case share >= 1:
		return "100"
	case share <= 0:
		return "0.00"
	}
	steps := share / step
	// 0.8 computed from rates may be 0.7999999999999999, which is 80.00.
	if near := math.Round(steps); math.Abs(steps-near) < 1e-6 {
		steps = near
	}
	whole := math.Min(math.Floor(steps), 9999)
	if whole == 0 {
		return "<0.01"
	}
	return strconv.FormatFloat(whole/100, 'f', 2, 64)
}

// Rate prints events a second with about three digits: 0, <0.01, 0.25, 12.5, 340,
// 1.2k. Only a true 0 prints as 0.
func Rate(perSecond float64) string {
	switch {
	case math.IsNaN(perSecond) || math.IsInf(perSecond, 0) || perSecond < 0:
		return Absent
	case perSecond == 0:
		return "0"
	case perSecond < 0.01:
		return "<0.01"
	}
	return scaled(perSecond, 1000, []string{"", "k", "M", "G"})
}

// scaled prints v with the unit that leaves fewer than step of it: two decimals
// below 1, one below 100, none above.
func scaled(v, step float64, units []string) string {
	for i, unit := range units {
		decimals := 0
		switch {
		case roundTo(v, 2) < 1:
			decimals = 2
		case roundTo(v, 1) < 100:
			decimals = 1
		}
		if roundTo(v, decimals) < step || i == len(units)-1 {
			return strconv.FormatFloat(v, 'f', decimals, 64) + unit
		}
		v /= step
	}
	return Absent
}

func roundTo(v float64, decimals int) float64 {
	by := math.Pow10(decimals)
	return math.Round(v*by) / by
}

// Bytes prints bytes a second in binary units: 512B/s, 1.5KiB/s.
func Bytes(perSecond float64) string {
	switch {
	case math.IsNaN(perSecond) || math.IsInf(perSecond, 0) || perSecond < 0:
		return Absent
	case perSecond == 0:
		return "0B/s"
	case perSecond < 0.01:
		return "<0.01B/s"
	}
	return scaled(perSecond, 1024, []string{"B/s", "KiB/s", "MiB/s", "GiB/s", "TiB/s"})
}

// Count prints about how many: a whole number, "<1" for less than one but not none.
func Count(n float64) string {
	switch {
	case math.IsNaN(n) || math.IsInf(n, 0) || n < 0:
		return Absent
	case n > 0 && n < 0.5:
		return "<1"
	}
	return strconv.FormatFloat(math.Round(n), 'f', 0, 64)
}

// Duration prints seconds with three digits in µs, ms or s: 850µs, 37.5ms, 1.25s,
// 3600s.
func Duration(seconds float64) string {
	if math.IsNaN(seconds) || math.IsInf(seconds, 0) || seconds < 0 {
		return Absent
	}
	v, unit := inUnit(seconds)
	return v + unit
}

func inUnit(seconds float64) (value, unit string) {
	switch {
	case seconds == 0:
		return "0", "ms"
	case seconds < 1e-6:
		return "<1", "µs"
	case threeDigits(seconds*1e6) < 1000:
		return digits(seconds * 1e6), "µs"
	case threeDigits(seconds*1e3) < 1000:
		return digits(seconds * 1e3), "ms"
	}
	return digits(seconds), "s"
}

// threeDigits rounds to three significant digits, keeping whole numbers whole.
func threeDigits(v float64) float64 {
	switch {
	case v < 10:
		return roundTo(v, 2)
	case v < 100:
		return roundTo(v, 1)
	}
	return math.Round(v)
}

func digits(v float64) string { return strconv.FormatFloat(threeDigits(v), 'f', -1, 64) }

// Range prints the bounds of a bucket, in seconds: 25-50ms, 500ms-1s, >3600s, and
// ≤0ms for a first bucket that has no lower bound.
func Range(low, high float64) string {
	switch {
	case math.IsNaN(low) || math.IsNaN(high):
		return Absent
	case math.IsInf(high, 1):
		return ">" + Duration(low)
	case math.IsInf(low, -1):
		return "≤" + Duration(high)
	case low == 0:
		v, unit := inUnit(high)
		return "0-" + v + unit
	}
	from, unit := inUnit(low)
	if to, same := inUnit(high); same == unit {
		return from + "-" + to + unit
	}
	return from + unit + "-" + Duration(high)
}

// String prints the estimate as a cell: 37.5ms, or >3600s for one beyond the bounds.
func (e Estimate) String() string {
	if e.Beyond {
		return ">" + Duration(e.Value)
	}
	return Duration(e.Value)
}
