// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"slices"
	"strconv"
	"strings"

	securityv1beta1 "istio.io/api/security/v1beta1"
	istiosecv1 "istio.io/client-go/pkg/apis/security/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// intent is traffic that some object says is meant to be.
type intent struct {
	// from are the workloads that send it; without any, namespace is where they are.
	from      []*model.Workload
	namespace string
	to        *model.Workload
	ports     []port
	// by is the object that says so, why what it says.
	by  ref.Ref
	why string
}

// sender names who sends, for people.
func (i intent) sender() string {
	if len(i.from) == 0 {
		return "namespace " + i.namespace
	}
	return rules.FewOf(model.Refs(i.from))
}

// endpoints are the places it comes from.
func (i intent) endpoints() []endpoint {
	var out []endpoint
	for _, w := range i.from {
		out = append(out, endpoint{namespace: w.Ref.Namespace, labels: labelsOf(w)})
	}
	if len(out) == 0 {
		out = append(out, endpoint{namespace: i.namespace})
	}
	return out
}

// labelsOf are the labels of a workload's pods, never nil.
func labelsOf(w *model.Workload) labels.Set {
	return labels.Merge(labels.Set{}, w.Template.Labels)
}

// called are the intents of environment variables that name Services.
func called(w *rules.World) []intent {
	var out []intent
	for _, from := range w.Workloads("") {
		for _, c := range calls(w, from) {
			if from.Spec().HostNetwork {
				continue
			}
			for _, to := range w.Behind(c.to).Workloads {
				out = append(out, intent{
					from: []*model.Workload{from}, to: to, ports: podPorts(c.to.Value, c.port, to),
					by: from.Ref, why: "its variable " + c.value + " names " + c.to.Ref.String(),
				})
			}
		}
	}
	return out
}

// authorized are the intents of AuthorizationPolicies that let identities in to
// selected workloads.
func authorized(w *rules.World) []intent {
	var out []intent
	for _, ap := range model.AuthorizationPolicies.In(w.Snapshot, "") {
		spec := &ap.Value.Spec
		if spec.GetAction() != securityv1beta1.AuthorizationPolicy_ALLOW || len(spec.GetSelector().GetMatchLabels()) == 0 || ap.Ref.Namespace == w.RootNamespace {
			continue
		}
		for _, to := range w.Select(ap.Ref.Namespace, labels.SelectorFromSet(spec.GetSelector().GetMatchLabels())).Workloads {
			for _, r := range spec.GetRules() {
				out = append(out, authorizedBy(w, ap, r, to)...)
			}
		}
	}
	return out
}

func authorizedBy(w *rules.World, ap model.Item[istiosecv1.AuthorizationPolicy], r *securityv1beta1.Rule, to *model.Workload) []intent {
	var out []intent
	for _, f := range r.GetFrom() {
		source := f.GetSource()
		for _, principal := range source.GetPrincipals() {
			ns, account, ok := identity(principal)
			if !ok {
				continue
			}
			i := intent{from: runningAs(w, ns, account), namespace: ns, to: to, ports: operationPorts(r, to), by: ap.Ref, why: ap.Ref.String() + " lets in " + principal}
			out = append(out, i)
		}
		for _, ns := range source.GetNamespaces() {
			if ns == "" || strings.Contains(ns, "*") {
				continue
			}
			out = append(out, intent{from: w.Workloads(ns), namespace: ns, to: to, ports: operationPorts(r, to), by: ap.Ref, why: ap.Ref.String() + " lets in namespace " + ns})
		}
	}
	return out
}

// identity splits "cluster.local/ns/NAMESPACE/sa/ACCOUNT"; patterns are no identity.
func identity(principal string) (namespace, account string, ok bool) {
	parts := strings.Split(principal, "/")
	if len(parts) != 5 || parts[1] != "ns" || parts[3] != "sa" || strings.Contains(principal, "*") || parts[2] == "" || parts[4] == "" {
		return "", "", false
	}
	return parts[2], parts[4], true
}

// runningAs are the workloads of a namespace that run under an account.
func runningAs(w *rules.World, namespace, account string) []*model.Workload {
	return model.Once(w.Snapshot, accountKey{namespace, account}, func() []*model.Workload {
		var out []*model.Workload
		for _, workload := range w.Workloads(namespace) {
			if workload.Account() == account && !workload.Spec().HostNetwork {
				out = append(out, workload)
			}
		}
		return slices.Clip(out)
	})
}

// accountKey is what the workloads of an account are kept under.
type accountKey struct{ namespace, account string }

// operationPorts are the ports of a rule's operations; any, if it names none.
func operationPorts(r *securityv1beta1.Rule, to *model.Workload) []port {
	var out []port
	for _, t := range r.GetTo() {
		for _, text := range t.GetOperation().GetPorts() {
			if n, err := strconv.ParseInt(text, 10, 32); err == nil {
				out = append(out, portOf(to, int32(n)))
			}
		}
	}
	if len(out) == 0 {
		out = append(out, port{protocol: corev1.ProtocolTCP})
	}
	return out
}
