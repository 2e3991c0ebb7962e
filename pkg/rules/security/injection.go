// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// The labels that injection goes by.
const (
	injectionLabel = "istio-injection"
	revisionLabel  = "istio.io/rev"
	tagLabel       = "istio.io/tag"
	dataplaneLabel = "istio.io/dataplane-mode"
	injectLabel    = "sidecar.istio.io/inject"
)

// injectors is the view of the webhooks that inject sidecars
// (manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml).
type injectors struct {
	configs []model.Item[admissionv1.MutatingWebhookConfiguration]
	// known is true when all webhooks are in view, those of files never are.
	known bool
}

func newInjectors(w *rules.World) injectors {
	var out injectors
	if out.known = w.Absence(model.MutatingWebhookConfigurations.Kind, "") == model.Proven; !out.known {
		return out
	}
	for _, c := range model.MutatingWebhookConfigurations.In(w.Snapshot, "") {
		if slices.ContainsFunc(c.Value.Webhooks, injects) {
			out.configs = append(out.configs, c)
		}
	}
	return out
}

// injects recognises a webhook of Istio's injection by its name, which its
// distributions leave alone.
func injects(h admissionv1.MutatingWebhook) bool {
	return strings.HasSuffix(h.Name, "sidecar-injector.istio.io")
}

// take reports whether a webhook takes pods of a namespace with these labels.
func (x injectors) take(namespace map[string]string) bool {
	return x.any(func(h admissionv1.MutatingWebhook) bool { return matches(h.NamespaceSelector, namespace) })
}

// inject reports whether pods that are made now get a proxy: a webhook takes pods
// with their labels in their namespace, and an istiod is there to answer it.
// Where that cannot be known, they do.
func (x injectors) inject(w *rules.World, namespace, pod map[string]string) bool {
	return !x.known || x.any(func(h admissionv1.MutatingWebhook) bool {
		return matches(h.NamespaceSelector, namespace) && matches(h.ObjectSelector, pod) && answered(w, h)
	})
}

// answered reports whether an istiod with a ready pod is behind a webhook, as far
// as that is in view.
func answered(w *rules.World, h admissionv1.MutatingWebhook) bool {
	s := h.ClientConfig.Service
	if s == nil || w.PodAbsence(s.Namespace) != model.Proven {
		return true
	}
	planes := w.Select(s.Namespace, istiod)
	return planes.Ready > 0 || planes.Planned
}

func (x injectors) any(meets func(admissionv1.MutatingWebhook) bool) bool {
	return slices.ContainsFunc(x.configs, func(c model.Item[admissionv1.MutatingWebhookConfiguration]) bool {
		return slices.ContainsFunc(c.Value.Webhooks, func(h admissionv1.MutatingWebhook) bool { return injects(h) && meets(h) })
	})
}

// matches reports whether a selector of a webhook, of which none means
// everything, selects labels. One that cannot be read does for all we know.
func matches(s *metav1.LabelSelector, set map[string]string) bool {
	if s == nil {
		return true
	}
	selector, err := metav1.LabelSelectorAsSelector(s)
	return err != nil || selector.Matches(labels.Set(set))
}

// revisions are the names that namespaces can ask for, sorted.
func (x injectors) revisions() []string {
	var out []string
	for _, c := range x.configs {
		for _, key := range []string{tagLabel, revisionLabel} {
			if v := c.Value.Labels[key]; v != "" {
				out = append(out, v)
				break
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// asks reports whether labels of a namespace ask for sidecars.
func asks(namespace map[string]string) bool {
	switch {
	case namespace[injectionLabel] != "":
		return namespace[injectionLabel] == "enabled"
	case namespace[dataplaneLabel] == "ambient":
		return false
	}
	return namespace[revisionLabel] != ""
}
