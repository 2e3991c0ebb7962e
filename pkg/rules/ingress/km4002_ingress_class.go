// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package ingress

import (
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// classAnnotation is what named the class before spec.ingressClassName; the
// controllers that read it need no IngressClass.
const classAnnotation = "kubernetes.io/ingress.class"

var _ = family.Add(rules.Rule{
	ID: "KM4002", Slug: "ingress-class", Severity: finding.Error,
	Short: "Ingress has no class that a controller serves",
	Why: `The class says which controller serves an Ingress. One that names a class which does not exist is
served by nobody. One that names none gets the cluster's default class when it is created; without a
default it is served only by controllers that are told to take any Ingress.`,
	Fix:       `Name an IngressClass in spec.ingressClassName; ` + "`kubectl get ingressclass`" + ` lists them.`,
	Reference: "https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class",
	Needs:     []*model.Kind{model.Ingresses.Kind, model.IngressClasses.Kind},
	Check:     checkClass,
	Repair:    repairClass,
})

func checkClass(w *rules.World, emit rules.Emit) {
	for _, in := range model.Ingresses.In(w.Snapshot, "") {
		if in.Value.Annotations[classAnnotation] != "" || in.Value.DeletionTimestamp != nil {
			continue
		}
		served := len(in.Value.Status.LoadBalancer.Ingress) > 0
		if name := in.Value.Spec.IngressClassName; name != nil && *name != "" {
			checkNamedClass(w, emit, in, served)
			continue
		}
		absence := w.Absence(model.IngressClasses.Kind, "")
		if served || absence == model.Unknown || hasDefaultClass(w) {
			continue
		}
		f := emit(in.Object, "/spec", "Ingress names no ingressClassName: it is served only if the cluster has a default class")
		if absence == model.Proven {
			f.Message = "Ingress names no ingressClassName and no IngressClass is the default"
		}
		f.Severity, f.Confidence = finding.Warning, finding.Likely
		if absence == model.Outside {
			f.Confidence = finding.Possible
		}
		f.Hint = "set spec.ingressClassName; kubectl get ingressclass lists the classes"
	}
}

// checkNamedClass looks for the IngressClass that an Ingress names. An address
// in its status means that some controller goes by the name alone.
func checkNamedClass(w *rules.World, emit rules.Emit, in model.Item[networkingv1.Ingress], served bool) {
	name := *in.Value.Spec.IngressClassName
	absence, missing := w.Missing(model.IngressClasses.Kind, "", name)
	if !missing || served || (absence == model.Outside) {
		return // files of applications hold no classes
	}
	f := emit(in.Object, "/spec/ingressClassName", "IngressClass %s %s", name, absence)
	f.Related = []ref.Ref{model.IngressClasses.Ref("", name)}
	f.Hint = rules.DidYouMean(name, w.Names(model.IngressClasses.Kind, ""))
	rules.Weigh(f, absence)
}

func hasDefaultClass(w *rules.World) bool {
	for _, c := range model.IngressClasses.In(w.Snapshot, "") {
		if c.Value.Annotations[networkingv1.AnnotationIsDefaultIngressClass] == "true" {
			return true
		}
	}
	return false
}

// repairClass names the class that was meant, or the only one there is.
func repairClass(w *rules.World, r rules.Result) []rules.Fix {
	names, op := w.Names(model.IngressClasses.Kind, ""), patch.Add
	if r.Pointer == "/spec/ingressClassName" {
		in, ok := model.Ingresses.Of(r.On)
		if !ok || in.Value.Spec.IngressClassName == nil {
			return nil
		}
		names, op = ref.Closest(*in.Value.Spec.IngressClassName, names), patch.Replace
	}
	if len(names) != 1 {
		return nil
	}
	return []rules.Fix{rules.Change(rules.Review, "use the class "+names[0], r.On, patch.Op{Op: op, Path: "/spec/ingressClassName", Value: names[0]})}
}
