// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"fmt"
	"slices"

	securityv1 "istio.io/api/security/v1"
	istiosecv1 "istio.io/client-go/pkg/apis/security/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// The modes of mutual TLS that a port of a workload can be in.
const (
	disable    = securityv1.PeerAuthentication_MutualTLS_DISABLE
	permissive = securityv1.PeerAuthentication_MutualTLS_PERMISSIVE
	strict     = securityv1.PeerAuthentication_MutualTLS_STRICT
)

type peerAuthentication = model.Item[istiosecv1.PeerAuthentication]

// mtlsMode is what a port of a workload takes from its peers.
type mtlsMode struct {
	Mode securityv1.PeerAuthentication_MutualTLS_Mode
	// From is the object that says so; nil for Istio's default. At is its field.
	From *model.Object
	At   string
}

// String names the mode and where it comes from.
func (m mtlsMode) String() string {
	if m.From == nil {
		return m.Mode.String() + " (Istio's default)"
	}
	return fmt.Sprintf("%s (%s)", m.Mode, m.From.Ref)
}

// mtls is the view of the modes of mutual TLS. A port's own entry goes before
// the workload's policy, that before the namespace's, that before the one of the
// root namespace; UNSET leaves the answer to the next; of several policies of
// one scope the oldest counts, and one with a selector in the root namespace
// does not count at all (pilot/pkg/security/authn/policy_applier.go
// ComposePeerAuthentication).
type mtls struct {
	w *rules.World
	// wide are the policies of a namespace without selector, narrow those with one.
	wide, narrow map[string][]peerAuthentication
}

// newMTLS reads the PeerAuthentications of a World.
func newMTLS(w *rules.World) *mtls {
	out := &mtls{w: w, wide: map[string][]peerAuthentication{}, narrow: map[string][]peerAuthentication{}}
	for _, pa := range model.PeerAuthentications.In(w.Snapshot, "") {
		ns, into := pa.Ref.Namespace, out.wide
		if len(pa.Value.Spec.GetSelector().GetMatchLabels()) > 0 {
			into = out.narrow
		}
		into[ns] = append(into[ns], pa)
	}
	for _, m := range []map[string][]peerAuthentication{out.wide, out.narrow} {
		for _, list := range m {
			slices.SortStableFunc(list, func(a, b peerAuthentication) int {
				return a.Value.CreationTimestamp.Time.Compare(b.Value.CreationTimestamp.Time)
			})
		}
	}
	return out
}

// of returns the mode of a workload's port; port 0 stands for those that no
// policy names. The answer is only as good as what could be read: see known.
func (m *mtls) of(workload *model.Workload, port uint32) mtlsMode {
	ns := workload.Ref.Namespace
	out := m.namespace(ns)
	if ns == m.w.RootNamespace {
		return out
	}
	for _, pa := range m.narrow[ns] {
		spec := &pa.Value.Spec
		if !selects(labels.SelectorFromSet(spec.GetSelector().GetMatchLabels()), workload) {
			continue
		}
		out = out.narrowed(pa.Object, spec.GetMtls(), "/spec/mtls/mode")
		if one, named := spec.GetPortLevelMtls()[port]; named {
			out = out.narrowed(pa.Object, one, fmt.Sprintf("/spec/portLevelMtls/%d/mode", port))
		}
		break // the oldest
	}
	return out
}

// namespace returns the mode of workloads of a namespace that no selector selects.
func (m *mtls) namespace(ns string) mtlsMode {
	out := mtlsMode{Mode: permissive}
	for _, scope := range slices.Compact([]string{m.w.RootNamespace, ns}) {
		if list := m.wide[scope]; len(list) > 0 {
			out = out.narrowed(list[0].Object, list[0].Value.Spec.GetMtls(), "/spec/mtls/mode")
		}
	}
	return out
}

func (m mtlsMode) narrowed(by *model.Object, tls *securityv1.PeerAuthentication_MutualTLS, at string) mtlsMode {
	if tls.GetMode() == securityv1.PeerAuthentication_MutualTLS_UNSET {
		return m
	}
	return mtlsMode{tls.GetMode(), by, at}
}

// known tells whether a mode of a namespace can be relied on. Files may lack the
// policy that tightens it.
func (m *mtls) known(namespace string) model.Absence {
	k := model.PeerAuthentications.Kind
	return min(m.w.Absence(k, namespace), m.w.Absence(k, m.w.RootNamespace))
}
