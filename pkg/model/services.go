// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// Behind returns what a Service selects; nothing for one without a selector. The
// lists are shared, as those of Select.
func (s *Snapshot) Behind(svc Item[corev1.Service]) Selection {
	if len(svc.Value.Spec.Selector) == 0 {
		return Selection{}
	}
	return s.views.behind.get(s.read != nil, svc.Object, func() Selection {
		return s.Select(svc.Ref.Namespace, labels.SelectorFromSet(svc.Value.Spec.Selector))
	})
}

// InFront returns the Services that select the pods of a workload's template,
// sorted by name.
func (s *Snapshot) InFront(w *Workload) []Item[corev1.Service] {
	return slices.DeleteFunc(Services.In(s, w.Ref.Namespace), func(svc Item[corev1.Service]) bool {
		selector := svc.Value.Spec.Selector
		return len(selector) == 0 || !labels.SelectorFromSet(selector).Matches(labels.Set(w.Template.Labels))
	})
}

// ServiceNamed returns the Service that pods of a namespace reach under a name
// in the cluster's DNS: name, name.namespace, name.namespace.svc or the whole,
// with or without a dot at the end. What a host in an Istio object stands for
// is another question: see Resolve.
func (s *Snapshot) ServiceNamed(host, namespace string) (Item[corev1.Service], bool) {
	name, rest, dotted := strings.Cut(strings.TrimSuffix(host, "."), ".")
	if dotted {
		rest = strings.TrimSuffix(strings.TrimSuffix(rest, ".svc."+s.ClusterDomain), ".svc")
		if strings.Contains(rest, ".") {
			return Item[corev1.Service]{}, false
		}
		namespace = rest
	}
	if name == "" || namespace == "" {
		return Item[corev1.Service]{}, false
	}
	return Services.Get(s, namespace, name)
}

// NamespaceOf is the namespace that a reference of the Gateway API leads to,
// which is that of the object it stands in where it names none.
func NamespaceOf(named *gatewayv1.Namespace, own string) string {
	if named == nil || *named == "" {
		return own
	}
	return string(*named)
}
