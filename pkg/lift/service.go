// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package lift

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/detect"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// The labels that say what objects are and belong to.
const (
	labelName, labelPartOf = "app.kubernetes.io/name", "app.kubernetes.io/part-of"
	labelComponent         = "app.kubernetes.io/component"
	labelVersion           = "app.kubernetes.io/version"
)

// kinds are those of services, and the component of each by default.
var kinds = map[string][2]string{
	"Deployment": {"service", "api"}, "StatefulSet": {"stateful", "store"}, "Job": {"job", "job"}, "CronJob": {"cronjob", "job"},
}

// service is one of the system in the making.
type service struct {
	api.SystemService
	*lifter
	name string
	// workloads are its versions; the first stands for all that they share.
	workloads []*model.Workload
	front     *model.Item[corev1.Service]
	main      *corev1.Container
	// values are the variables of the container, those of ConfigMaps included.
	values []variable
	// late are the dependencies that no variable can stand for.
	late []api.Dependency
}

func (s *service) first() *model.Workload { return s.workloads[0] }

func (s *service) left(field, format string, args ...any) {
	if s.composed != nil {
		s.note(s.name, "services", s.first().Ref.Name+"."+field, format, args...)
		return
	}
	s.note(s.name, short(s.first().Ref), field, format, args...)
}

// group makes services of workloads: those behind one Service that differ by the
// label version are versions of one.
func (l *lifter) group() {
	byService := map[ref.Ref]*service{}
	for _, w := range l.Workloads(l.Namespace) {
		if len(l.Only) > 0 && !slices.ContainsFunc(l.Only, func(r ref.Ref) bool { return r.Kind == w.Ref.Kind && r.Name == w.Ref.Name }) {
			continue
		}
		if _, known := kinds[w.Ref.Kind]; !known || w.Template == nil {
			l.note("", short(w.Ref), "", "an app file has Deployments, StatefulSets, Jobs and CronJobs only: keep its own manifest")
			continue
		}
		if len(w.Spec().Containers) == 0 {
			l.note("", short(w.Ref), "spec.template.spec.containers", "it has none, and an app file is about what runs in them: add them, or keep its own manifest")
			continue
		}
		if isGateway(w) {
			l.note("", short(w.Ref), "", "its pods are a gateway of Istio's, which is the platform's: keep its own manifest")
			continue
		}
		front := l.front(w)
		if front != nil {
			if s := byService[front.Ref]; s != nil && versionOf(w) != "" && w.Ref.Kind == s.first().Ref.Kind && !s.hasVersion(versionOf(w)) {
				s.workloads = append(s.workloads, w)
				continue
			}
		}
		s := &service{lifter: l, workloads: []*model.Workload{w}, front: front}
		s.name = l.free(s)
		l.services[s.name] = s
		if front != nil && byService[front.Ref] == nil {
			byService[front.Ref] = s
		}
	}
}

// isGateway reports whether a workload has its proxy, and nothing else, injected
// (https://istio.io/latest/docs/setup/additional-setup/gateway/).
func isGateway(w *model.Workload) bool {
	return slices.ContainsFunc(w.Spec().Containers, func(c corev1.Container) bool { return c.Name == "istio-proxy" && c.Image == "auto" })
}

// free is the name of a service: that of the Service, as callers have it.
func (l *lifter) free(s *service) string {
	own := s.first().Ref.Name
	if s.front != nil && l.services[s.front.Ref.Name] == nil {
		own = s.front.Ref.Name
	}
	name := detect.Label(own)
	for l.services[name] != nil {
		name = detect.Label(name + "-" + s.first().Ref.Kind)
	}
	if name != s.first().Ref.Name && versionOf(s.first()) == "" {
		l.note(name, short(s.first().Ref), "metadata.name", "will be called %s: remove the old one once that runs", name)
	}
	return name
}

func versionOf(w *model.Workload) string {
	return cmp.Or(w.Template.Labels["version"], w.Template.Labels[labelVersion])
}

func (s *service) hasVersion(v string) bool {
	return slices.ContainsFunc(s.workloads, func(w *model.Workload) bool { return versionOf(w) == v })
}

