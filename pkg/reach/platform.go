// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// addressEnd reads an IP address with or without a port, or a CIDR. The address
// of a pod or a Service stands for that.
func (e *Engine) addressEnd(text string) (End, bool) {
	if block, err := netip.ParsePrefix(text); err == nil {
		block = block.Masked()
		return End{Text: block.String(), Kind: Address, Peers: []model.Peer{{Block: block}}}, true
	}
	addr, err := netip.ParseAddr(text)
	port := int32(0)
	if err != nil {
		both, err := netip.ParseAddrPort(text)
		if err != nil {
			return End{}, false
		}
		addr, port = both.Addr(), int32(both.Port())
	}
	end := e.addressOf(addr)
	if port != 0 {
		end.Port = port
		end.Text = end.Text + ":" + strconv.Itoa(int(port))
		if end.Kind == Address {
			end.Text = netip.AddrPortFrom(addr, uint16(port)).String()
		}
	}
	return end, true
}

func (e *Engine) addressOf(addr netip.Addr) End {
	addr = addr.Unmap()
	known := e.addresses()
	if svc, found := known.services[addr]; found {
		if end, err := e.service(spelling{namespace: svc.Ref.Namespace, name: svc.Ref.Name}); err == nil {
			end.Notes = append(end.Notes, fmt.Sprintf("%s is the address of %s", addr, end.Text))
			return end
		}
	}
	if p, found := known.pods[addr]; found {
		return End{
			Text: text(p.Pod.Ref), Object: p.Pod.Ref, Namespace: p.Namespace, Peers: []model.Peer{p},
			Notes: []string{fmt.Sprintf("%s is the address of %s", addr, text(p.Pod.Ref))},
		}
	}
	return End{Text: addr.String(), Kind: Address, Peers: []model.Peer{{Block: netip.PrefixFrom(addr, addr.BitLen())}}}
}

// outside is every address that no policy names: for the network's policies, the
// prefix of all addresses stands for the rest of them.
var outside = model.Peer{Block: netip.MustParsePrefix("0.0.0.0/0")}

// account are the pods that run under a ServiceAccount.
func (e *Engine) account(sp spelling) (End, error) {
	r := model.ServiceAccounts.Ref(sp.namespace, sp.name)
	end := End{Text: text(r), Object: r, Namespace: sp.namespace}
	for _, p := range e.s.Peers(sp.namespace) {
		if p.Account() == sp.name {
			end.Peers = append(end.Peers, p)
		}
	}
	if len(end.Peers) > 0 {
		return end, nil
	}
	if _, found := model.ServiceAccounts.Get(e.s, sp.namespace, sp.name); !found {
		var used []string
		for _, w := range e.s.Workloads(sp.namespace) {
			used = append(used, text(model.ServiceAccounts.Ref(sp.namespace, w.Account())))
		}
		slices.Sort(used)
		err := fault.Usagef("no workload of namespace %s runs as ServiceAccount %q", sp.namespace, sp.name)
		if used = slices.Compact(used); len(used) > 0 {
			return End{}, err.Try("%s", pasteable(used[:min(5, len(used))]))
		}
		return End{}, err
	}
	end.Peers = []model.Peer{{Namespace: sp.namespace, Spec: &corev1.PodSpec{ServiceAccountName: sp.name}}}
	end.Notes = []string{"no workload runs as " + end.Text + ": a pod without labels stands in"}
	return end, nil
}

// gateway are the pods of a Gateway, of Istio or the Gateway API; or of a
// workload of that name.
func (e *Engine) gateway(sp spelling) (End, error) {
	istio, isIstio := model.IstioGateways.Get(e.s, sp.namespace, sp.name)
	api, isAPI := model.Gateways.Get(e.s, sp.namespace, sp.name)
	switch strings.ToLower(sp.kind) {
	case "gateway.networking.istio.io":
		isAPI = false
	case "gateway.gateway.networking.k8s.io":
		isIstio = false
	}
	switch {
	case isIstio && isAPI:
		return End{}, fault.Usagef("%s/%s is a Gateway of Istio and one of the Gateway API", sp.namespace, sp.name).Try("%s", pasteable([]string{
			"gateway.networking.istio.io/" + sp.namespace + "/" + sp.name, "gateway.gateway.networking.k8s.io/" + sp.namespace + "/" + sp.name,
		}))
	case isIstio:
		end := End{Text: text(istio.Ref), Object: istio.Ref, Namespace: istio.Ref.Namespace}
		if selector := istio.Value.Spec.GetSelector(); len(selector) > 0 {
			for _, w := range e.s.SelectAnywhere(labels.SelectorFromSet(selector)) {
				end.Peers = append(end.Peers, w.Peers()...)
			}
			if len(end.Peers) == 0 {
				end.standIn(proxyPeer(sp.namespace, labels.Set(selector), ""), "no workload in view has the labels that the Gateway selects")
			}
			return end, nil
		}
		end.standIn(proxyPeer(sp.namespace, nil, ""), "the Gateway selects no pods")
		return end, nil
	case isAPI:
		return e.apiGateway(api.Object, string(api.Value.Spec.GatewayClassName)), nil
	}
	if w, found := e.gatewayWorkload(sp); found {
		return e.ofWorkload(w), nil
	}
	return End{}, e.noSuchGateway(sp)
}

// gatewayWorkload is a workload by its own name, in the namespace or in Istio's.
func (e *Engine) gatewayWorkload(sp spelling) (*model.Workload, bool) {
	for _, ns := range []string{sp.namespace, e.s.RootNamespace, "istio-ingress"} {
		for _, w := range e.s.Workloads(ns) {
			if w.Ref.Name == sp.name {
				return w, true
			}
		}
	}
	return nil, false
}

