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
	for _, s := range y.services {
		for _, d := range s.DependsOn {
			to := byName[d.Service]
			c := call{from: s, to: to, port: *to.main()}
			if i := slices.IndexFunc(to.ports, func(p port) bool { return p.name == d.Port }); i >= 0 {
				c.port = to.ports[i]
			}
			s.calls, to.callers = append(s.calls, c), append(to.callers, c)
			if s.Config == nil {
				s.Config = map[string]string{}
			}
			s.Config[configKey(envOf(d))] = c.address(d.Format)
		}
		if s.Kind == kindStateful { // its pods find each other
			for _, p := range s.ports {
				c := call{from: s, to: s, port: p}
				s.calls, s.callers = append(s.calls, c), append(s.callers, c)
			}
		}
	}
	for _, s := range y.services {
		slices.SortFunc(s.calls, func(a, b call) int {
			return cmp.Or(cmp.Compare(a.to.name, b.to.name), cmp.Compare(a.port.name, b.port.name))
		})
		slices.SortFunc(s.callers, func(a, b call) int {
			return cmp.Or(cmp.Compare(a.from.name, b.from.name), cmp.Compare(a.port.name, b.port.name))
		})
	}
	for _, cycle := range cycles(y.System) {
		y.warn("/services/"+cycle[0]+"/dependsOn", "none of them can start without the others being up: let one of them wait for its callee",
			"%s call each other in a circle: %s", strings.Join(cycle, ", "), strings.Join(append(cycle, cycle[0]), " -> "))
	}
}

// envOf is the variable that tells a caller where a service is.
func envOf(d api.Dependency) string {
	suffix := map[string]string{"": "URL", "url": "URL", "host": "HOST", "hostport": "ADDR", "port": "PORT"}[d.Format]
	return cmp.Or(d.Env, strings.ToUpper(strings.ReplaceAll(d.Service, "-", "_"))+"_"+suffix)
}

// address is what the variable says.
func (c call) address(format string) string {
	host := fmt.Sprintf("%s.%s.svc.cluster.local", c.to.name, c.to.of.Metadata.Namespace)
	number := strconv.Itoa(int(c.port.number))
	switch format {
	case "host":
		return host
	case "hostport":
		return net.JoinHostPort(host, number)
	case "port":
		return number
	}
	scheme := c.port.spoken
	switch scheme {
	case "": // UDP and SCTP
		scheme = strings.ToLower(string(c.port.protocol))
	case "http2", "kubernetes.io/h2c", "grpc-web":
		scheme = "http"
	case "kubernetes.io/ws", "kubernetes.io/wss":
		scheme = strings.TrimPrefix(scheme, "kubernetes.io/")
	}
	return scheme + "://" + net.JoinHostPort(host, number)
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
