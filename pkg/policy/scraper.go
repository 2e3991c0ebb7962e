// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// prometheus are the pods of Prometheus that the world holds.
func (w *world) prometheus() []*model.Workload {
	var out []*model.Workload
	for _, of := range w.Workloads("") {
		if isPrometheus(of) {
			out = append(out, of)
		}
	}
	return out
}

func isPrometheus(of *model.Workload) bool {
	l := of.Template.Labels
	return l["app.kubernetes.io/name"] == "prometheus" || l["app"] == "prometheus"
}

// scrapers are what policies of others let in to a port that is scraped although
// it is not in view: where Prometheus is, if it is not in view itself. The
// identities are those that AuthorizationPolicies name of the same namespaces.
func (w *world) scrapers() (peers []peer, principals []string) {
	for _, of := range w.Workloads("") {
		for _, s := range w.scrapes(of) {
			for _, np := range w.isolating(of, ingress, "") {
				for _, r := range np.Value.Spec.Ingress {
					for i := range r.From {
						p, is := w.hidden(&r.From[i])
						if is && opens(r.Ports, s.port, []*model.Workload{of}) && !slices.ContainsFunc(peers, func(o peer) bool { return o.namespace == p.namespace && maps.Equal(o.labels, p.labels) }) {
							peers = append(peers, p)
							principals = append(principals, w.named(of, p.namespace)...)
						}
					}
				}
			}
		}
	}
	slices.Sort(principals)
	return peers, slices.Compact(principals)
}

// hidden is a peer of a policy that selects pods of a namespace of which no
// workload is in view.
func (w *world) hidden(from *networkingv1.NetworkPolicyPeer) (peer, bool) {
	if from.NamespaceSelector == nil || len(from.NamespaceSelector.MatchExpressions) > 0 || len(from.NamespaceSelector.MatchLabels) != 1 {
		return peer{}, false
	}
	p := peer{namespace: from.NamespaceSelector.MatchLabels[corev1.LabelMetadataName]}
	if from.PodSelector != nil {
		p.labels = from.PodSelector.MatchLabels
		if len(from.PodSelector.MatchExpressions) > 0 {
			return peer{}, false
		}
	}
	return p, p.namespace != "" && len(w.Workloads(p.namespace)) == 0
}

// named are the identities of a namespace that policies let in to a workload.
func (w *world) named(of *model.Workload, namespace string) []string {
	var out []string
	for _, p := range w.authorizing(of, allow, "") {
		for _, r := range p.Value.Spec.GetRules() {
			for _, from := range r.GetFrom() {
				for _, text := range from.GetSource().GetPrincipals() {
					if a, ok := parsePrincipal(text); ok && a.namespace == namespace {
						out = append(out, text)
					}
				}
			}
		}
	}
	return out
}

// standIns are pods of Prometheus where policies of either world let one in, or
// where it usually is.
func (c *checker) standIns() []model.Peer {
	var out []model.Peer
	for _, w := range []*world{c.before, c.after} {
		peers, principals := w.scrapers()
		for _, p := range peers {
			spec := &corev1.PodSpec{}
			for _, text := range principals {
				if a, _ := parsePrincipal(text); a.namespace == p.namespace {
					spec.ServiceAccountName = a.name
				}
			}
			out = append(out, model.Peer{Namespace: p.namespace, Labels: labels.Set(p.labels), Spec: spec})
		}
	}
	if len(out) == 0 {
		return usual("monitoring", "app.kubernetes.io/name", "prometheus")
	}
	return out
}

// metrics checks INV-METRICS: Prometheus reaches what it is told to scrape.
func (c *checker) metrics(of *model.Workload) {
	var ports []port
	var why string
	for _, s := range c.after.scrapes(of) {
		ports, why = append(ports, s.port), s.by.String()
	}
	if len(ports) == 0 {
		return
	}
	if d, _ := c.after.dataplane(of); d == Sidecar {
		ports = append(ports, tcp(mergedMetrics)...)
	}
	v := Violation{
		ID: invMetrics, Object: of.Ref, Reason: fmt.Sprintf("Prometheus could not scrape %s (%s)", of.Ref.Short(), why),
		Fix: "add \"from: prometheus\" to the callers of " + of.Ref.Short(),
	}
	if c.denied(of, end{kind: prometheusEnd}, nil) {
		return
	}
	from := c.after.prometheus()
	if len(from) == 0 {
		c.unseenMetrics(v, of, tidy(ports), why)
		return
	}
	if c.concerns(of.Ref.Namespace) || slices.ContainsFunc(from, func(p *model.Workload) bool { return c.concerns(p.Ref.Namespace) }) {
		c.require(v, endsOfAll(from), ends(of), tidy(ports), Question{Direct: true})
	}
}

// unseenMetrics is about a Prometheus that is not in view: some of what may be it
// still gets in where some did. An annotation alone, in a cluster that has no
// Prometheus, is no proof that anybody scrapes.
func (c *checker) unseenMetrics(v Violation, of *model.Workload, ports []port, why string) {
	if !c.concerns(of.Ref.Namespace) {
		return
	}
	all := c.standIns()
	for _, p := range ports {
		var by verdict.Hop
		broken := 0
		for _, from := range all {
			c.require(Violation{}, []model.Peer{from}, ends(of), []port{p}, Question{Direct: true})
			if last := len(c.out) - 1; last >= 0 && c.out[last].ID == "" {
				by, broken = c.out[last].By, broken+1
				c.out = c.out[:last]
			}
		}
		if broken == 0 || broken < len(all) {
			continue
		}
		v.By, v.Warning = by, why == of.Ref.String() && !c.after.Partial
		v.Reason = fmt.Sprintf("%s has %s scraped on port %d, where nobody out of view gets in any more, and Prometheus is not in view", why, of.Ref.Short(), p.number)
		v.Fix = "read what runs it too and add \"from: prometheus\" to the callers of " + of.Ref.Short() + ", or to deny if nothing scrapes"
		c.out = append(c.out, v)
		return
	}
}
