// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// EngineFlags are the facts about a world that no object holds.
type EngineFlags struct {
	trustDomain string
	blocks      bool
}

// AddFlags adds --trust-domain and --ipblock-matches-pods.
func (e *EngineFlags) AddFlags(flags *pflag.FlagSet) {
	flags.StringVar(&e.trustDomain, "trust-domain", "", "Trust domain of the mesh; that of its configuration by default")
	flags.BoolVar(&e.blocks, "ipblock-matches-pods", false, "Take the ipBlocks of NetworkPolicies to match pods too, as some network plugins do")
}

// Options are those of the engine.
func (e *EngineFlags) Options() reach.Options {
	return reach.Options{TrustDomain: e.trustDomain, BlocksMatchPods: e.blocks}
}

// TrustDomain is that of --trust-domain.
func (e *EngineFlags) TrustDomain() string { return e.trustDomain }

// Kinds are what the engine decides by.
var Kinds = slices.Concat(model.WorkloadKinds, []*model.Kind{
	model.Namespaces.Kind, model.Services.Kind, model.EndpointSlices.Kind, model.ServiceAccounts.Kind, model.ConfigMaps.Kind,
	model.NetworkPolicies.Kind, model.AdminNetworkPolicies.Kind, model.BaselineAdminNetworkPolicies.Kind, model.ClusterNetworkPolicies.Kind,
	model.AuthorizationPolicies.Kind, model.PeerAuthentications.Kind, model.RequestAuthentications.Kind,
	model.VirtualServices.Kind, model.DestinationRules.Kind, model.ServiceEntries.Kind, model.Sidecars.Kind, model.IstioGateways.Kind,
	model.Gateways.Kind, model.HTTPRoutes.Kind, model.Ingresses.Kind, model.ServiceMonitors.Kind, model.PodMonitors.Kind,
	model.EnvoyFilters.Kind, model.WasmPlugins.Kind,
})

// wide are the kinds that matter wherever they are: a route of any namespace
// may be for the host that is called.
var wide = []*model.Kind{
	model.Services.Kind, model.VirtualServices.Kind, model.DestinationRules.Kind, model.ServiceEntries.Kind, model.Sidecars.Kind,
	model.IstioGateways.Kind, model.Gateways.Kind, model.AuthorizationPolicies.Kind, model.PeerAuthentications.Kind, model.RequestAuthentications.Kind,
}

var (
	// ofDNS are the kinds that DNS pods are known by, and closed by.
	ofDNS = []*model.Kind{model.Pods.Kind, model.Deployments.Kind, model.ReplicaSets.Kind, model.DaemonSets.Kind, model.NetworkPolicies.Kind}
	// rooted are the kinds whose objects in Istio's root namespace hold for all.
	rooted = []*model.Kind{model.EnvoyFilters.Kind, model.WasmPlugins.Kind}
)

// dnsNamespace is where the cluster's DNS runs.
const dnsNamespace = "kube-system"

// See reads a world, and lays the files over it where the flags say so. Of a
// cluster only the given namespaces are read, and those of the platform; all, if
// there are none.
func See(ctx context.Context, w *world.World, namespaces []string) (*world.Seen, error) {
	w.Roomy = true
	seen, err := w.Load(ctx, Want(w, namespaces))
	if err != nil || !w.Flags.Overlay {
		return seen, err
	}
	return w.Overlaid(ctx, seen)
}

// Want says what to read for some namespaces; for all, if there are none.
func Want(w *world.World, namespaces []string) world.Request {
	r := world.Request{Want: source.Want{
		Kinds: Kinds, Namespace: w.Namespace, Tolerant: true, Slim: true, Scopes: map[*model.Kind]source.Scope{},
	}}
	for _, k := range Kinds {
		var scope source.Scope
		if k.Namespaced && len(namespaces) > 0 && !slices.Contains(wide, k) {
			scope.Namespaces = places(k, namespaces, w.Flags.Root)
			r.Gaps = append(r.Gaps, model.Gap{
				Kind: k.GroupKind, Known: scope.Namespaces, Unasked: true, Reason: "only the namespaces of both ends were looked at",
			})
		}
		r.Scopes[k] = scope
	}
	return r
}

// places are the namespaces to read a kind in: those of the ends, that of the
// cluster's DNS for what DNS pods are and who closes them, and Istio's root
// namespace for what holds in all. The mesh's configuration is only there.
func places(k *model.Kind, ends []string, root string) []string {
	if k == model.ConfigMaps.Kind {
		return []string{root}
	}
	out := slices.Clone(ends)
	if slices.Contains(ofDNS, k) {
		out = append(out, dnsNamespace)
	}
	if slices.Contains(rooted, k) {
		out = append(out, root)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// around are the namespaces that two ends are in; none where they may be
// anywhere: those of who scrapes, of a gateway, of an address, of a host name.
func around(current string, ends ...string) []string {
	var out []string
	for _, end := range ends {
		namespace, found := home(end, current)
		if !found {
			return nil
		}
		out = append(out, namespace)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// home is the namespace of an end as it is spelt; see reach.Engine.End.
func home(end, current string) (namespace string, found bool) {
	name, _, _ := strings.Cut(end, ":")
	parts := strings.Split(name, "/")
	_, block := netip.ParsePrefix(end)
	switch n := len(parts); {
	case block == nil, strings.Count(end, ":") > 1, n == 1 && strings.Contains(name, "."):
		return "", false // an address, a range of them, or a host name
	case slices.Contains([]string{"prometheus", "internet"}, strings.ToLower(name)):
		return "", false
	case slices.ContainsFunc(parts[:n-1], func(s string) bool { k, known := model.KindNamed(s); return known && isGateway(k) }):
		return "", false // its pods may be in any
	case n == 3 && isKind(parts[0]) && (!isKind(parts[1]) || strings.EqualFold(parts[0], "sa")):
		return parts[1], true
	case n == 3, n == 2 && !isKind(parts[0]):
		return parts[0], true
	}
	return current, current != ""
}

func isKind(word string) bool {
	_, known := model.KindNamed(word)
	return known
}

func isGateway(k *model.Kind) bool { return k == model.IstioGateways.Kind || k == model.Gateways.Kind }
