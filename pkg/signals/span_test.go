// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals_test

import (
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

func TestDurations(t *testing.T) {
	for _, test := range []struct {
		d             time.Duration
		promql, words string
	}{
		{5 * time.Minute, "5m", "5m"},
		{2 * time.Hour, "2h", "2h"},
		{90 * time.Second, "90s", "90s"},
		{40*time.Second + time.Millisecond, "40001ms", "40s"},
		{59*time.Second + 700*time.Millisecond, "59700ms", "1m"},
		{1500 * time.Millisecond, "1500ms", "1500ms"},
	} {
		if got := signals.PromDuration(test.d); got != test.promql {
			t.Errorf("%s: PromQL has %q, want %q", test.d, got, test.promql)
		}
		if got := signals.Span(test.d); got != test.words {
			t.Errorf("%s: people read %q, want %q", test.d, got, test.words)
		}
	}
}
