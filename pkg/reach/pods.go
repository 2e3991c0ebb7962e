// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"fmt"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// ofWorkload is the end that a workload is.
func (e *Engine) ofWorkload(w *model.Workload) End {
	end := End{Text: text(w.Ref), Object: w.Ref, Namespace: w.Ref.Namespace, Peers: w.Peers()}
	if e.emptied(w) {
		end.Notes = append(end.Notes, fmt.Sprintf("%s runs no pods: its template stands in for them", end.Text))
	}
	return end
}

// emptied reports whether a workload is there, may run pods, and runs none.
func (e *Engine) emptied(w *model.Workload) bool {
	return !e.s.Offline && w.Live() && !w.Bare() && e.s.PodAbsence(w.Ref.Namespace) == model.Proven &&
		!slices.ContainsFunc(w.Pods, func(p model.Item[corev1.Pod]) bool { return !model.PodEnded(p.Value) })
}

func (e *Engine) workload(kind *model.Kind, sp spelling) (End, error) {
	w, found := e.s.Workload(kind.Ref(sp.namespace, sp.name))
	if !found {
		return End{}, e.noSuch(kind.Kind, sp)
	}
	return e.ofWorkload(w), nil
}

func (e *Engine) pod(sp spelling) (End, error) {
	p, found := model.Pods.Get(e.s, sp.namespace, sp.name)
	if !found {
		return End{}, e.noSuch("Pod", sp)
	}
	end := End{Text: text(p.Ref), Object: p.Ref, Namespace: p.Ref.Namespace}
	w, owned := e.s.Workload(p.Ref)
	if owned && !p.Live() { // a pod of a file: nothing runs yet
		end.Peers = w.Peers()
		return end, nil
	}
	end.Peers = []model.Peer{{
		Workload: w, Pod: p, Namespace: p.Ref.Namespace,
		Labels: p.Value.Labels, Annotations: p.Value.Annotations, Spec: &p.Value.Spec,
	}}
	return end, nil
}

func (e *Engine) service(sp spelling) (End, error) {
	svc, found := model.Services.Get(e.s, sp.namespace, sp.name)
	if !found {
		return End{}, e.noSuch("Service", sp)
	}
	end := End{
		Text: text(svc.Ref), Kind: Service, Object: svc.Ref, Namespace: svc.Ref.Namespace, Service: &svc,
		Host: e.s.ServiceFQDN(svc.Ref.Namespace, svc.Ref.Name),
	}
	end.Peers, end.Notes = e.behind(svc)
	return end, nil
}

// behind are the pods, or addresses, that a Service leads to. Where files hold a
// Service without its workload, a pod with just the labels that it selects
// stands in.
func (e *Engine) behind(svc model.Item[corev1.Service]) (peers []model.Peer, notes []string) {
	if len(svc.Value.Spec.Selector) == 0 {
		return e.endpoints(svc), nil
	}
	want := labels.SelectorFromSet(svc.Value.Spec.Selector)
	for _, w := range e.s.Behind(svc).Workloads {
		all := w.Peers()
		matching := slices.DeleteFunc(slices.Clone(all), func(p model.Peer) bool { return !want.Matches(p.Labels) })
		if len(matching) > 0 && e.emptied(w) {
			notes = append(notes, fmt.Sprintf("%s runs no pods: its template stands in for them", text(w.Ref)))
		}
		peers = append(peers, matching...)
	}
	if len(peers) == 0 && e.s.PodAbsence(svc.Ref.Namespace) != model.Proven {
		peers = append(peers, model.Peer{Namespace: svc.Ref.Namespace, Labels: labels.Set(svc.Value.Spec.Selector), Spec: &corev1.PodSpec{}})
		notes = append(notes, fmt.Sprintf("no workload in view has the labels that %s selects: a pod with these alone stands in", text(svc.Ref)))
	}
	return peers, notes
}

// endpoints are the addresses of a Service without a selector.
func (e *Engine) endpoints(svc model.Item[corev1.Service]) []model.Peer {
	var out []model.Peer
	for _, slice := range model.EndpointSlices.In(e.s, svc.Ref.Namespace) {
		if slice.Value.Labels[discoveryv1.LabelServiceName] != svc.Ref.Name {
			continue
		}
		for _, ep := range slice.Value.Endpoints {
			for _, a := range ep.Addresses {
				out = append(out, e.addressPeers(a)...)
			}
		}
	}
	if ep, found := model.Endpoints.Get(e.s, svc.Ref.Namespace, svc.Ref.Name); found && len(out) == 0 {
		for _, subset := range ep.Value.Subsets {
			for _, a := range subset.Addresses {
				out = append(out, e.addressPeers(a.IP)...)
			}
		}
	}
	return out
}

// addressPeers are the pod of an address, else the address itself.
func (e *Engine) addressPeers(address string) []model.Peer {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return nil
	}
	if p, found := e.addresses().pods[a]; found {
		return []model.Peer{p}
	}
	return []model.Peer{{Block: netip.PrefixFrom(a, a.BitLen())}}
}

// addresses are whose address an address is.
type addresses struct {
	pods     map[netip.Addr]model.Peer
	services map[netip.Addr]model.Item[corev1.Service]
}

func (e *Engine) findAddresses() addresses {
	out := addresses{pods: map[netip.Addr]model.Peer{}, services: map[netip.Addr]model.Item[corev1.Service]{}}
	for _, p := range e.s.Peers("") {
		if p.HostNetwork() {
			continue // it shares the address of its node
		}
		for _, a := range p.Addresses() {
			out.pods[a] = p
		}
	}
	for _, svc := range model.Services.In(e.s, "") {
		for _, ip := range append([]string{svc.Value.Spec.ClusterIP}, svc.Value.Spec.ClusterIPs...) {
			if a, err := netip.ParseAddr(ip); err == nil {
				out.services[a] = svc
			}
		}
	}
	return out
}
