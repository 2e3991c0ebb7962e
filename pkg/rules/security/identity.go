// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"
	"strings"

	securityv1 "istio.io/api/security/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// value is one value in a policy's rules.
type value struct {
	// Field is the name of the list: "principals", "notNamespaces", or the key of
	// a condition: "source.principal". Not is true for the lists of exceptions.
	Field string
	Not   bool
	Text  string
	// Rule is the number of the rule, At the JSON Pointer of the value.
	Rule int
	At   string
}

// identityFields are the fields that rest on the identity of mutual TLS, by what
// they name.
var identityFields = map[string]string{
	"principals": "principal", "notPrincipals": "principal", "source.principal": "principal",
	"namespaces": "namespace", "notNamespaces": "namespace", "source.namespace": "namespace",
	"serviceAccounts": "account", "notServiceAccounts": "account", "source.serviceAccount": "account",
	"trustDomains": "trustDomain", "notTrustDomains": "trustDomain", "source.trustDomain": "trustDomain",
	"connection.sni": "sni",
}

// identities returns the values of a policy that only a peer with mutual TLS can
// match, in the order they are written.
func identities(spec *securityv1.AuthorizationPolicy) []value {
	var out []value
	for i, rule := range spec.GetRules() {
		for j, from := range rule.GetFrom() {
			s := from.GetSource()
			at := patch.Pointer("spec", "rules", i, "from", j, "source")
			for _, list := range []struct {
				field  string
				values []string
			}{
				{"principals", s.GetPrincipals()}, {"notPrincipals", s.GetNotPrincipals()},
				{"namespaces", s.GetNamespaces()}, {"notNamespaces", s.GetNotNamespaces()},
				{"serviceAccounts", s.GetServiceAccounts()}, {"notServiceAccounts", s.GetNotServiceAccounts()},
				{"trustDomains", s.GetTrustDomains()}, {"notTrustDomains", s.GetNotTrustDomains()},
			} {
				if len(list.values) > 0 {
					out = append(out, valuesOf(list.field, strings.HasPrefix(list.field, "not"), i, at+"/"+list.field, list.values)...)
				}
			}
		}
		for j, c := range rule.GetWhen() {
			if identityFields[c.GetKey()] == "" {
				continue
			}
			at := patch.Pointer("spec", "rules", i, "when", j)
			out = append(out, valuesOf(c.GetKey(), false, i, at+"/values", c.GetValues())...)
			out = append(out, valuesOf(c.GetKey(), true, i, at+"/notValues", c.GetNotValues())...)
		}
	}
	return out
}

func valuesOf(field string, except bool, rule int, at string, texts []string) []value {
	var out []value
	for i, text := range texts {
		out = append(out, value{Field: field, Not: except, Text: text, Rule: rule, At: at + patch.Pointer(i)})
	}
	return out
}

// principal is the identity that Istio gives a workload, in parts.
type principal struct{ TrustDomain, Namespace, Account string }

// String writes it as policies have it: without "spiffe://".
func (p principal) String() string {
	return p.TrustDomain + "/ns/" + p.Namespace + "/sa/" + p.Account
}

// parsePrincipal reads "cluster.local/ns/shop/sa/cart". The trust domain may be "*".
func parsePrincipal(text string) (principal, bool) {
	parts := strings.Split(text, "/")
	if len(parts) != 5 || parts[1] != "ns" || parts[3] != "sa" || slices.Contains(parts, "") {
		return principal{}, false
	}
	return principal{parts[0], parts[2], parts[4]}, true
}

// trustDomains returns the names of the mesh's own trust domain; the first is
// the one certificates carry. known is false when the mesh configuration is not
// in view, so that the name may be another one.
func trustDomains(w *rules.World) (names []string, known bool) {
	item, found := model.ConfigMaps.Get(w.Snapshot, w.RootNamespace, "istio")
	if !found {
		return []string{w.ClusterDomain, model.DefaultClusterDomain}, false
	}
	return meshTrust(w, item.Value)
}

func meshTrust(w *rules.World, cm *corev1.ConfigMap) ([]string, bool) {
	var mesh struct {
		TrustDomain        string   `json:"trustDomain"`
		TrustDomainAliases []string `json:"trustDomainAliases"`
	}
	if err := yaml.Unmarshal([]byte(cm.Data["mesh"]), &mesh); err != nil {
		return []string{w.ClusterDomain, model.DefaultClusterDomain}, false
	}
	names := []string{mesh.TrustDomain}
	if mesh.TrustDomain == "" {
		names = []string{w.ClusterDomain}
	}
	// Istio takes cluster.local for the mesh's own, whatever that is called.
	return append(append(names, mesh.TrustDomainAliases...), model.DefaultClusterDomain), true
}
