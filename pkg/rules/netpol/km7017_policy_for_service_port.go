// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM7017", Slug: "policy-for-service-port", Severity: finding.Warning,
	Short: "NetworkPolicy names the port of a Service where that of the pods is meant",
	Why: `A policy sees a connection after the Service has been resolved: its ports are those that the containers
listen on. A rule for the port of the Service, where that is another one, opens a port on which nobody
listens and leaves the one that is called shut.`,
	Fix:       "Write the targetPort of the Service, or the name that the container gives its port.",
	Reference: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.NetworkPolicies.Kind, model.Services.Kind, model.Namespaces.Kind}),
	Explains:  []string{"KM7002", "KM7003", "KM7004"},
	Check:     checkServicePorts,
	Repair:    repairServicePort,
})

// mistake is a port of a Service in the place of that of the pods.
type mistake struct {
	service service
	at      string
	of      *model.Workload
	number  int32
}

func checkServicePorts(w *rules.World, emit rules.Emit) {
	x := newView(w)
	for _, np := range present(w) {
		for _, r := range placedRules(np) {
			if !slices.ContainsFunc(r.ports, numbered) {
				continue
			}
			targets, ok := x.receivers(np, r)
			if !ok {
				continue
			}
			for i, p := range r.ports {
				m, found := mistaken(w, targets, p)
				if !found {
					continue
				}
				f := emit(np.Object, r.at+patch.Pointer("ports", i, "port"), "%d is the port of %s: the pods of %s behind it listen on %d, and that is what policies see", p.Port.IntVal, m.service.Ref, m.of.Ref, m.number)
				f.Confidence = finding.Likely
				f.Related = append(f.Related, m.service.Ref, m.of.Ref)
				f.Evidence = []finding.Evidence{{Kind: "field", Of: m.service.Where(m.at), Value: fmt.Sprintf("port %d, the pods' is %d", p.Port.IntVal, m.number)}}
				f.Hint = fmt.Sprintf("write %d", m.number)
			}
		}
	}
}

func numbered(p networkingv1.NetworkPolicyPort) bool {
	return p.Port != nil && p.Port.Type == intstr.Int && p.Port.IntVal > 0 && p.EndPort == nil
}

// mistaken finds the Service whose port a rule names, if none of the workloads
// is known to listen on that number.
func mistaken(w *rules.World, targets chosen, p networkingv1.NetworkPolicyPort) (out mistake, found bool) {
	if !numbered(p) || targets.unknown {
		return out, false
	}
	number := p.Port.IntVal
	for _, of := range targets.workloads {
		if listens(of, number) {
			return out, false
		}
		for _, svc := range w.InFront(of) {
			for i, sp := range svc.Value.Spec.Ports {
				if sp.Protocol != protocolOf(p) && (sp.Protocol != "" || protocolOf(p) != corev1.ProtocolTCP) {
					continue
				}
				target := targetOf(of, sp)
				switch {
				case target == number, target == 0 && sp.Port == number:
					return out, false // somebody calls it, or nobody knows what is called
				case sp.Port == number && !found:
					out, found = mistake{svc, patch.Pointer("spec", "ports", i), of, target}, true
				}
			}
		}
	}
	// Some declare no port, and were told about this one.
	told := func(of *model.Workload) bool { return w.Mentions(of, number) }
	return out, found && targets.sure(w) && !slices.ContainsFunc(targets.workloads, told)
}

// listens reports whether a workload declares a port.
func listens(of *model.Workload, number int32) bool {
	return slices.ContainsFunc(listening(of), func(c *corev1.Container) bool {
		return slices.ContainsFunc(c.Ports, func(p corev1.ContainerPort) bool { return p.ContainerPort == number })
	})
}

// targetOf is the port of a workload behind that of a Service; 0 for a name that
// the workload lacks.
func targetOf(of *model.Workload, p corev1.ServicePort) int32 {
	switch {
	case p.TargetPort.Type == intstr.String && p.TargetPort.StrVal != "":
		return numberOf(of, p.TargetPort.StrVal)
	case p.TargetPort.IntVal != 0:
		return p.TargetPort.IntVal
	}
	return p.Port
}

func repairServicePort(w *rules.World, r rules.Result) []rules.Fix {
	np, ok := model.NetworkPolicies.Of(r.On)
	if !ok {
		return nil
	}
	x := newView(w)
	for _, one := range placedRules(np) {
		targets, _ := x.receivers(np, one)
		for i, p := range one.ports {
			if one.at+patch.Pointer("ports", i, "port") != r.Pointer {
				continue
			}
			if m, found := mistaken(w, targets, p); found {
				return []rules.Fix{r.Replace(rules.Review, fmt.Sprintf("name the port of the pods, %d", m.number), int64(m.number))}
			}
		}
	}
	return nil
}
