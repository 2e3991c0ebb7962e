// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// longestOwner is how long names may be to which a controller adds eleven
// characters, for a label or the name of a Job.
const longestOwner = 52

func (c *checker) service(at, name string, s api.SystemService) {
	if len(validation.IsDNS1035Label(name)) > 0 {
		c.fail(at, suggest(strings.TrimLeft(name, "0123456789-")), "expected a name of a service (at most 63 lower-case letters, digits and -, a letter first), found %q", name)
	}
	if named := s.Kind == kindCronJob || s.Kind == kindStateful; named && len(name) > longestOwner {
		c.fail(at, name[:longestOwner], "expected a name of a %s of at most %d characters, as its pods' names and labels have more in them, found %d", s.Kind, longestOwner, len(name))
	}
	c.word(at+"/kind", "a kind of service", s.Kind, kindService, kindWorker, kindJob, kindCronJob, kindStateful)
	if s.Image != "" || len(s.Versions) == 0 {
		c.image(at+"/image", name, s.Image)
	}
	c.source(at+"/source", s.Source)
	c.versions(at, name, s)
	c.labelValue(at+"/version", "a version", s.Version)
	c.labelValue(at+"/component", "a component", s.Component)
	c.resources(at+"/resources", s.Resources)
	c.limit(at+"/resources", s.Resources)
	c.replicas(at+"/replicas", s.Replicas)
	c.word(at+"/serviceType", "a type of Service", s.ServiceType, "ClusterIP", "NodePort", "LoadBalancer")
	c.kind(at, s)
	c.ports(at+"/ports", s)
	c.health(at+"/health", s)
	c.scale(at, s)
	c.values(at, s)
	c.metrics(at, s)
	c.volumes(at, s)
	c.directories(at, name, s)
	c.expose(at, s)
	c.dependsOn(at, name, s)
	c.traffic(at, name, s)
}

func (c *checker) image(at, name, image string) {
	if image == "" || strings.ContainsFunc(image, func(r rune) bool { return r <= ' ' || r > '~' }) || strings.Contains(image, "://") {
		c.fail(at, "registry.example.com/"+cmp.Or(suggest(name), "app")+":1.0.0", "expected an image, found %q", image)
		return
	}
	if c.Profile == profileHardened && !strings.Contains(image, "@sha256:") {
		c.fail(at, image+"@sha256:DIGEST", "expected an image with a digest, as the profile hardened demands, found %q", image)
	}
}

// kind checks that nothing is asked of a service that its kind cannot have.
func (c *checker) kind(at string, s api.SystemService) {
	kind := cmp.Or(s.Kind, kindService)
	ends := kind == kindJob || kind == kindCronJob
	if (kind == kindService || kind == kindStateful) && len(s.Ports) == 0 {
		c.fail(at, "--port 8080, or --kind worker; in a file, ports: {http: 8080} or kind: worker", "expected a port of a %s, found none", kind)
	}
	if kind == kindCronJob && len(strings.Fields(s.Schedule)) != 5 && !strings.HasPrefix(s.Schedule, "@") {
		c.fail(at+"/schedule", "0 3 * * *", "expected a schedule of five fields, found %q", s.Schedule)
	}
	if kind != kindCronJob && s.Schedule != "" {
		c.fail(at+"/schedule", "kind: cronjob", "expected no schedule of a %s, found %q", kind, s.Schedule)
	}
	if ends && (s.Replicas != nil || s.Scale != nil) {
		c.fail(at, "leave replicas and scale out", "expected no number of pods of a %s", kind)
	}
	if ends && len(s.Ports) > 0 {
		c.fail(at+"/ports", "leave the ports out, or kind: worker", "expected no port of a %s, which nobody calls", kind)
	}
	if ends && s.Health != (api.Health{}) {
		c.fail(at+"/health", "leave it out", "expected no health of a %s, which ends by itself", kind)
	}
	if len(s.Ports) == 0 && (s.Headless || s.ServiceType != "" || s.Open) {
		c.fail(at, "ports: {http: 8080}", "expected a port of what is to be called, found none")
	}
	if s.Headless && s.ServiceType != "" && s.ServiceType != "ClusterIP" {
		c.fail(at+"/headless", "leave one of them out", "expected a headless Service or one of type %s, found both", s.ServiceType)
	}
}

// istioPorts are those that a sidecar takes.
var istioPorts = []int32{15000, 15001, 15004, 15006, 15008, 15009, 15020, 15021, 15053, 15090}