func (e *Engine) noSuchGateway(sp spelling) error {
	err := fault.Usagef("no Gateway is called %q in namespace %s", sp.name, sp.namespace)
	var all []string
	for _, k := range []*model.Kind{model.IstioGateways.Kind, model.Gateways.Kind} {
		for _, o := range e.s.OfKind(k.GroupKind) {
			all = append(all, "gateway/"+o.Ref.Namespace+"/"+o.Ref.Name)
		}
	}
	if len(all) == 0 {
		return err
	}
	slices.Sort(all)
	return err.Try("%s", pasteable(slices.Compact(all)[:min(5, len(slices.Compact(all)))]))
}

// gatewayLabel is the label of the pods of a Gateway of the Gateway API.
const gatewayLabel = "gateway.networking.k8s.io/gateway-name"

// apiGateway is a Gateway of the Gateway API: its pods carry its name as a
// label, and istiod runs those of its own classes under NAME-istio
// (pilot/pkg/config/kube/gateway/deploymentcontroller.go).
func (e *Engine) apiGateway(gw *model.Object, class string) End {
	end := End{Text: text(gw.Ref), Object: gw.Ref, Namespace: gw.Ref.Namespace}
	mark := labels.Set{gatewayLabel: gw.Ref.Name}
	for _, w := range e.s.Select(gw.Ref.Namespace, labels.SelectorFromSet(mark)).Workloads {
		end.Peers = append(end.Peers, w.Peers()...)
	}
	switch {
	case len(end.Peers) > 0:
	case class == "istio" || class == "istio-waypoint":
		account := gw.Ref.Name + "-istio"
		if class == "istio-waypoint" {
			account = gw.Ref.Name
		}
		end.standIn(proxyPeer(gw.Ref.Namespace, mark, account), "the pods that istiod runs for the Gateway are not in view")
	default:
		end.standIn(model.Peer{Namespace: gw.Ref.Namespace, Labels: mark, Spec: &corev1.PodSpec{}}, "the pods of the Gateway are not in view, and how class "+class+" labels them is not known")
	}
	return end
}

// standIn makes a peer that no object describes the end's only one.
func (x *End) standIn(p model.Peer, why string) {
	x.Peers = []model.Peer{p}
	x.Notes = append(x.Notes, why+": a pod that is made up stands in")
}

// proxyPeer is a pod that is nothing but Istio's proxy.
func proxyPeer(namespace string, set labels.Set, account string) model.Peer {
	return model.Peer{
		Namespace: namespace, Labels: set,
		Spec: &corev1.PodSpec{ServiceAccountName: account, Containers: []corev1.Container{{Name: "istio-proxy"}}},
	}
}

// scraper are the labels of Prometheus' pods, those of the Operator and the
// charts first.
var scraper = []labels.Set{{"app.kubernetes.io/name": "prometheus"}, {"app": "prometheus"}}

// prometheus are the pods that scrape.
func (e *Engine) prometheus() (End, error) {
	end := End{Text: "prometheus"}
	for _, set := range scraper {
		for _, w := range e.s.SelectAnywhere(labels.SelectorFromSet(set)) {
			end.Peers = append(end.Peers, w.Peers()...)
			end.Namespace, end.Object = w.Ref.Namespace, w.Ref
		}
		if len(end.Peers) > 0 {
			return end, nil
		}
	}
	if e.s.PodAbsence("") == model.Proven {
		return End{}, fault.Usagef("no workload is labelled app.kubernetes.io/name=prometheus or app=prometheus").Try("name the one that scrapes: NAMESPACE/sts/NAME")
	}
	end.Namespace, end.Object = "monitoring", ref.Ref{}
	set := labels.Merge(scraper[0], labels.Set{"sidecar.istio.io/inject": "false", "istio.io/dataplane-mode": "none"})
	end.standIn(model.Peer{Namespace: end.Namespace, Labels: set, Spec: &corev1.PodSpec{ServiceAccountName: "prometheus"}},
		"no pods of Prometheus in view; in namespace monitoring, labelled app.kubernetes.io/name=prometheus, without a proxy")
	return end, nil
}

// host is a name with a dot: that of a Service, of a ServiceEntry, or one outside.
func (e *Engine) host(sp spelling) (End, error) {
	if svc, found := e.s.ServiceNamed(sp.name, sp.namespace); found {
		return e.service(spelling{namespace: svc.Ref.Namespace, name: svc.Ref.Name})
	}
	host := strings.ToLower(strings.TrimSuffix(sp.name, "."))
	name, rest, _ := strings.Cut(host, ".")
	namespace, _, more := strings.Cut(rest, ".")
	inCluster := strings.HasSuffix(host, ".svc."+e.s.ClusterDomain) || strings.HasSuffix(host, ".svc")
	_, known := model.Namespaces.Get(e.s, "", namespace)
	if known = known || len(e.s.Workloads(namespace)) > 0; inCluster || known && !more {
		return End{}, e.noSuch("Service", spelling{namespace: namespace, name: name})
	}
	end := End{Text: host, Kind: External, Host: host}
	if entry := e.s.Resolve(host, sp.namespace).Entry; entry != nil {
		end.Object, end.Namespace = entry.Ref, entry.Ref.Namespace
		for _, ep := range entry.Value.Spec.GetEndpoints() {
			end.Peers = append(end.Peers, e.addressPeers(ep.GetAddress())...)
		}
		for _, a := range entry.Value.Spec.GetAddresses() {
			if block, err := netip.ParsePrefix(a); err == nil && len(end.Peers) == 0 {
				end.Peers = append(end.Peers, model.Peer{Block: block})
			} else if len(entry.Value.Spec.GetEndpoints()) == 0 {
				end.Peers = append(end.Peers, e.addressPeers(a)...)
			}
		}
	}
	return end, nil
}
