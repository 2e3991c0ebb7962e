// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pods

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1015", Slug: "readiness", Severity: finding.Error,
	Short: "Readiness probe fails, or asks a port that the container lacks",
	Why: `As long as its readiness probe fails, a pod gets no traffic from any Service, and a rollout waits
for it. What the probe meets tells a program that is not up from a probe that asks the wrong thing:
the wrong port (connection refused), the wrong path (404), the wrong scheme.

A probe may name a port. The kubelet looks for the name among the ports of the same container only; if
it is not there, the probe is never carried out: readiness and startup probes then never succeed, and a
liveness probe has no effect. A number that the container does not declare while it declares others is
reported as a warning: declaring ports is optional. It is a note where the container declares several
and the number looks like none of them, and left out where the command line, the environment or a
ConfigMap of the pod names it.`,
	Fix: `Let the probe ask the port and path on which the program says whether it is ready. If they are
right, look why it does not answer: its logs, and the dependencies that the answer depends on.`,
	Reference: "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.Events.Kind, model.Services.Kind}),
	Explains:  []string{"KM2001", "KM3002"},
	Check:     checkReadiness,
	Repair:    repairPort,
})

// settling is how long a container that runs may fail its readiness probe
// before it is more than slow.
const settling = 2 * time.Minute

func checkReadiness(w *rules.World, emit rules.Emit) {
	var all []sighting
	seen := map[*corev1.Container]bool{}
	if !w.Offline {
		services := map[*model.Workload][]model.Item[corev1.Service]{}
		for c := range containers(w) {
			if !c.unprepared(w) {
				continue
			}
			if _, known := services[c.of]; !known {
				services[c.of] = w.InFront(c.of)
			}
			s, failing := c.unready(w, services[c.of])
			if !failing {
				continue
			}
			if template, _ := c.template(); template != nil {
				seen[template] = true
			}
			all = append(all, s)
		}
	}
	report(w, emit, all)
	checkProbePorts(w, emit, seen)
}

// unprepared reports whether the container runs for long enough, has started,
// and is not ready.
func (c container) unprepared(w *rules.World) bool {
	running, probe := c.status.State.Running, c.spec.ReadinessProbe
	switch {
	case running == nil, c.status.Ready, probe == nil:
		return false
	case c.spec.StartupProbe != nil && (c.status.Started == nil || !*c.status.Started):
		return false
	}
	return w.Now.Sub(running.StartedAt.Time) >= seconds(probe.InitialDelaySeconds, 0)+grace && !causeOf(w, c).down
}

// unready tells why a container is not ready; false where the template has
// changed since, or says it all.
func (c container) unready(w *rules.World, services []model.Item[corev1.Service]) (sighting, bool) {
	running, probe := c.status.State.Running, c.spec.ReadinessProbe
	template, _ := c.template()
	proxied := rewritten(probe)
	switch {
	case template == nil:
	case proxied && template.ReadinessProbe != nil:
		probe = template.ReadinessProbe
	case template.ReadinessProbe == nil || target(template.ReadinessProbe) != target(probe):
		return sighting{}, false // changed since; the pod is on its way out
	}
	event, what := c.failed(w, readiness)
	if what == badName {
		return sighting{}, false // reported for the template
	}
	s := sighting{container: c, severity: finding.Error, since: unready(c.pod.Value)}
	if w.Now.Sub(running.StartedAt.Time) < settling {
		s.severity, s.confidence, s.state = finding.Warning, finding.Likely, finding.Progressing
	}
	for _, svc := range services {
		s.related = append(s.related, svc.Ref)
	}
	message := ""
	s.evidence = []finding.Evidence{c.statusOf("running but not ready", running.StartedAt.Time)}
	if event != nil {
		message = event.Message
		s.evidence = append(s.evidence, rules.Seen(c.pod.Ref, event))
	}
	s.at = c.field("/readinessProbe")
	if at, _, ok := portOf(probe); ok && what == refused {
		s.at = c.field("/readinessProbe"+at, "/readinessProbe")
	}
	s.reason = fmt.Sprintf("%s is not ready: %s", c.word(), describe(probe, what, message))
	s.hint = c.advice(probe, what, message, services)
	return s, true
}

// rewritten reports whether Istio made a probe its own: the sidecar asks in the
// kubelet's place.
func rewritten(p *corev1.Probe) bool {
	return p.HTTPGet != nil && strings.HasPrefix(p.HTTPGet.Path, "/app-health/")
}

// advice is what to look at for what the probe met.
func (c container) advice(p *corev1.Probe, what trouble, message string, services []model.Item[corev1.Service]) string {
	var out []string
	proxied := rewritten(c.spec.ReadinessProbe)
	if proxied {
		out = append(out, "the sidecar asks in the kubelet's place and answers 500 for whatever goes wrong")
	}
	switch what {
	case refused:
		_, port, ok := portOf(p)
		if n, isNumber := number(port); ok && isNumber && !declares(c.pod.Value.Spec.Containers, n) && len(c.spec.Ports) > 0 {
			out = append(out, "the container declares "+portsOf(c.spec))
		} else {
			out = append(out, "the program may not be up, listen on another port, or listen on 127.0.0.1 only")
		}
		for _, svc := range services {
			for _, sp := range svc.Value.Spec.Ports {
				if sp.TargetPort.IntValue() > 0 && isOther(sp.TargetPort, port) {
					out = append(out, fmt.Sprintf("%s sends to port %s", svc.Ref, sp.TargetPort.String()))
				}
			}
		}
	case badStatus:
		m := statusCode.FindStringSubmatch(message)
		switch {
		case m == nil:
		case m[1] == "404":
			out = append(out, "there is no such path: correct it, or the port")
		case m[1] == "401" || m[1] == "403":
			out = append(out, "the path asks for credentials that the kubelet does not have")
		case m[1][0] == '5' && !proxied:
			out = append(out, "the program itself says that it is not ready: see its logs, and what the answer depends on")
		}
	case wrongProtocol:
		out = append(out, "set the scheme of the probe to what the port speaks")
	case noAnswer:
		out = append(out, "raise timeoutSeconds if the answer takes longer, or let it depend on less")
	}
	return strings.Join(out, "\n")
}

func isOther(a, b intstr.IntOrString) bool { return a.String() != b.String() }

// portsOf lists the ports that a container declares.
func portsOf(c *corev1.Container) string {
	var out []string
	for _, p := range c.Ports {
		s := strconv.Itoa(int(p.ContainerPort))
		if p.Name != "" {
			s += " (" + p.Name + ")"
		}
		out = append(out, s)
	}
	return listed(out)
}

func repairPort(w *rules.World, r rules.Result) []rules.Fix {
	of, found := w.Workload(r.Object)
	if !found || !of.Editable() {
		return nil
	}
	c, at := holding(of, r.Pointer)
	if c == nil {
		return nil
	}
	for _, kind := range []probeKind{readiness, liveness, startup} {
		below, port, ok := portOf(kind.of(c))
		if !ok || r.Pointer != at+kind.field+below {
			continue
		}
		if better, ok := replacement(c, port); ok {
			return []rules.Fix{r.Replace(rules.Review, fmt.Sprintf("let the %s probe of container %s ask port %v", strings.ToLower(kind.word), c.Name, better), better)}
		}
	}
	return nil
}
