// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/world"
)

func render(t *testing.T, w world.World) string {
	t.Helper()
	data, err := json.Marshal(append(slices.Collect(w.Spaces()), slices.Collect(w.Objects())...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestWorldIsDeterministic(t *testing.T) {
	w := world.World{Prefix: "w", Namespaces: 3, Services: 4, Pods: 2}
	if diff := cmp.Diff(render(t, w), render(t, w)); diff != "" {
		t.Error(diff)
	}
}

func TestWorldCountsWhatItYields(t *testing.T) {
	for _, w := range []world.World{
		{Prefix: "w"},
		{Prefix: "w", Namespaces: 2},
		{Prefix: "w", Namespaces: 1, Services: 1, Pods: 1},
		{Prefix: "w", Namespaces: 3, Services: 5, Pods: 7},
	} {
		pods, objects, seen := 0, slices.Collect(w.Spaces()), map[string]bool{}
		for object := range w.Objects() {
			objects = append(objects, object)
			if object.Body["kind"] == "Deployment" {
				pods += object.Body["spec"].(map[string]any)["replicas"].(int)
			}
		}
		for _, object := range objects {
			key := object.Path + "/" + object.Body["metadata"].(map[string]any)["name"].(string)
			if seen[key] {
				t.Errorf("%+v yields %s twice", w, key)
			}
			seen[key] = true
		}
		if len(objects) != w.ObjectCount() || pods != w.PodCount() {
			t.Errorf("%+v: expected %d objects with %d pods, found %d with %d", w, w.ObjectCount(), w.PodCount(), len(objects), pods)
		}
	}
}

func TestWeightsOfAServiceAreAHundred(t *testing.T) {
	w := world.World{Prefix: "w", Namespaces: 1, Services: 1, Pods: 1}
	for object := range w.Objects() {
		if object.Body["kind"] != "VirtualService" {
			continue
		}
		data, err := json.Marshal(object.Body)
		if err != nil {
			t.Fatal(err)
		}
		var service struct {
			Spec struct {
				HTTP []struct{ Route []struct{ Weight int } }
			}
		}
		if err := json.Unmarshal(data, &service); err != nil {
			t.Fatal(err)
		}
		if got := service.Spec.HTTP[0].Route; len(got) != 2 || got[0].Weight != 90 || got[1].Weight != 10 {
			t.Errorf("expected weights 90 and 10, found %+v", got)
		}
		return
	}
	t.Error("found no VirtualService")
}

func TestNodes(t *testing.T) {
	names := map[int]string{0: "node-a", 2: "node-c", 25: "node-z", 26: "node-aa", 27: "node-ab", 51: "node-az", 52: "node-ba"}
	zones := map[int]string{0: "zone-a", 2: "zone-c", 25: "zone-b", 26: "zone-c", 27: "zone-a", 51: "zone-a", 52: "zone-b"}
	for i, name := range names {
		meta := world.Node(i).Body["metadata"].(map[string]any)
		zone := meta["labels"].(map[string]any)["topology.kubernetes.io/zone"]
		if meta["name"] != name || zone != zones[i] {
			t.Errorf("node %d: expected %s in %s, found %s in %s", i, name, zones[i], meta["name"], zone)
		}
	}
	for pods, nodes := range map[int]int{0: 3, 1: 3, 1200: 3, 1201: 4, 4000: 10, 100_000: 250} {
		if got := world.NodesFor(pods); got != nodes {
			t.Errorf("NodesFor(%d): expected %d, found %d", pods, nodes, got)
		}
	}
}
