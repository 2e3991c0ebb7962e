// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1531", Slug: "ndots",
	Short: "Pod asks DNS for names that cannot exist",
	Why: `Kubernetes gives pods ndots:5, so that a name with fewer dots is tried with each search domain before it is tried as
it is: api.example.com costs four questions with the answer no, twice over with IPv6. With 2, names such as
cart.shop are still completed.`,
	Fix:       `Set dnsConfig.options to ndots "2".`,
	Reference: "https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-dns-config",
	Aliases:   []string{"kube-linter:dnsconfig-options"},
	Needs:     model.WorkloadKinds,
	Check: eachPod(func(_ *model.Workload, spec *corev1.PodSpec) (field, text string) {
		if spec.DNSConfig != nil && slices.ContainsFunc(spec.DNSConfig.Options, func(o corev1.PodDNSConfigOption) bool {
			return o.Name == "ndots" && o.Value != nil && *o.Value == "2"
		}) {
			return "", ""
		}
		return "/dnsConfig/options", "its pods do not have the DNS option ndots 2: names outside of the cluster cost several questions"
	}),
	Repair: lessDots,
})

// lessDots sets the option where there are none yet.
func lessDots(w *rules.World, r rules.Result) []rules.Fix {
	of, found := w.Workload(r.On.Ref)
	if !found || of.Spec().DNSConfig != nil && len(of.Spec().DNSConfig.Options) > 0 {
		return nil
	}
	return inPod(rules.Review, "ask DNS for short names only with the search domains", "/dnsConfig/options", []any{map[string]any{"name": "ndots", "value": "2"}})(w, r)
}
