// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/diagnose"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// remarks is a rule that finds what is remarked.
var remarks = &rules.Rule{ID: "KM0008", Severity: finding.Info, Check: func(w *rules.World, emit rules.Emit) {
	for _, r := range w.Remarks {
		emit(r.On, "", "%s", r.Message)
	}
}}

func TestAdjust(t *testing.T) {
	report := diagnose.Run(world(t), diagnose.Request{
		Rules:       []*rules.Rule{says("KM1", finding.Error, service, nil), says("KM2", finding.Error, deployment, nil), says("KM3", finding.Info, config, nil)},
		MinSeverity: finding.Warning,
		Adjust: func(r rules.Result) (finding.Severity, bool) {
			return map[string]finding.Severity{"KM1": finding.Info, "KM3": finding.Warning}[r.ID], r.ID != "KM2"
		},
	})
	if got := outline(report); got != "KM2[] KM3[]" {
		t.Errorf("the causes are %s", got)
	}
	if worst, _ := report.Worst(); worst != finding.Error {
		t.Errorf("the worst is %s", worst)
	}
}

// Keep hears of all findings before anybody asks what there is to remark, those
// out of scope too; only what is in scope is listed.
func TestKeepAndRemarks(t *testing.T) {
	var heard []string
	asked := 0
	w := world(t)
	on, _ := w.Object(service)
	report := diagnose.Run(w, diagnose.Request{
		Rules: []*rules.Rule{says("KM1", finding.Error, service, nil), says("KM2", finding.Error, elsewhere, nil), remarks},
		Scope: diagnose.Scope{Namespace: "prod"},
		Keep: func(r rules.Result) (*diagnose.Waiver, bool) {
			heard = append(heard, r.ID)
			return &diagnose.Waiver{By: "me", Reason: r.ID}, r.ID == "KM0008"
		},
		Remarks: func() []rules.Remark {
			asked++
			return []rules.Remark{{ID: "KM0008", On: on, Message: fmt.Sprint(len(heard))}, {ID: "KM0005", On: on}}
		},
	})
	if diff := cmp.Diff([]string{"KM1", "KM2", "KM0008", "KM0008"}, heard); diff != "" {
		t.Errorf("Keep has heard (-want +got):\n%s", diff)
	}
	if got := outline(report); got != "KM0008[KM0008]" || asked != 1 {
		t.Errorf("the causes are %s; asked %d times for remarks", got, asked)
	}
	if len(report.Causes) > 0 && report.Causes[0].Message == "0" {
		t.Error("the remarks were asked for before Keep")
	}
	if len(report.Waived) != 1 || report.Waived[0].ID != "KM1" || report.Waived[0].Reason != "KM1" {
		t.Errorf("waived: %v", report.Waived)
	}
	if w.Remarks != nil {
		t.Error("the World was changed")
	}
}

// Without a rule for them, nobody makes remarks.
func TestRemarksWithoutRule(t *testing.T) {
	w := world(t)
	on, _ := w.Object(service)
	report := diagnose.Run(w, diagnose.Request{
		Rules:   []*rules.Rule{says("KM1", finding.Error, service, nil)},
		Remarks: func() []rules.Remark { return []rules.Remark{{ID: "KM0008", On: on, Message: "x"}} },
	})
	if got := outline(report); got != "KM1[]" {
		t.Errorf("the causes are %s", got)
	}
}
