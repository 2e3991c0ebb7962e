// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package slo

import (
	"math/big"
	"regexp"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

var (
	one     = big.NewRat(1, 1)
	hundred = big.NewRat(100, 1)
	// decimalText bounds the digits too: a target of a thousand nines is a mistake.
	decimalText = regexp.MustCompile(`^[0-9]{1,3}(\.[0-9]{1,12})?%?$`)
)

// ParseRatio reads a share: 99.9, 99.9% and 0.999 are the same; a bare number of at
// most 1 is a ratio. It is exact, as decimals are, and above 0 and below 1: a budget
// of nothing is spent by the first failure.
func ParseRatio(s string) (*big.Rat, error) {
	if !decimalText.MatchString(s) {
		return nil, fault.Usagef("expected a share such as 99.9, 99.9%% or 0.999, found %q", s).Try("--target 99.9")
	}
	r, _ := new(big.Rat).SetString(strings.TrimSuffix(s, "%"))
	if strings.HasSuffix(s, "%") || r.Cmp(one) > 0 {
		r.Quo(r, hundred)
	}
	if r.Sign() <= 0 || r.Cmp(one) >= 0 {
		return nil, fault.Usagef("expected a share above 0 and below 100 %%, found %q: all or nothing leaves no error budget", s).Try("--target 99.9")
	}
	return r, nil
}

// decimal writes a number as PromQL reads it, without loss: as a decimal where there
// is one, else as a quotient.
func decimal(r *big.Rat) string {
	digits, exact := r.FloatPrec()
	if !exact {
		return "(" + r.Num().String() + " / " + r.Denom().String() + ")"
	}
	return r.FloatString(digits)
}

// percent is a share for people.
func percent(r *big.Rat) string { return decimal(new(big.Rat).Mul(r, hundred)) + " %" }
