// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// restricted looks for what level restricted asks for beyond baseline.
func (p *inspection) restricted() {
	for i, v := range p.spec.Volumes {
		if s := v.VolumeSource; s.HostPath == nil && !portable(s) {
			p.add(Restricted, VolumeTypes, patch.Pointer("spec", "volumes", i), "volume "+v.Name+" is of a type that pods should take by a PersistentVolumeClaim")
		}
	}
	for _, h := range p.holders() {
		p.root(h)
		if h.ofPod || p.windows() {
			continue
		}
		p.escalation(h)
		p.capabilities(h)
		if h.seccomp == nil && (p.context.SeccompProfile == nil || !confined(p.context.SeccompProfile)) {
			p.add(Restricted, Seccomp, h.at+"/seccompProfile/type", h.name+" has no seccomp profile")
		}
	}
}

// portable reports whether a volume is of a type that ties a pod to no node and
// to no storage of its own choice.
func portable(s corev1.VolumeSource) bool {
	return s.ConfigMap != nil || s.CSI != nil || s.DownwardAPI != nil || s.EmptyDir != nil || s.Ephemeral != nil ||
		s.Image != nil || s.PersistentVolumeClaim != nil || s.Projected != nil || s.Secret != nil
}

// root looks for what may run as user 0.
func (p *inspection) root(h holder) {
	if p.ownUsers() {
		return
	}
	switch {
	case no(h.nonRoot):
		p.add(Restricted, NonRoot, h.at+"/runAsNonRoot", h.name+" has runAsNonRoot false")
	case !h.ofPod && h.nonRoot == nil && !yes(p.context.RunAsNonRoot):
		p.add(Restricted, NonRoot, h.at+"/runAsNonRoot", h.name+" may run as root: runAsNonRoot is not true")
	}
	if h.user != nil && *h.user == 0 {
		p.add(Restricted, NonRoot, h.at+"/runAsUser", h.name+" has runAsUser 0")
	}
}

func (p *inspection) escalation(h holder) {
	if !no(h.restricted.AllowPrivilegeEscalation) {
		p.add(Restricted, PrivilegeEscalation, h.at+"/allowPrivilegeEscalation", h.name+" may gain privileges: allowPrivilegeEscalation is not false")
	}
}

// capabilities looks for more of them than the one for low ports.
func (p *inspection) capabilities(h holder) {
	c := h.restricted.Capabilities
	if c == nil || !slices.Contains(c.Drop, "ALL") {
		p.add(Restricted, Capabilities, h.at+"/capabilities/drop", h.name+" keeps the capabilities of the runtime: drop does not hold ALL")
	}
	if c == nil {
		return
	}
	for i, add := range c.Add {
		if add != "NET_BIND_SERVICE" && slices.Contains(baselineCapabilities, add) {
			p.add(Restricted, Capabilities, h.at+patch.Pointer("capabilities", "add", i), fmt.Sprintf("%s adds capability %s", h.name, add))
		}
	}
}
