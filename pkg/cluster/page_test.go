// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

func TestListSlim(t *testing.T) {
	const applied = "kubectl.kubernetes.io/last-applied-configuration"
	annotated := func(o map[string]any) map[string]any {
		o["metadata"].(map[string]any)["annotations"] = map[string]any{applied: "{}", "other": "stays"}
		return o
	}
	vs := managed(virtualService(90, 10), "kubectl", "Update", "2026-01-01T00:00:00Z")
	s := apitest.New(t, annotated(pod(1)), annotated(vs))
	for _, kind := range []*model.Kind{model.Pods.Kind, model.VirtualServices.Kind} {
		for _, meta := range []bool{true, false} {
			for _, slim := range []bool{true, false} {
				got, err := connect(t, s).List(t.Context(), kind, cluster.ListOptions{Slim: slim, ManagedFields: true, MetadataOnly: meta})
				if err != nil || len(got) != 1 {
					t.Fatalf("%s: got %d objects, %v", kind.Kind, len(got), err)
				}
				m := got[0].Meta()
				_, has := m.GetAnnotations()[applied]
				if has == slim || len(m.GetManagedFields()) > 0 == slim || m.GetAnnotations()["other"] != "stays" {
					t.Errorf("%s: slim %t: %v, %v", kind.Kind, slim, m.GetAnnotations(), m.GetManagedFields())
				}
			}
		}
	}
}

// One object that does not fit its type does not hide the others where the
// server sends JSON.
func TestListWithAnObjectThatDoesNotFit(t *testing.T) {
	broken := pod(2)
	broken["spec"].(map[string]any)["containers"] = "none"
	s := apitest.New(t, pod(1), broken, pod(3))
	s.JSONOnly = true
	got, err := connect(t, s).List(t.Context(), model.Pods.Kind, cluster.ListOptions{})
	if err != nil || len(got) != 3 {
		t.Fatalf("got %v, %v", got, err)
	}
	b := model.NewBuilder(model.Options{})
	for _, o := range got {
		b.Add(o)
	}
	snapshot, err := b.Build()
	if typed := model.Pods.In(snapshot, ""); len(typed) != 2 {
		t.Errorf("%d pods have their type", len(typed))
	}
	if err == nil || !strings.Contains(err.Error(), "pod-0002") || strings.Contains(err.Error(), "pod-0001") {
		t.Errorf("got %v", err)
	}
}

func TestListSkipsNull(t *testing.T) {
	s := apitest.New(t)
	s.On = func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"items":[null,{"metadata":{"name":"a"}}]}`))
		return true
	}
	got, err := connect(t, s).List(t.Context(), model.VirtualServices.Kind, cluster.ListOptions{})
	if err != nil || len(got) != 1 || got[0].Ref.Name != "a" {
		t.Errorf("got %v, %v", got, err)
	}
}
