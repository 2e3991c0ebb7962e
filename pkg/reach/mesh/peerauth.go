// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"fmt"
	"slices"

	securityv1 "istio.io/api/security/v1"
	istiosecv1 "istio.io/client-go/pkg/apis/security/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// ServerMode is the TLS that a server takes.
type ServerMode string

// The modes: those of PeerAuthentication, or none for want of a proxy.
const (
	ServerUnknown    ServerMode = "unknown"
	ServerStrict     ServerMode = "STRICT"
	ServerPermissive ServerMode = "PERMISSIVE"
	ServerDisable    ServerMode = "DISABLE"
	ServerNoProxy    ServerMode = "no proxy"
)

// peerAuthn is a PeerAuthentication ready for use.
type peerAuthn struct {
	model.Item[istiosecv1.PeerAuthentication]
	targets targets
}

func (p *peerAuthn) attach() targets { return p.targets }

// wide reports whether it is for all workloads of its namespace.
func (p *peerAuthn) wide() bool { return len(p.targets.selector) == 0 }

func (e *Engine) readPeerAuthns() *index[*peerAuthn] {
	var all []*peerAuthn
	for _, item := range model.PeerAuthentications.In(e.s, "") {
		all = append(all, &peerAuthn{item, targets{namespace: item.Ref.Namespace, selector: item.Value.Spec.GetSelector().GetMatchLabels()}})
	}
	slices.SortStableFunc(all, func(a, b *peerAuthn) int {
		return a.Value.CreationTimestamp.Time.Compare(b.Value.CreationTimestamp.Time)
	})
	return newIndex(e.config.RootNamespace, all)
}

// Server is the mode of a port of a peer, and who decides it; port 0 is one that
// no policy names. A port's own entry goes before the workload's policy, that
// before the namespace's, that before the mesh's; UNSET leaves the answer to the
// next, and of several of one scope the oldest counts
// (pilot/pkg/security/authn/policy_applier.go ComposePeerAuthentication).
func (e *Engine) Server(to model.Peer, port int32) (ServerMode, verdict.Decider) {
	switch d, why := e.Dataplane(to); {
	case d == model.NoProxy:
		return ServerNoProxy, verdict.Decider{Reason: why}
	case d == model.SidecarProxy && !captured(to, port):
		return ServerNoProxy, verdict.Decider{Reason: fmt.Sprintf("port %d does not pass the proxy", port)}
	case d == model.AmbientProxy:
		mode, by := e.configured(to, port)
		if mode == ServerDisable {
			by.Reason += "; ztunnel takes it for PERMISSIVE"
			mode = ServerPermissive
		}
		return mode, by
	case d == model.DataplaneUnknown:
		return ServerUnknown, verdict.Decider{Reason: why}
	}
	return e.configured(to, port)
}

// configured is what the policies say, whether or not there is a proxy.
func (e *Engine) configured(to model.Peer, port int32) (ServerMode, verdict.Decider) {
	if why := e.hidden(model.PeerAuthentications.Kind, to.Namespace); why != "" {
		return ServerUnknown, verdict.Decider{Reason: why}
	}
	mode, by := ServerPermissive, verdict.Decider{Reason: "mesh default"}
	narrow := func(p *peerAuthn, tls *securityv1.PeerAuthentication_MutualTLS, at string) {
		if m := tls.GetMode(); m != securityv1.PeerAuthentication_MutualTLS_UNSET {
			mode = ServerMode(m.String())
			by = verdict.Decider{Object: p.Ref, Pointer: at, Where: p.Where(at), Reason: e.scope(p, at)}
		}
	}
	counts := e.peers().at(place{namespace: to.Namespace, labels: to.Labels}).policies
	for _, scope := range slices.Compact([]string{e.config.RootNamespace, to.Namespace}) {
		if p := oldest(counts, func(p *peerAuthn) bool { return p.Ref.Namespace == scope && p.wide() }); p != nil {
			narrow(p, p.Value.Spec.GetMtls(), "/spec/mtls/mode")
		}
	}
	p := oldest(counts, func(p *peerAuthn) bool { return p.Ref.Namespace != e.config.RootNamespace && !p.wide() })
	if p == nil {
		return mode, by
	}
	narrow(p, p.Value.Spec.GetMtls(), "/spec/mtls/mode")
	if one, named := p.Value.Spec.GetPortLevelMtls()[uint32(port)]; named && port > 0 {
		narrow(p, one, patch.Pointer("spec", "portLevelMtls", int(port), "mode"))
	}
	return mode, by
}

// scope says how wide the policy that decides is.
func (e *Engine) scope(p *peerAuthn, at string) string {
	switch {
	case at != "/spec/mtls/mode":
		return "for the port"
	case !p.wide():
		return "for the workload"
	case p.Ref.Namespace == e.config.RootNamespace:
		return "for the mesh"
	}
	return "for the namespace"
}

// oldest is the first of policies that are sorted by age.
func oldest(of []*peerAuthn, is func(*peerAuthn) bool) *peerAuthn {
	if i := slices.IndexFunc(of, is); i >= 0 {
		return of[i]
	}
	return nil
}
