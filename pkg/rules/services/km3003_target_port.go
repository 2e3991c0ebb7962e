// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package services

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM3003", Slug: "target-port", Severity: finding.Error,
	Short: "Service leads to a port that its pods do not have",
	Why: `A targetPort that is a name is looked up among the container ports of each pod; a pod that
has no port of that name gets no traffic from it. That is an error.

A targetPort that is a number works whether a container declares it or not, so that one which
nothing declares is only a warning: connections are refused if nothing listens there. Ports that a
probe goes to, or that the command line, the environment or a ConfigMap of the pods names, count as
declared. It is a note where the other ports of the Service are right and none that the containers
declare is left over.`,
	Fix:       `Use the name or the number of the port that the containers listen on.`,
	Reference: "https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports",
	Aliases:   []string{"KIA0701", "POP1106"},
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.Services.Kind}),
	Explains:  []string{"KM3015", "KM4001", "KM6008", "KM6009"},
	Check:     checkTargets,
	Repair:    repairTarget,
})

func checkTargets(w *rules.World, emit rules.Emit) {
	for _, svc := range model.Services.In(w.Snapshot, "") {
		behind := serving(selected(w, svc).Workloads)
		if len(behind) == 0 {
			continue
		}
		for i := range svc.Value.Spec.Ports {
			if to, _ := target(i, &svc.Value.Spec.Ports[i]); to.Type == intstr.String {
				checkName(svc, i, behind, emit)
			} else if !headless(svc) { // clients of a headless Service choose the port themselves
				checkNumber(w, svc, i, behind, emit)
			}
		}
	}
}

