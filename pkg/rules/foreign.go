// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// Foreign reports whether an object of a file makes pods that a selector
// selects in a namespace (all if empty), though the suite does not know its kind
// as one that makes pods: a ReplicationController, an Argo Rollout, what an
// operator is told to run. That no workload carries the labels proves nothing
// then. In a cluster such pods are there to be seen.
func (w *World) Foreign(namespace string, selector labels.Selector) bool {
	return slices.ContainsFunc(w.Objects(), func(o *model.Object) bool {
		if o.Live() || namespace != "" && o.Ref.Namespace != namespace {
			return false
		}
		k, known := model.KindFor(o.Ref.GroupKind())
		if known && slices.Contains(model.WorkloadKinds, k) {
			return false
		}
		return template(o, selector) || !known && operated(o, selector)
	})
}

// template reports whether the object holds a pod template with labels that a
// selector selects. That of the Prometheus Operator is called podMetadata.
func template(o *model.Object, selector labels.Selector) bool {
	carried := func(fields ...string) bool {
		set, found, _ := unstructured.NestedStringMap(o.Raw(), fields...)
		return found && selector.Matches(labels.Set(set))
	}
	if _, pods, _ := unstructured.NestedFieldNoCopy(o.Raw(), "spec", "template", "spec", "containers"); pods {
		return carried("spec", "template", "metadata", "labels")
	}
	return carried("spec", "podMetadata", "labels")
}

// operated reports whether a selector asks for a label that only the operator
// of the object would write: one in the domain of the object's API group
// (strimzi.io/cluster for a Kafka of kafka.strimzi.io), or kind=name
// (prometheus=k8s).
func operated(o *model.Object, selector labels.Selector) bool {
	asked, _ := selector.Requirements()
	return slices.ContainsFunc(asked, func(r labels.Requirement) bool {
		domain, _, qualified := strings.Cut(r.Key(), "/")
		if qualified {
			return domain == o.Ref.Group || strings.HasSuffix(o.Ref.Group, "."+domain)
		}
		return r.Key() == strings.ToLower(o.Ref.Kind) && r.Values().Has(o.Ref.Name)
	})
}
