// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// editions are a service as each of its versions runs it, by version. They share
// the Service, the account and the policies, and each has a workload of its own;
// a service without versions is its only edition.
func (s *service) editions() []*service {
	if len(s.Versions) == 0 {
		return []*service{s}
	}
	var out []*service
	for _, name := range slices.Sorted(maps.Keys(s.Versions)) {
		v, one := s.Versions[name], *s
		one.Versions, one.Version, one.instance = nil, name, s.name+"-"+name
		if v.Image != "" {
			one.Image, one.at = s.of.image(v.Image), patch.Join(s.at+"/versions", name)
		}
		one.Replicas = cmp.Or(v.Replicas, s.Replicas)
		out = append(out, &one)
	}
	return out
}

// image is an image with the registry of the platform where it names none.
func (y *system) image(name string) string {
	if y.Platform.Registry != "" && !strings.Contains(name, "/") {
		return y.Platform.Registry + "/" + name
	}
	return name
}

// versions checks the versions of a service that run side by side.
func (c *checker) versions(at, name string, s api.SystemService) {
	if len(s.Versions) == 0 {
		return
	}
	at += "/versions"
	if kind := cmp.Or(s.Kind, kindService); kind != kindService {
		c.fail(at, "version: v2", "expected one version of a %s, as callers are not split between them, found %d", kind, len(s.Versions))
	}
	if s.Version != "" {
		c.fail(at, "leave version out", "expected a version or versions that run side by side, found both")
	}
	sum := int32(0)
	for _, version := range slices.Sorted(maps.Keys(s.Versions)) {
		v, here := s.Versions[version], patch.Join(at, version)
		instance := name + "-" + version
		if len(validation.IsDNS1123Label(version)) > 0 || len(instance) > validation.DNS1123LabelMaxLength {
			c.fail(here, cmp.Or(suggest(version), "v1"), "expected a version that makes a name of a Deployment (%s, of at most 63 lower-case letters, digits and -), found %q", instance, version)
		}
		if _, taken := c.Services[instance]; taken {
			c.fail(here, "name one of them in another way", "expected a version whose Deployment has a name of its own, found %s, which is a service", instance)
		}
		if v.Image != "" || s.Image == "" {
			c.image(here+"/image", name, v.Image)
		}
		c.replicas(here+"/replicas", v.Replicas)
		if v.Replicas != nil && s.Scale != nil {
			c.fail(here+"/replicas", "leave it out", "expected a number of pods or bounds of it, found both")
		}
		if v.Weight < 0 || v.Weight > 100 {
			c.fail(here+"/weight", "90", "expected a share of the calls from 0 to 100 percent, found %d", v.Weight)
		}
		sum += v.Weight
	}
	if sum != 100 {
		c.fail(at, "the weight of each is its share in percent", "expected weights that make 100 together, found %d", sum)
	}
}
