// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// Percent is an exact share in units of 1/10,000 of a percent: 10 % is 100,000.
// Weights are integers and equality decides whether anything is written, so
// that binary fractions will not do.
type Percent int64

const (
	one     Percent = 10_000
	hundred         = 100 * one
)

// ParsePercent reads "10", "0.5" or "12.25%". It accepts 0 to 100 with up to
// four decimals.
func ParsePercent(text string) (Percent, error) {
	number := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "%"))
	whole, decimals, dotted := strings.Cut(number, ".")
	bad := fault.Usagef("--weight %q: expected a percentage from 0 to 100, such as 10 or 0.5", text)
	if len(decimals) > 4 {
		return 0, fault.Usagef("--weight %q: expected at most four decimals, found %d", text, len(decimals))
	}
	if dotted && decimals == "" {
		return 0, bad
	}
	n, err := strconv.ParseUint(whole+decimals+strings.Repeat("0", 4-len(decimals)), 10, 32)
	if err != nil || whole == "" {
		return 0, bad
	}
	if p := Percent(n); p <= hundred {
		return p, nil
	}
	return 0, bad
}

// Of returns the weight that is p of a total, and whether it is a whole number.
func (p Percent) Of(total int) (weight int, exact bool) {
	n := int64(total) * int64(p)
	return int(n / int64(hundred)), n%int64(hundred) == 0
}

// factor is the least number by which a total must be multiplied so that p of
// it is a whole number.
func (p Percent) factor(total int) int {
	return int(int64(hundred) / gcd(int64(hundred), int64(total)*int64(p)))
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// ShareOf returns which percentage of a total a weight is, rounded to 1/10,000
// of a percent; 0 of nothing is 0.
func ShareOf(weight, total int) Percent {
	if total == 0 {
		return 0
	}
	return Percent((int64(weight)*int64(hundred) + int64(total)/2) / int64(total))
}

// String prints the shortest decimal without a percent sign: "10", "0.5".
func (p Percent) String() string {
	s := strconv.FormatInt(int64(p/one), 10)
	if rest := p % one; rest != 0 {
		digits := strconv.FormatInt(int64(one+rest), 10)[1:]
		s += "." + strings.TrimRight(digits, "0")
	}
	return s
}

// Float returns the percentage as a number.
func (p Percent) Float() float64 { return float64(p) / float64(one) }
