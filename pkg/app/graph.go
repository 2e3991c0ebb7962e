// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// connect turns dependsOn into edges, at both of their ends.
func (y *system) connect() {
	byName := map[string]*service{}
	for _, s := range y.services {
		byName[s.name] = s
	}
	y.outside = y.neighbours()
	for _, s := range y.services {
		for _, d := range s.DependsOn {
			if to := byName[d.Service]; to != nil {
				s.told[envOf(d)] = s.call(to, d)
			} else {
				s.told[envOf(d)] = s.leave(d)
			}
		}
		if s.Kind == kindStateful { // its pods find each other
			for _, p := range s.ports {
				c := call{from: s, to: s, port: p}
				s.calls, s.callers = append(s.calls, c), append(s.callers, c)
			}
		}
	}
	for _, s := range y.services {
		s.calls, s.callers = ordered(s.calls), ordered(s.callers)
	}
	for _, cycle := range cycles(y.System) {
		y.warn("/services/"+cycle[0]+"/dependsOn", "none of them can start without the others being up: let one of them wait for its callee",
			"%s call each other in a circle: %s", strings.Join(cycle, ", "), strings.Join(append(cycle, cycle[0]), " -> "))
	}
}

// call adds an edge to a service, and returns its address.
func (s *service) call(to *service, d api.Dependency) string {
	p := to.main()
	if i := slices.IndexFunc(to.ports, func(p port) bool { return p.name == d.Port }); i >= 0 {
		p = &to.ports[i]
	}
	c := call{from: s, to: to, port: *p}
	s.calls, to.callers = append(s.calls, c), append(to.callers, c)
	return address(to.dnsName(), p.number, schemeOf(*p), d.Format)
}

// leave adds an edge to what is outside, and returns its address.
func (s *service) leave(d api.Dependency) string {
	i := slices.IndexFunc(s.of.outside, func(o outside) bool { return o.name == d.Service })
	o := &s.of.outside[i]
	if !slices.Contains(o.callers, s) {
		o.callers = append(o.callers, s)
	}
	return address(o.host, o.port, o.spoken, d.Format)
}

// ordered are edges by their ends and ports, each once, however often it is said.
func ordered(calls []call) []call {
	slices.SortFunc(calls, func(a, b call) int {
		return cmp.Or(cmp.Compare(a.from.name, b.from.name), cmp.Compare(a.to.name, b.to.name), cmp.Compare(a.port.name, b.port.name))
	})
	return slices.Compact(calls)
}

// envOf is the variable that tells a caller where a service is.
func envOf(d api.Dependency) string {
	suffix := map[string]string{"": "URL", "url": "URL", "host": "HOST", "hostport": "ADDR", "port": "PORT"}[d.Format]
	return cmp.Or(d.Env, strings.ToUpper(strings.ReplaceAll(d.Service, "-", "_"))+"_"+suffix)
}

// dnsName is the full name of the Service.
func (s *service) dnsName() string {
	return fmt.Sprintf("%s.%s.svc%s", s.name, s.of.Metadata.Namespace, clusterDomain)
}

// address is what the variable says.
func address(host string, number int32, scheme, format string) string {
	port := strconv.Itoa(int(number))
	switch format {
	case "host":
		return host
	case "hostport":
		return net.JoinHostPort(host, port)
	case "port":
		return port
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// schemeOf is how the URL of a port begins.
func schemeOf(p port) string {
	switch p.spoken {
	case "": // UDP and SCTP
		return strings.ToLower(string(p.protocol))
	case "http2", "kubernetes.io/h2c", "grpc-web":
		return "http"
	}
	return strings.TrimPrefix(p.spoken, "kubernetes.io/")
}

// cycles finds the groups of services that call each other in a circle, one
// circle of each group; each begins with the name that comes first.
func cycles(s api.System) [][]string {
	var out [][]string
	done := map[string]bool{}
	for _, start := range slices.Sorted(maps.Keys(s.Services)) {
		if done[start] {
			continue
		}
		circle := circleFrom(s, start)
		for _, name := range circle {
			done[name] = true
		}
		if circle != nil {
			out = append(out, circle)
		}
	}
	return out
}

// circleFrom is the shortest way from a service back to itself; nil without one.
func circleFrom(s api.System, start string) []string {
	before := map[string]string{}
	for queue := []string{start}; len(queue) > 0; queue = queue[1:] {
		for _, d := range s.Services[queue[0]].DependsOn {
			if d.Service == start {
				var out []string
				for name := queue[0]; name != start; name = before[name] {
					out = append(out, name)
				}
				out = append(out, start)
				slices.Reverse(out)
				return out
			}
			if _, seen := before[d.Service]; !seen {
				before[d.Service] = queue[0]
				queue = append(queue, d.Service)
			}
		}
	}
	return nil
}
