// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pods

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// use is a place where a container asks for a ConfigMap, a Secret or a key.
type use struct {
	// at is the JSON Pointer of the reference below the container.
	at string
	// variable is the name of the environment variable, empty for all keys at once.
	variable string
	// what completes "ConfigMap x does not exist, which ...".
	what string
}

// uses are where the container asks for x, and the JSON Pointer of the first in
// the workload. There are none when the template has changed since.
func (c container) uses(x want) ([]use, string) {
	template, at := c.template()
	if template == nil {
		return usesIn(c.spec, x), at
	}
	field := "/name"
	if x.key != "" {
		field = "/key"
	}
	if uses := usesIn(template, x); len(uses) > 0 {
		return uses, c.of.Existing(at, uses[0].at+field, uses[0].at)
	}
	// What admission added to the pod is not in the template either.
	added := slices.DeleteFunc(usesIn(c.spec, x), func(u use) bool {
		if u.variable == "" {
			return len(c.spec.EnvFrom) <= len(template.EnvFrom)
		}
		return slices.ContainsFunc(template.Env, func(e corev1.EnvVar) bool { return e.Name == u.variable })
	})
	return added, at
}

// usesIn are the references to x that are not optional.
func usesIn(c *corev1.Container, x want) []use {
	var out []use
	secret := x.kind == model.Secrets.Kind
	must := func(optional *bool) bool { return optional == nil || !*optional }
	for i, e := range c.Env {
		from := e.ValueFrom
		if from == nil {
			continue
		}
		u := use{variable: e.Name, what: "the variable " + e.Name + " is to come from"}
		if k := from.SecretKeyRef; secret && k != nil && k.Name == x.name && (x.key == "" || x.key == k.Key) && must(k.Optional) {
			u.at = patch.Pointer("env", i, "valueFrom", "secretKeyRef")
			out = append(out, u)
		}
		if k := from.ConfigMapKeyRef; !secret && k != nil && k.Name == x.name && (x.key == "" || x.key == k.Key) && must(k.Optional) {
			u.at = patch.Pointer("env", i, "valueFrom", "configMapKeyRef")
			out = append(out, u)
		}
	}
	if x.key != "" {
		return out
	}
	for i, e := range c.EnvFrom {
		u := use{what: "envFrom reads"}
		if r := e.SecretRef; secret && r != nil && r.Name == x.name && must(r.Optional) {
			u.at = patch.Pointer("envFrom", i, "secretRef")
			out = append(out, u)
		}
		if r := e.ConfigMapRef; !secret && r != nil && r.Name == x.name && must(r.Optional) {
			u.at = patch.Pointer("envFrom", i, "configMapRef")
			out = append(out, u)
		}
	}
	return out
}

// holding is the container of a workload's template that a field is in, and its
// JSON Pointer; nil if there is none.
func holding(of *model.Workload, field string) (*corev1.Container, string) {
	for at, c := range of.Containers() {
		if field == at || strings.HasPrefix(field, at+"/") {
			return c, at
		}
	}
	return nil, ""
}
