// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package lift

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/detect"
)

// address is what a variable says about where to call.
type address struct {
	scheme, host string
	port         int32
	// exact is false where there is more than dependsOn can give: a path, a query.
	exact bool
}

var (
	addressed = regexp.MustCompile(`^(?:([a-z][a-z0-9+.-]*)://)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::([0-9]+))?([/?#].*)?$`)
	// placed are the ends of names of variables that hold a host alone.
	placed = regexp.MustCompile(`(?:^|_)(?:HOST|HOSTNAME|ADDR|ADDRESS|SERVICE|ENDPOINT|SERVER|UPSTREAM|URL|URI)$`)
	// opaquePorts are first words of names of ports on which no HTTP is spoken.
	opaquePorts = []string{"https", "tls", "tcp", "udp", "grpc", "mongo", "redis", "mysql", "amqp", "kafka", "memcached", "nats", "postgres", "postgresql", "zookeeper"}
	// wellKnown are the ports of URLs that name none.
	wellKnown = map[string]int32{"http": 80, "https": 443, "grpc": 443, "postgres": 5432, "postgresql": 5432, "mysql": 3306, "redis": 6379, "mongodb": 27017, "amqp": 5672, "nats": 4222}
)

// parse reads the value of a variable as an address; ok is false if it is none.
func parse(v variable) (a address, ok bool) {
	m := addressed.FindStringSubmatch(v.value)
	if m == nil {
		return a, false
	}
	a = address{scheme: m[1], host: m[2], port: portOf(m[3]), exact: m[4] == ""}
	if a.scheme == "" && (!a.exact || a.port == 0 && !placed.MatchString(v.name)) {
		return a, false
	}
	return a, portOf(a.host) == 0
}

// format is how dependsOn gives the same address; empty if it cannot.
func (a address) format(port string, p api.SystemPort) string {
	switch {
	case !a.exact:
		return ""
	case a.scheme == "" && a.port == 0:
		return "host"
	case a.scheme == "":
		return "hostport"
	case (a.port != 0 || p.Port == wellKnown[a.scheme]) && speaks(port, p, a.scheme):
		return "url"
	}
	return ""
}

// speaks reports whether URLs of a port begin with a scheme.
func speaks(port string, p api.SystemPort, scheme string) bool {
	first, _, _ := strings.Cut(port, "-")
	switch {
	case p.AppProtocol != "":
		return p.AppProtocol == scheme
	case slices.Contains(opaquePorts, first):
		return first == scheme
	}
	return scheme == "http"
}

// calls makes dependencies of the variables that hold the address of another
// service, and leaves the others as they are.
func (s *service) calls() {
	for _, v := range s.values {
		a, ok := parse(v)
		if !ok || !s.call(v, a) && !s.leave(v, a) {
			s.settle(v)
		}
	}
	for _, d := range s.late {
		s.also(d)
	}
}

// call adds a dependency on another service of the system.
func (s *service) call(v variable, a address) bool {
	svc, known := s.ServiceNamed(a.host, s.first().Ref.Namespace)
	if !known {
		return false
	}
	for _, name := range s.names() {
		to := s.services[name]
		if to.front == nil || to.front.Ref != svc.Ref || to == s || mainPort(to.Ports) == "" {
			continue
		}
		port := mainPort(to.Ports)
		for p, one := range to.Ports {
			if a.port == 0 && a.scheme != "" && one.Port == wellKnown[a.scheme] || one.Port == a.port {
				port = p
			}
		}
		d := api.Dependency{Service: name, Env: v.name, Format: a.format(port, to.Ports[port])}
		if port != mainPort(to.Ports) {
			d.Port = port
		}
		s.depend(v, d)
		return true
	}
	return false
}

// suffixes are the ends of the variables that dependencies set by default.
var suffixes = map[string]string{"url": "_URL", "host": "_HOST", "hostport": "_ADDR", "port": "_PORT"}

func upper(name string) string { return strings.ToUpper(strings.ReplaceAll(name, "-", "_")) }

