// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// Foreign reports whether an object of a file makes pods that a selector
// selects in a namespace (all if empty), though the suite does not know its kind
// as one that makes pods: a ReplicationController, an Argo Rollout, what an
// operator is told to run; or is a Gateway, which Istio runs pods for. That no
// workload carries the labels proves nothing then. In a cluster such pods are there
// to be seen.
func (w *World) Foreign(namespace string, selector labels.Selector) bool {
	makers := model.Once(w.Snapshot, makersKey{}, func() []maker { return makers(w) })
	return slices.ContainsFunc(makers, func(m maker) bool {
		if namespace != "" && m.Ref.Namespace != namespace {
			return false
		}
		return template(m.Object, selector) || fronted(m.Object, selector) || m.operated && operated(m.Object, selector)
	})
}

// maker is an object that may make pods, though it is no workload.
type maker struct {
	*model.Object
	// operated is true for a kind that may have an operator: those that the suite
	// does not know, and those of which it knows that.
	operated bool
}

// makersKey is what the list of makers is kept under.
type makersKey struct{}

// scrapers are the kinds for which the Prometheus Operator makes pods.
var scrapers = []*model.Kind{model.Prometheuses.Kind, model.PrometheusAgents.Kind, model.ThanosRulers.Kind}

func makers(w *World) []maker {
	var out []maker
	for _, o := range w.Objects() {
		if o.Live() {
			continue
		}
		k, known := model.KindFor(o.Ref.GroupKind())
		switch {
		case known && slices.Contains(model.WorkloadKinds, k):
		case !known || slices.Contains(scrapers, k):
			out = append(out, maker{o, true})
		case k == model.Gateways.Kind || template(o, labels.Everything()):
			out = append(out, maker{o, false})
		}
	}
	return out
}

// template reports whether the object holds a pod template with labels that a
// selector selects.
func template(o *model.Object, selector labels.Selector) bool {
	if _, pods, _ := unstructured.NestedFieldNoCopy(o.Raw(), "spec", "template", "spec", "containers"); !pods {
		return false
	}
	set, found, _ := unstructured.NestedStringMap(o.Raw(), "spec", "template", "metadata", "labels")
	return found && selector.Matches(labels.Set(set))
}

// fronted reports whether the object is a Gateway of the Gateway API whose pods a
// selector selects: by the labels that the API wants on them (GEP-1762), and those
// that the Gateway asks for.
func fronted(o *model.Object, selector labels.Selector) bool {
	if o.Ref.GroupKind() != model.Gateways.GroupKind || selector.Empty() {
		return false
	}
	set := labels.Set{}
	given, _, _ := unstructured.NestedStringMap(o.Raw(), "spec", "infrastructure", "labels")
	maps.Copy(set, given)
	class, _, _ := unstructured.NestedString(o.Raw(), "spec", "gatewayClassName")
	set["gateway.networking.k8s.io/gateway-name"], set["gateway.networking.k8s.io/gateway-class-name"] = o.Ref.Name, class
	return selector.Matches(set)
}

// operated reports whether a selector asks for labels that the operator of the
// object writes: any in the domain of the object's API group (strimzi.io/cluster
// for a Kafka of kafka.strimzi.io), and those of the Prometheus Operator, which
// others follow: podMetadata, and kind and name under several keys.
func operated(o *model.Object, selector labels.Selector) bool {
	asked, _ := selector.Requirements()
	if slices.ContainsFunc(asked, func(r labels.Requirement) bool {
		domain, _, qualified := strings.Cut(r.Key(), "/")
		return qualified && (domain == o.Ref.Group || strings.HasSuffix(o.Ref.Group, "."+domain))
	}) {
		return true
	}
	kind := strings.ToLower(o.Ref.Kind)
	set := labels.Set{kind: o.Ref.Name, "app.kubernetes.io/name": kind, "app.kubernetes.io/instance": o.Ref.Name}
	given, _, _ := unstructured.NestedStringMap(o.Raw(), "spec", "podMetadata", "labels")
	maps.Copy(set, given)
	return len(asked) > 0 && selector.Matches(set)
}

// otherPolicies are the API groups of policies that decide beside NetworkPolicies,
// and may be what isolates a namespace.
var otherPolicies = []string{"cilium.io", "crd.projectcalico.org", "projectcalico.org", model.NetworkPolicyAPI, "crd.antrea.io"}

// PoliciesElsewhere reports whether there are network policies of other APIs: that
// no NetworkPolicy selects a pod says little then.
func (w *World) PoliciesElsewhere() bool {
	return slices.ContainsFunc(w.Objects(), func(o *model.Object) bool {
		return slices.Contains(otherPolicies, o.Ref.Group) && strings.HasSuffix(o.Ref.Kind, "Policy")
	})
}
