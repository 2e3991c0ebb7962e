// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package services

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM3010", Slug: "dead-annotation", Severity: finding.Warning,
	Short: "Annotation of a Service is no longer read",
	Why: `Some annotations became fields of the Service, and Kubernetes stopped reading them:
tolerate-unready-endpoints until 1.24 (publishNotReadyAddresses took its place; neither has anything
to do with load balancing), external-traffic and healthcheck-nodeport while they were in beta.
topology-aware-hints is deprecated but still read; its new name is topology-mode.

A Service with such an annotation does not do what it seems to say.`,
	Fix:       `Remove the annotation. Where its effect is wanted, set the field that replaced it.`,
	Reference: "https://kubernetes.io/docs/reference/labels-annotations-taints/",
	Needs:     []*model.Kind{model.Services.Kind},
	Check:     checkAnnotations,
	Repair:    repairAnnotation,
})

// The annotations that were replaced.
const (
	tolerateUnready = "service.alpha.kubernetes.io/tolerate-unready-endpoints"
	externalAlpha   = "service.alpha.kubernetes.io/external-traffic"
	externalBeta    = "service.beta.kubernetes.io/external-traffic"
	healthAlpha     = "service.alpha.kubernetes.io/healthcheck-nodeport"
	healthBeta      = "service.beta.kubernetes.io/healthcheck-nodeport"
)

// dead are the annotations that nothing reads any more, in the order of reports.
var dead = []struct{ name, field string }{
	{tolerateUnready, "publishNotReadyAddresses"},
	{externalAlpha, "externalTrafficPolicy"},
	{externalBeta, "externalTrafficPolicy"},
	{healthAlpha, "healthCheckNodePort"},
	{healthBeta, "healthCheckNodePort"},
}

func annotationAt(name string) string { return patch.Pointer("metadata", "annotations", name) }

func checkAnnotations(w *rules.World, emit rules.Emit) {
	for _, svc := range model.Services.In(w.Snapshot, "") {
		annotations := svc.Value.Annotations
		for _, d := range dead {
			value, there := annotations[d.name]
			if !there {
				continue
			}
			f := emit(svc.Object, annotationAt(d.name), "annotation %s is no longer read; the field is %s", d.name, d.field)
			if _, wanted := successor(svc, d.name, value); !wanted {
				f.Severity = finding.Info // nothing is lost with it
			}
		}
		if _, old := annotations[corev1.DeprecatedAnnotationTopologyAwareHints]; old {
			f := emit(svc.Object, annotationAt(corev1.DeprecatedAnnotationTopologyAwareHints), "annotation %s is deprecated; its new name is %s",
				corev1.DeprecatedAnnotationTopologyAwareHints, corev1.AnnotationTopologyMode)
			f.Severity, f.State = finding.Info, finding.Latent
			if _, both := annotations[corev1.AnnotationTopologyMode]; both {
				f.Hint = "the old annotation wins over the new one while both are there"
			}
		}
	}
}

// successor is the edit that gives an annotation its effect back; wanted is
// false where it asked for nothing or the field says it already.
func successor(svc service, name, value string) (op patch.Op, wanted bool) {
	switch name {
	case tolerateUnready:
		return patch.Op{Op: patch.Add, Path: "/spec/publishNotReadyAddresses", Value: true},
			value == "true" && !svc.Value.Spec.PublishNotReadyAddresses
	case externalAlpha, externalBeta:
		return patch.Op{Op: patch.Add, Path: "/spec/externalTrafficPolicy", Value: "Local"},
			value == "OnlyLocal" && svc.Value.Spec.ExternalTrafficPolicy != corev1.ServiceExternalTrafficPolicyLocal
	}
	return patch.Op{}, false
}

// repairAnnotation removes what has no effect. Setting the field instead
// changes what the Service does, which is for a person to decide.
func repairAnnotation(_ *rules.World, r rules.Result) []rules.Fix {
	svc, ok := model.Services.Of(r.On)
	if !ok {
		return nil
	}
	_, name := patch.Split(r.Pointer)
	value := svc.Value.Annotations[name]
	remove := patch.Op{Op: patch.Remove, Path: r.Pointer}
	if name == corev1.DeprecatedAnnotationTopologyAwareHints {
		rename := patch.Op{Op: patch.Add, Path: annotationAt(corev1.AnnotationTopologyMode), Value: value}
		return []rules.Fix{rules.Change(rules.Safe, "rename the annotation to "+corev1.AnnotationTopologyMode, r.On, remove, rename)}
	}
	if len(svc.Value.Annotations) == 1 {
		remove.Path = "/metadata/annotations"
	}
	fixes := []rules.Fix{rules.Change(rules.Safe, "remove the annotation", r.On, remove)}
	if op, wanted := successor(svc, name, value); wanted {
		title := "set " + strings.TrimPrefix(op.Path, "/spec/") + " in its place"
		fixes = append(fixes, rules.Change(rules.Review, title, r.On, remove, op))
	}
	return fixes
}
