// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// outside checks what services may depend on besides each other. All of it shares
// one space of names, as dependsOn has names only.
func (c *checker) outside() {
	name := func(at, name string) {
		c.label(at, "a name", name)
		if _, taken := c.Services[name]; taken {
			c.fail(at, name+"-api", "expected another name than that of a service, found %q", name)
		}
	}
	for _, n := range slices.Sorted(maps.Keys(c.External)) {
		at := patch.Join("/external", n)
		name(at, n)
		c.external(at, c.External[n])
	}
	for _, n := range slices.Sorted(maps.Keys(c.Backing)) {
		at := patch.Join("/backing", n)
		name(at, n)
		if _, taken := c.External[n]; taken {
			c.fail(at, n+"-store", "expected another name than that of an external, found %q", n)
		}
		c.backing(at, c.Backing[n])
	}
}

func (c *checker) external(at string, e api.External) {
	_, err := netip.ParseAddr(e.Host)
	switch isAddress := err == nil; {
	case isAddress && cmp.Or(c.Platform.Mesh, meshNone) != meshNone:
		c.fail(at+"/host", fmt.Sprintf("host: NAME.example.com, addresses: [%s]", e.Host), "expected a host name, as a mesh knows what is outside by name, found the address %q", e.Host)
	case !isAddress && (len(validation.IsDNS1123Subdomain(e.Host)) > 0 || !strings.Contains(e.Host, ".")):
		c.fail(at+"/host", "api.example.com", "expected a full host name, found %q", e.Host)
	case strings.HasSuffix(strings.TrimSuffix(e.Host, clusterDomain), ".svc"):
		c.fail(at+"/host", "have it under backing", "expected a host outside of the cluster, found %q", e.Host)
	}
	c.number(at+"/port", "443", e.Port)
	c.word(at+"/protocol", "what is spoken", e.Protocol, "https", "http", "grpc", "tls", "tcp")
	for i, a := range e.Addresses {
		here := fmt.Sprintf("%s/addresses/%d", at, i)
		p, err := prefixOf(a)
		if err != nil {
			c.fail(here, "203.0.113.7 or 203.0.113.0/24", "expected an address or a network, found %q", a)
		} else if p != p.Masked() {
			c.fail(here, p.Masked().String(), "expected a network without bits of a host, found %q", a)
		}
	}
}

// scheme is how a URL may begin.
var scheme = regexp.MustCompile(`^[a-z][a-z0-9+.-]*$`)

func (c *checker) backing(at string, b api.Backing) {
	parts := strings.Split(strings.TrimSuffix(b.Host, clusterDomain), ".")
	if len(parts) != 3 || parts[2] != "svc" || len(validation.IsDNS1035Label(parts[0])) > 0 || len(validation.IsDNS1123Label(parts[1])) > 0 {
		c.fail(at+"/host", "pg.data.svc; what is not in the cluster goes under external", "expected a Service as NAME.NAMESPACE.svc, found %q", b.Host)
	}
	c.number(at+"/port", "5432", b.Port)
	if b.Target != 0 {
		c.number(at+"/target", "5432", b.Target)
	}
	if b.Protocol != "" && !scheme.MatchString(b.Protocol) {
		c.fail(at+"/protocol", "postgres", "expected what is spoken, as URLs begin with it, found %q", b.Protocol)
	}
	c.podLabels(at+"/labels", b.Labels)
}

// podLabels checks labels that select.
func (c *checker) podLabels(at string, labels map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		here := patch.Join(at, key)
		if len(validation.IsQualifiedName(key)) > 0 {
			c.fail(here, labelName, "expected a key of a label, found %q", key)
		}
		c.labelValue(here, "a value", labels[key])
	}
}

// number checks a port.
func (c *checker) number(at, hint string, n int32) {
	if n < 1 || n > 65535 {
		c.fail(at, hint, "expected a port from 1 to 65535, found %d", n)
	}
}

// dependsOnOutside checks an edge to what is not a service, and reports whether
// there is such.
func (c *checker) dependsOnOutside(at string, d api.Dependency) bool {
	_, external := c.External[d.Service]
	_, backing := c.Backing[d.Service]
	if (external || backing) && d.Port != "" {
		c.fail(at+"/port", "leave it out", "expected no name of a port of %s, which has one port, found %q", d.Service, d.Port)
	}
	return external || backing
}
