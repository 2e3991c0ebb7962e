// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom

import (
	"regexp"
	"strconv"
	"time"
)

// durations are Prometheus': units from the largest to the smallest, whole
// numbers, a day of 24 hours (prometheus/common/model, Duration).
var durations = regexp.MustCompile(`^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$`)

var units = [...]time.Duration{365 * 24 * time.Hour, 7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute, time.Second, time.Millisecond}

// ParseDuration reads a duration as Prometheus writes it (1h30m, 7d); false for what is none or not above 0.
func ParseDuration(s string) (time.Duration, bool) {
	m := durations.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	var d time.Duration
	for i, unit := range units {
		if m[i+1] == "" {
			continue
		}
		n, err := strconv.ParseInt(m[i+1], 10, 64)
		if err != nil || n > int64((1<<63-1)/unit) {
			return 0, false
		}
		if d += time.Duration(n) * unit; d < 0 {
			return 0, false
		}
	}
	return d, d > 0
}
