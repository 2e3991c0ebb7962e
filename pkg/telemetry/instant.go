// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"math"
	"strconv"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/prom"
)

// ParseInstant reads an instant: RFC 3339, seconds since 1970, or an age such as
// 10m or 2d; empty is now.
func ParseInstant(text string, now time.Time) (time.Time, error) {
	at, ok := instant(text, now)
	if !ok {
		return time.Time{}, fault.Usagef("expected an instant, found %q", text).
			Try("%s, %d, or an age like 10m", now.UTC().Format(time.RFC3339), now.Unix())
	}
	if at.After(now) {
		return time.Time{}, fault.Usagef("expected an instant in the past, found %s, which is %s ahead", text, at.Sub(now).Round(time.Second)).
			Try("leave it out for now, or an age like 10m")
	}
	return at.UTC(), nil
}

// farthest is the largest number of seconds that is taken for an instant: the
// year 9999.
const farthest = 253402300799

func instant(text string, now time.Time) (time.Time, bool) {
	if text == "" {
		return now, true
	}
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at, true
	}
	if s, err := strconv.ParseFloat(text, 64); err == nil {
		return time.UnixMilli(int64(math.Round(s * 1000))), s >= 0 && s <= farthest
	}
	if age, ok := prom.ParseDuration(text); ok {
		return now.Add(-age), true
	}
	age, err := time.ParseDuration(text)
	return now.Add(-age), err == nil && age >= 0
}
