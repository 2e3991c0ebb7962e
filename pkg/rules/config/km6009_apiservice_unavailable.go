// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM6009", Slug: "apiservice-unavailable", Severity: finding.Error,
	Short: "Aggregated API is not available",
	Why: `The API server passes requests for an aggregated API on to a Service. While that does not answer,
everything that reads the API fails: HorizontalPodAutoscalers and ` + "`kubectl top`" + ` for the metrics APIs. Any
aggregated API that is down also keeps namespaces from being deleted, because their content cannot be
listed.`,
	Fix: `Mend the Service that the APIService names and the pods behind it, or delete the APIService if what it
belonged to has been removed.`,
	Reference: "https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/",
	Needs: append([]*model.Kind{
		model.APIServices.Kind, model.Services.Kind, model.EndpointSlices.Kind,
	}, model.WorkloadKinds...),
	Explains: []string{"KM2007"},
	Check:    checkAPIServices,
})

// readers says who needs the metrics APIs.
var readers = map[string]string{
	"metrics.k8s.io":          "HorizontalPodAutoscalers that scale on cpu or memory, and kubectl top, get nothing",
	"custom.metrics.k8s.io":   "HorizontalPodAutoscalers that scale on metrics of pods or objects get nothing",
	"external.metrics.k8s.io": "HorizontalPodAutoscalers that scale on external metrics get nothing",
}

func checkAPIServices(w *rules.World, emit rules.Emit) {
	for _, a := range model.APIServices.In(w.Snapshot, "") {
		s := a.Value.Spec.Service
		if s == nil {
			continue // the API server itself
		}
		b := backend{s.Namespace, s.Name, 443}
		if s.Port != nil {
			b.port = *s.Port
		}
		text, field, absence := b.fault(w)
		down, known := unavailable(a)
		if known && down == nil || !known && text == "" {
			continue // the condition knows best, where there is one
		}
		at, message := "/spec/service", ""
		switch {
		case text != "":
			at, message = at+"/"+field, fmt.Sprintf("%s is served by %s, which %s", called(a), b.ref(), text)
		default:
			message = fmt.Sprintf("%s is not available: %s of %s", called(a), down.Reason, b.ref())
		}
		if down != nil && w.Now.Sub(down.LastTransitionTime.Time) < grace {
			continue
		}
		f := rules.Weigh(emit(a.Object, at, "%s", message), absence)
		f.Related = b.related(w)
		if down != nil {
			f.Severity, f.Confidence, f.Since = finding.Error, finding.Certain, down.LastTransitionTime.Time
			f.Evidence = append(f.Evidence, finding.Evidence{
				Kind: "condition", Of: a.Ref.String(), Time: f.Since,
				Value: fmt.Sprintf("Available is %s, %s: %s", down.Status, down.Reason, down.Message),
			})
		}
		f.Hint = readers[a.Value.Spec.Group]
	}
}

// called is the API for people.
func called(a model.Item[model.APIService]) string {
	return fmt.Sprintf("API %s/%s", a.Value.Spec.Group, a.Value.Spec.Version)
}

// unavailable is the condition Available of a live APIService when it is false.
// Known is false where there is no such condition.
func unavailable(a model.Item[model.APIService]) (down *metav1.Condition, known bool) {
	if !a.Live() {
		return nil, false
	}
	for i, c := range a.Value.Status.Conditions {
		if c.Type != "Available" {
			continue
		}
		if c.Status == metav1.ConditionFalse {
			return &a.Value.Status.Conditions[i], true
		}
		return nil, true
	}
	return nil, false
}
