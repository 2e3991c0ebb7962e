// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"errors"
	"maps"
	"net/mail"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// checker collects what is wrong with a System.
type checker struct {
	api.System
	errs []error
}

func (c *checker) fail(pointer, hint, format string, args ...any) {
	err := fault.Usagef(format, args...).At(place(c.System, pointer))
	err.Hint = hint
	c.errs = append(c.errs, err)
}

// check joins all that is wrong with a system.
func check(s api.System) error {
	c := checker{System: s}
	if _, same := s.Services[s.Metadata.Name]; !same { // whose name is checked too, and more strictly
		c.label("/metadata/name", "a name of the system", s.Metadata.Name)
	}
	if s.Metadata.Namespace != "" {
		c.label("/metadata/namespace", "a namespace", s.Metadata.Namespace)
	}
	c.labelValue("/metadata/owner", "an owner", s.Metadata.Owner)
	if s.Metadata.Email != "" {
		if _, err := mail.ParseAddress(s.Metadata.Email); err != nil {
			c.fail("/metadata/email", "team@example.com", "expected an email address, found %q", s.Metadata.Email)
		}
	}
	c.word("/profile", "a profile", s.Profile, profileDev, profileStandard, profileHardened)
	c.word("/platform/mesh", "a mesh mode", s.Platform.Mesh, meshNone, meshSidecar, meshAmbient)
	c.word("/platform/ingress/api", "an API for what comes in", s.Platform.Ingress.API, edgeGateway, edgeIngress, edgeIstio)
	if s.Platform.Monitoring.Namespace != "" {
		c.label("/platform/monitoring/namespace", "a namespace", s.Platform.Monitoring.Namespace)
	}
	c.gateway()
	c.addons(s)
	c.kubernetesVersion()
	c.outside()
	c.externalSecrets()
	c.resources("/defaults/resources", s.Defaults.Resources)
	c.replicas("/defaults/replicas", s.Defaults.Replicas)
	if len(s.Services) == 0 {
		c.fail("/services", "services:\n  "+s.Metadata.Name+":\n    image: registry.example.com/"+s.Metadata.Name+":1.0.0", "expected a service, found none")
	}
	for _, name := range slices.Sorted(maps.Keys(s.Services)) {
		c.service(patch.Join("/services", name), name, s.Services[name])
	}
	c.hosts()
	return errors.Join(c.errs...)
}

func (c *checker) gateway() {
	const at = "/platform/ingress/gateway"
	gateway := c.Platform.Ingress.Gateway
	if gateway == "" {
		return
	}
	ns, name, both := strings.Cut(gateway, "/")
	if !both || len(validation.IsDNS1123Label(ns)) > 0 || len(validation.IsDNS1123Subdomain(name)) > 0 {
		c.fail(at, "istio-ingress/shared", "expected a Gateway as NAMESPACE/NAME, found %q", gateway)
	}
}

// label checks a name that becomes a label of a DNS name.
func (c *checker) label(pointer, what, name string) {
	if len(validation.IsDNS1123Label(name)) == 0 {
		return
	}
	c.fail(pointer, suggest(name), "expected %s (at most 63 lower-case letters, digits and -), found %q", what, name)
}

// suggest makes a DNS label of a name; empty where nothing is left of it.
func suggest(name string) string {
	out := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(name))
	out = strings.Trim(out[:min(len(out), validation.DNS1035LabelMaxLength)], "-")
	if out == "" || len(validation.IsDNS1123Label(out)) > 0 {
		return ""
	}
	return out
}

func (c *checker) labelValue(pointer, what, value string) {
	if wrong := validation.IsValidLabelValue(value); len(wrong) > 0 {
		c.fail(pointer, suggest(value), "expected %s that can be the value of a label, found %q", what, value)
	}
}

// word checks that a value is one of a few; an empty one stands for the default.
func (c *checker) word(pointer, what, value string, allowed ...string) {
	if value == "" || slices.Contains(allowed, value) {
		return
	}
	hint := ""
	if near := ref.Closest(value, allowed); len(near) > 0 {
		hint = "did you mean " + near[0] + "?"
	}
	c.fail(pointer, hint, "expected %s (%s), found %q", what, strings.Join(allowed, ", "), value)
}
