// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9023", Slug: "direct-peer", Severity: finding.Warning,
	Short: "AuthorizationPolicy compares addresses of clients with those of a proxy",
	Why: `ipBlocks is about the direct peer of the connection. Behind a gateway that is the gateway, so that a
block of clients never matches. At the gateway it is what the load balancer leaves of the client's
address: with externalTrafficPolicy Cluster, the default, the address of a node. remoteIpBlocks is about
the client that X-Forwarded-For or the PROXY protocol names, as far as meshConfig says how many proxies
in front are trusted.`,
	Fix: `Check addresses at the gateway. Set externalTrafficPolicy: Local on its Service, or use remoteIpBlocks and
set numTrustedProxies.`,
	Reference: "https://istio.io/latest/docs/tasks/security/authorization/authz-ingress/",
	Needs: slices.Concat(model.WorkloadKinds, []*model.Kind{
		model.AuthorizationPolicies.Kind, model.Services.Kind, model.VirtualServices.Kind, model.IstioGateways.Kind,
		model.HTTPRoutes.Kind, model.Gateways.Kind, model.ServiceEntries.Kind, model.ConfigMaps.Kind,
	}),
	Explains: []string{"KM9010", "KM9013"},
	Check:    checkDirectPeers,
})

func checkDirectPeers(w *rules.World, emit rules.Emit) {
	view := newAuthz(w)
	var behindGateway map[*model.Workload]visit
	var gateways map[*model.Workload]ref.Ref
	for _, p := range view.all {
		l, i, found := clientBlock(p)
		if !found {
			continue
		}
		if behindGateway == nil { // the search for gateways is the dear part
			behindGateway, gateways = map[*model.Workload]visit{}, gatewayWorkloads(w)
			for _, v := range gatewayVisits(w) {
				behindGateway[v.To] = v
			}
		}
		at := l.At + patch.Pointer(i)
		for _, of := range view.workloads(p) {
			if by, is := gateways[of]; is {
				atGateway(w, p, l, at, of, by, emit)
				break
			}
			v, passes := behindGateway[of]
			if !passes || l.is("remoteIpBlocks", "remote.ip") {
				continue
			}
			f := emit(p.Object, at, "%s is about the direct peer, and requests of clients come to %s from the gateway: %s never matches them", l.Field, of.Ref, l.Texts[i])
			f.Confidence = finding.Likely
			f.Related = []ref.Ref{of.Ref, v.By.Ref}
			f.Evidence = []finding.Evidence{{Kind: "field", Of: v.By.Where(v.At), Value: "routes to " + v.Service.String()}}
			f.Hint = "check addresses of clients at the gateway, or use remoteIpBlocks"
			break
		}
	}
}

// clientBlock finds the first block of a policy that holds addresses of the internet.
func clientBlock(p policy) (list, int, bool) {
	for _, l := range lists(p.spec()) {
		if !l.is("ipBlocks", "source.ip", "remoteIpBlocks", "remote.ip") {
			continue
		}
		if i := slices.IndexFunc(l.Texts, public); i >= 0 {
			return l, i, true
		}
	}
	return list{}, 0, false
}

// public reports whether a block is of addresses that clusters do not use inside.
func public(text string) bool {
	block, err := netip.ParsePrefix(text)
	if err != nil {
		a, err := netip.ParseAddr(text)
		if err != nil {
			return false
		}
		block = netip.PrefixFrom(a, a.BitLen())
	}
	a := block.Addr()
	carrier := netip.MustParsePrefix("100.64.0.0/10") // some clusters number their pods from it
	return block.Bits() > 0 && a.IsGlobalUnicast() && !a.IsPrivate() && !carrier.Contains(a)
}

// gatewayWorkloads are the workloads that Istio's Gateways select, with the
// first Gateway that does so.
func gatewayWorkloads(w *rules.World) map[*model.Workload]ref.Ref {
	out := map[*model.Workload]ref.Ref{}
	for _, gw := range model.IstioGateways.In(w.Snapshot, "") {
		if len(gw.Value.Spec.GetSelector()) == 0 {
			continue
		}
		for _, of := range w.SelectAnywhere(labels.SelectorFromSet(gw.Value.Spec.GetSelector())) {
			if _, known := out[of]; !known {
				out[of] = gw.Ref
			}
		}
	}
	return out
}

// atGateway reports a block at a gateway that sees the addresses of nodes.
func atGateway(w *rules.World, p policy, l list, at string, of *model.Workload, by ref.Ref, emit rules.Emit) {
	if l.is("remoteIpBlocks", "remote.ip") && trustsProxies(w, of) {
		return
	}
	for _, svc := range w.InFront(of) {
		spec := svc.Value.Spec
		open := spec.Type == corev1.ServiceTypeLoadBalancer || spec.Type == corev1.ServiceTypeNodePort
		if !open || spec.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal {
			continue
		}
		f := emit(p.Object, at, "clients may come through %s to the gateway with the address of a node: its externalTrafficPolicy is not Local", svc.Ref)
		f.Severity, f.Confidence = finding.Info, finding.Likely // some load balancers go to the pods by themselves
		f.Related = []ref.Ref{svc.Ref, of.Ref, by}
		f.Hint = "set externalTrafficPolicy: Local, or numTrustedProxies where a proxy in front tells the address"
		return
	}
}

// trustsProxies reports whether something says how many proxies stand in front.
func trustsProxies(w *rules.World, of *model.Workload) bool {
	const setting = "numTrustedProxies"
	cm, found := model.ConfigMaps.Get(w.Snapshot, w.RootNamespace, "istio")
	return !found || strings.Contains(cm.Value.Data["mesh"], setting) || strings.Contains(of.Template.Annotations["proxy.istio.io/config"], setting)
}
