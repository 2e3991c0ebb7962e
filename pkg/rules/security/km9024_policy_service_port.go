// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"fmt"
	"slices"
	"strconv"

	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9024", Slug: "policy-service-port", Severity: finding.Warning,
	Short: "AuthorizationPolicy names a port of a Service, or a port by its name",
	Why: `The ports of a policy are those that the container listens on, as numbers in quotes. The port of a
Service, where that is another one, is met by no request: an ALLOW rule lets nobody in by it, a DENY
rule stops nobody. Names are refused by Istio's webhook.`,
	Fix:       "Write the number of the container's port, which the Service calls targetPort.",
	Reference: "https://istio.io/latest/docs/reference/config/security/authorization-policy/#Operation",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.AuthorizationPolicies.Kind, model.Services.Kind}),
	Explains:  []string{"KM9010", "KM9013"},
	Check:     checkPolicyPorts,
	Repair:    repairPolicyPort,
})

func checkPolicyPorts(w *rules.World, emit rules.Emit) {
	view := newAuthz(w)
	for _, p := range every(w) {
		for _, l := range lists(p.spec()) {
			if !l.is("ports", "destination.port") {
				continue
			}
			for i, text := range l.Texts {
				checkPolicyPort(w, view, p, l, i, text, emit)
			}
		}
	}
}

func checkPolicyPort(w *rules.World, view *authz, p policy, l list, i int, text string, emit rules.Emit) {
	at := l.At + patch.Pointer(i)
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 {
		f := emit(p.Object, at, "%s %q is no number of a port, which Istio's webhook refuses", l.Field, text)
		f.Severity = finding.Error
		if number := portCalled(view.narrowly(p), text); number != 0 {
			f.Hint = fmt.Sprintf("write %q", strconv.Itoa(int(number)))
		}
		return
	}
	m, found := swapped(w, view.narrowly(p), int32(n))
	if !found {
		return
	}
	f := emit(p.Object, at, "%s is the port of %s, and %s listens on %d: no request comes to %s", text, m.service.Ref, m.of.Ref, m.port, text)
	f.Confidence = finding.Likely
	f.Related = append(f.Related, m.service.Ref, m.of.Ref)
	f.Evidence = []finding.Evidence{{Kind: "field", Of: m.service.Where(m.at), Value: fmt.Sprintf("port %s, targetPort %d", text, m.port)}}
	f.Hint = fmt.Sprintf("write %q", strconv.Itoa(int(m.port)))
}

// narrowly are the workloads of a policy that selects some: one for a whole
// namespace may name a port that any of them has.
func (a *authz) narrowly(p policy) []*model.Workload {
	if p.targeted() || p.selector.Empty() {
		return nil
	}
	return a.workloads(p)
}

// swapped looks for the Service whose port stands for that of the workloads,
// none of which is known to listen on it.
func swapped(w *rules.World, workloads []*model.Workload, port int32) (out mistakenPort, found bool) {
	for _, of := range workloads {
		if declares(of, port) {
			return out, false
		}
		for _, svc := range w.InFront(of) {
			for i := range svc.Value.Spec.Ports {
				p := &svc.Value.Spec.Ports[i]
				target := podPort(of, p)
				switch {
				case target == port, target == 0 && p.Port == port:
					return out, false
				case p.Port == port && !found:
					out, found = mistakenPort{svc, patch.Pointer("spec", "ports", i), of, target}, true
				}
			}
		}
	}
	return out, found
}

// portCalled is the port with a name of the first workload that has one.
func portCalled(workloads []*model.Workload, name string) int32 {
	for _, of := range workloads {
		if n := namedPort(of, intstr.FromString(name), 0); n != 0 {
			return n
		}
	}
	return 0
}

func repairPolicyPort(w *rules.World, r rules.Result) []rules.Fix {
	text, isText := r.Text()
	if !isText || text == "" {
		return nil
	}
	workloads := newAuthz(w).narrowly(policyOf(r.On))
	number := portCalled(workloads, text)
	if n, err := strconv.ParseUint(text, 10, 16); err == nil {
		m, _ := swapped(w, workloads, int32(n))
		number = m.port
	}
	if number == 0 {
		return nil
	}
	instead := strconv.Itoa(int(number))
	return []rules.Fix{r.Replace(rules.Review, "write the port of the pods, "+instead, instead)}
}
