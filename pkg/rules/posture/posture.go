// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package posture holds the rules of the security audit: nothing that they find
// is broken, but somebody who breaks in gets further than they had to. They are
// hygiene and run only when they are named, as "secure audit" does.
//
// Level, which the rules about pods rest on, says which of the Pod Security
// Standards a pod meets.
package posture

import (
	"slices"
	"strconv"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var family rules.Family

// Rules returns the rules of the family, sorted by ID.
func Rules() []*rules.Rule { return family.Rules() }

// add takes a rule into the family. Its findings are latent: they wait for
// somebody who breaks in.
func add(r rules.Rule) *rules.Rule {
	check := r.Check
	r.Check = func(w *rules.World, emit rules.Emit) {
		check(w, func(on *model.Object, pointer, format string, args ...any) *finding.Finding {
			f := emit(on, pointer, format, args...)
			f.State = finding.Latent
			return f
		})
	}
	return family.Add(r)
}

// standards is where the Pod Security Standards are.
const standards = "https://kubernetes.io/docs/concepts/security/pod-security-standards/"

// system reports whether a namespace is the cluster's own: what runs there came
// with it and is nobody's to harden.
func system(namespace string) bool {
	return namespace == "kube-system" || namespace == "kube-public" || namespace == "kube-node-lease"
}

// audited are the workloads of a namespace (all if empty) that somebody could
// mend: not the cluster's own, nor what a controller makes of a Gateway, nor what
// has ended or is on its way out.
func audited(w *rules.World, namespace string) []*model.Workload {
	return slices.DeleteFunc(slices.Clone(w.Workloads(namespace)), func(of *model.Workload) bool {
		_, managed := of.Template.Labels["gateway.istio.io/managed"]
		return managed || system(of.Ref.Namespace) || of.Meta().GetDeletionTimestamp() != nil || ended(of)
	})
}

// ended reports whether the pods of a workload have done their work for good.
func ended(of *model.Workload) bool {
	if job, ok := model.Jobs.Of(of.Object); ok && job.Value != nil {
		return model.JobEnded(job.Value, batchv1.JobComplete, batchv1.JobFailed) != nil
	}
	pod, ok := model.Pods.Of(of.Object)
	return ok && pod.Value != nil && model.PodEnded(pod.Value)
}

// filledIn reports whether a container is a place holder: an injector replaces
// its image, and much of the rest (the gateways of Istio are written so).
func filledIn(c *corev1.Container) bool { return c.Image == "auto" }

// nearest shortens a pointer to the part of it that an object has.
func nearest(o *model.Object, pointer string) string {
	for pointer != "" {
		if _, err := patch.Get(o.Raw(), pointer); err == nil {
			break
		}
		pointer, _ = patch.Split(pointer)
	}
	return pointer
}

// set is the operation that gives a field a value, with the parents it lacks.
func set(o *model.Object, pointer string, value any) patch.Op {
	if _, err := patch.Get(o.Raw(), pointer); err == nil {
		return patch.Op{Op: patch.Replace, Path: pointer, Value: value}
	}
	for {
		parent, key := patch.Split(pointer)
		have, err := patch.Get(o.Raw(), parent)
		switch {
		case err == nil && have != nil || parent == "":
			return patch.Op{Op: patch.Add, Path: pointer, Value: value}
		case err == nil: // it is null
			return patch.Op{Op: patch.Replace, Path: parent, Value: map[string]any{key: value}}
		}
		pointer, value = parent, map[string]any{key: value}
	}
}

func decimal(n int32) string { return strconv.Itoa(int(n)) }
