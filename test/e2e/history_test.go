// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/prom/promtest"
)

// ahead is how long a document may take.
const ahead = 15 * time.Minute

// busyShop starts a Prometheus for the commands of a document, which say no time:
// the past of the shop ends now, and goes on as it did last while they run.
func busyShop(t *testing.T) (url string) {
	t.Helper()
	text, err := goOn(promtest.Shop(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return promtest.Start(t, text)
}

// sample is a line of OpenMetrics.
type sample struct {
	series string
	value  float64
	second int64
}

// goOn returns a history as text that has reached now instead of [promtest.Now]. Its
// series are straight lines at both ends, and are made longer there: before, so that
// the last hour is whole also later, and after, up to when the reader is done.
func goOn(h promtest.History, now time.Time) ([]byte, error) {
	var out bytes.Buffer
	var one []sample
	shift := now.Unix() - promtest.Now.Unix()
	flush := func() {
		for _, s := range lengthen(one, h) {
			fmt.Fprintf(&out, "%s %s %d\n", s.series, strconv.FormatFloat(s.value, 'g', -1, 64), s.second+shift)
		}
		one = nil
	}
	for line := range strings.Lines(string(h.OpenMetrics())) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		s, err := parseSample(strings.TrimSpace(line))
		if err != nil {
			return nil, err
		}
		if len(one) > 0 && one[0].series != s.series {
			flush()
		}
		one = append(one, s)
	}
	flush()
	out.WriteString("# EOF\n")
	return out.Bytes(), nil
}

func parseSample(line string) (sample, error) {
	fields := strings.Split(line, " ")
	n := len(fields)
	if n < 3 {
		return sample{}, fmt.Errorf("expected a series, a value and a time, found %q", line)
	}
	value, err := strconv.ParseFloat(fields[n-2], 64)
	if err != nil {
		return sample{}, err
	}
	second, err := strconv.ParseInt(fields[n-1], 10, 64)
	return sample{strings.Join(fields[:n-2], " "), value, second}, err
}

// lengthen adds to both ends of a series. One that begins later than the history, or
// ends earlier, does so still.
func lengthen(one []sample, h promtest.History) []sample {
	if len(one) < 2 {
		return one
	}
	along := func(from, to sample) []sample {
		var out []sample
		for s := to; len(out) < int(ahead/h.Interval); {
			s.value += to.value - from.value
			s.second += to.second - from.second
			out = append(out, s)
		}
		return out
	}
	n := len(one)
	var before, after []sample
	if one[0].second == h.From.Unix() {
		before = along(one[1], one[0])
		slices.Reverse(before)
	}
	if one[n-1].second == promtest.Now.Unix() {
		after = along(one[n-2], one[n-1])
	}
	return slices.Concat(before, one, after)
}
