// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package services

import (
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// service is a Service of a World.
type service = model.Item[corev1.Service]

// grace is how long things may take to come about before that is a fault.
const grace = 30 * time.Second

// gatewayLabel marks what a Gateway API controller makes for a Gateway.
const gatewayLabel = "gateway.networking.k8s.io/gateway-name"

// selectorOf is the selector of a Service that finds its pods by one. ok is
// false for the others: those whose endpoints somebody else writes, aliases,
// and Services that a gateway's controller looks after or that are going away.
func selectorOf(svc service) (selector labels.Selector, ok bool) {
	if !finds(svc) {
		return nil, false
	}
	return labels.SelectorFromSet(svc.Value.Spec.Selector), true
}

// finds reports whether a Service is one that selectorOf is about.
func finds(svc service) bool {
	spec := &svc.Value.Spec
	_, managed := svc.Value.Labels[gatewayLabel]
	return len(spec.Selector) > 0 && spec.Type != corev1.ServiceTypeExternalName && svc.Value.DeletionTimestamp == nil && !managed
}

// selected is what a Service selects; nothing, if it has no selector.
func selected(w *rules.World, svc service) model.Selection {
	if !finds(svc) {
		return model.Selection{}
	}
	return w.Behind(svc)
}

// podAbsence says what it proves that a selector finds nothing in a namespace.
// Jobs are left out: that they cannot be read hides nothing a Service is for.
func podAbsence(w *rules.World, namespace string) model.Absence {
	for _, k := range model.WorkloadKinds {
		if _, gap := w.Gap(k.GroupKind, namespace); gap && k.Group != model.Jobs.Group {
			return model.Unknown
		}
	}
	switch {
	case !w.Partial:
		return model.Proven
	case len(w.Workloads(namespace)) > 0:
		return model.NotInSet
	}
	return model.Outside
}

// fresh reports whether a live object is so young that what belongs to it may
// be on its way. Files have no age.
func fresh(w *rules.World, meta *metav1.ObjectMeta, limit time.Duration) bool {
	return !meta.CreationTimestamp.IsZero() && w.Now.Sub(meta.CreationTimestamp.Time) < limit
}

// headless reports whether a Service has no address of its own.
func headless(svc service) bool { return svc.Value.Spec.ClusterIP == corev1.ClusterIPNone }

// protocolOf is a port's transport protocol, with the default filled in.
func protocolOf(p corev1.Protocol) corev1.Protocol {
	if p == "" {
		return corev1.ProtocolTCP
	}
	return p
}

// listed writes the names of objects for people, the first three of them.
func listed(refs []ref.Ref) string {
	var names []string
	for _, r := range refs[:min(3, len(refs))] {
		names = append(names, r.String())
	}
	if len(refs) > 3 {
		names = append(names, "others")
	}
	return anded(names)
}

// anded writes a list for people: "a", "a and b", "a, b and c".
func anded(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// unique sorts refs and drops those that are there twice.
func unique(refs []ref.Ref) []ref.Ref {
	slices.SortFunc(refs, ref.Compare)
	return slices.CompactFunc(refs, ref.Ref.Same)
}
