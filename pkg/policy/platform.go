// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"cmp"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// dnsServers are the Services of cluster DNS by the distributions that name them so.
var dnsServers = []struct{ namespace, name string }{
	{"kube-system", "kube-dns"}, {"kube-system", "coredns"}, {"openshift-dns", "dns-default"},
}

// need is what pods cannot do without, besides what intents say.
type need struct {
	netRule
	// why is the provenance, for the comments.
	why string
}

// nameServers are the workloads behind cluster DNS with their pod ports, which
// need not be 53 (OpenShift's are 5353).
func (w *world) nameServers() map[*model.Workload][]port {
	out := map[*model.Workload][]port{}
	for _, at := range dnsServers {
		svc, found := model.Services.Get(w.Snapshot, at.namespace, at.name)
		if !found {
			continue
		}
		for _, server := range w.Behind(svc).Workloads {
			for _, p := range behind(svc.Value, "", server) {
				if p.number != 9153 { // metrics of CoreDNS
					out[server] = append(out[server], p)
				}
			}
		}
	}
	for _, server := range w.Workloads("kube-system") {
		if len(out) == 0 && server.Template.Labels["k8s-app"] == "kube-dns" {
			out[server] = dnsPorts(53)
		}
	}
	return out
}

func dnsPorts(number int32) []port {
	return []port{{number: number, protocol: corev1.ProtocolTCP}, {number: number, protocol: corev1.ProtocolUDP}}
}

// dns lets pods ask the cluster's DNS: the servers, and where a node-local cache
// runs, the addresses that it listens on, which no selector matches.
func (w *world) dns() []need {
	var out []need
	servers := w.nameServers()
	for _, server := range w.Workloads("") {
		if ports := servers[server]; len(ports) > 0 {
			by, err := w.selector(server)
			if err == nil {
				out = append(out, need{netRule{[]peer{{namespace: server.Ref.Namespace, labels: by}}, ports}, "DNS: " + server.Ref.String()})
			}
		}
	}
	if len(out) == 0 {
		usual := peer{namespace: "kube-system", labels: map[string]string{"k8s-app": "kube-dns"}}
		out = append(out, need{netRule{[]peer{usual}, dnsPorts(53)}, "DNS: where most clusters have it; its pods are not in view"})
	}
	if cached := w.localDNS(); len(cached) > 0 {
		out = append(out, need{netRule{cached, dnsPorts(53)}, "DNS: the cache of the node"})
	}
	return out
}

var localIP = regexp.MustCompile(`[0-9a-fA-F]*[:.][0-9a-fA-F:.]+`)

// localDNS are the addresses of NodeLocal DNSCache, none where it does not run.
func (w *world) localDNS() []peer {
	var out []peer
	for _, of := range w.Workloads("kube-system") {
		if of.Template.Labels["k8s-app"] != "node-local-dns" && of.Ref.Name != "node-local-dns" {
			continue
		}
		for _, c := range of.Spec().Containers {
			for i, arg := range c.Args {
				if name := strings.TrimLeft(arg, "-"); strings.HasPrefix(name, "localip=") {
					arg = strings.TrimPrefix(name, "localip=")
				} else if i == 0 || strings.TrimLeft(c.Args[i-1], "-") != "localip" {
					continue
				}
				for _, text := range localIP.FindAllString(arg, -1) {
					if a, err := netip.ParseAddr(text); err == nil {
						out = append(out, block(a))
					}
				}
			}
		}
		if len(out) == 0 {
			out = append(out, peer{block: "169.254.20.10/32"})
		}
	}
	return out
}

func block(a netip.Addr) peer { return peer{block: netip.PrefixFrom(a, a.BitLen()).String()} }

// istiod lets sidecars fetch certificates and configuration.
func (w *world) istiod() need {
	of := peer{namespace: w.RootNamespace, labels: map[string]string{"app": "istiod"}}
	if !slices.ContainsFunc(w.Workloads(of.namespace), func(o *model.Workload) bool { return o.Template.Labels["app"] == "istiod" }) {
		for _, o := range w.SelectAnywhere(labels.SelectorFromSet(of.labels)) {
			of.namespace = o.Ref.Namespace
			break
		}
	}
	return need{netRule{[]peer{of}, tcp(istiodPort)}, "istiod: certificates and configuration of the sidecar"}
}

// apiServer lets pods reach the API server: at its endpoints, since policies see
// addresses after the Service's translation; anywhere on its usual ports where
// these are not known.
func (w *world) apiServer() need {
	peers, ports := w.endpoints("default", "kubernetes", "")
	if len(peers) == 0 {
		return need{netRule{anywhere, tcp(443, 6443)}, "API server: its addresses are not in view"}
	}
	return need{netRule{peers, ports}, "API server: the endpoints of Service default/kubernetes"}
}

