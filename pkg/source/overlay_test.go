// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

func TestOverlay(t *testing.T) {
	s := world(t)
	forbid(s, "/api/v1/pods")
	files := &source.Files{Paths: []string{"-"}, Stdin: strings.NewReader(service("reviews") + "---\n" + service("new")), Options: model.Options{Namespace: "shop"}}
	both := &source.Overlay{Live: live(t, s), Files: files}
	got, err := both.Load(t.Context(), source.Want{Kinds: []*model.Kind{model.Services.Kind, model.Pods.Kind}})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, o := range got.Objects() {
		from := "file"
		if o.Live() {
			from = "live"
		}
		lines = append(lines, o.Ref.String()+" "+from)
	}
	want := []string{"Service other/reviews live", "Service shop/new file", "Service shop/ratings live", "Service shop/reviews file"}
	if d := cmp.Diff(want, lines); d != "" {
		t.Error(d)
	}
	if _, unknown := got.Gap(model.Pods.GroupKind, "shop"); !unknown {
		t.Error("the gap of the cluster is lost")
	}
}

func TestOverlayReportsEachFaultOnce(t *testing.T) {
	broken := object(istio, "VirtualService", "shop", "broken")
	broken["spec"] = map[string]any{"hosts": "not a list"}
	files := &source.Files{Paths: []string{"-"}, Stdin: strings.NewReader(service("a") + "---\n" + service("a"))}
	both := &source.Overlay{Live: live(t, apitest.New(t, broken)), Files: files}
	got, err := both.Load(t.Context(), everything)
	if got == nil || err == nil || strings.Count(err.Error(), "shop/broken: expected") != 1 || strings.Count(err.Error(), "defined twice") != 1 {
		t.Errorf("got %v", err)
	}
}

func TestOverlayEndsWithEither(t *testing.T) {
	s := world(t)
	s.On = func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }
	both := &source.Overlay{Live: live(t, s), Files: &source.Files{Paths: []string{"/no/such/file"}}}
	if got, err := both.Load(t.Context(), everything); got != nil || err == nil || !strings.Contains(err.Error(), "/no/such/file") {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestFilesAndClusterLoadTheSame(t *testing.T) {
	const route = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http: [{route: [{destination: {host: web, subset: v1}, weight: 90}, {destination: {host: web, subset: v2}, weight: 10}]}]
`
	want := source.Want{Kinds: []*model.Kind{model.VirtualServices.Kind}}
	files, err := (&source.Files{Paths: []string{"-"}, Stdin: strings.NewReader(route)}).Load(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := live(t, apitest.New(t, files.Objects()[0].Raw())).Load(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	of := func(s *model.Snapshot) any {
		return model.VirtualServices.In(s, "shop")[0].Value.Spec.DeepCopy().Http[0].Route[1].Weight
	}
	spec := func(s *model.Snapshot) any { return s.Objects()[0].Raw()["spec"] }
	if of(files) != of(stored) || of(files) != int32(10) {
		t.Errorf("got %v of the file, %v of the cluster", of(files), of(stored))
	}
	if d := cmp.Diff(spec(files), spec(stored)); d != "" {
		t.Error(d)
	}
}
