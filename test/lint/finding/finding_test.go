// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package finding_test

import (
	"slices"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/test/lint/finding"
)

func TestLedger(t *testing.T) {
	needed := finding.Exemption{Linter: "a", Check: "x", Set: "worker/*/*", Object: "Deployment/*", Reason: "r"}
	idle := finding.Exemption{Linter: "a", Check: "y", Set: "*/*/*", Object: "*/*", Reason: "r"}
	l := finding.NewLedger([]finding.Exemption{needed, idle})
	accepted := finding.Finding{Linter: "a", Check: "x", Object: "Deployment/a"}
	others := []finding.Finding{
		{Linter: "b", Check: "x", Object: "Deployment/a"},
		{Linter: "a", Check: "z", Object: "Deployment/a"},
		{Linter: "a", Check: "x", Object: "Job/a"},
	}
	open, err := l.Open("worker/none/standard", append(slices.Clone(others), accepted))
	if err != nil || !slices.Equal(open, others) {
		t.Errorf("open: %v, %v", open, err)
	}
	if open, err := l.Open("job/none/standard", []finding.Finding{accepted}); err != nil || len(open) != 1 {
		t.Errorf("of another set: %v, %v", open, err)
	}
	if unused := l.Unused(); !slices.Equal(unused, []finding.Exemption{idle}) {
		t.Errorf("unused: %v", unused)
	}
	if _, err := finding.NewLedger([]finding.Exemption{{Set: "["}}).Open("a", others); err == nil {
		t.Error("a broken pattern is no error")
	}
}
