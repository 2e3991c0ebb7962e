// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom

import (
	"cmp"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// Service is a Prometheus behind a Service of a cluster.
type Service struct {
	Namespace, Name string
	// Port is a name or a number; empty where the Service decides.
	Port string
	// TLS says that it speaks https.
	TLS bool
	// Prefix is what comes before /api/v1, "" or "/prometheus".
	Prefix string
}

// String returns what --prometheus takes.
func (s Service) String() string {
	out := s.object()
	if s.TLS {
		out = s.Namespace + "/https:" + s.Name
	}
	if s.Port != "" {
		out += ":" + s.Port
	}
	return out + s.Prefix
}

func (s Service) object() string { return s.Namespace + "/" + s.Name }

func (s Service) port() string { return cmp.Or(s.Port, "(any)") }

// scheme is that of requests to it.
func (s Service) scheme() string {
	if s.TLS {
		return "https"
	}
	return "http"
}

// proxied is the name of the Service in the path of the API server's proxy, and
// therefore in the resourceNames of a Role.
func (s Service) proxied() string {
	out := s.Name
	if s.Port != "" || s.TLS {
		out += ":" + s.Port
	}
	if s.TLS {
		out = "https:" + out
	}
	return out
}

// base is the URL it would have in the cluster.
func (s Service) base() string {
	return s.scheme() + "://" + s.Name + "." + s.Namespace + ".svc" + s.Prefix
}

// ParseService reads [svc:]NAMESPACE/[https:]NAME[:PORT][/PREFIX].
func ParseService(text string) (Service, error) {
	namespace, rest, found := strings.Cut(strings.TrimPrefix(text, "svc:"), "/")
	var s Service
	rest, s.TLS = strings.CutPrefix(rest, "https:")
	rest, prefix, _ := strings.Cut(rest, "/")
	s.Namespace = namespace
	s.Name, s.Port, _ = strings.Cut(rest, ":")
	if prefix = strings.Trim(prefix, "/"); prefix != "" {
		s.Prefix = "/" + prefix
	}
	if !found || !name(namespace) || !name(s.Name) || (s.Port != "" && !name(s.Port)) || strings.ContainsAny(s.Prefix, "?# ") {
		return Service{}, fault.Usagef("expected a URL or [svc:]NAMESPACE/NAME[:PORT][/PREFIX], found %q", text).
			Try("--prometheus monitoring/prometheus-operated:web, or --prometheus http://localhost:9090")
	}
	return s, nil
}

// name reports whether s can be that of an object or of a port, or a number.
func name(s string) bool {
	return s != "" && s[0] != '.' && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.'
	})
}
