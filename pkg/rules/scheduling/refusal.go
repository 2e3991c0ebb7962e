// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scheduling

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// refusal is what admission has against a pod.
type refusal struct {
	// who completes "no pod can be made: ..." and stays the same from try to try;
	// more is what else was said.
	who, more string
	hint      string
	// below are the fields of the pod spec it is about, the most exact first.
	below   []string
	related []ref.Ref
}

// wrappers is what controllers and the API server put around the words of admission.
var wrappers = regexp.MustCompile(`^(\(combined from similar events\): )?(Error creating: |[Cc]reate Pod \S+ in StatefulSet \S+ failed error: )?(pods "[^"]*" is forbidden: )?(Internal error occurred: )?(error looking up service account \S+: )?(pod rejected: )?`)

// admissions tell who refuses by what the plugins of admission say.
var admissions = []struct {
	says *regexp.Regexp
	tell func(w *rules.World, namespace string, m []string) refusal
}{
	{regexp.MustCompile(`^violates PodSecurity "([^":]+)(?::[^"]*)?": (?s)(.*)`), violates},
	{regexp.MustCompile(`^exceeded quota: ([^,\s]+), (.*)`), exceeded},
	{regexp.MustCompile(`^failed quota: ([^:\s]+): (.*)`), unstated},
	{regexp.MustCompile(`^admission webhook "([^"]+)" denied the request(?: without explanation)?:? ?(?s)(.*)`), func(w *rules.World, _ string, m []string) refusal {
		return refusal{who: fmt.Sprintf("the admission webhook %s refuses them", m[1]), more: m[2], related: webhooks(w, m[1])}
	}},
	{regexp.MustCompile(`^failed calling webhook "([^"]+)": (?s)(.*)`), func(w *rules.World, _ string, m []string) refusal {
		return refusal{who: fmt.Sprintf("the admission webhook %s cannot be called", m[1]), more: m[2], related: webhooks(w, m[1])}
	}},
	{regexp.MustCompile(`^ValidatingAdmissionPolicy '([^']+)' with binding '[^']+' denied request: (?s)(.*)`), func(_ *rules.World, _ string, m []string) refusal {
		policy := ref.Ref{Group: "admissionregistration.k8s.io", Version: "v1", Kind: "ValidatingAdmissionPolicy", Name: m[1]}
		return refusal{who: fmt.Sprintf("%s refuses them", policy), more: m[2], related: []ref.Ref{policy}}
	}},
	{regexp.MustCompile(`^serviceaccount "([^"]+)" not found`), func(w *rules.World, namespace string, m []string) refusal {
		account := model.ServiceAccounts.Ref(namespace, m[1])
		if _, made := w.Object(account); made { // the controller waits longer after each attempt
			return refusal{
				who: fmt.Sprintf("%s did not exist at the last attempt", account), related: []ref.Ref{account},
				hint: fmt.Sprintf("it does now: wait for the next attempt, or kubectl -n %s rollout restart", namespace),
			}
		}
		return refusal{
			who: fmt.Sprintf("%s does not exist", account), related: []ref.Ref{account},
			below: []string{"/serviceAccountName", "/serviceAccount"},
			hint:  fmt.Sprintf("kubectl -n %s create serviceaccount %s", namespace, m[1]),
		}
	}},
	{regexp.MustCompile(`^no PriorityClass with name (\S+) was found`), func(_ *rules.World, _ string, m []string) refusal {
		return refusal{who: fmt.Sprintf("PriorityClass %s does not exist", m[1]), below: []string{"/priorityClassName"}}
	}},
	{regexp.MustCompile(`^RuntimeClass "([^"]+)" not found`), func(_ *rules.World, _ string, m []string) refusal {
		return refusal{who: fmt.Sprintf("RuntimeClass %s does not exist", m[1]), below: []string{"/runtimeClassName"}}
	}},
	{regexp.MustCompile(`^.*(?:(?:maximum|minimum) \S+ usage|\S+ max limit to request ratio) per (Container|Pod) is .*`), limited},
}

// refused reads the words of an event or a condition. It returns false for what
// is in order: a namespace that goes away takes no pods.
func refused(w *rules.World, namespace, message string) (refusal, bool) {
	if strings.Contains(message, "because it is being terminated") {
		return refusal{}, false
	}
	message = wrappers.ReplaceAllString(strings.TrimSpace(message), "")
	for _, a := range admissions {
		if m := a.says.FindStringSubmatch(message); m != nil {
			return a.tell(w, namespace, m), true
		}
	}
	return refusal{who: rules.OneLine(message)}, message != ""
}

func violates(_ *rules.World, namespace string, m []string) refusal {
	ns := model.Namespaces.Ref("", namespace)
	return refusal{
		who: fmt.Sprintf("they violate the Pod Security level %s that %s enforces", m[1], ns), more: m[2],
		below: []string{"/securityContext"}, related: []ref.Ref{ns},
		hint: fmt.Sprintf("set what is missing in the securityContext of pod and containers; the label pod-security.kubernetes.io/enforce of %s sets the level", ns),
	}
}

func exceeded(_ *rules.World, namespace string, m []string) refusal {
	quota := model.ResourceQuotas.Ref(namespace, m[1])
	return refusal{who: fmt.Sprintf("%s is used up", quota), more: m[2], related: []ref.Ref{quota}}
}

// unstated: under a quota of requests or limits, every container has to have them.
func unstated(_ *rules.World, namespace string, m []string) refusal {
	quota := model.ResourceQuotas.Ref(namespace, m[1])
	return refusal{
		who: fmt.Sprintf("%s covers resources that the containers do not state: they %s", quota, m[2]), related: []ref.Ref{quota},
		below: []string{"/containers/0/resources", "/containers/0"},
		hint:  "state them in the containers, or let a LimitRange of the namespace give defaults",
	}
}

func limited(w *rules.World, namespace string, m []string) refusal {
	x := refusal{more: m[0], below: []string{"/containers/0/resources"}}
	of := corev1.LimitType(m[1])
	for _, l := range model.LimitRanges.In(w.Snapshot, namespace) {
		if slices.ContainsFunc(l.Value.Spec.Limits, func(i corev1.LimitRangeItem) bool { return i.Type == of }) {
			x.related = append(x.related, l.Ref)
		}
	}
	x.who = "a LimitRange of the namespace does not allow their resources"
	if len(x.related) == 1 {
		x.who = fmt.Sprintf("%s does not allow their resources", x.related[0])
	}
	return x
}

// webhooks are the configurations that register a webhook.
func webhooks(w *rules.World, name string) []ref.Ref {
	var out []ref.Ref
	for _, c := range model.MutatingWebhookConfigurations.In(w.Snapshot, "") {
		if slices.ContainsFunc(c.Value.Webhooks, func(h admissionv1.MutatingWebhook) bool { return h.Name == name }) {
			out = append(out, c.Ref)
		}
	}
	for _, c := range model.ValidatingWebhookConfigurations.In(w.Snapshot, "") {
		if slices.ContainsFunc(c.Value.Webhooks, func(h admissionv1.ValidatingWebhook) bool { return h.Name == name }) {
			out = append(out, c.Ref)
		}
	}
	return out
}
