// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// hook is one admission webhook, mutating or validating.
type hook struct {
	on *model.Object
	// at is the JSON Pointer of the webhook in its configuration.
	at, name   string
	client     *admissionv1.WebhookClientConfig
	rules      []admissionv1.RuleWithOperations
	policy     *admissionv1.FailurePolicyType
	namespaces *metav1.LabelSelector
	objects    *metav1.LabelSelector
	// conditional is true when CEL expressions narrow the hook down: what it
	// covers is then not known.
	conditional bool
}

// hooks lists the webhooks of a world, by configuration. One without rules is
// asked about nothing, so that it does not matter whether it can be called.
func hooks(w *rules.World) [][]hook {
	var out [][]hook
	for _, c := range model.MutatingWebhookConfigurations.In(w.Snapshot, "") {
		out = append(out, hooksOf(c.Object, c.Value.Webhooks, func(h *admissionv1.MutatingWebhook) hook {
			return hook{
				name: h.Name, client: &h.ClientConfig, rules: h.Rules, policy: h.FailurePolicy,
				namespaces: h.NamespaceSelector, objects: h.ObjectSelector, conditional: len(h.MatchConditions) > 0,
			}
		}))
	}
	for _, c := range model.ValidatingWebhookConfigurations.In(w.Snapshot, "") {
		out = append(out, hooksOf(c.Object, c.Value.Webhooks, func(h *admissionv1.ValidatingWebhook) hook {
			return hook{
				name: h.Name, client: &h.ClientConfig, rules: h.Rules, policy: h.FailurePolicy,
				namespaces: h.NamespaceSelector, objects: h.ObjectSelector, conditional: len(h.MatchConditions) > 0,
			}
		}))
	}
	return out
}

// hooksOf are the webhooks of one configuration. The API has two types for them,
// with the same fields as far as it matters here.
func hooksOf[T any](on *model.Object, webhooks []T, read func(*T) hook) []hook {
	var out []hook
	for i := range webhooks {
		h := read(&webhooks[i])
		if len(h.rules) == 0 {
			continue
		}
		h.on, h.at = on, patch.Pointer("webhooks", i)
		out = append(out, h)
	}
	return out
}

// fails reports whether requests are refused while the webhook does not answer,
// which is the default of the API.
func (h hook) fails() bool { return h.policy == nil || *h.policy != admissionv1.Ignore }

// makesPods reports whether the webhook is asked when a pod is created.
func (h hook) makesPods() bool {
	return slices.ContainsFunc(h.rules, func(r admissionv1.RuleWithOperations) bool {
		return (r.Scope == nil || *r.Scope != admissionv1.ClusterScope) &&
			(slices.Contains(r.Operations, admissionv1.Create) || slices.Contains(r.Operations, admissionv1.OperationAll)) &&
			(slices.Contains(r.APIGroups, "") || slices.Contains(r.APIGroups, "*")) &&
			slices.ContainsFunc(r.Resources, func(s string) bool { return s == "pods" || s == "*" || s == "*/*" })
	})
}

// watches reports whether objects of a namespace are shown to the webhook. The
// second result is false when nobody can say, because the labels of the
// namespace are not known.
func (h hook) watches(w *rules.World, namespace string) (yes, known bool) {
	selector, err := selectorOf(h.namespaces)
	if err != nil {
		return false, false
	}
	carried := labels.Set{corev1.LabelMetadataName: namespace}
	if ns, found := model.Namespaces.Get(w.Snapshot, "", namespace); found {
		carried = labels.Merge(carried, ns.Value.Labels)
		return selector.Matches(carried), true
	}
	requirements, _ := selector.Requirements()
	for _, r := range requirements {
		if r.Key() != corev1.LabelMetadataName {
			return false, false
		}
	}
	return selector.Matches(carried), true
}

// takes reports whether an object with these labels is shown to the webhook.
func (h hook) takes(of map[string]string) bool {
	selector, err := selectorOf(h.objects)
	return err == nil && selector.Matches(labels.Set(of))
}

// selectorOf is a selector of a webhook: none means everything, unlike elsewhere.
func selectorOf(s *metav1.LabelSelector) (labels.Selector, error) {
	if s == nil {
		return labels.Everything(), nil
	}
	return metav1.LabelSelectorAsSelector(s)
}

// scope says what the webhook decides on: "CREATE of pods, UPDATE of deployments.apps".
func (h hook) scope() string {
	var parts []string
	for _, r := range h.rules {
		var operations, resources []string
		for _, o := range r.Operations {
			if o == admissionv1.OperationAll {
				o = "every change"
			}
			operations = append(operations, string(o))
		}
		for _, g := range r.APIGroups {
			for _, res := range r.Resources {
				resources = append(resources, resourceName(g, res))
			}
		}
		slices.Sort(resources)
		part := strings.Join(operations, " and ") + " of " + rules.Few(slices.Compact(resources), 4)
		if len(operations) > 0 && len(resources) > 0 && !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return rules.Few(parts, 3)
}

func resourceName(group, resource string) string {
	switch {
	case resource == "*" || resource == "*/*":
		resource = "every resource"
		if group == "*" || group == "" {
			return resource
		}
		return resource + " of " + group
	case group == "" || group == "*":
		return resource
	}
	return resource + "." + group
}

// where says in which namespaces.
func (h hook) where(w *rules.World) string {
	selector, err := selectorOf(h.namespaces)
	if err != nil || selector.Empty() {
		return "in every namespace"
	}
	var names []string
	for _, ns := range model.Namespaces.In(w.Snapshot, "") {
		if yes, known := h.watches(w, ns.Ref.Name); yes && known {
			names = append(names, ns.Ref.Name)
		}
	}
	if len(names) == 0 {
		return "in namespaces with " + selector.String()
	}
	return "in namespace " + rules.Few(names, 5)
}
