// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package usage

import (
	"math"
	"strconv"
)

// Cores prints CPU as manifests do, below one core in thousandths: "0.4m", "250m",
// "1.25".
func Cores(x float64) string {
	milli := x * 1000
	switch {
	case milli == 0:
		return "0"
	case milli < 9.95:
		return decimals(milli, 1) + "m"
	case math.Round(milli) < 1000:
		return decimals(milli, 0) + "m"
	}
	return decimals(x, 2)
}

// units are those of memory in manifests, each 1024 of the one before.
var units = []string{"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"}

// Bytes prints memory as manifests do: "128Mi", "1.5Gi".
func Bytes(x float64) string {
	unit := 0
	for ; x >= 1023.5 && unit < len(units)-1; unit++ {
		x /= 1024
	}
	if x < 99.95 && unit > 2 { // tenths of what is below a Gi are noise
		return decimals(x, 1) + units[unit]
	}
	return decimals(x, 0) + units[unit]
}

// Percent prints a ratio, cut and not rounded: what is not quite full never says
// 100%.
func Percent(ratio float64) string {
	return decimals(math.Floor(ratio*100+1e-9), 0) + "%"
}

// decimals prints at most n decimals, without zeros at the end.
func decimals(x float64, n int) string {
	scale := math.Pow10(n)
	return strconv.FormatFloat(math.Round(x*scale)/scale, 'f', -1, 64)
}
