// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pods

import (
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// portOf is the port that a probe asks, and its JSON Pointer below the probe;
// false for a probe without a port, or of another host.
func portOf(p *corev1.Probe) (at string, port intstr.IntOrString, ok bool) {
	switch {
	case p == nil:
	case p.HTTPGet != nil:
		return "/httpGet/port", p.HTTPGet.Port, p.HTTPGet.Host == ""
	case p.TCPSocket != nil:
		return "/tcpSocket/port", p.TCPSocket.Port, p.TCPSocket.Host == ""
	case p.GRPC != nil:
		return "/grpc/port", intstr.FromInt32(p.GRPC.Port), true
	}
	return "", port, false
}

// number is a port that is given by number, if only in quotes: the kubelet
// takes both.
func number(p intstr.IntOrString) (int32, bool) {
	if p.Type == intstr.Int {
		return p.IntVal, true
	}
	n, err := strconv.ParseInt(p.StrVal, 10, 32)
	return int32(n), err == nil
}

// declares reports whether one of the containers, which share one address,
// declares a port.
func declares(list []corev1.Container, n int32) bool {
	return slices.ContainsFunc(list, func(c corev1.Container) bool {
		return slices.ContainsFunc(c.Ports, func(p corev1.ContainerPort) bool { return p.ContainerPort == n })
	})
}

// checkProbePorts compares the ports of probes with those that the containers
// declare. What is in seen was found to fail already.
func checkProbePorts(w *rules.World, emit rules.Emit, seen map[*corev1.Container]bool) {
	for _, of := range w.Workloads("") {
		for at, c := range of.Containers() {
			if !seen[c] {
				checkContainerPorts(w, of, c, at, emit)
			}
		}
	}
}

func checkContainerPorts(w *rules.World, of *model.Workload, c *corev1.Container, at string, emit rules.Emit) {
	for _, kind := range []probeKind{readiness, liveness, startup} {
		below, port, ok := portOf(kind.of(c))
		if !ok || rewritten(kind.of(c)) {
			continue
		}
		n, isNumber := number(port)
		if !isNumber {
			checkName(of, c, kind, at+kind.field+below, port.StrVal, emit)
			continue
		}
		spec := of.Spec()
		if len(c.Ports) == 0 || declares(spec.Containers, n) || declares(spec.InitContainers, n) || proven(of, c.Name) || w.Mentions(of, n) {
			continue
		}
		f := emit(of.Object, at+kind.field+below, "%s probe of container %s asks port %d, but the container declares %s", kind.word, c.Name, n, portsOf(c))
		f.Severity, f.Confidence, f.State = finding.Warning, finding.Likely, finding.Latent
		switch several, agreed := len(c.Ports) > 1, probesOf(c, n) > 1; {
		case several && (agreed || !nearPort(c, n)):
			// A port for nothing but health checks is seldom declared.
			f.Severity, f.Confidence = finding.Info, finding.Possible
		case agreed:
			f.Confidence = finding.Possible
		}
	}
}

// probesOf counts the probes of a container that ask a port.
func probesOf(c *corev1.Container, port int32) int {
	count := 0
	for _, kind := range []probeKind{readiness, liveness, startup} {
		if _, p, ok := portOf(kind.of(c)); ok {
			if n, isNumber := number(p); isNumber && n == port {
				count++
			}
		}
	}
	return count
}

// nearPort reports whether a number is a slip for a port that the container
// declares: one digit is another, or two are swapped.
func nearPort(c *corev1.Container, port int32) bool {
	asked := strconv.Itoa(int(port))
	return slices.ContainsFunc(c.Ports, func(p corev1.ContainerPort) bool {
		has := strconv.Itoa(int(p.ContainerPort))
		if len(has) != len(asked) {
			return false
		}
		var at []int
		for i := range has {
			if has[i] != asked[i] {
				at = append(at, i)
			}
		}
		swapped := len(at) == 2 && at[1] == at[0]+1 && has[at[0]] == asked[at[1]] && has[at[1]] == asked[at[0]]
		return len(at) == 1 || swapped
	})
}

// checkName checks a port that a probe gives by name.
func checkName(of *model.Workload, c *corev1.Container, kind probeKind, at, name string, emit rules.Emit) {
	var names []string
	for _, p := range c.Ports {
		if p.Name == name {
			return
		}
		if p.Name != "" {
			names = append(names, p.Name)
		}
	}
	effect := "so that the pod never becomes ready"
	switch kind.word {
	case liveness.word:
		effect = "so that the probe has no effect"
	case startup.word:
		effect = "so that the container never counts as started"
	}
	f := emit(of.Object, at, "%s probe of container %s asks port %q, but the container has no port of that name (it declares %s), %s",
		kind.word, c.Name, name, portsOf(c), effect)
	if kind.word == liveness.word {
		f.Severity = finding.Warning
	}
	f.Hint = rules.DidYouMean(name, names)
}

// proven reports whether a container works with the probes it has: a pod of it
// is ready. Those of the control plane and of Istio's proxy are known to.
func proven(of *model.Workload, name string) bool {
	if of.Ref.Namespace == "kube-system" || name == "istio-proxy" {
		return true
	}
	for _, p := range of.Pods {
		for c := range ofPod(of, p) {
			if c.status.Name == name && c.status.Ready {
				return true
			}
		}
	}
	return false
}

// replacement is the port that a probe may have meant: one of nearly the same
// name, or the only one there is. It is a name or an int64.
func replacement(c *corev1.Container, port intstr.IntOrString) (any, bool) {
	var names []string
	for _, p := range c.Ports {
		if p.Name != "" {
			names = append(names, p.Name)
		}
	}
	_, isNumber := number(port)
	if near := ref.Closest(port.StrVal, names); !isNumber && len(near) > 0 {
		return near[0], true
	}
	if len(c.Ports) != 1 || c.Ports[0].ContainerPort <= 0 {
		return nil, false
	}
	if !isNumber && len(names) == 1 {
		return names[0], true
	}
	return int64(c.Ports[0].ContainerPort), true
}
