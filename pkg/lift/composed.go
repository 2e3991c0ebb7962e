// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package lift

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/detect"
)

// composedPorts are those that are published or exposed. The first is taken to be
// HTTP, as elsewhere in an app file, unless its name says otherwise.
func (l *lifter) composedPorts(c *composed, main *corev1.Container) {
	add := func(number int32, protocol, spoken string) {
		if number == 0 || slices.ContainsFunc(main.Ports, func(p corev1.ContainerPort) bool { return p.ContainerPort == number }) {
			return
		}
		name := cmp.Or(spoken, "http")
		if spoken == "" && len(main.Ports) > 0 || protocol == "udp" {
			name = fmt.Sprintf("%s-%d", cmp.Or(protocol, "tcp"), number)
		}
		main.Ports = append(main.Ports, corev1.ContainerPort{Name: name, ContainerPort: number, Protocol: corev1.Protocol(strings.ToUpper(cmp.Or(protocol, "tcp")))})
		if name == "http" && spoken == "" {
			l.note(c.name, "services", fmt.Sprintf("%s.ports %d", c.Name, number), "compose does not say what is spoken on it: it is taken to be HTTP")
		}
	}
	for _, p := range c.Ports {
		add(int32(p.Target), p.Protocol, p.AppProtocol)
		if p.Published != "" {
			l.note(c.name, "services", c.Name+".ports "+p.Published, "nothing of a cluster is published on a host: say expose if it is called from outside")
		}
	}
	for _, p := range c.Expose {
		number, protocol, _ := strings.Cut(p, "/")
		add(portOf(number), protocol, "")
	}
}

// asked is a command that asks for a page of this container.
var asked = regexp.MustCompile(`^(?:/usr/bin/|/bin/)?(?:curl|wget)\s.*\bhttps?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::(\d+))?(/[^\s"'|;]*)?["']?(?:\s*\|\|\s*exit\s+\d+)?\s*$`)

// check is a probe of the health check: one that asks for a page asks for it
// without a program in the image.
func (l *lifter) check(c *composed, main *corev1.Container) *corev1.Probe {
	h := c.HealthCheck
	if h == nil || h.Disable || len(h.Test) == 0 || h.Test[0] == "NONE" {
		return nil
	}
	how, words := h.Test[0], h.Test[1:]
	m := asked.FindStringSubmatch(strings.Join(words, " "))
	if m != nil && len(main.Ports) > 0 {
		return &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: cmp.Or(m[2], "/"), Port: intstr.FromInt32(cmp.Or(portOf(m[1]), 80))}}}
	}
	if how == "CMD-SHELL" && len(words) == 1 {
		text := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(words[0]), "|| exit 1"))
		if strings.ContainsAny(text, "|&;<>$`\"'*?(){}\\") {
			l.note(c.name, "services", c.Name+".healthcheck", "it needs a shell: put it into a script of the image, and say health: {live: exec:/SCRIPT}")
			return nil
		}
		words = strings.Fields(text)
	}
	return &corev1.Probe{ProbeHandler: corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: words}}}
}

// limits are what is reserved, and what is not to be exceeded.
func (l *lifter) limits(c *composed) corev1.ResourceRequirements {
	var out corev1.ResourceRequirements
	if c.Deploy == nil {
		return out
	}
	list := func(r *types.Resource) corev1.ResourceList {
		all := corev1.ResourceList{}
		if r != nil && r.NanoCPUs > 0 {
			all[corev1.ResourceCPU] = *resource.NewMilliQuantity(int64(r.NanoCPUs*1000+0.5), resource.DecimalSI)
		}
		if r != nil && r.MemoryBytes > 0 {
			all[corev1.ResourceMemory] = *resource.NewQuantity(int64(r.MemoryBytes), resource.BinarySI)
		}
		return all
	}
	out.Requests, out.Limits = list(c.Deploy.Resources.Reservations), list(c.Deploy.Resources.Limits)
	return out
}

// composedVolumes are named volumes as claims, small text files as ConfigMaps, and
// secrets; all else is told.
func (l *lifter) composedVolumes(p *types.Project, c *composed, pod *corev1.PodSpec, read func(string) (string, error)) (claims []corev1.PersistentVolumeClaim, configs []any) {
	main := &pod.Containers[0]
	add := func(name, at, sub string, from corev1.VolumeSource) {
		pod.Volumes = append(pod.Volumes, corev1.Volume{Name: name, VolumeSource: from})
		main.VolumeMounts = append(main.VolumeMounts, corev1.VolumeMount{Name: name, MountPath: at, SubPath: sub})
	}
	file := func(i int, kind, at, content string) {
		name := fmt.Sprintf("%s-%s-%d", c.name, kind, i)
		configs = append(configs, &corev1.ConfigMap{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}, ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: l.Namespace}, Data: map[string]string{path.Base(at): content}})
		add(name, at, path.Base(at), corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: name}}})
	}
	for i, v := range c.Volumes {
		where := c.Name + ".volumes " + v.Target
		switch {
		case v.Type == "volume" && v.Source != "":
			name := detect.Label(v.Source)
			claims = append(claims, corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.PersistentVolumeClaimSpec{
				Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
			}})
			main.VolumeMounts = append(main.VolumeMounts, corev1.VolumeMount{Name: name, MountPath: v.Target})
			l.note(c.name, "services", where, "compose has no size for it: 1Gi is made up, and each pod has its own")
		case v.Type == "tmpfs" || v.Type == "volume":
			add(fmt.Sprintf("dir-%d", i), v.Target, "", corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}})
		case v.Type == "bind" && read != nil:
			content, err := read(v.Source)
			if err != nil {
				l.note(c.name, "services", where, "it is not taken over, as it is no small text file: put it into the image")
				continue
			}
			file(i, "bind", v.Target, content)
		default:
			l.note(c.name, "services", where, "an app file has no volumes of type %s", v.Type)
		}
	}
	for i, one := range c.Configs {
		config := p.Configs[one.Source]
		content, err := config.Content, error(nil)
		if content == "" && config.File != "" && read != nil {
			content, err = read(config.File)
		}
		if err != nil || content == "" {
			l.note(c.name, "services", c.Name+".configs "+one.Source, "its content is not here: say it under configFiles")
			continue
		}
		file(i, "config", cmp.Or(one.Target, "/"+one.Source), content)
	}
	for _, one := range c.Secrets {
		name, at := detect.Label(one.Source), cmp.Or(one.Target, one.Source)
		add(name, "/run/secrets/"+name, "", corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: name, Items: []corev1.KeyToPath{{Key: path.Base(at), Path: path.Base(at)}}}})
		l.note(c.name, "services", c.Name+".secrets "+one.Source, "make the Secret: kubectl create secret generic %s --from-file %s=FILE; the file is /run/secrets/%s/%s then", name, path.Base(at), name, path.Base(at))
	}
	return claims, configs
}
