// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pods

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1014", Slug: "init-container", Severity: finding.Error,
	Short: "Init container fails or does not end",
	Why: `Init containers run one after the other, and each must end without an error before the next one
and then the containers of the pod start. One that fails is started again, with pauses that get longer;
one that waits for something holds the pod up for as long as it takes. Sidecars that are written as init
containers need not end, but hold the pod up until their startup probe succeeds.`,
	Fix: `Read its output (` + "`kubectl logs -c NAME`" + `). What waits for another service needs that service to
be ready; if the program itself can wait, drop the init container.`,
	Reference: "https://kubernetes.io/docs/tasks/debug/debug-application/debug-init-containers/",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.Events.Kind, model.Services.Kind}),
	Live:      true,
	Explains:  []string{"KM2001", "KM2015", "KM3002"},
	Check:     checkInit,
})

// patience is how long an init container may run before it is said to be stuck.
const patience = 5 * time.Minute

// istioNotes say what the init containers of Istio need.
var istioNotes = map[string]string{
	"istio-init": "it writes iptables rules and needs the capabilities NET_ADMIN and NET_RAW; with istio-cni it is not needed",
	validation: "traffic does not go through the proxy: istio-cni did not set the pod's network up; " +
		"see that its DaemonSet runs on the node, then delete the pod",
	"istio-proxy": "the sidecar counts as started when istiod has configured it",
}

func checkInit(w *rules.World, emit rules.Emit) {
	var all []sighting
	for c := range containers(w) {
		d := causeOf(w, c)
		if d.cause != initFailed && !c.holdsUp(w) {
			continue
		}
		s := d.sighting()
		if d.cause == initFailed {
			means, hint := explain(d.end.ExitCode)
			s.reason = fmt.Sprintf("%s fails with exit code %d (%s), so that the pod does not start", d.word(), d.end.ExitCode, means)
			s.hint = strings.TrimPrefix(hint+"\noutput of the last run: "+d.logs(), "\n")
		} else {
			s.severity, s.confidence, s.state = finding.Warning, finding.Likely, finding.Progressing
			s.since = c.status.State.Running.StartedAt.Time
			s.evidence = []finding.Evidence{c.statusOf("running for "+short(w.Now.Sub(s.since)), s.since)}
			s.reason = fmt.Sprintf("%s has been running for more than %s and holds the pod up", c.word(), short(patience))
			s.hint = "what it does: " + strings.TrimSuffix(c.logs(), " --previous")
		}
		s.at = c.field("/command", "/args", "/image")
		s.waitsFor(w)
		if note := istioNotes[c.status.Name]; note != "" {
			s.hint = note + "\n" + s.hint
			s.related = append(s.related, controlPlane(w)...)
		}
		all = append(all, s)
	}
	report(w, emit, all)
}

// holdsUp reports whether the containers after this one have waited for it for
// long: an init container that runs, or a sidecar that has not started.
func (c container) holdsUp(w *rules.World) bool {
	running := c.status.State.Running
	if running == nil || running.StartedAt.IsZero() || w.Now.Sub(running.StartedAt.Time) < patience {
		return false
	}
	if c.init {
		return true
	}
	sidecar := named(c.pod.Value.Spec.InitContainers, c.status.Name) >= 0
	return sidecar && c.spec.StartupProbe != nil && c.status.Started != nil && !*c.status.Started
}

// waitsFor adds the Services that the command names: what an init container
// does most often is to wait for one.
func (s *sighting) waitsFor(w *rules.World) {
	words := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
	}
	for _, text := range texts(s.spec) {
		for _, name := range strings.FieldsFunc(text, words) {
			svc, found := model.Services.Get(w.Snapshot, s.pod.Ref.Namespace, name)
			if !found || slices.Contains(s.related, svc.Ref) {
				continue
			}
			s.related = append(s.related, svc.Ref)
			s.hint = fmt.Sprintf("its command names %s: see whether that is ready\n%s", svc.Ref, s.hint)
		}
	}
}

// controlPlane are the workloads of istiod.
func controlPlane(w *rules.World) []ref.Ref {
	var out []ref.Ref
	for _, of := range w.Workloads(w.RootNamespace) {
		if of.Template.Labels["app"] == "istiod" {
			out = append(out, of.Ref)
		}
	}
	return out
}