func (c *checker) ports(at string, s api.SystemService) {
	numbers, targets := map[string]string{}, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(s.Ports)) {
		p, here := s.Ports[name], patch.Join(at, name)
		if len(validation.IsValidPortName(name)) > 0 {
			c.fail(here, "http", "expected a name of a port (at most 15 lower-case letters, digits and -), found %q", name)
		}
		c.word(here+"/protocol", "a protocol", p.Protocol, "TCP", "UDP", "SCTP")
		c.word(here+"/appProtocol", "what is spoken on a port", p.AppProtocol, appProtocols...)
		protocol, target := cmp.Or(p.Protocol, "TCP"), cmp.Or(p.Target, p.Port)
		c.number(here, "8080", p.Port)
		if target != p.Port {
			c.number(here, "8080", target)
		}
		clash := func(seen map[string]string, what string, n int32) bool {
			key := fmt.Sprintf("%d/%s", n, protocol)
			other, taken := seen[key]
			if taken {
				c.fail(here, "give one of them another number", "expected each %s once, found %s for %s and for %s", what, key, other, name)
			}
			seen[key] = name
			return taken
		}
		if !clash(numbers, "port of the Service", p.Port) {
			clash(targets, "port of the pods", target)
		}
		if c.Platform.Mesh == meshSidecar && slices.Contains(istioPorts, target) {
			c.fail(here, "", "expected a port that the sidecar leaves to the program, found %d", target)
		}
	}
}

func (c *checker) health(at string, s api.SystemService) {
	_, hasPort := mainPortOf(s)
	for _, one := range []struct{ field, how string }{{"live", s.Health.Live}, {"ready", s.Health.Ready}} {
		switch {
		case one.how == "", strings.HasPrefix(one.how, healthExec) && len(strings.Fields(one.how[len(healthExec):])) > 0:
		case one.how == healthGRPC, one.how == healthTCP, strings.HasPrefix(one.how, "/") && !strings.ContainsAny(one.how, " \t\n"):
			if !hasPort {
				c.fail(at+"/"+one.field, "exec:COMMAND", "expected a command that tells health, as there is no port to ask, found %q", one.how)
			}
		default:
			c.fail(at+"/"+one.field, "/livez", "expected a path, grpc, tcp or exec:COMMAND, found %q", one.how)
		}
	}
	if n := s.Health.StartupSeconds; n < 0 || n > 3600 {
		c.fail(at+"/startupSeconds", "60", "expected from 1 to 3600 seconds to start in, found %d", n)
	}
}

// mainPortOf is the port of a service that callers mean when they name none.
func mainPortOf(s api.SystemService) (api.SystemPort, bool) {
	var ports []port
	for _, name := range slices.Sorted(maps.Keys(s.Ports)) {
		ports = append(ports, port{name: name})
	}
	p := mainPort(ports)
	if p == nil {
		return api.SystemPort{}, false
	}
	return s.Ports[p.name], true
}

func (c *checker) metrics(at string, s api.SystemService) {
	m := s.Metrics
	names := slices.Sorted(maps.Keys(s.Ports))
	if m.Port != "" {
		c.word(at+"/metrics/port", "a port of this service", m.Port, names...)
	} else if m.Path != "" && !slices.ContainsFunc(names, func(n string) bool { return port{name: n}.isMetrics() }) {
		c.fail(at+"/metrics", "metrics: {port: NAME}, or a port called http-metrics", "expected a port that has metrics, found none")
	}
	if m.Path != "" && (!strings.HasPrefix(m.Path, "/") || strings.ContainsAny(m.Path, " \t\n")) {
		c.fail(at+"/metrics/path", "/metrics", "expected a path that begins with /, found %q", m.Path)
	}
}

func (c *checker) scale(at string, s api.SystemService) {
	if s.Scale == nil {
		return
	}
	const hint = "from 3 to 10 pods, at 70 percent"
	if s.Replicas != nil {
		c.fail(at+"/scale", "leave replicas out", "expected a number of pods or bounds of it, found both")
	}
	if s.Scale.Min < 1 || s.Scale.Max < s.Scale.Min {
		c.fail(at+"/scale", hint, "expected bounds of the number of pods from 1 on, found from %d to %d", s.Scale.Min, s.Scale.Max)
	}
	if s.Scale.CPU < 0 || s.Scale.CPU > 100 {
		c.fail(at+"/scale/cpu", hint, "expected a use of CPU from 1 to 100 percent, found %d", s.Scale.CPU)
	}
}

func (c *checker) replicas(at string, n *int32) {
	if n != nil && *n < 1 {
		c.fail(at, "3", "expected a number of pods from 1 on, found %d", *n)
	}
}

