// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model_test

import (
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

func TestDataplane(t *testing.T) {
	const live = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, annotations: {ANNOTATIONS}}\nspec: {SPEC}\n---\n"
	const planned = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {metadata: {labels: {LABELS}, annotations: {ANNOTATIONS}}, spec: {SPEC}}}\n---\n"
	const namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: prod, labels: {NAMESPACE}}\n---\n"
	type in struct{ labels, annotations, spec, namespace string }
	fill := func(template string, i in) string {
		return strings.NewReplacer("LABELS", i.labels, "ANNOTATIONS", i.annotations, "SPEC", i.spec, "NAMESPACE", i.namespace).Replace(template)
	}
	proxy := "containers: [{name: app}, {name: istio-proxy}]"
	native := "containers: [{name: app}], initContainers: [{name: istio-proxy, restartPolicy: Always}]"
	for name, c := range map[string]struct {
		yaml string
		want model.Dataplane
	}{
		"live, nothing":            {fill(live, in{}), model.NoProxy},
		"live, sidecar":            {fill(live, in{spec: proxy}), model.SidecarProxy},
		"live, native sidecar":     {fill(live, in{spec: native}), model.SidecarProxy},
		"live, ambient":            {fill(live, in{annotations: "ambient.istio.io/redirection: enabled"}), model.AmbientProxy},
		"live, hostNetwork":        {fill(live, in{spec: "hostNetwork: true, " + proxy}), model.NoProxy},
		"live, whatever is asked":  {fill(live, in{annotations: `sidecar.istio.io/inject: "true"`}), model.NoProxy},
		"template with a proxy":    {fill(planned, in{spec: proxy}), model.SidecarProxy},
		"no Namespace in view":     {fill(planned, in{}), model.DataplaneUnknown},
		"asked for":                {fill(planned, in{labels: `sidecar.istio.io/inject: "true"`}), model.SidecarProxy},
		"asked for by annotation":  {fill(planned, in{annotations: `sidecar.istio.io/inject: "true"`}), model.SidecarProxy},
		"refused, ambient unknown": {fill(planned, in{labels: `sidecar.istio.io/inject: "false"`}), model.DataplaneUnknown},
		"refused both":             {fill(planned, in{labels: `sidecar.istio.io/inject: "false", istio.io/dataplane-mode: none`}), model.NoProxy},
		"refused, asks ambient":    {fill(planned, in{labels: `sidecar.istio.io/inject: "false", istio.io/dataplane-mode: ambient`}), model.AmbientProxy},
		"hostNetwork":              {fill(namespace+planned, in{spec: "hostNetwork: true", namespace: "istio-injection: enabled"}), model.NoProxy},
		"namespace enabled":        {fill(namespace+planned, in{namespace: "istio-injection: enabled"}), model.SidecarProxy},
		"namespace of a revision":  {fill(namespace+planned, in{namespace: "istio.io/rev: r1"}), model.SidecarProxy},
		"namespace disabled":       {fill(namespace+planned, in{namespace: "istio-injection: disabled, istio.io/rev: r1"}), model.NoProxy},
		"namespace, pod refuses":   {fill(namespace+planned, in{labels: `sidecar.istio.io/inject: "false"`, namespace: "istio-injection: enabled"}), model.NoProxy},
		"pod of a revision":        {fill(namespace+planned, in{labels: "istio.io/rev: r1"}), model.SidecarProxy},
		"namespace ambient":        {fill(namespace+planned, in{namespace: "istio.io/dataplane-mode: ambient"}), model.AmbientProxy},
		"ambient of a revision":    {fill(namespace+planned, in{namespace: "istio.io/dataplane-mode: ambient, istio.io/rev: r1"}), model.AmbientProxy},
		"pod leaves ambient":       {fill(namespace+planned, in{labels: "istio.io/dataplane-mode: none", namespace: "istio.io/dataplane-mode: ambient"}), model.NoProxy},
		"pod joins ambient":        {fill(namespace+planned, in{labels: "istio.io/dataplane-mode: ambient"}), model.AmbientProxy},
		"sidecar before ambient":   {fill(namespace+planned, in{labels: "istio.io/dataplane-mode: ambient", namespace: "istio-injection: enabled"}), model.SidecarProxy},
		"a plain namespace":        {fill(namespace+planned, in{}), model.NoProxy},
	} {
		t.Run(name, func(t *testing.T) {
			s := modeltest.Files(t, "world.yaml", c.yaml)
			if strings.HasPrefix(name, "live") {
				s = modeltest.Live(t, c.yaml)
			}
			got, why := s.Dataplane(s.Peers("")[0])
			if got != c.want || why == "" {
				t.Errorf("expected %s, found %s (%s)", c.want, got, why)
			}
		})
	}
	if got, _ := modeltest.Files(t, "world.yaml", "").Dataplane(model.Peer{Node: true}); got != model.NoProxy {
		t.Errorf("a node: expected none, found %s", got)
	}
}
