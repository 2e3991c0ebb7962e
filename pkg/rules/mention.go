// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"regexp"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// ownPort is what may stand before a port that a program listens on: after a
// colon, no host but one that means all addresses (a port of cart:8080 is cart's).
const ownPort = `(^|^:|[^0-9.:]|[^A-Za-z0-9.)_-]:|(^|[^0-9.])0\.0\.0\.0:)`

// Mentions reports whether what configures a workload names a port: the command
// line or the environment of a container, or a ConfigMap of the files that its
// pods take. Containers need not declare the ports they listen on, and one that
// is told about a port listens there, most likely.
func (w *World) Mentions(of *model.Workload, port int32) bool {
	named := regexp.MustCompile(ownPort + strconv.Itoa(int(port)) + `($|[^0-9])`).MatchString
	spec := of.Spec()
	all := slices.Concat(spec.InitContainers, spec.Containers)
	for _, c := range all {
		if slices.ContainsFunc(slices.Concat(c.Command, c.Args), named) ||
			slices.ContainsFunc(c.Env, func(e corev1.EnvVar) bool { return named(e.Value) }) {
			return true
		}
	}
	taken := model.TakenConfigMaps(spec)
	return slices.ContainsFunc(w.Objects(), func(o *model.Object) bool {
		if o.Live() || o.Ref.GroupKind() != model.ConfigMaps.GroupKind || o.Ref.Namespace != of.Ref.Namespace || !slices.Contains(taken, o.Ref.Name) {
			return false
		}
		data, _, _ := unstructured.NestedStringMap(o.Raw(), "data")
		for _, text := range data {
			if named(text) {
				return true
			}
		}
		return false
	})
}
