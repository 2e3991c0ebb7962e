// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// routes checks INV-INGRESS: each route of a gateway still reaches its backend;
// and of INV-ISTIOD that calls within the ambient mesh find the port of its
// tunnels open.
func (c *checker) routes() {
	for _, e := range c.after.edges() {
		if e.to == nil || e.to.Spec().HostNetwork || c.denied(e.to, e.from, e.sender) {
			continue
		}
		from, err := c.after.source(e.from)
		relevant := c.concerns(e.to.Ref.Namespace) || slices.ContainsFunc(from.workloads, func(of *model.Workload) bool { return c.concerns(of.Ref.Namespace) })
		if e.from.kind == gatewayEnd || e.by.Kind == model.Ingresses.Kind.Kind {
			v := Violation{
				ID: invIngress, Object: e.to.Ref, Reason: fmt.Sprintf("%s routes to %s, which its gateway could not reach", e.by, e.to.Ref.Short()),
				Fix: fmt.Sprintf("add \"from: %s\" to the callers of %s", e.from.text(e.to.Ref.Namespace), e.to.Ref.Short()),
			}
			switch {
			case err == nil && relevant:
				c.require(v, endsOfAll(from.workloads), ends(e.to), e.ports, Question{})
			case err != nil && c.newlyClosed(e.to, ingress):
				v.Warning, v.Reason = true, fmt.Sprintf("%s routes to %s, but what runs the gateway is not in view: nobody can tell whether it still gets through", e.by, e.to.Ref.Short())
				v.Fix = "name what runs it among the callers: from: NAMESPACE/deploy/NAME"
				c.out = append(c.out, v)
			}
		}
		if d, _ := c.after.dataplane(e.to); d == Ambient && e.sender != nil && relevant {
			if theirs, _ := c.after.dataplane(e.sender); theirs != NoMesh {
				c.require(Violation{
					ID: invIstiod, Object: e.to.Ref, Reason: fmt.Sprintf("%s calls %s through the tunnels of ambient mode, which would be closed", e.sender.Ref.Short(), e.to.Ref.Short()),
					Fix: fmt.Sprintf("allow TCP %d beside the ports of the application, at both ends", hbonePort),
				}, ends(e.sender), ends(e.to), tcp(hbonePort), Question{})
			}
		}
	}
}

// inits checks INV-INIT: containers that run before the sidecar call in
// plaintext, and so do Jobs that have none.
func (c *checker) inits() {
	for _, e := range c.after.edges() {
		if e.sender == nil || e.to == nil || c.denied(e.to, e.from, e.sender) || !c.concerns(e.to.Ref.Namespace) && !c.concerns(e.sender.Ref.Namespace) {
			continue
		}
		d, _ := c.after.dataplane(e.sender)
		switch {
		case d == NoMesh && e.sender.Ends():
			c.require(Violation{
				ID: invInit, Object: e.sender.Ref, Reason: fmt.Sprintf("%s calls %s without an identity (%s)", e.sender.Ref.Short(), e.to.Ref.Short(), e.where),
				Fix: "take it into the mesh, or let it in to " + e.to.Ref.Short() + ": add \"from: " + e.from.text(e.to.Ref.Namespace) + "\" to the callers",
			}, ends(e.sender), ends(e.to), e.ports, Question{Plaintext: true})
		case d == Sidecar && e.init && !native(e.sender):
			c.early(e)
		}
	}
}

// early checks the call of an init container. A caller that is kept out with its
// sidecar too is no matter of this.
func (c *checker) early(e edge) {
	ports := slices.DeleteFunc(slices.Clone(e.ports), func(p port) bool {
		q := Question{From: e.sender.Peers()[0], To: e.to.Peers()[0], Port: p.number, Protocol: p.protocol}
		return c.ask(c.after.Snapshot, q).Verdict == verdict.Deny
	})
	c.require(Violation{
		ID: invInit, Object: e.sender.Ref, Reason: fmt.Sprintf("an init container of %s calls %s before the sidecar is there, in plaintext (%s)", e.sender.Ref.Short(), e.to.Ref.Short(), e.where),
		Fix: "make the sidecar a native one (ENABLE_NATIVE_SIDECARS), or leave the port of " + e.to.Ref.Short() + " PERMISSIVE",
	}, ends(e.sender), ends(e.to), ports, Question{Plaintext: true})
}

// native reports whether the sidecar of live pods starts before init containers.
func native(of *model.Workload) bool {
	for _, p := range of.Pods {
		for i := range p.Value.Spec.InitContainers {
			if init := &p.Value.Spec.InitContainers[i]; init.Name == "istio-proxy" && model.Sidecar(init) {
				return true
			}
		}
	}
	return false
}

// newlyClosed reports whether some policy closes a direction of a workload that
// none closed before.
func (c *checker) newlyClosed(of *model.Workload, way direction) bool {
	return len(c.after.isolating(of, way, "")) > 0 && len(c.before.isolating(of, way, "")) == 0 ||
		way == ingress && len(c.after.authorizing(of, allow, "")) > 0 && len(c.before.authorizing(of, allow, "")) == 0
}

// self checks INV-SELF: a workload that listens is not closed without a caller.
func (c *checker) self(of *model.Workload) {
	if len(c.after.ports(of)) == 0 || !c.newlyClosed(of, ingress) {
		return
	}
	if len(c.after.callers()[of]) > 0 || len(c.after.hooks(of)) > 0 {
		return // that they get through is a matter of the other invariants
	}
	x := &inferrer{world: c.after}
	if len(x.callers(of)) > 0 {
		return
	}
	c.out = append(c.out, Violation{
		ID: invSelf, Object: of.Ref, Reason: of.Ref.Short() + " would be closed, and no caller of it is known: nobody could call it any more",
		Fix: "say who calls it: kubectl micro secure allow CALLER " + endOf(of).text(of.Ref.Namespace) + " -n " + of.Ref.Namespace,
	})
}

// enforcers are the DaemonSets of networks that enforce NetworkPolicies, by a
// part of their names.
var enforcers = []string{"calico", "canal", "cilium", "antrea", "weave", "kube-router", "ovnkube", "ovs-node", "azure-npm", "aws-node", "kindnet", "romana", "sdn", "terway", "kube-ovn"}

// inert are those that do not, as far as they are alone.
var inert = []string{"kube-flannel", "flannel"}

// cni checks INV-CNI: somebody enforces the NetworkPolicies that are written.
func (c *checker) cni() {
	if len(c.added) == 0 {
		return
	}
	if _, gap := c.after.Gap(model.DaemonSets.GroupKind, "kube-system"); gap {
		return
	}
	var lame string
	for _, of := range c.after.Workloads("") {
		if of.Ref.Kind != model.DaemonSets.Kind.Kind {
			continue
		}
		named := func(part string) bool { return strings.Contains(of.Ref.Name, part) }
		if slices.ContainsFunc(enforcers, named) {
			return
		}
		if slices.ContainsFunc(inert, named) {
			lame = of.Ref.String()
		}
	}
	why := lame + " does not enforce them"
	if lame == "" {
		if c.after.Partial || len(c.after.Workloads("kube-system")) == 0 {
			return // the network is not in view
		}
		why = "no network that enforces them was found"
	}
	c.out = append(c.out, Violation{
		ID: invCNI, Object: c.added[0].Ref, Warning: true, Reason: fmt.Sprintf("%d NetworkPolicies would have no effect: %s", len(c.added), why),
		Fix: "install a network plugin that enforces them (Calico, Cilium, ...), or rely on the mesh: --layers authorization",
	})
}