// endpoints are the addresses behind a Service by its EndpointSlices, with the
// ports; of one Service port by name, if one is given.
func (w *world) endpoints(namespace, name, portName string) ([]peer, []port) {
	var peers []peer
	var ports []port
	for _, slice := range model.EndpointSlices.In(w.Snapshot, namespace) {
		if slice.Value.Labels["kubernetes.io/service-name"] != name {
			continue
		}
		for _, e := range slice.Value.Endpoints {
			for _, text := range e.Addresses {
				if a, err := netip.ParseAddr(text); err == nil && !slices.ContainsFunc(peers, func(p peer) bool { return p.block == block(a).block }) {
					peers = append(peers, block(a))
				}
			}
		}
		for _, p := range slice.Value.Ports {
			named := p.Name != nil && *p.Name == portName
			if p.Port != nil && (portName == "" || named) {
				one := port{number: *p.Port, protocol: corev1.ProtocolTCP}
				if p.Protocol != nil {
					one.protocol = *p.Protocol
				}
				ports = append(ports, one)
			}
		}
	}
	return peers, tidy(ports)
}

// callsAPI reports whether a workload calls the API server: its account has
// rights, and the pods get its token.
func (w *world) callsAPI(of *model.Workload) bool {
	if mounts := of.Spec().AutomountServiceAccountToken; mounts != nil && !*mounts {
		return false
	}
	if sa, found := model.ServiceAccounts.Get(w.Snapshot, of.Ref.Namespace, of.Account()); found && of.Spec().AutomountServiceAccountToken == nil {
		if mounts := sa.Value.AutomountServiceAccountToken; mounts != nil && !*mounts {
			return false
		}
	}
	return w.bound()[account{of.Ref.Namespace, of.Account()}]
}

// account names a ServiceAccount.
type account struct{ namespace, name string }

// findBound returns the accounts that some binding gives rights to.
func (w *world) findBound() map[account]bool {
	out := map[account]bool{}
	add := func(subjects []rbacv1.Subject, own string) {
		for _, s := range subjects {
			if s.Kind == rbacv1.ServiceAccountKind {
				out[account{cmp.Or(s.Namespace, own), s.Name}] = true
			}
		}
	}
	for _, b := range model.RoleBindings.In(w.Snapshot, "") {
		add(b.Value.Subjects, b.Ref.Namespace)
	}
	for _, b := range model.ClusterRoleBindings.In(w.Snapshot, "") {
		add(b.Value.Subjects, "")
	}
	return out
}

// needsOut are what a workload cannot do without when its egress is closed.
func (w *world) needsOut(of *model.Workload) []need {
	out := slices.Clone(w.resolving())
	if d, _ := w.dataplane(of); d == Sidecar {
		out = append(out, w.controlled())
	}
	if w.callsAPI(of) {
		out = append(out, w.apiServer())
	}
	return out
}

// probeBlocks are where the kubelet's probes come from in ambient mode.
var probeBlocks = []peer{{block: "169.254.7.127/32"}, {block: "fd16:9254:7127:1337:ffff::/80"}}

// isProbe reports whether a peer is where the probes come from in ambient mode.
func isProbe(p model.Peer) bool {
	return slices.ContainsFunc(probeBlocks, func(b peer) bool { return p.Block.IsValid() && b.block == p.Block.String() })
}

// needsIn are what a workload cannot do without when its ingress is closed.
func (w *world) needsIn(of *model.Workload) []need {
	var out []need
	if d, _ := w.dataplane(of); d == Ambient {
		out = append(out, need{netRule{probeBlocks, nil}, "kubelet: where ztunnel lets its probes come from"})
	}
	for _, h := range w.hooks(of) {
		out = append(out, need{netRule{anywhere, h.ports}, "API server: " + h.by.String() + " calls it"})
	}
	return out
}

// needsAccess are the same for AuthorizationPolicies: callers without identity.
func (w *world) needsAccess(of *model.Workload) []accessRule {
	var out []accessRule
	for _, h := range w.hooks(of) {
		out = append(out, accessRule{ports: numbers(h.ports)})
	}
	if d, _ := w.dataplane(of); d == Sidecar && !rewritten(of) {
		out = append(out, accessRule{ports: sortedProbes(of)})
	}
	return slices.DeleteFunc(out, func(r accessRule) bool { return len(r.ports) == 0 })
}

func sortedProbes(of *model.Workload) []int32 {
	var out []int32
	for n := range probePorts(of) {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

func numbers(ports []port) []int32 {
	var out []int32
	for _, p := range ports {
		if p.protocol == corev1.ProtocolTCP || p.protocol == "" {
			out = append(out, p.number)
		}
	}
	return out
}
