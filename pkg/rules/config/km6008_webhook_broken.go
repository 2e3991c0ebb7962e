// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM6008", Slug: "webhook-broken", Severity: finding.Error,
	Short: "Admission webhook cannot be called",
	Why: `While the API server cannot reach an admission webhook with ` + "`failurePolicy: Fail`" + ` (the default), it
refuses every request the webhook would be asked about. When those are pods, nothing can be started any
more, and the only trace is an event of a ReplicaSet. With ` + "`failurePolicy: Ignore`" + ` the requests pass
unchecked: no sidecar is injected, no policy is enforced.

A webhook that is asked about the pods that answer for it cannot come back once they are all gone.`,
	Fix: `Mend the Service, its port or its pods, or the caBundle; delete the webhook configuration if what it
belonged to has been removed. Exclude the webhook's own namespace with a namespaceSelector.`,
	Reference: "https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/",
	Needs: slices.Concat([]*model.Kind{
		model.MutatingWebhookConfigurations.Kind, model.ValidatingWebhookConfigurations.Kind, model.Services.Kind,
		model.EndpointSlices.Kind, model.Namespaces.Kind,
	}, model.WorkloadKinds),
	Explains: []string{"KM1021", "KM2001", "KM2015", "KM3002", "KM9002"},
	Check:    checkWebhooks,
	Repair:   repairWebhook,
})

func checkWebhooks(w *rules.World, emit rules.Emit) {
	for _, configuration := range hooks(w) {
		checkBackends(w, configuration, emit)
		checkAuthorities(w, configuration, emit)
		for _, h := range configuration {
			checkDeadlock(w, h, emit)
		}
	}
}

// checkBackends reports each Service of a configuration once: policy engines
// register many webhooks with one.
func checkBackends(w *rules.World, configuration []hook, emit rules.Emit) {
	var order []backend
	by := map[backend][]hook{}
	for _, h := range configuration {
		b, ok := h.backend()
		if !ok {
			continue
		}
		if by[b] == nil {
			order = append(order, b)
		}
		by[b] = append(by[b], h)
	}
	for _, b := range order {
		text, field, absence := b.fault(w)
		if text == "" {
			continue
		}
		h := worst(by[b])
		f := emit(h.on, h.at+"/clientConfig/service/"+field, "webhook %s%s calls %s, which %s: %s", h.name, more(by[b]), b.ref(), text, h.effect(w))
		f.Reason = fmt.Sprintf("webhook %s calls %s, which %s", h.name, b.ref(), text)
		f.Related = append(f.Related, b.related(w)...)
		h.weigh(w, rules.Weigh(f, absence))
	}
}

func (h hook) backend() (backend, bool) {
	s := h.client.Service
	if s == nil {
		return backend{}, false
	}
	b := backend{s.Namespace, s.Name, 443}
	if s.Port != nil {
		b.port = *s.Port
	}
	return b, true
}

// worst is the first webhook that refuses requests, else the first.
func worst(list []hook) hook {
	if i := slices.IndexFunc(list, hook.fails); i >= 0 {
		return list[i]
	}
	return list[0]
}

func more(list []hook) string {
	if len(list) > 1 {
		return fmt.Sprintf(" (and %d more)", len(list)-1)
	}
	return ""
}

// effect says what the fault does to others.
func (h hook) effect(w *rules.World) string {
	if h.fails() {
		return fmt.Sprintf("it refuses %s %s", h.scope(), h.where(w))
	}
	return fmt.Sprintf("it lets through %s %s unseen", h.scope(), h.where(w))
}

// weigh lowers a finding about a webhook that lets requests pass, and names the
// workloads that wait for pods because of one that does not.
func (h hook) weigh(w *rules.World, f *finding.Finding) {
	if !h.fails() {
		f.Severity = min(f.Severity, finding.Warning)
		return
	}
	if h.conditional || !h.makesPods() {
		return
	}
	for _, wl := range w.Workloads("") {
		if !wl.Live() || wl.Bare() || over(wl) || !short(wl) || !h.takes(wl.Template.Labels) {
			continue
		}
		if yes, known := h.watches(w, wl.Ref.Namespace); !yes || !known {
			continue
		}
		f.Related = append(f.Related, wl.Ref)
		f.Evidence = append(f.Evidence, finding.Evidence{Kind: "status", Of: wl.Ref.String(), Value: wanted(wl)})
	}
}

