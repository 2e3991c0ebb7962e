// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package checkup

import (
	"slices"

	"k8s.io/apimachinery/pkg/fields"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

// targetKinds are read for one object: with the request for the groups that the
// cluster serves no more than 20 requests.
var targetKinds = []*model.Kind{
	model.Pods.Kind, model.Services.Kind, model.EndpointSlices.Kind, model.Deployments.Kind, model.ReplicaSets.Kind,
	model.StatefulSets.Kind, model.DaemonSets.Kind, model.Events.Kind, model.NetworkPolicies.Kind, model.Ingresses.Kind,
	model.ConfigMaps.Kind, model.Secrets.Kind, model.ServiceAccounts.Kind, model.Namespaces.Kind,
	model.VirtualServices.Kind, model.DestinationRules.Kind, model.AuthorizationPolicies.Kind,
	model.HTTPRoutes.Kind,
}

// forOne is why kinds are not read for one object.
const forOne = "not read for one object"

// wide are the kinds that are read in all namespaces even for one: there are
// few of them, and what is in another namespace matters here.
var wide = []*model.Kind{
	model.Services.Kind, model.PeerAuthentications.Kind, model.RequestAuthentications.Kind, model.AuthorizationPolicies.Kind,
	model.DestinationRules.Kind, model.Sidecars.Kind, model.IstioGateways.Kind, model.ServiceEntries.Kind,
	model.Gateways.Kind, model.ReferenceGrants.Kind, model.ServiceMonitors.Kind, model.PodMonitors.Kind,
	model.Prometheuses.Kind, model.PrometheusAgents.Kind, model.ThanosRulers.Kind,
}

// wideForOne are those of them that are read so for one object too: whether a subset is
// defined depends on the rules of its own, the caller's and the root namespace.
var wideForOne = []*model.Kind{model.DestinationRules.Kind}

// rooted are the kinds that are read in Istio's root namespace too, where its
// control plane runs: there are too many of them to read all.
var rooted = []*model.Kind{model.Deployments.Kind}

// kindsFor returns what rules look at, and what their findings are tied
// together and located by.
func kindsFor(selected []*rules.Rule) []*model.Kind {
	out := slices.Concat(model.WorkloadKinds, []*model.Kind{
		model.Services.Kind, model.Namespaces.Kind, model.Ingresses.Kind, model.HTTPRoutes.Kind,
		model.VirtualServices.Kind, model.DestinationRules.Kind,
	})
	for _, r := range selected {
		for _, k := range r.Needs {
			if !slices.Contains(out, k) {
				out = append(out, k)
			}
		}
	}
	return out
}

// want says what to read of a cluster, and which gaps that leaves on purpose.
func want(kinds []*model.Kind, namespace, root string, one bool) (source.Want, []model.Gap) {
	w := source.Want{Namespace: namespace, Tolerant: true, Scopes: map[*model.Kind]source.Scope{}}
	var gaps []model.Gap
	for _, k := range kinds {
		if one && !slices.Contains(targetKinds, k) {
			gaps = append(gaps, model.Gap{Kind: k.GroupKind, Unasked: true, Reason: forOne})
			continue
		}
		w.Kinds = append(w.Kinds, k)
		scope := source.Scope{MetadataOnly: k == model.ConfigMaps.Kind || k == model.Secrets.Kind}
		if k == model.Events.Kind {
			scope.Fields = fields.OneTermNotEqualSelector("type", "Normal")
		}
		everywhere := wide
		if one {
			everywhere = wideForOne
		}
		if namespace != "" && k.Namespaced && !slices.Contains(everywhere, k) {
			scope.Namespaces = []string{namespace}
			if !one && slices.Contains(rooted, k) && root != namespace {
				scope.Namespaces = append(scope.Namespaces, root)
			}
			gaps = append(gaps, model.Gap{
				Kind: k.GroupKind, Known: scope.Namespaces, Unasked: true, Reason: "only namespace " + namespace + " was looked at",
			})
		}
		w.Scopes[k] = scope
	}
	return w, gaps
}
