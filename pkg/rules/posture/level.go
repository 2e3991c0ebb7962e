// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// The levels of the Pod Security Standards, from the one that forbids most.
const (
	Restricted = "restricted"
	Baseline   = "baseline"
	Privileged = "privileged"
)

// The controls of the Pod Security Standards, as the document names them.
const (
	HostProcess         = "HostProcess"
	HostNamespaces      = "Host Namespaces"
	PrivilegedContainer = "Privileged Containers"
	Capabilities        = "Capabilities"
	HostPathVolumes     = "HostPath Volumes"
	HostPorts           = "Host Ports"
	HostProbes          = "Host Probes / Lifecycle Hooks"
	AppArmor            = "AppArmor"
	SELinux             = "SELinux"
	ProcMount           = "/proc Mount Type"
	Seccomp             = "Seccomp"
	Sysctls             = "Sysctls"
	VolumeTypes         = "Volume Types"
	PrivilegeEscalation = "Privilege Escalation"
	NonRoot             = "Running as Non-root"
)

// Reason is why a pod does not meet a level.
type Reason struct {
	// Level is the lowest that it rules out: Baseline, or Restricted.
	Level string
	// Control is what of the standards is not met.
	Control string
	// Pointer is the JSON Pointer of the field, relative to the pod template (or
	// the pod): "/spec/containers/0/securityContext/privileged". The field need
	// not be there: many controls ask for one that is left out.
	Pointer string
	// Text says what was found and what is asked for, in a few words.
	Text string
}

// String is the pointer and the text.
func (r Reason) String() string { return r.Pointer + ": " + r.Text }

// Level says which of the Pod Security Standards a pod meets, and why not a
// stricter one: all reasons, those of Baseline first. The annotations are those of
// the pod, which may name AppArmor profiles; nil for none.
//
// It is the standards as of Kubernetes 1.37, which the level "latest" of a
// namespace's label means (https://kubernetes.io/docs/concepts/security/pod-security-standards/):
// what older releases let through too is less by a few sysctls and types of
// SELinux, and they do not know that a pod with hostUsers: false may run as root.
func Level(spec *corev1.PodSpec, annotations map[string]string) (level string, reasons []Reason) {
	p := inspection{spec: spec}
	if s := spec.SecurityContext; s != nil {
		p.context = *s
	}
	p.baseline(annotations)
	p.restricted()
	slices.SortStableFunc(p.found, func(a, b Reason) int { return rank(b.Level) - rank(a.Level) })
	level = Restricted
	if len(p.found) > 0 {
		level = below(p.found[0].Level)
	}
	return level, p.found
}

// rank orders levels by how much they let through.
func rank(level string) int { return slices.Index([]string{Restricted, Baseline, Privileged}, level) }

// below is the next level that lets more through.
func below(level string) string {
	if level == Restricted {
		return Baseline
	}
	return Privileged
}

// inspection collects what is wrong with a pod.
type inspection struct {
	spec *corev1.PodSpec
	// context is the pod's own security context, empty if it has none.
	context corev1.PodSecurityContext
	found   []Reason
}

// add notes a reason.
func (p *inspection) add(level, control, pointer, text string) {
	p.found = append(p.found, Reason{level, control, pointer, text})
}

// holder is a container, or the pod as a whole, with the fields that both may set.
type holder struct {
	// name is "the pod" or "container NAME".
	name string
	// at is the JSON Pointer of the security context.
	at         string
	appArmor   *corev1.AppArmorProfile
	seLinux    *corev1.SELinuxOptions
	seccomp    *corev1.SeccompProfile
	windows    *corev1.WindowsSecurityContextOptions
	nonRoot    *bool
	user       *int64
	ofPod      bool
	restricted corev1.SecurityContext
}

// holders are the pod and its containers.
func (p *inspection) holders() []holder {
	c := p.context
	out := []holder{{
		name: "the pod", at: "/spec/securityContext", ofPod: true,
		appArmor: c.AppArmorProfile, seLinux: c.SELinuxOptions, seccomp: c.SeccompProfile, windows: c.WindowsOptions,
		nonRoot: c.RunAsNonRoot, user: c.RunAsUser,
	}}
	p.containers(func(at string, c *corev1.Container) {
		s := contextOf(c)
		out = append(out, holder{
			name: "container " + c.Name, at: at + "/securityContext",
			appArmor: s.AppArmorProfile, seLinux: s.SELinuxOptions, seccomp: s.SeccompProfile, windows: s.WindowsOptions,
			nonRoot: s.RunAsNonRoot, user: s.RunAsUser, restricted: s,
		})
	})
	return out
}

// containers visits all containers, ephemeral ones too, with their JSON Pointers.
func (p *inspection) containers(visit func(at string, c *corev1.Container)) {
	for i := range p.spec.InitContainers {
		visit(patch.Pointer("spec", "initContainers", i), &p.spec.InitContainers[i])
	}
	for i := range p.spec.Containers {
		visit(patch.Pointer("spec", "containers", i), &p.spec.Containers[i])
	}
	for i := range p.spec.EphemeralContainers {
		c := corev1.Container(p.spec.EphemeralContainers[i].EphemeralContainerCommon)
		visit(patch.Pointer("spec", "ephemeralContainers", i), &c)
	}
}

// contextOf is the security context of a container, empty if it has none.
func contextOf(c *corev1.Container) corev1.SecurityContext {
	if c.SecurityContext == nil {
		return corev1.SecurityContext{}
	}
	return *c.SecurityContext
}

// yes reports whether a flag is set to true.
func yes(flag *bool) bool { return flag != nil && *flag }

// no reports whether a flag is set to false.
func no(flag *bool) bool { return flag != nil && !*flag }

// windows reports whether a pod runs on Windows, where much of Linux means nothing.
func (p *inspection) windows() bool { return p.spec.OS != nil && p.spec.OS.Name == corev1.Windows }

// ownUsers reports whether a pod has users of its own, so that its root is nobody
// on the node (https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/).
func (p *inspection) ownUsers() bool { return no(p.spec.HostUsers) }
