// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM7018", Slug: "policy-port-name", Severity: finding.Warning,
	Short: "NetworkPolicy names a port that its pods do not have",
	Why: `The name of a port is looked up in each pod that receives the connection, together with the protocol.
Where a pod has no port of that name the rule matches nothing, and that is no error to anybody. Two
workloads may give the name to two numbers: then the rule means both.`,
	Fix:       "Name the port as the containers do, in the same protocol, or write its number.",
	Reference: "https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.NetworkPolicies.Kind, model.Namespaces.Kind}),
	Explains:  []string{"KM7002", "KM7003", "KM7004"},
	Check:     checkPortNames,
	Repair:    repairPortName,
})

// proxyPort is a name that injection brings.
const proxyPort = "http-envoy-prom"

func checkPortNames(w *rules.World, emit rules.Emit) {
	x := newView(w)
	for _, np := range present(w) {
		for _, r := range placedRules(np) {
			if !slices.ContainsFunc(r.ports, named) {
				continue
			}
			targets, ok := x.receivers(np, r)
			if !ok || targets.unknown {
				continue
			}
			for i, p := range r.ports {
				if named(p) {
					checkPortName(w, np, p, r.at+patch.Pointer("ports", i, "port"), targets, emit)
				}
			}
		}
	}
}

func named(p networkingv1.NetworkPolicyPort) bool {
	return p.Port != nil && p.Port.Type == intstr.String && p.Port.StrVal != "" && p.Port.StrVal != proxyPort
}

func checkPortName(w *rules.World, np item, p networkingv1.NetworkPolicyPort, at string, all chosen, emit rules.Emit) {
	targets := all.workloads
	var lack []*model.Workload
	numbers := map[int32]ref.Ref{}
	for _, of := range targets {
		found := numbersOf(of, p.Port.StrVal, protocolOf(p))
		if len(found) == 0 {
			lack = append(lack, of)
		}
		for _, n := range found {
			numbers[n] = of.Ref
		}
	}
	switch {
	case len(lack) > 0 && !all.sure(w):
	case len(lack) == len(targets):
		f := emit(np.Object, at, "no container of %s has a %s port called %s: the rule matches nothing", rules.FewOf(model.Refs(lack)), protocolOf(p), p.Port.StrVal)
		f.Related = model.Refs(lack)
		if names := portNames(targets); slices.Contains(names, p.Port.StrVal) {
			f.Hint = "there is one of another protocol"
		} else {
			f.Hint = rules.DidYouMean(p.Port.StrVal, names)
		}
		if w.Partial {
			f.Confidence = finding.Likely
		}
	case len(lack) > 0:
		f := emit(np.Object, at, "%d of %d workloads have no %s port called %s: %s", len(lack), len(targets), protocolOf(p), p.Port.StrVal, rules.FewOf(model.Refs(lack)))
		f.Reason = "some workloads have no port called " + p.Port.StrVal
		f.Severity, f.Confidence, f.Related = finding.Info, finding.Possible, model.Refs(lack)
	case len(numbers) > 1:
		all := slices.Sorted(maps.Keys(numbers))
		f := emit(np.Object, at, "%s stands for several ports: %d of %s, %d of %s", p.Port.StrVal, all[0], numbers[all[0]], all[1], numbers[all[1]])
		f.Severity = finding.Info
		f.Related = []ref.Ref{numbers[all[0]], numbers[all[1]]}
	}
}

// numbersOf are the ports of a workload that have a name.
func numbersOf(of *model.Workload, name string, protocol corev1.Protocol) []int32 {
	var out []int32
	for _, c := range listening(of) {
		for _, p := range c.Ports {
			if p.Name == name && (p.Protocol == protocol || p.Protocol == "" && protocol == corev1.ProtocolTCP) {
				out = append(out, p.ContainerPort)
			}
		}
	}
	return out
}

func portNames(targets []*model.Workload) []string {
	var out []string
	for _, of := range targets {
		for _, c := range listening(of) {
			for _, p := range c.Ports {
				out = append(out, p.Name)
			}
		}
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(s string) bool { return s == "" })
}

func repairPortName(w *rules.World, r rules.Result) []rules.Fix {
	np, ok := model.NetworkPolicies.Of(r.On)
	text, isText := r.Text()
	if !ok || !isText || r.Severity == finding.Info {
		return nil
	}
	x := newView(w)
	for _, one := range placedRules(np) {
		for i := range one.ports {
			if one.at+patch.Pointer("ports", i, "port") != r.Pointer {
				continue
			}
			targets, _ := x.receivers(np, one)
			if near := ref.Closest(text, portNames(targets.workloads)); len(near) > 0 && near[0] != text {
				return []rules.Fix{r.Replace(rules.Review, "name the port "+near[0], near[0])}
			}
		}
	}
	return nil
}
