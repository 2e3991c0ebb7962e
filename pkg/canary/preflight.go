// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"errors"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

// Check is a finding of the preflight.
type Check struct {
	finding.Finding
	// Override is the flag that lets the plan pass all the same; empty where
	// nothing should. With the flag the finding is a warning.
	Override string
}

// Tolerance is what the user accepts knowingly.
type Tolerance struct {
	// Foreign accepts that another canary controller owns the object.
	Foreign bool
	// GitOps accepts that a GitOps controller may revert the write.
	GitOps bool
	// Unready accepts too few ready endpoints behind the canary.
	Unready bool
	// MinReady is the least number of ready endpoints the canary must have; 0
	// counts as 1.
	MinReady int
	// Headroom multiplies the capacity asked of the canary; 1 asks for the same
	// number of ready endpoints per share of traffic as the stable leg has, 0
	// asks for none.
	Headroom float64
}

// The flags that override a check.
const (
	OverrideForeign = "--force-foreign"
	OverrideGitOps  = "--gitops=ignore"
	OverrideUnready = "--allow-unready"
)

// tolerates reports whether the user has set the flag of a check.
func (t Tolerance) tolerates(override string) bool {
	switch override {
	case OverrideForeign:
		return t.Foreign
	case OverrideGitOps:
		return t.GitOps
	case OverrideUnready:
		return t.Unready
	}
	return false
}

// inspection is what a check may look at.
type inspection struct {
	*model.Snapshot
	*Decision
	in     Intent
	report func(Check)
	// fixes are changes that cure what a check found, made before the routes'.
	fixes *[]plan.Change
}

// raising reports whether the canary gets more traffic anywhere; going down is
// always allowed as far as the canary's health is concerned.
func (c inspection) raising() bool {
	for _, s := range c.Shifts {
		if s.After > s.Before {
			return true
		}
	}
	return false
}

// first is the route that findings about the whole target point to.
func (c inspection) first() traffic.Route { return c.Shifts[0].Route }

// legs are the two backends of the pair.
func (c inspection) legs() []traffic.Backend { return []traffic.Backend{c.Pair.Stable, c.Pair.Canary} }

// place is where a backend is written: its first leg, else the first route.
func (c inspection) place(b traffic.Backend) (*model.Object, string) {
	for _, s := range c.Shifts {
		if l, found := s.Leg(b); found {
			return s.Object, l.Pointer
		}
	}
	return c.first().Object, c.first().Pointer
}

// objects returns the objects that would be written, each once.
func (c inspection) objects() []*model.Object {
	var routes []traffic.Route
	for _, s := range c.Shifts {
		routes = append(routes, s.Route)
	}
	return objectsOf(routes)
}

// found reports something about a route's object.
func (c inspection) found(id string, severity finding.Severity, o *model.Object, pointer, message, hint, override string) {
	c.report(Check{
		Finding: finding.Finding{
			ID: id, Severity: severity, Object: o.Ref, Where: o.Where(pointer), Message: message, Hint: hint,
		},
		Override: override,
	})
}

// checks is the preflight, in the order of the report.
var checks = []func(inspection){
	checkForeign, checkGitOps, checkDrift, checkRouters, checkRivals, checkDelegate, checkStatus,
	checkHosts, checkPorts, checkSubsets, checkClientRules, checkRoom, checkReady,
	checkGateways, checkCallers, checkMesh, checkSticky, checkNotes,
}

// preflight runs checks, stores the findings in the decision and returns
// the changes that fix what can be fixed.
func (d *Decision) preflight(s *model.Snapshot, in Intent, checks []func(inspection)) []plan.Change {
	var fixes []plan.Change
	c := inspection{Snapshot: s, Decision: d, in: in, fixes: &fixes}
	seen := map[string]bool{}
	c.report = func(k Check) {
		if k.Severity == finding.Error && in.tolerates(k.Override) {
			k.Severity = finding.Warning
		}
		if id := k.ID + k.Where + k.Message; !seen[id] {
			seen[id] = true
			d.Checks = append(d.Checks, k)
		}
	}
	for _, check := range checks {
		check(c)
	}
	return fixes
}

// refusal joins the checks that stop the plan into one error.
func refusal(checks []Check) error {
	var errs []error
	for _, c := range checks {
		if c.Severity != finding.Error {
			continue
		}
		hint := []string{}
		if c.Hint != "" {
			hint = append(hint, c.Hint)
		}
		if c.Override != "" {
			hint = append(hint, "to go on all the same: "+c.Override)
		}
		errs = append(errs, fault.Refusedf("%s (%s)", c.Message, c.ID).At(c.Where).Try("%s", strings.Join(hint, "\n")))
	}
	return errors.Join(errs...)
}