// front is the Service that callers of a workload use: the one of its name, else
// the first of those that select its pods. What it is not called by is noted.
func (l *lifter) front(w *model.Workload) *model.Item[corev1.Service] {
	all := l.InFront(w)
	if len(all) == 0 {
		return nil
	}
	best := 0
	for i, one := range all {
		if one.Ref.Name == cmp.Or(w.Template.Labels[labelName], w.Ref.Name) {
			best = i
		}
	}
	for i, one := range all {
		if i != best {
			l.note("", short(one.Ref), "", "%s has one Service, %s: keep its own manifest", short(w.Ref), all[best].Ref.Name)
		}
	}
	return &all[best]
}

// lift takes over what one workload says by itself.
func (s *service) lift() {
	w, spec := s.first(), s.first().Spec()
	s.main = mainContainer(w)
	kind := kinds[w.Ref.Kind]
	s.Kind, s.Image = kind[0], s.main.Image
	s.ports()
	if s.Kind == "service" && !s.called() {
		s.Kind, kind[1] = "worker", "worker"
	}
	if s.Kind == "service" {
		s.Kind = ""
	}
	labels := w.Template.Labels
	if c := labels[labelComponent]; c != kind[1] {
		s.Component = c
	}
	if len(s.workloads) > 1 {
		s.versions()
	} else {
		s.from[edition{s.name, ""}] = w
		if v := versionOf(w); v != "v1" {
			s.Version = v
		}
	}
	s.health()
	s.scale()
	s.Resources = resources(s.main.Resources)
	s.environment()
	s.volumes(spec)
	s.unsaid(spec)
}

// mainContainer is the program: the container of the workload's name, or the first
// that is no proxy of a mesh.
func mainContainer(w *model.Workload) *corev1.Container {
	all := w.Spec().Containers
	for i := range all {
		if all[i].Name == w.Ref.Name || all[i].Name == w.Template.Labels[labelName] {
			return &all[i]
		}
	}
	for i := range all {
		if all[i].Name != proxy {
			return &all[i]
		}
	}
	return &all[0]
}

// proxy is the container that a mesh adds to pods.
const proxy = "istio-proxy"

// unsaid notes what of a pod an app file has no words for.
func (s *service) unsaid(spec *corev1.PodSpec) {
	const hatch = "an app file has no field for it: say it under patches"
	for _, c := range spec.InitContainers {
		if c.Name != "istio-init" && c.Name != "istio-validation" && c.Name != proxy {
			s.left("initContainers "+c.Name, "%s", hatch)
		}
	}
	for _, c := range spec.Containers {
		if c.Name != s.main.Name && c.Name != proxy {
			s.left("containers "+c.Name, "a service has one container: make it a service of its own, or say it under patches")
		}
	}
	for _, one := range []struct {
		is    bool
		field string
	}{
		{spec.HostNetwork, "hostNetwork"}, {spec.HostPID, "hostPID"}, {spec.HostIPC, "hostIPC"},
		{len(s.main.Command) > 0, "command"}, {len(s.main.Args) > 0, "args"}, {s.main.WorkingDir != "", "workingDir"},
		{len(spec.NodeSelector) > 0, "nodeSelector"}, {len(spec.ImagePullSecrets) > 0, "imagePullSecrets"},
		{len(custom(spec.Tolerations)) > 0, "tolerations"}, {len(spec.HostAliases) > 0, "hostAliases"},
		{spec.RuntimeClassName != nil, "runtimeClassName"},
		{s.main.Lifecycle != nil && s.main.Lifecycle.PostStart != nil, "lifecycle.postStart"},
	} {
		if one.is {
			s.left(one.field, "%s", hatch)
		}
	}
	if c := s.main.SecurityContext; c != nil && c.Privileged != nil && *c.Privileged {
		s.left("securityContext.privileged", "nothing that is generated is privileged: keep its own manifest if it has to be")
	} else if c != nil && c.Capabilities != nil && len(c.Capabilities.Add) > 0 {
		s.left("securityContext.capabilities.add", "all are dropped: say those that it cannot do without under patches")
	}
	if a := spec.ServiceAccountName; a != "" && a != "default" && a != s.name {
		s.left("serviceAccountName", "it will be %s: bind the roles of %s to that if it asks the API server", s.name, a)
	}
}

// custom are the tolerations that somebody wrote; two are added to every pod.
func custom(all []corev1.Toleration) []corev1.Toleration {
	return slices.DeleteFunc(slices.Clone(all), func(t corev1.Toleration) bool {
		return t.Key == "node.kubernetes.io/not-ready" || t.Key == "node.kubernetes.io/unreachable"
	})
}
