// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pods

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1004", Slug: "liveness-kill", Severity: finding.Error,
	Short: "Container is killed because its liveness or startup probe fails",
	Why: `The kubelet ends a container whose liveness probe fails failureThreshold times in a row, and
starts it again. A probe that is stricter than the program is slow ends it before it has come up, each
time: the budget is initialDelaySeconds + periodSeconds * failureThreshold. Under load a liveness probe
that asks too much makes an outage out of a slow minute.`,
	Fix: `Give the start a budget of its own with a startupProbe: liveness is not asked before it has
succeeded once. If the program fails the probe later on, let the probe ask for less, or wait longer.`,
	Reference: "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/",
	Needs:     append([]*model.Kind{model.Events.Kind}, model.WorkloadKinds...),
	Live:      true,
	Explains:  []string{"KM1015", "KM1016", "KM1019", "KM2001", "KM3002"},
	Check:     checkKills,
	Repair:    repairKills,
})

func checkKills(w *rules.World, emit rules.Emit) {
	var all []sighting
	for _, d := range deaths(w, unwell) {
		kind, probe := d.kind(), d.probe()
		if template, _ := d.template(); probe == nil || template != nil && milder(template, d.spec) {
			continue
		}
		s := d.sighting()
		s.at = d.field(kind.field)
		if !d.down {
			s.severity, s.state = finding.Warning, finding.Latent
		}
		meets := target(probe) + " fails"
		unhealthy, what := d.failed(w, kind)
		if unhealthy != nil {
			meets = describe(probe, what, unhealthy.Message)
			if unhealthy != d.event {
				s.evidence = append(s.evidence, rules.Seen(d.pod.Ref, unhealthy))
			}
		}
		s.reason = fmt.Sprintf("%s was killed because its %s probe failed: %s", d.word(), strings.ToLower(kind.word), meets)
		s.hint = d.tight(probe, what)
		s.evidence = append(s.evidence, finding.Evidence{
			Kind: "field", Of: d.pod.Ref.String() + " " + d.word() + " " + strings.TrimPrefix(kind.field, "/"),
			Value: fmt.Sprintf("fails after %s in a row, at the earliest %s after the start", short(window(probe)), short(budget(probe))),
		})
		all = append(all, s)
	}
	report(w, emit, all)
}

// kind is the probe that ended the container.
func (d death) kind() probeKind {
	if strings.Contains(d.event.Message, "tartup probe") {
		return startup
	}
	return liveness
}

func (d death) probe() *corev1.Probe { return d.kind().of(d.spec) }

// milder reports whether the template gives the start more time than the pod
// had: its pods are on their way out.
func milder(template, pod *corev1.Container) bool {
	switch t, p := template.LivenessProbe, pod.LivenessProbe; {
	case template.StartupProbe == nil:
		return t == nil || p != nil && budget(t) > budget(p)
	case pod.StartupProbe == nil:
		return true
	}
	return budget(template.StartupProbe) > budget(pod.StartupProbe)
}

// tight compares how long the container lived with what its probe allows.
func (d death) tight(p *corev1.Probe, what trouble) string {
	ran := d.ran()
	switch {
	case what == badStatus:
		return "something answers, but not with success: check the path, and what the answer depends on"
	case what == badName, what == wrongProtocol:
		return "the probe itself is wrong: check its port and scheme"
	case ran == 0:
		return ""
	case d.early(p):
		return fmt.Sprintf("it lived for %s, while the probe gives it %s to come up, and then its grace period: a longer startupProbe may be all it needs", short(ran), short(budget(p)))
	}
	return fmt.Sprintf("it lived for %s and came up before: look for what it waits for, such as load, a lock or a dependency that the probe asks", short(ran))
}

// slow reports whether more time would help: nothing answers yet.
func (d death) slow(w *rules.World) bool {
	_, what := d.failed(w, d.kind())
	return d.early(d.probe()) && what != badStatus && what != badName && what != wrongProtocol
}

// early reports whether the container was killed before it can have come up. A
// kill takes the grace period on top of the probe's budget.
func (d death) early(p *corev1.Probe) bool {
	if p == nil || d.ran() == 0 {
		return false
	}
	wait := time.Duration(corev1.DefaultTerminationGracePeriodSeconds) * time.Second
	if g := d.pod.Value.Spec.TerminationGracePeriodSeconds; g != nil {
		wait = time.Duration(*g) * time.Second
	}
	if p.TerminationGracePeriodSeconds != nil {
		wait = time.Duration(*p.TerminationGracePeriodSeconds) * time.Second
	}
	return d.ran() <= budget(p)+wait+seconds(p.PeriodSeconds, 10)
}

// cameNotUp reports whether the container of a finding died early in one of its pods.
func cameNotUp(w *rules.World, r rules.Result, name string) bool {
	of, _ := w.Workload(r.Object)
	for _, pod := range r.Pods {
		p, found := model.Pods.Get(w.Snapshot, r.Object.Namespace, pod)
		if !found {
			continue
		}
		for c := range ofPod(of, p) {
			if d := causeOf(w, c); c.status.Name == name && d.cause == unwell && d.slow(w) {
				return true
			}
		}
	}
	return false
}

func repairKills(w *rules.World, r rules.Result) []rules.Fix {
	of, found := w.Workload(r.Object)
	if !found || !of.Editable() {
		return nil
	}
	c, at := holding(of, r.Pointer)
	if c == nil || !cameNotUp(w, r, c.Name) {
		return nil
	}
	if p := c.StartupProbe; p != nil {
		times := max(p.FailureThreshold, 3) * 2
		return []rules.Fix{rules.Change(rules.Review, fmt.Sprintf("double the time that the startup probe of container %s gives it", c.Name),
			of.Object, patch.Op{Op: patch.Add, Path: at + "/startupProbe/failureThreshold", Value: int64(times)})}
	}
	return startupFix(of, c, at)
}
