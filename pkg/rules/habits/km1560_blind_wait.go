// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package habits

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1560", Slug: "blind-wait", Severity: finding.Info, Hygiene: true,
	Short: "Liveness probe waits for a fixed time in place of a startup probe",
	Why: `initialDelaySeconds waits as long on the day that the program is up at once, so that a hang right after the
start stays unseen, and not longer on the day that it is slow: then it is killed while it starts, again and again. A startup
probe waits until the program answers, and no longer.`,
	Fix:       "Add a startupProbe that asks the same, often (`periodSeconds: 2`) and with enough tries (`failureThreshold: 30`), and remove initialDelaySeconds.",
	Reference: "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/#startup-probe",
	Needs:     model.WorkloadKinds,
	Check: func(w *rules.World, emit rules.Emit) {
		for _, of := range w.Judged("") {
			for at, c := range of.Containers() {
				p := c.LivenessProbe
				if p == nil || p.InitialDelaySeconds < longWait || c.StartupProbe != nil || rules.FilledIn(c) {
					continue
				}
				emit(of.Object, at+"/livenessProbe/initialDelaySeconds", "container %s is left alone for %d seconds, however long it takes to start", c.Name, p.InitialDelaySeconds).Hint =
					"a startupProbe with periodSeconds 2 and failureThreshold 30 waits for as long as it takes, up to a minute"
			}
		}
	},
	Repair: func(w *rules.World, r rules.Result) []rules.Fix {
		liveness, field := patch.Split(r.Pointer)
		probe, err := patch.Get(r.On.Raw(), liveness)
		fields, is := probe.(map[string]any)
		of, found := w.Workload(r.On.Ref)
		if err != nil || !is || field != "initialDelaySeconds" || !found || r.On.Live() && !of.Editable() {
			return nil
		}
		startup := map[string]any{"periodSeconds": int64(2), "failureThreshold": int64(30)}
		for _, handler := range []string{"httpGet", "tcpSocket", "grpc", "exec"} {
			if fields[handler] != nil {
				startup[handler] = fields[handler]
			}
		}
		container, _ := patch.Split(liveness)
		return []rules.Fix{rules.Change(rules.Review, "wait with a startupProbe until the program answers", r.On,
			patch.Op{Op: patch.Add, Path: container + "/startupProbe", Value: startup}, patch.Op{Op: patch.Remove, Path: r.Pointer})}
	},
})

// longWait is the delay, in seconds, below which nobody waits for a start.
const longWait = 10
