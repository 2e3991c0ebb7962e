// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
)

// TestOlderKubernetes leaves out what a cluster does not know, and says so once.
func TestOlderKubernetes(t *testing.T) {
	younger := map[string]string{ // what is written, and the first Kubernetes that has it
		"grpc:": "1.24", "matchLabelKeys:": "1.27", "unhealthyPodEvictionPolicy:": "1.27", "containerResource:": "1.27", "sleep:": "1.30", "hostUsers:": "1.33",
	}
	for version, want := range map[string]int{"1.23": 6, "1.24": 5, "1.26": 5, "1.27": 2, "v1.29.4": 2, "1.30": 1, "1.32": 1, "1.33": 0, "1.99": 0, "": 0} {
		body := api.SystemService{
			Image: "registry.example.com/a:1" + digest, Ports: map[string]api.SystemPort{"grpc": {Port: 9000}}, Scale: &api.Scale{Min: 3, Max: 5}, Open: true,
		}
		set := generate(t, api.System{
			Metadata: api.SystemMeta{Name: "s"}, Profile: "hardened", Platform: api.Platform{Mesh: "sidecar", KubernetesVersion: version},
			Services: map[string]api.SystemService{"a": body, "b": body},
			Places:   map[string]string{"/platform/kubernetesVersion": "m.yaml:1:1"},
		}, app.Options{})
		text := string(app.YAML(set.Objects...))
		minor := strings.Split(strings.TrimPrefix(version, "v")+".", ".")[1]
		missing := 0
		for field, since := range younger {
			is := version == "" || minor >= since[2:]
			if !is {
				missing++
			}
			if has := strings.Contains(text, field); has != is {
				t.Errorf("%q: %s is written: %t", version, field, has)
			}
		}
		told := slices.DeleteFunc(slices.Clone(set.Warnings), func(w app.Warning) bool { return w.Where != "m.yaml:1:1" })
		if len(told) != want || missing != want {
			t.Errorf("%q: %d warnings about %d fields, want %d: %v", version, len(told), missing, want, told)
		}
		for _, w := range told {
			if !strings.Contains(w.Text, "is left out, which Kubernetes has from 1.") || !strings.HasPrefix(w.Fix, `kubernetesVersion: "1.`) {
				t.Errorf("%q: %+v", version, w)
			}
		}
	}
}

// TestOlderProbes asks in another way where kubelets do not speak gRPC.
func TestOlderProbes(t *testing.T) {
	set := generate(t, api.System{
		Metadata: api.SystemMeta{Name: "s"}, Platform: api.Platform{KubernetesVersion: "1.23"},
		Services: map[string]api.SystemService{"a": {Image: "a:1", Ports: map[string]api.SystemPort{"grpc": {Port: 9000}}}},
	}, app.Options{})
	for _, o := range set.Objects {
		if o["kind"] != "Deployment" {
			continue
		}
		const container = "/spec/template/spec/containers/0"
		want := map[string]any{"port": "grpc"}
		if diff := cmp.Diff(any(want), at(o, container+"/readinessProbe/tcpSocket")); diff != "" {
			t.Errorf("ready (-want +got):\n%s", diff)
		}
		if live := at(o, container+"/livenessProbe"); live != nil {
			t.Errorf("alive is asked as ready is: %v", live)
		}
	}
}

// TestKubernetesVersionErrors refuses what is none, and what is too old.
func TestKubernetesVersionErrors(t *testing.T) {
	const web = "services:\n  web: {image: 'web:1', ports: {http: 80}}\n"
	errorTable(t, []errorCase{
		{"word", "platform: {kubernetesVersion: latest}\n" + web, `m.yaml:4:12: expected a version of Kubernetes, found "latest" | "1.30"`},
		{"major", "platform: {kubernetesVersion: '2.1'}\n" + web, `m.yaml:4:12: expected a version of Kubernetes, found "2.1" | "1.30"`},
		{"old", "platform: {kubernetesVersion: '1.22'}\n" + web, `m.yaml:4:12: expected a version of Kubernetes from 1.23 on, which serves autoscaling/v2, found "1.22" | "1.23"`},
		{"number", "platform: {kubernetesVersion: 1.30}\n" + web, `m.yaml:4:12: expected text in platform.kubernetesVersion, found 1.3 | write it in quotes: '1.3'`},
		{"lost zero", "platform: {kubernetesVersion: '1.3'}\n" + web, `m.yaml:4:12: expected a version of Kubernetes from 1.23 on, which serves autoscaling/v2, found "1.3" | "1.30"`},
	})
}