func (c *checker) resources(at string, r api.Resources) {
	for _, one := range []struct{ field, value, hint string }{{"cpu", r.CPU, "250m"}, {"memory", r.Memory, "256Mi"}} {
		if one.value == "" {
			continue
		}
		if q, err := resource.ParseQuantity(one.value); err != nil || q.Sign() <= 0 {
			c.fail(at+"/"+one.field, one.hint, "expected an amount of %s, found %q", one.field, one.value)
		}
	}
	if q, err := resource.ParseQuantity(r.CPULimit); r.CPULimit != "" && r.CPULimit != unlimited && (err != nil || q.Sign() <= 0) {
		c.fail(at+"/cpuLimit", "none, or 500m", "expected an amount of cpu or none, found %q", r.CPULimit)
	}
}

// limit checks that a service may use what it requests, with the defaults filled in.
func (c *checker) limit(at string, r api.Resources) {
	request, limit := cmp.Or(r.CPU, c.Defaults.Resources.CPU, defaultCPU), cmp.Or(r.CPULimit, c.Defaults.Resources.CPULimit)
	least, err := resource.ParseQuantity(request)
	most, err2 := resource.ParseQuantity(limit) // not of none, and not of what is refused already
	if err == nil && err2 == nil && least.Cmp(most) > 0 {
		c.fail(at+"/cpuLimit", request, "expected a limit of CPU of at least the %s that are requested, found %q", request, limit)
	}
}

func (c *checker) expose(at string, s api.SystemService) {
	if s.Expose == nil {
		return
	}
	at += "/expose"
	host := cmp.Or(s.Expose.Host, c.Platform.Ingress.Host)
	if len(validation.IsDNS1123Subdomain(host)) > 0 && len(validation.IsWildcardDNS1123Subdomain(host)) > 0 {
		c.fail(at+"/host", "shop.example.com", "expected a host name, found %q", host)
	}
	for i, p := range s.Expose.Paths {
		if !strings.HasPrefix(p, "/") || path.Clean(p) != strings.TrimSuffix(p, "/") && p != "/" {
			c.fail(fmt.Sprintf("%s/paths/%d", at, i), "/api", "expected a path that begins with /, found %q", p)
		}
	}
	if p, has := mainPortOf(s); !has || p.Protocol != "" && p.Protocol != "TCP" {
		c.fail(at, "ports: {http: 8080}", "expected a TCP port that requests from outside can go to, found none")
	}
}

func (c *checker) dependsOn(at, name string, s api.SystemService) {
	for i, d := range s.DependsOn {
		here := fmt.Sprintf("%s/dependsOn/%d", at, i)
		to, known := c.Services[d.Service]
		_, callable := mainPortOf(to)
		switch {
		case d.Service == name:
			c.fail(here, "leave it out", "expected another service that %s calls, found itself", name)
		case !known && c.dependsOnOutside(here, d):
		case !known:
			c.unknown(here, name, d.Service)
		case d.Port == "" && !callable:
			c.fail(here, "", "expected a service with a port, found %s, which has none to be called on", d.Service)
		case d.Port != "":
			if _, has := to.Ports[d.Port]; !has {
				c.word(here+"/port", "a port of "+d.Service, d.Port, slices.Sorted(maps.Keys(to.Ports))...)
			}
		}
		c.word(here+"/format", "a format", d.Format, "url", "host", "hostport", "port")
		if d.Env != "" && len(validation.IsEnvVarName(d.Env)) > 0 {
			c.fail(here+"/env", "USERS_URL", "expected a name of a variable, found %q", d.Env)
		}
	}
}

// unknown tells of a dependency that does not exist, and which do.
func (c *checker) unknown(at, caller, name string) {
	others := slices.Concat(slices.Collect(maps.Keys(c.Services)), slices.Collect(maps.Keys(c.External)), slices.Collect(maps.Keys(c.Backing)))
	others = slices.DeleteFunc(others, func(n string) bool { return n == caller })
	slices.Sort(others)
	hint := "have it under services, external or backing"
	if near := ref.Closest(name, others); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	} else if len(others) > 0 {
		hint = "there are " + strings.Join(others, ", ")
	}
	c.fail(at, hint, "expected a service, an external or a backing that %s calls, found %q", caller, name)
}

// hasPassword reports whether a value is a URL with a password in it.
func hasPassword(value string) bool {
	u, err := url.Parse(value)
	if err != nil || u.User == nil {
		return false
	}
	_, set := u.User.Password()
	return set
}
