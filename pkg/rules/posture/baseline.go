// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// baselineCapabilities are those that containers may add at level baseline.
var baselineCapabilities = []corev1.Capability{
	"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE",
	"SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
}

// safeSysctls are those that change nothing outside of the pod.
var safeSysctls = []string{
	"kernel.shm_rmid_forced",
	"net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports", "net.ipv4.ip_unprivileged_port_start",
	"net.ipv4.ping_group_range", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes",
	"net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_notsent_lowat", "net.ipv4.tcp_rmem", "net.ipv4.tcp_slow_start_after_idle",
	"net.ipv4.tcp_syncookies", "net.ipv4.tcp_wmem",
}

// seLinuxTypes are the types that keep a container confined.
var seLinuxTypes = []string{"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}

// baseline looks for what no level but privileged allows.
func (p *inspection) baseline(annotations map[string]string) {
	for _, ns := range []struct {
		field string
		used  bool
	}{{"hostNetwork", p.spec.HostNetwork}, {"hostPID", p.spec.HostPID}, {"hostIPC", p.spec.HostIPC}} {
		if ns.used {
			p.add(Baseline, HostNamespaces, "/spec/"+ns.field, ns.field+" is true")
		}
	}
	for i, v := range p.spec.Volumes {
		if v.HostPath != nil {
			p.add(Baseline, HostPathVolumes, patch.Pointer("spec", "volumes", i, "hostPath"), fmt.Sprintf("volume %s is the path %s of the node", v.Name, v.HostPath.Path))
		}
	}
	for i, s := range p.context.Sysctls {
		if !slices.Contains(safeSysctls, s.Name) {
			p.add(Baseline, Sysctls, patch.Pointer("spec", "securityContext", "sysctls", i), "sysctl "+s.Name+" is not one of the safe ones")
		}
	}
	for _, key := range slices.Sorted(maps.Keys(annotations)) {
		profile := annotations[key]
		if strings.HasPrefix(key, corev1.DeprecatedAppArmorBetaContainerAnnotationKeyPrefix) && profile != "" &&
			profile != corev1.DeprecatedAppArmorBetaProfileRuntimeDefault && !strings.HasPrefix(profile, corev1.DeprecatedAppArmorBetaProfileNamePrefix) {
			p.add(Baseline, AppArmor, patch.Pointer("metadata", "annotations", key), "AppArmor profile "+profile)
		}
	}
	for _, h := range p.holders() {
		p.confinement(h)
	}
	p.containers(p.baselineOf)
}

// confinement looks at what pods and containers may both loosen.
func (p *inspection) confinement(h holder) {
	if h.windows != nil && yes(h.windows.HostProcess) {
		p.add(Baseline, HostProcess, h.at+"/windowsOptions/hostProcess", h.name+" is a HostProcess of its Windows node")
	}
	if a := h.appArmor; a != nil && a.Type != corev1.AppArmorProfileTypeRuntimeDefault && a.Type != corev1.AppArmorProfileTypeLocalhost {
		p.add(Baseline, AppArmor, h.at+"/appArmorProfile/type", fmt.Sprintf("%s has AppArmor profile %s", h.name, a.Type))
	}
	if s := h.seLinux; s != nil {
		switch {
		case !slices.Contains(seLinuxTypes, s.Type):
			p.add(Baseline, SELinux, h.at+"/seLinuxOptions/type", fmt.Sprintf("%s has SELinux type %s", h.name, s.Type))
		case s.User != "":
			p.add(Baseline, SELinux, h.at+"/seLinuxOptions/user", h.name+" sets an SELinux user")
		case s.Role != "":
			p.add(Baseline, SELinux, h.at+"/seLinuxOptions/role", h.name+" sets an SELinux role")
		}
	}
	if s := h.seccomp; s != nil && !confined(s) {
		p.add(Baseline, Seccomp, h.at+"/seccompProfile/type", fmt.Sprintf("%s has seccomp profile %s", h.name, s.Type))
	}
}

// confined reports whether a seccomp profile is one that filters system calls.
func confined(s *corev1.SeccompProfile) bool {
	return s.Type == corev1.SeccompProfileTypeRuntimeDefault || s.Type == corev1.SeccompProfileTypeLocalhost
}

// baselineOf looks at what only containers set.
func (p *inspection) baselineOf(at string, c *corev1.Container) {
	s, name := contextOf(c), "container "+c.Name
	if yes(s.Privileged) {
		p.add(Baseline, PrivilegedContainer, at+"/securityContext/privileged", name+" is privileged")
	}
	if s.ProcMount != nil && *s.ProcMount != corev1.DefaultProcMount {
		level := Baseline
		if p.ownUsers() { // its /proc then shows nothing that it may change
			level = Restricted
		}
		p.add(level, ProcMount, at+"/securityContext/procMount", fmt.Sprintf("%s has procMount %s", name, *s.ProcMount))
	}
	if s.Capabilities != nil {
		for i, add := range s.Capabilities.Add {
			if !slices.Contains(baselineCapabilities, add) {
				p.add(Baseline, Capabilities, at+patch.Pointer("securityContext", "capabilities", "add", i), fmt.Sprintf("%s adds capability %s", name, add))
			}
		}
	}
	for i, port := range c.Ports {
		if port.HostPort != 0 {
			p.add(Baseline, HostPorts, at+patch.Pointer("ports", i, "hostPort"), fmt.Sprintf("%s takes port %d of its node", name, port.HostPort))
		}
	}
	p.hosts(at, name, c)
}

// hosts looks for probes and hooks that have the kubelet call other hosts.
func (p *inspection) hosts(at, name string, c *corev1.Container) {
	call := func(at string, http *corev1.HTTPGetAction, tcp *corev1.TCPSocketAction) {
		if http != nil && http.Host != "" {
			p.add(Baseline, HostProbes, at+"/httpGet/host", fmt.Sprintf("%s has the kubelet call host %s", name, http.Host))
		}
		if tcp != nil && tcp.Host != "" {
			p.add(Baseline, HostProbes, at+"/tcpSocket/host", fmt.Sprintf("%s has the kubelet call host %s", name, tcp.Host))
		}
	}
	for _, x := range []struct {
		field string
		probe *corev1.Probe
	}{{"livenessProbe", c.LivenessProbe}, {"readinessProbe", c.ReadinessProbe}, {"startupProbe", c.StartupProbe}} {
		if x.probe != nil {
			call(at+"/"+x.field, x.probe.HTTPGet, x.probe.TCPSocket)
		}
	}
	if c.Lifecycle == nil {
		return
	}
	if h := c.Lifecycle.PostStart; h != nil {
		call(at+"/lifecycle/postStart", h.HTTPGet, h.TCPSocket)
	}
	if h := c.Lifecycle.PreStop; h != nil {
		call(at+"/lifecycle/preStop", h.HTTPGet, h.TCPSocket)
	}
}