// depend adds a dependency. The variable stays as it is where the dependency
// cannot give the same.
func (s *service) depend(v variable, d api.Dependency) {
	if d.Format == "" {
		s.settle(v)
		s.late = append(s.late, d)
		return
	}
	if d.Env == upper(d.Service)+suffixes[d.Format] {
		d.Env = ""
	}
	if d.Format == "url" {
		d.Format = ""
	}
	s.DependsOn = append(s.DependsOn, d)
}

// also adds a dependency with a variable of its own, unless there is one already:
// a call must be said once, whatever the program reads.
func (s *service) also(d api.Dependency) {
	if slices.ContainsFunc(s.DependsOn, func(o api.Dependency) bool { return o.Service == d.Service && o.Port == d.Port }) {
		return
	}
	d.Env = ""
	for base, i := upper(d.Service)+"_URL", 2; s.has(cmp.Or(d.Env, base)); i++ {
		d.Env = fmt.Sprintf("%s_%d", base, i)
	}
	s.DependsOn = append(s.DependsOn, d)
}

// has reports whether the program has a variable of that name.
func (s *service) has(name string) bool {
	return slices.ContainsFunc(s.values, func(v variable) bool { return v.name == name })
}

// inCluster are hosts of Services, by name and namespace.
var inCluster = regexp.MustCompile(`^([a-z0-9-]+)\.([a-z0-9-]+)(?:\.svc(?:\.cluster\.local)?)?$`)

// leave adds a dependency on what is in another namespace or outside.
func (s *service) leave(v variable, a address) bool {
	port := cmp.Or(a.port, wellKnown[a.scheme])
	labels := strings.Split(a.host, ".")
	last := labels[len(labels)-1]
	m := inCluster.FindStringSubmatch(a.host)
	isService := m != nil && (last == "svc" || last == "local")
	switch {
	case s.isStore(a.host):
		s.store(v, a)
		return true
	case len(labels) == 1 || isService && m[2] == s.first().Ref.Namespace:
		if a.scheme != "" || a.port != 0 {
			s.left("env "+v.name, "it calls %s, which is no service here: say it under backing or external, as the NetworkPolicy lets nothing else out", a.host)
		}
		return false
	case port == 0 || portOf(last) != 0 || len(last) < 2:
		return false
	}
	name := detect.Label(strings.ToLower(regexp.MustCompile(`_(URL|URI|HOST|ADDR|ADDRESS|ENDPOINT)$`).ReplaceAllString(v.name, "")))
	if s.services[name] != nil {
		name += "-outside"
	}
	d := api.Dependency{Service: name, Env: v.name}
	if isService {
		one := api.Backing{Host: m[1] + "." + m[2] + ".svc", Port: port}
		if a.scheme != "" && a.scheme != "tcp" {
			one.Protocol = a.scheme
		}
		name = s.backing(name, one)
	} else {
		one := api.External{Host: a.host, Port: port}
		if a.scheme != "" && a.scheme != "https" {
			one.Protocol = a.scheme
		}
		name = s.outside(name, one)
	}
	d.Service = name
	d.Format = a.format("", api.SystemPort{AppProtocol: cmp.Or(a.scheme, "tcp")})
	s.depend(v, d)
	return true
}

// outside names what is outside of the cluster; the same host and port once.
func (l *lifter) outside(name string, one api.External) string {
	for known, other := range l.System.External {
		if other.Host == one.Host && other.Port == one.Port && other.Protocol == one.Protocol {
			return known
		}
	}
	if l.System.External == nil {
		l.System.External = map[string]api.External{}
	}
	name = l.unused(name)
	l.System.External[name] = one
	l.note("", "external", name, "found in a variable: say its protocol, and its addresses where they are fixed")
	return name
}

// backing names a store of another namespace; the same host and port once.
func (l *lifter) backing(name string, one api.Backing) string {
	for known, other := range l.System.Backing {
		if other.Host == one.Host && other.Port == one.Port && other.Protocol == one.Protocol {
			return known
		}
	}
	if l.System.Backing == nil {
		l.System.Backing = map[string]api.Backing{}
	}
	name = l.unused(name)
	l.System.Backing[name] = one
	return name
}

func (l *lifter) unused(name string) string {
	for i, base := 2, name; ; i++ {
		_, external := l.System.External[name]
		if _, backing := l.System.Backing[name]; !external && !backing {
			return name
		}
		name = fmt.Sprintf("%s-%d", base, i)
	}
}
