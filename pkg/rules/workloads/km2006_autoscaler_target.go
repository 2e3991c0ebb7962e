// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"fmt"
	"slices"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM2006", Slug: "autoscaler-target", Severity: finding.Error,
	Short: "HorizontalPodAutoscaler scales something that is not there or cannot be scaled",
	Why: `An autoscaler finds its target by apiVersion, kind and name in its own namespace, and sets the number
of pods through the scale subresource. Without target, or with one that has no such subresource (a
DaemonSet, a Job), it does nothing, and says so only in its status.`,
	Fix: `Correct scaleTargetRef: the apiVersion of Deployments and StatefulSets is apps/v1 and has to be
given.`,
	Reference: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#api-object",
	Aliases: []string{
		"POP600", "kube-linter:dangling-horizontalpodautoscaler", "kube-score:horizontalpodautoscaler-has-target",
		"kubescape:C-0300",
	},
	Needs: []*model.Kind{
		model.HorizontalPodAutoscalers.Kind, model.Deployments.Kind, model.StatefulSets.Kind, model.ReplicaSets.Kind,
	},
	Check:  checkTargets,
	Repair: repairTarget,
})

// scalable are the built-in kinds with a scale subresource, the likeliest first.
var scalable = []*model.Kind{model.Deployments.Kind, model.StatefulSets.Kind, model.ReplicaSets.Kind}

// fixed are the kinds people try to scale that cannot be.
var fixed = []*model.Kind{model.DaemonSets.Kind, model.Jobs.Kind, model.CronJobs.Kind, model.Pods.Kind}

const targetAt = "/spec/scaleTargetRef"

func checkTargets(w *rules.World, emit rules.Emit) {
	for _, h := range model.HorizontalPodAutoscalers.In(w.Snapshot, "") {
		if h.Value.DeletionTimestamp != nil {
			continue
		}
		of := scaled(h)
		failing := unscalable(h)
		var f *finding.Finding
		switch k, known := model.KindFor(of.GroupKind()); {
		case known && slices.Contains(fixed, k):
			f = emit(h.Object, targetAt+"/kind", "scales %s, but a %s has no number of pods to set", of, k.Kind)
		case misgrouped(of) != nil:
			right := misgrouped(of)
			f = emit(h.Object, targetAt+"/apiVersion", "scales %s with apiVersion %q, expected %s", of, h.Value.Spec.ScaleTargetRef.APIVersion, apiVersion(right))
			of.Group = right.Group // what is meant, so that causes are found
		case known && slices.Contains(scalable, k):
			f = missingTarget(w, emit, h, k)
		}
		if f == nil && failing != nil {
			f = emit(h.Object, targetAt, "cannot scale %s: %s", of, failing.Message)
			f.Reason = "cannot scale " + of.String()
		}
		if f == nil {
			continue
		}
		f.Related = append(f.Related, of)
		if failing != nil {
			f.Severity, f.Confidence, f.Since = finding.Error, finding.Certain, failing.LastTransitionTime.Time
			f.Evidence = append(f.Evidence, evidenceOf(h, failing))
		}
	}
}

func missingTarget(w *rules.World, emit rules.Emit, h scaler, k *model.Kind) *finding.Finding {
	of := scaled(h)
	absence, missing := w.Missing(k, of.Namespace, of.Name)
	if !missing {
		return nil
	}
	f := rules.Weigh(emit(h.Object, targetAt+"/name", "scales %s, which %s", of, absence), absence)
	if kind, name := likely(w, of); name != "" {
		f.Hint = fmt.Sprintf("did you mean %s?", ref.Ref{Kind: kind, Namespace: of.Namespace, Name: name})
	}
	return f
}

// likely is what was probably meant: something of the same name and another
// kind, else of the same kind and a similar name.
func likely(w *rules.World, of ref.Ref) (kind, name string) {
	for _, k := range scalable {
		if _, found := w.Object(k.Ref(of.Namespace, of.Name)); found {
			return k.Kind, of.Name
		}
	}
	var names []string
	for _, o := range w.InNamespace(of.GroupKind(), of.Namespace) {
		names = append(names, o.Ref.Name)
	}
	if near := ref.Closest(of.Name, names); len(near) > 0 {
		return of.Kind, near[0]
	}
	return "", ""
}

// misgrouped is the kind that was meant by the name of a scalable built-in kind
// with a group that has none such: no group, or one of old. The group of a
// custom resource has a dot, and may well have a StatefulSet of its own.
func misgrouped(of ref.Ref) *model.Kind {
	if strings.Contains(of.Group, ".") {
		return nil
	}
	for _, k := range scalable {
		if k.Kind == of.Kind && k.Group != of.Group {
			return k
		}
	}
	return nil
}

func apiVersion(k *model.Kind) string { return k.Group + "/" + k.Versions[0] }

// unscalable is the condition of a live autoscaler that cannot reach its target.
func unscalable(h scaler) *autoscalingv2.HorizontalPodAutoscalerCondition {
	c := scalerCondition(h, autoscalingv2.AbleToScale)
	if c == nil || c.Status != corev1.ConditionFalse || (c.Reason != "FailedGetScale" && c.Reason != "FailedUpdateScale") {
		return nil
	}
	return c
}

func scalerCondition(h scaler, of autoscalingv2.HorizontalPodAutoscalerConditionType) *autoscalingv2.HorizontalPodAutoscalerCondition {
	if !h.Live() {
		return nil
	}
	for i := range h.Value.Status.Conditions {
		if c := &h.Value.Status.Conditions[i]; c.Type == of {
			return c
		}
	}
	return nil
}

func evidenceOf(h scaler, c *autoscalingv2.HorizontalPodAutoscalerCondition) finding.Evidence {
	return finding.Evidence{
		Kind: "condition", Of: h.Ref.String(), Time: c.LastTransitionTime.Time,
		Value: fmt.Sprintf("%s is %s, %s: %s", c.Type, c.Status, c.Reason, c.Message),
	}
}

// repairTarget corrects what a program can know: the group of a kind, a name
// or kind with a single likely meaning.
func repairTarget(w *rules.World, r rules.Result) []rules.Fix {
	h, ok := model.HorizontalPodAutoscalers.Of(r.On)
	if !ok {
		return nil
	}
	of := scaled(h)
	switch r.Pointer {
	case targetAt + "/apiVersion":
		right := misgrouped(of)
		if right == nil {
			return nil
		}
		// It did nothing before, so that nothing that worked changes.
		return []rules.Fix{rules.Change(rules.Safe, "scale "+right.Kind+" of "+apiVersion(right), r.On,
			patch.Op{Op: patch.Add, Path: r.Pointer, Value: apiVersion(right)})}
	case targetAt + "/name":
		kind, name := likely(w, of)
		switch {
		case name == "":
			return nil
		case kind != of.Kind:
			return []rules.Fix{rules.Change(rules.Review, "scale "+kind+" "+name, r.On, patch.Op{Op: patch.Replace, Path: targetAt + "/kind", Value: kind})}
		}
		return []rules.Fix{r.Replace(rules.Review, "scale "+kind+" "+name, name)}
	}
	return nil
}