func wanted(wl *model.Workload) string {
	if wl.Replicas == nil {
		return "has no pods"
	}
	return fmt.Sprintf("has %d of %d pods", len(wl.Pods), *wl.Replicas)
}

// checkAuthorities reports a caBundle that no certificate can be verified with.
func checkAuthorities(w *rules.World, configuration []hook, emit rules.Emit) {
	seen := map[string]bool{}
	for _, h := range configuration {
		fault, confidence := authority(h.client.CABundle, w.Now), finding.Certain
		if fault == "" && h.unsigned(w) {
			fault, confidence = "is empty: certificates of a Service are not signed by a public authority", finding.Likely
		}
		if fault == "" || seen[fault] {
			continue
		}
		seen[fault] = true
		f := emit(h.on, h.at+"/clientConfig/caBundle", "the caBundle of webhook %s %s, so that %s", h.name, fault, h.effect(w))
		f.Reason = "the caBundle of webhook " + h.name + " " + fault
		f.Confidence = confidence
		if b, ok := h.backend(); ok {
			f.Related = append(f.Related, b.ref())
		}
		h.weigh(w, f)
	}
}

// injecting is how long cert-manager and its like may take to fill a caBundle in.
const injecting = 2 * time.Minute

// unsigned reports whether a live webhook still has no caBundle. In files it is
// left to a controller.
func (h hook) unsigned(w *rules.World) bool {
	b, ok := h.backend()
	if !ok {
		return false
	}
	if text, _, _ := b.fault(w); text != "" {
		return false // of two reasons for one failure, the other comes first
	}
	return len(h.client.CABundle) == 0 && h.on.Live() &&
		w.Now.Sub(h.on.Meta().GetCreationTimestamp().Time) > injecting
}

// checkDeadlock reports a webhook that decides on the pods that answer for it.
func checkDeadlock(w *rules.World, h hook, emit rules.Emit) {
	b, ok := h.backend()
	if !ok || !h.fails() || h.conditional || !h.makesPods() {
		return
	}
	if yes, known := h.watches(w, b.namespace); !yes || !known {
		return
	}
	if _, found := model.Services.Get(w.Snapshot, b.namespace, b.name); !found {
		return // it cannot be called anyhow
	}
	selection := b.selection(w)
	for _, wl := range selection.Workloads {
		if !h.takes(wl.Template.Labels) {
			return
		}
	}
	if selector, err := selectorOf(h.objects); err != nil || (len(selection.Workloads) == 0 && !selector.Empty()) {
		return
	}
	f := emit(h.on, h.at, "webhook %s is asked about the pods of %s, which answer for it: once they are gone none can be made", h.name, b.ref())
	f.Severity, f.Confidence, f.State = finding.Warning, finding.Likely, finding.Latent
	f.Hint = fmt.Sprintf("exclude namespace %s with a namespaceSelector on %s", b.namespace, corev1.LabelMetadataName)
	f.Related = b.related(w)
}

// repairWebhook takes a webhook's own namespace out of what it decides on.
func repairWebhook(w *rules.World, r rules.Result) []rules.Fix {
	for _, configuration := range hooks(w) {
		for _, h := range configuration {
			b, ok := h.backend()
			if h.on != r.On || h.at != r.Pointer || !ok {
				continue
			}
			title := "exclude namespace " + b.namespace
			return []rules.Fix{rules.Change(rules.Review, title, r.On, exclude(h.namespaces, h.at+"/namespaceSelector", b.namespace))}
		}
	}
	return nil
}

// exclude is the operation that adds "not this namespace" to a selector.
func exclude(s *metav1.LabelSelector, at, namespace string) patch.Op {
	not := map[string]any{"key": corev1.LabelMetadataName, "operator": string(metav1.LabelSelectorOpNotIn), "values": []any{namespace}}
	switch {
	case s == nil:
		return patch.Op{Op: patch.Add, Path: at, Value: map[string]any{"matchExpressions": []any{not}}}
	case len(s.MatchExpressions) == 0:
		return patch.Op{Op: patch.Add, Path: at + "/matchExpressions", Value: []any{not}}
	}
	return patch.Op{Op: patch.Add, Path: at + "/matchExpressions/-", Value: not}
}
