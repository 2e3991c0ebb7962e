// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package lift

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/detect"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// composed is a service of a compose file.
type composed struct {
	types.ServiceConfig
	// name is that of the service in the app file.
	name string
	// store is the kind of store that its image is, and port the one it listens on.
	store string
	port  int32
}

// Compose makes a System of a compose project. Each service becomes objects as they
// would stand in a cluster, and those are lifted; read returns a small text file
// that a container has of the host, and may be nil. Paths of the project must be
// from the folder of the app file.
func Compose(p *types.Project, o Options, read func(path string) (string, error)) (Result, error) {
	l := &lifter{Options: o, composed: map[string]*composed{}}
	l.Namespace = o.Name
	b := model.NewBuilder(model.Options{Namespace: o.Name, Offline: true})
	for _, name := range slices.Sorted(maps.Keys(p.Services)) {
		c := &composed{ServiceConfig: p.Services[name], name: detect.Label(name)}
		store, port := detect.StoreOf(c.Image)
		if c.Build == nil {
			c.store, c.port = store, int32(port)
		}
		l.composed[name] = c
		if c.store != "" {
			l.addStore(c)
			continue
		}
		for _, object := range l.objects(p, c, read) {
			b.Add(model.FromRaw(plain(object), l.Namespace).Planned())
		}
	}
	var err error
	if l.Snapshot, err = b.Build(); err != nil {
		return Result{}, err
	}
	for _, name := range slices.Sorted(maps.Keys(p.Networks)) {
		if name != "default" {
			l.note("", "networks", name, "services reach only what they depend on, whatever their networks")
		}
	}
	return l.lift()
}

// protocols are how URLs of stores begin, where it is not tcp.
var protocols = map[string]string{"postgres": "postgres", "mysql": "mysql", "redis": "redis", "mongodb": "mongodb", "rabbitmq": "amqp", "nats": "nats", "kafka": "kafka"}

// addStore has a store run by somebody else: an app file has no databases.
func (l *lifter) addStore(c *composed) {
	if l.System.Backing == nil {
		l.System.Backing = map[string]api.Backing{}
	}
	l.System.Backing[c.name] = api.Backing{Host: c.name + ".data.svc", Port: c.port, Protocol: protocols[c.store]}
	l.note("", "services", c.Name, "a %s is no service of an app file: say under backing.%s.host where it runs, as NAME.NAMESPACE.svc", c.store, c.name)
}

// isStore reports whether a host is that of a store of a compose file.
func (l *lifter) isStore(host string) bool {
	return l.composed[host] != nil && l.composed[host].store != ""
}

// store makes a dependency of a variable with the address of a store. Its host
// changes, so that a variable with more than that in it is told.
func (s *service) store(v variable, a address) {
	c := s.composed[a.host]
	d := api.Dependency{Service: c.name, Env: v.name, Format: a.format("", api.SystemPort{AppProtocol: protocols[c.store]})}
	if d.Format == "" {
		s.left("env "+v.name, "it has more than an address of %s: the host in it is that of compose", c.name)
	}
	s.depend(v, d)
}

// dependencies are those of depends_on that no variable tells of.
func (l *lifter) dependencies() {
	for _, name := range slices.Sorted(maps.Keys(l.composed)) {
		c := l.composed[name]
		s := l.services[c.name]
		if s != nil && c.Build != nil {
			s.Source = cmp.Or(c.Build.Context, ".")
		}
		for _, to := range slices.Sorted(maps.Keys(c.DependsOn)) {
			callee := l.composed[to]
			if s == nil || callee == nil || slices.ContainsFunc(s.DependsOn, func(d api.Dependency) bool { return d.Service == callee.name }) {
				continue
			}
			if other := l.services[callee.name]; other != nil && mainPort(other.Ports) == "" {
				l.note(s.name, "services", name+".depends_on."+to, "it has no port to be called on, and nothing waits for it to start")
				continue
			}
			s.also(api.Dependency{Service: callee.name})
		}
	}
}

// objects are a service as it would stand in a cluster.
func (l *lifter) objects(p *types.Project, c *composed, read func(string) (string, error)) []any {
	pod := corev1.PodSpec{Containers: []corev1.Container{{Name: c.name, Image: c.image()}}}
	main := &pod.Containers[0]
	for _, name := range slices.Sorted(maps.Keys(c.Environment)) {
		if value := c.Environment[name]; value != nil {
			main.Env = append(main.Env, corev1.EnvVar{Name: name, Value: strings.ReplaceAll(*value, "$(", "$$(")})
		} else {
			l.note(c.name, "services", c.Name+".environment."+name, "its value is that of who runs compose: say it under env or secrets")
		}
	}
	l.composedPorts(c, main)
	main.LivenessProbe = l.check(c, main)
	main.Resources = l.limits(c)
	if len(c.Command) > 0 {
		main.Args = c.Command
	}
	if len(c.Entrypoint) > 0 {
		main.Command = c.Entrypoint
	}
	if c.Privileged {
		main.SecurityContext = &corev1.SecurityContext{Privileged: &c.Privileged}
	}
	claims, configs := l.composedVolumes(p, c, &pod, read)
	labels := map[string]string{labelName: c.name, labelVersion: "v1"}
	meta := metav1.ObjectMeta{Name: c.name, Namespace: l.Namespace}
	selector := &metav1.LabelSelector{MatchLabels: labels}
	template := corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: pod}
	replicas := int32(c.GetScale())
	if c.Deploy == nil || c.Deploy.Replicas == nil {
		replicas = 3 // nobody has said that one is enough
		l.note(c.name, "services "+c.name+".deploy.replicas", "", "there will be 3 pods, as none are said: replicas: 1 if there may be only one")
	}
	out := configs
	if len(claims) > 0 {
		out = append(out, &appsv1.StatefulSet{TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "StatefulSet"}, ObjectMeta: meta,
			Spec: appsv1.StatefulSetSpec{Replicas: &replicas, Selector: selector, Template: template, VolumeClaimTemplates: claims}})
	} else {
		out = append(out, &appsv1.Deployment{TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"}, ObjectMeta: meta,
			Spec: appsv1.DeploymentSpec{Replicas: &replicas, Selector: selector, Template: template}})
	}
	if len(main.Ports) == 0 {
		return out
	}
	front := &corev1.Service{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Service"}, ObjectMeta: meta, Spec: corev1.ServiceSpec{Selector: map[string]string{labelName: c.name}}}
	if len(claims) > 0 {
		front.Spec.ClusterIP = corev1.ClusterIPNone
	}
	for _, port := range main.Ports {
		front.Spec.Ports = append(front.Spec.Ports, corev1.ServicePort{Name: port.Name, Port: port.ContainerPort, Protocol: port.Protocol})
	}
	return append(out, front)
}

// image is what runs, or what the build of it is called.
func (c *composed) image() string {
	if c.Image != "" {
		return c.Image
	}
	return fmt.Sprintf("registry.example.com/%s:v0.1.0", c.name)
}
