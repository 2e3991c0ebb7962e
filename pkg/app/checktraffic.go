// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// longestTimeout is what the Gateway API can write, and more than anybody waits.
const longestTimeout = 24 * time.Hour

// traffic checks what is asked of the calls to a service. What nothing would carry
// out is refused: a file that says less than it seems to is worse than none.
func (c *checker) traffic(at, name string, s api.SystemService) {
	mesh := cmp.Or(c.Platform.Mesh, meshNone)
	field := shapeField(s)
	if mesh == meshNone && field == "versions" {
		field = "" // a warning: without weights, calls go to all of them
	}
	switch {
	case field == "":
	case mesh == meshNone:
		c.fail(at+"/"+field, "platform: {mesh: sidecar}, or ambient", "expected a mesh for %s, which nothing else carries out, found none", field)
		return
	case headlessOf(s) && (mesh == meshAmbient || field != "allow"):
		c.fail(at+"/"+field, "leave headless out", "expected a Service with an address for %s, found a headless one, whose callers choose a pod themselves", field)
		return
	}
	c.allow(at+"/allow", name, s)
	c.calls(at+"/traffic", s)
	c.split(at+"/versions", name, s)
	if mesh != meshAmbient {
		return
	}
	if name == waypointName {
		c.fail(at, waypointName+"-api", "expected another name than that of the proxy that istiod makes, found %q", name)
	}
	for _, p := range slices.Sorted(maps.Keys(s.Ports)) {
		if other := name + "-" + p; field != "" && c.Services[other].Expose != nil {
			c.fail(at, "give one of them another name", "expected no service of the name of an HTTPRoute of %s, found %s", name, other)
		}
	}
	if other := name + "-" + waypointName; field != "" && len(c.Services[other].Ports) > 0 {
		c.fail(at, "give one of them another name", "expected no service of the name of a policy of %s, found %s", name, other)
	}
}

// shapeField is a field that only a mesh carries out; empty without one.
func shapeField(s api.SystemService) string {
	switch {
	case len(s.Allow) > 0:
		return "allow"
	case s.Traffic != (api.Traffic{}):
		return "traffic"
	case len(s.Versions) > 0:
		return "versions"
	}
	return ""
}

func headlessOf(s api.SystemService) bool {
	return s.Headless || s.Kind == kindStateful && s.ServiceType == ""
}

// calls checks timeouts and what goes with them.
func (c *checker) calls(at string, s api.SystemService) {
	t := s.Traffic
	c.word(at+"/loadBalancer", "a way to choose a pod", t.LoadBalancer, "LEAST_REQUEST", "ROUND_ROBIN", "RANDOM")
	if t.MaxConnections < 0 {
		c.fail(at+"/maxConnections", "100", "expected a number of connections from 1 on, found %d", t.MaxConnections)
	}
	whole := c.duration(at+"/timeout", t.Timeout)
	if asked := t.Timeout != "" || t.Retries != nil; asked && len(httpPorts(s)) == 0 {
		c.fail(at, "ports: {http: 8080}, or appProtocol: http", "expected a port on which HTTP is spoken, for timeouts and retries, found none")
	}
	c.retries(at+"/retries", t.Retries, whole)
	if o := t.Outlier; o != nil {
		c.duration(at+"/outlier/interval", o.Interval)
		c.duration(at+"/outlier/eject", o.Eject)
		if o.Errors < 0 {
			c.fail(at+"/outlier/errors", "5", "expected a number of errors from 1 on, found %d", o.Errors)
		}
		if o.MaxPercent < 0 || o.MaxPercent > 100 {
			c.fail(at+"/outlier/maxPercent", "50", "expected from 1 to 100 percent of the pods, found %d", o.MaxPercent)
		}
	}
}

// retries checks that all tries fit into the timeout, which spans them.
func (c *checker) retries(at string, r *api.Retries, whole time.Duration) {
	if r == nil {
		return
	}
	if c.Platform.Mesh == meshAmbient {
		c.fail(at, "leave them out: a waypoint tries twice again by itself when it gets no connection", "expected no retries in an ambient mesh, where HTTPRoutes have none on all clusters")
		return
	}
	if r.Attempts < 1 || r.Attempts > 10 {
		c.fail(at+"/attempts", "2", "expected from 1 to 10 tries more, found %d", r.Attempts)
		return
	}
	try, tries := c.duration(at+"/perTry", r.PerTry), time.Duration(r.Attempts)+1
	if whole > 0 && try*tries > whole {
		c.fail(at+"/perTry", (whole / tries).Truncate(time.Millisecond).String(), "expected %d tries of %s to fit into the timeout of %s: it spans them all", tries, try, whole)
	}
}

// duration checks and reads a duration; 0 is none.
func (c *checker) duration(at, text string) time.Duration {
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Millisecond || d > longestTimeout || d%time.Millisecond != 0 {
		c.fail(at, "15s", "expected a duration of whole milliseconds up to %s, found %q", "24h", text)
		return 0
	}
	return d
}

// split checks that callers can be divided between versions.
func (c *checker) split(at, name string, s api.SystemService) {
	if len(s.Versions) == 0 || cmp.Or(c.Platform.Mesh, meshNone) == meshNone {
		return
	}
	if s.Expose != nil && c.Platform.Ingress.API == edgeIngress {
		c.fail(at, "platform: {ingress: {api: gateway}}", "expected a Gateway in front of versions, as an Ingress knows no weights, found api: ingress")
	}
	for _, n := range slices.Sorted(maps.Keys(s.Ports)) {
		p := portOf(n, s.Ports[n])
		switch {
		case p.isMetrics() || p.isHTTP():
		case p.protocol != "TCP":
			c.fail(at, "version: v2", "expected TCP ports of a service with versions, found %s, which is %s", n, p.protocol)
		case c.Platform.Mesh == meshAmbient:
			c.fail(at, "appProtocol: http, if that is what is spoken; mesh: sidecar divides connections", "expected ports on which HTTP is spoken, to divide requests between versions, found %s", n)
		}
	}
}

// httpPorts are the names of the ports on which HTTP is spoken, for callers.
func httpPorts(s api.SystemService) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(s.Ports)), func(n string) bool {
		p := portOf(n, s.Ports[n])
		return p.isMetrics() || !p.isHTTP()
	})
}

// hosts checks what services that are exposed under one host say about it.
func (c *checker) hosts() {
	type certificate struct{ service, secret string }
	paths, certificates := map[string]string{}, map[string]certificate{}
	for _, name := range slices.Sorted(maps.Keys(c.Services)) {
		e := c.Services[name].Expose
		if e == nil {
			continue
		}
		at, host := patch.Join("/services", name)+"/expose", cmp.Or(e.Host, c.Platform.Ingress.Host)
		all := e.Paths
		if len(all) == 0 {
			all = []string{"/"}
		}
		for i, p := range all {
			key := host + "/" + strings.Trim(p, "/")
			if other, taken := paths[key]; taken {
				c.fail(fmt.Sprintf("%s/paths/%d", at, i), "give one of them another path", "expected each path of a host once, found %s for %s and for %s", key, other, name)
			}
			paths[key] = name
		}
		if e.TLSSecret == "" || c.Platform.Ingress.API != edgeIstio {
			continue
		}
		if other, known := certificates[host]; known && other.secret != e.TLSSecret {
			c.fail(at+"/tlsSecret", other.secret, "expected one certificate of host %s, found %s of %s and %s of %s", host, other.secret, other.service, e.TLSSecret, name)
		}
		certificates[host] = certificate{name, e.TLSSecret}
	}
}