// serving leaves out Jobs that share the labels of what serves.
func serving(all []*model.Workload) []*model.Workload {
	var out []*model.Workload
	for _, c := range all {
		if !c.Ends() {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return all
	}
	return out
}

func checkName(svc service, i int, behind []*model.Workload, emit rules.Emit) {
	p := &svc.Value.Spec.Ports[i]
	to, at := target(i, p)
	if slices.Contains(injectedNames, to.StrVal) {
		return
	}
	var lacking []*model.Workload
	var known []corev1.ContainerPort
	for _, c := range behind {
		if !slices.ContainsFunc(declared(c, protocolOf(p.Protocol)), func(has corev1.ContainerPort) bool { return has.Name == to.StrVal }) {
			lacking = append(lacking, c)
			known = append(known, own(c, protocolOf(p.Protocol))...)
		}
	}
	if len(lacking) == 0 {
		return
	}
	f := emit(svc.Object, at, "no container of %s has a %s port named %q", listed(model.Refs(lacking)), protocolOf(p.Protocol), to.StrVal)
	if len(lacking) < len(behind) {
		f.Message += "; others that the Service selects have one, so that they take all of its traffic"
	}
	if headless(svc) {
		f.Severity = finding.Warning // its pods are found all the same, only not by port
	}
	complete(f, lacking, known)
}

func checkNumber(w *rules.World, svc service, i int, behind []*model.Workload, emit rules.Emit) {
	p := &svc.Value.Spec.Ports[i]
	to, at := target(i, p)
	if slices.Contains(injected, to.IntVal) {
		return
	}
	var lacking []*model.Workload
	var known []corev1.ContainerPort
	confidence := finding.Likely
	for _, c := range behind {
		ports := own(c, protocolOf(p.Protocol))
		has := slices.ContainsFunc(declared(c, protocolOf(p.Protocol)), func(has corev1.ContainerPort) bool { return has.ContainerPort == to.IntVal })
		if len(ports) == 0 || has || probed(c, to.IntVal) || w.Mentions(c, to.IntVal) {
			continue
		}
		lacking = append(lacking, c)
		known = append(known, ports...)
		if silent(c) {
			confidence = finding.Possible
		}
	}
	if len(lacking) == 0 {
		return
	}
	f := emit(svc.Object, at, "no container of %s declares %s port %d", listed(model.Refs(lacking)), protocolOf(p.Protocol), to.IntVal)
	f.Severity, f.Confidence = finding.Warning, confidence
	if leadsTo(svc, i, lacking) && !spare(w, lacking) {
		f.Severity, f.Confidence = finding.Info, finding.Possible // the others are right, and there is no other port to mean
	}
	complete(f, lacking, known)
}

// leadsTo reports whether another port of the Service leads to one that the
// workloads declare.
func leadsTo(svc service, but int, behind []*model.Workload) bool {
	for i := range svc.Value.Spec.Ports {
		to, _ := target(i, &svc.Value.Spec.Ports[i])
		for _, c := range behind {
			if i != but && slices.ContainsFunc(declared(c, protocolOf(svc.Value.Spec.Ports[i].Protocol)), is(to)) {
				return true
			}
		}
	}
	return false
}

// spare reports whether the workloads declare a port that no Service leads to.
func spare(w *rules.World, behind []*model.Workload) bool {
	for _, c := range behind {
		services := w.InFront(c)
		for _, p := range own(c, corev1.ProtocolTCP) {
			if !slices.ContainsFunc(services, func(svc service) bool { return leads(svc, p) }) {
				return true
			}
		}
	}
	return false
}

// leads reports whether a port of the Service leads to a container port.
func leads(svc service, p corev1.ContainerPort) bool {
	for i := range svc.Value.Spec.Ports {
		if to, _ := target(i, &svc.Value.Spec.Ports[i]); is(to)(p) {
			return true
		}
	}
	return false
}

// is tells whether a container port is the one a target names.
func is(to intstr.IntOrString) func(corev1.ContainerPort) bool {
	return func(p corev1.ContainerPort) bool {
		return to.Type == intstr.Int && p.ContainerPort == to.IntVal || to.Type == intstr.String && p.Name == to.StrVal
	}
}

// complete adds what the workloads have instead.
func complete(f *finding.Finding, lacking []*model.Workload, known []corev1.ContainerPort) {
	f.Related = append(f.Related, model.Refs(lacking)...)
	if len(known) > 0 {
		f.Hint = "they declare " + anded(portNames(known))
	}
}

// repairTarget offers the port that is meant where there is only one, or one
// whose name is near.
func repairTarget(w *rules.World, r rules.Result) []rules.Fix {
	svc, ok := model.Services.Of(r.On)
	if !ok || r.Confidence == finding.Possible {
		return nil
	}
	i, ok := portIndex(r.Pointer)
	if !ok || i >= len(svc.Value.Spec.Ports) {
		return nil
	}
	p := &svc.Value.Spec.Ports[i]
	to, _ := target(i, p)
	meant, ok := meantPort(serving(selected(w, svc).Workloads), protocolOf(p.Protocol), to)
	if !ok {
		return nil
	}
	op := patch.Op{Op: patch.Replace, Path: patch.Pointer("spec", "ports", i, "targetPort"), Value: meant}
	if _, field := patch.Split(r.Pointer); field == "port" {
		op.Op = patch.Add
	}
	return []rules.Fix{rules.Change(rules.Review, fmt.Sprintf("lead to port %v of the containers", meant), r.On, op)}
}

// meantPort is the one port that all of the workloads have and that may be
// meant: a name as a string, a number as int64.
func meantPort(behind []*model.Workload, protocol corev1.Protocol, to intstr.IntOrString) (any, bool) {
	var meant any
	for i, c := range behind {
		ports := own(c, protocol)
		var names []string
		for _, p := range ports {
			names = append(names, p.Name)
		}
		var found any
		switch near := ref.Closest(to.StrVal, names); {
		case to.Type == intstr.String && len(near) > 0 && near[0] != "":
			found = near[0]
		case len(ports) == 1 && ports[0].Name != "":
			found = ports[0].Name
		case len(ports) == 1:
			found = int64(ports[0].ContainerPort)
		default:
			return nil, false
		}
		if i > 0 && found != meant {
			return nil, false
		}
		meant = found
	}
	return meant, meant != nil
}
