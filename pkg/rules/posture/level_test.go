// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/rules/posture"
)

// hardened is a pod that meets level restricted, and has each list that the
// cases below add to.
const hardened = `
securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
containers:
- name: app
  securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
`

// changes are to the hardened pod; want are the controls that are not met then,
// with their pointers.
var changes = map[string]struct {
	change func(*corev1.PodSpec)
	level  string
	want   []string
}{
	"nothing changed":   {func(*corev1.PodSpec) {}, posture.Restricted, nil},
	"no context at all": {func(s *corev1.PodSpec) { s.SecurityContext, s.Containers[0].SecurityContext = nil, nil }, posture.Baseline, []string{"Capabilities /spec/containers/0/securityContext/capabilities/drop", "Privilege Escalation /spec/containers/0/securityContext/allowPrivilegeEscalation", "Running as Non-root /spec/containers/0/securityContext/runAsNonRoot", "Seccomp /spec/containers/0/securityContext/seccompProfile/type"}},
	"host IPC":          {func(s *corev1.PodSpec) { s.HostIPC = true }, posture.Privileged, []string{"Host Namespaces /spec/hostIPC"}},
	"privileged":        {func(s *corev1.PodSpec) { s.Containers[0].SecurityContext.Privileged = new(true) }, posture.Privileged, []string{"Privileged Containers /spec/containers/0/securityContext/privileged"}},
	"ephemeral": {func(s *corev1.PodSpec) {
		s.EphemeralContainers = []corev1.EphemeralContainer{{EphemeralContainerCommon: corev1.EphemeralContainerCommon{SecurityContext: &corev1.SecurityContext{
			Privileged: new(true), AllowPrivilegeEscalation: new(false), Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		}}}}
	}, posture.Privileged, []string{"Privileged Containers /spec/ephemeralContainers/0/securityContext/privileged"}},
	"host path": {func(s *corev1.PodSpec) {
		s.Volumes = []corev1.Volume{{VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{}}}}
	}, posture.Privileged, []string{"HostPath Volumes /spec/volumes/0/hostPath"}},
	"NFS": {func(s *corev1.PodSpec) {
		s.Volumes = []corev1.Volume{{VolumeSource: corev1.VolumeSource{NFS: &corev1.NFSVolumeSource{}}}}
	}, posture.Baseline, []string{"Volume Types /spec/volumes/0"}},
	"image volume": {func(s *corev1.PodSpec) {
		s.Volumes = []corev1.Volume{{VolumeSource: corev1.VolumeSource{Image: &corev1.ImageVolumeSource{}}}}
	}, posture.Restricted, nil},
	"low ports": {func(s *corev1.PodSpec) {
		s.Containers[0].SecurityContext.Capabilities.Add = []corev1.Capability{"NET_BIND_SERVICE"}
	}, posture.Restricted, nil},
	"chown": {func(s *corev1.PodSpec) {
		s.Containers[0].SecurityContext.Capabilities.Add = []corev1.Capability{"CHOWN"}
	}, posture.Baseline, []string{"Capabilities /spec/containers/0/securityContext/capabilities/add/0"}},
	"raw sockets": {func(s *corev1.PodSpec) {
		s.Containers[0].SecurityContext.Capabilities.Add = []corev1.Capability{"NET_RAW"}
	}, posture.Privileged, []string{"Capabilities /spec/containers/0/securityContext/capabilities/add/0"}},
	"user 0":              {func(s *corev1.PodSpec) { s.SecurityContext.RunAsUser = new(int64(0)) }, posture.Baseline, []string{"Running as Non-root /spec/securityContext/runAsUser"}},
	"user 0 of its own":   {func(s *corev1.PodSpec) { s.SecurityContext.RunAsUser, s.HostUsers = new(int64(0)), new(false) }, posture.Restricted, nil},
	"a container says no": {func(s *corev1.PodSpec) { s.Containers[0].SecurityContext.RunAsNonRoot = new(false) }, posture.Baseline, []string{"Running as Non-root /spec/containers/0/securityContext/runAsNonRoot"}},
	"its own /proc":       {func(s *corev1.PodSpec) { s.Containers[0].SecurityContext.ProcMount = new(corev1.UnmaskedProcMount) }, posture.Privileged, []string{"/proc Mount Type /spec/containers/0/securityContext/procMount"}},
	"its own users and proc": {func(s *corev1.PodSpec) {
		s.Containers[0].SecurityContext.ProcMount, s.HostUsers = new(corev1.UnmaskedProcMount), new(false)
	}, posture.Baseline, []string{"/proc Mount Type /spec/containers/0/securityContext/procMount"}},
	"a safe sysctl": {func(s *corev1.PodSpec) { s.SecurityContext.Sysctls = []corev1.Sysctl{{Name: "net.ipv4.tcp_rmem"}} }, posture.Restricted, nil},
	"Windows": {func(s *corev1.PodSpec) {
		s.OS = &corev1.PodOS{Name: corev1.Windows}
		s.Containers[0].SecurityContext, s.SecurityContext.SeccompProfile = nil, nil
	}, posture.Restricted, nil},
}

// The names and values are those of https://kubernetes.io/docs/concepts/security/pod-security-standards/.
func TestLevel(t *testing.T) {
	for name, c := range changes {
		t.Run(name, func(t *testing.T) {
			var spec corev1.PodSpec
			if err := yaml.UnmarshalStrict([]byte(hardened), &spec); err != nil {
				t.Fatal(err)
			}
			c.change(&spec)
			level, reasons := posture.Level(&spec, nil)
			var got []string
			for _, r := range reasons {
				got = append(got, r.Control+" "+r.Pointer)
				if !strings.HasPrefix(r.String(), r.Pointer+": ") {
					t.Errorf("%q does not begin with its pointer %s", r, r.Pointer)
				}
			}
			slices.Sort(got)
			if level != c.level {
				t.Errorf("level is %s, expected %s", level, c.level)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("reasons (-want +got):\n%s", diff)
			}
		})
	}
}

// The reasons for the laxest level come first.
func TestReasonsOfBaselineFirst(t *testing.T) {
	level, reasons := posture.Level(&corev1.PodSpec{HostPID: true, Containers: []corev1.Container{{Name: "app"}}},
		map[string]string{"container.apparmor.security.beta.kubernetes.io/app": "unconfined"})
	if level != posture.Privileged || reasons[0].Level != posture.Baseline || reasons[1].Level != posture.Baseline || reasons[2].Level != posture.Restricted {
		t.Errorf("level %s, reasons %v", level, reasons)
	}
}
