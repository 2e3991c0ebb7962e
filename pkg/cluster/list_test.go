// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

func pod(i int) map[string]any {
	return map[string]any{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": map[string]any{
			"name": fmt.Sprintf("pod-%04d", i), "namespace": "shop", "labels": map[string]any{"odd": fmt.Sprint(i%2 == 1)},
			"managedFields": []any{map[string]any{"manager": "kubelet", "operation": "Update"}},
		},
		"spec": map[string]any{"containers": []any{map[string]any{"name": "app", "image": "app:1"}}, "nodeName": "node-1"},
	}
}

func pods(n int) []map[string]any {
	out := make([]map[string]any, n)
	for i := range out {
		out[i] = pod(i)
	}
	return out
}

func TestListReadsPages(t *testing.T) {
	for name, jsonOnly := range map[string]bool{"protobuf": false, "server without protobuf": true} {
		t.Run(name, func(t *testing.T) {
			s := apitest.New(t, pods(1250)...)
			s.JSONOnly = jsonOnly
			accept := ""
			s.On = func(_ http.ResponseWriter, r *http.Request) bool { accept = r.Header.Get("Accept"); return false }
			got, err := connect(t, s).List(t.Context(), model.Pods.Kind, cluster.ListOptions{Namespace: "shop"})
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != 1250 {
				t.Fatalf("got %d pods, want 1250", len(got))
			}
			want := []string{
				"GET /api/v1/namespaces/shop/pods?limit=500",
				"GET /api/v1/namespaces/shop/pods?continue=500&limit=500",
				"GET /api/v1/namespaces/shop/pods?continue=1000&limit=500",
			}
			if d := cmp.Diff(want, s.Requests()); d != "" {
				t.Error(d)
			}
			if accept != "application/vnd.kubernetes.protobuf,application/json" {
				t.Errorf("accepts %q", accept)
			}
			last := got[1249]
			p, typed := model.Pods.Of(last)
			if !typed || p.Value.Spec.NodeName != "node-1" || last.Ref.String() != "Pod shop/pod-1249" {
				t.Errorf("got %v, typed %t", last.Ref, typed)
			}
			if raw := last.Raw(); raw["kind"] != "Pod" || raw["metadata"].(map[string]any)["managedFields"] != nil {
				t.Errorf("got %v", raw)
			}
		})
	}
}

func TestListOptions(t *testing.T) {
	odd := labels.SelectorFromSet(labels.Set{"odd": "true"})
	for name, c := range map[string]struct {
		options cluster.ListOptions
		want    int
		request string
	}{
		"all namespaces": {cluster.ListOptions{}, 10, "GET /api/v1/pods?limit=500"},
		"not paged":      {cluster.ListOptions{Chunk: -1}, 10, "GET /api/v1/pods"},
		"no such place":  {cluster.ListOptions{Namespace: "empty"}, 0, "GET /api/v1/namespaces/empty/pods?limit=500"},
		"labels":         {cluster.ListOptions{Labels: odd}, 5, "GET /api/v1/pods?labelSelector=odd%3Dtrue&limit=500"},
		"all labels":     {cluster.ListOptions{Labels: labels.Everything()}, 10, "GET /api/v1/pods?limit=500"},
	} {
		t.Run(name, func(t *testing.T) {
			s := apitest.New(t, pods(10)...)
			got, err := connect(t, s).List(t.Context(), model.Pods.Kind, c.options)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff([]string{c.request}, s.Requests()); len(got) != c.want || d != "" {
				t.Errorf("got %d pods, want %d\n%s", len(got), c.want, d)
			}
		})
	}
}

func TestListKeepsManagedFieldsIfAsked(t *testing.T) {
	vs := managed(virtualService(90, 10), "kubectl", "Update", "2026-01-01T00:00:00Z")
	for _, kind := range []*model.Kind{model.Pods.Kind, model.VirtualServices.Kind} {
		for _, keep := range []bool{true, false} {
			c := connect(t, apitest.New(t, pod(1), vs))
			got, err := c.List(t.Context(), kind, cluster.ListOptions{ManagedFields: keep})
			if err != nil || len(got) != 1 {
				t.Fatalf("%s: got %d objects, %v", kind.Kind, len(got), err)
			}
			if has := len(got[0].Meta().GetManagedFields()) > 0; has != keep {
				t.Errorf("%s: managedFields kept: %t, asked for: %t", kind.Kind, has, keep)
			}
		}
	}
}

func TestListTakesTheServedVersion(t *testing.T) {
	vs := virtualService(90, 10)
	s := apitest.New(t, vs)
	s.Versions = map[string][]string{model.IstioNetworking: {"v1beta1"}}
	c := connect(t, s)
	for range 2 {
		got, err := c.List(t.Context(), model.VirtualServices.Kind, cluster.ListOptions{})
		if err != nil || len(got) != 1 || got[0].Ref.Version != "v1beta1" {
			t.Fatalf("got %v, %v", got, err)
		}
	}
	want := []string{
		"GET /apis/networking.istio.io/v1/virtualservices?limit=500",
		"GET /apis/networking.istio.io/v1beta1/virtualservices?limit=500",
		"GET /apis/networking.istio.io/v1beta1/virtualservices?limit=500", // remembered
	}
	if d := cmp.Diff(want, s.Requests()); d != "" {
		t.Error(d)
	}
}

func TestListOfAKindNobodyServes(t *testing.T) {
	s := apitest.New(t)
	s.Versions = map[string][]string{model.IstioNetworking: {}}
	_, err := connect(t, s).List(t.Context(), model.VirtualServices.Kind, cluster.ListOptions{})
	if !errors.Is(err, cluster.ErrNotServed) {
		t.Errorf("got %v, want ErrNotServed", err)
	}
	if n := len(s.Requests()); n != 3 {
		t.Errorf("%d requests, want one for each of 3 versions: %v", n, s.Requests())
	}
}

func TestListReadsSecretsWithoutTheirData(t *testing.T) {
	for _, jsonOnly := range []bool{true, false} {
		s := apitest.New(t, map[string]any{
			"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "tls", "namespace": "shop"},
			"type": "kubernetes.io/tls", "data": map[string]any{"tls.key": "c2VjcmV0"},
		})
		s.JSONOnly = jsonOnly
		got, err := connect(t, s).List(t.Context(), model.Secrets.Kind, cluster.ListOptions{MetadataOnly: true})
		if err != nil || len(got) != 1 {
			t.Fatalf("json %t: got %v, %v", jsonOnly, got, err)
		}
		raw := got[0].Raw()
		if raw["data"] != nil || raw["kind"] != "Secret" || raw["apiVersion"] != "v1" || got[0].Ref.String() != "Secret shop/tls" {
			t.Errorf("json %t: got %v", jsonOnly, raw)
		}
	}
}

func TestListStartsAnewWhenPagesExpire(t *testing.T) {
	expired := func(w http.ResponseWriter) bool {
		apitest.Fail(w, http.StatusGone, "Expired", "The provided continue parameter is too old", nil)
		return true
	}
	for name, c := range map[string]struct {
		times int
		want  []string
	}{
		"once":   {1, []string{"limit=2", "continue=2&limit=2", "limit=2", "continue=2&limit=2", "continue=4&limit=2"}},
		"always": {9, []string{"limit=2", "continue=2&limit=2", "limit=2", "continue=2&limit=2", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			s := apitest.New(t, pods(5)...)
			left := c.times
			s.On = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Query().Has("continue") && left > 0 {
					left--
					return expired(w)
				}
				return false
			}
			got, err := connect(t, s).List(t.Context(), model.Pods.Kind, cluster.ListOptions{Chunk: 2})
			if err != nil || len(got) != 5 {
				t.Fatalf("got %d pods, %v", len(got), err)
			}
			var queries []string
			for _, r := range s.Requests() {
				_, q, _ := strings.Cut(r, "?")
				queries = append(queries, q)
			}
			if d := cmp.Diff(c.want, queries); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestErrorsSayWhatAndWhatNext(t *testing.T) {
	for name, c := range map[string]struct {
		code            int
		reason          string
		is              func(error) bool
		kind            fault.Kind
		message, hinted string
	}{
		"forbidden": {403, "Forbidden", apierrors.IsForbidden, fault.Failed,
			"cannot list virtualservices in namespace shop: the words of the server", "kubectl auth can-i list virtualservices.networking.istio.io -n shop"},
		"unauthorized": {401, "Unauthorized", apierrors.IsUnauthorized, fault.Failed,
			"cannot list virtualservices in namespace shop: the words of the server", "kubectl auth whoami"},
		"broken": {500, "InternalError", apierrors.IsInternalError, fault.Failed,
			"cannot list virtualservices in namespace shop: the words of the server", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := apitest.New(t)
			s.On = func(w http.ResponseWriter, _ *http.Request) bool {
				apitest.Fail(w, c.code, c.reason, "the words of the server", nil)
				return true
			}
			_, err := connect(t, s).List(t.Context(), model.VirtualServices.Kind, cluster.ListOptions{Namespace: "shop"})
			var typed *fault.Error
			if !errors.As(err, &typed) || !c.is(err) || typed.Kind != c.kind {
				t.Fatalf("got %#v", err)
			}
			if err.Error() != c.message || !strings.Contains(typed.Hint, c.hinted) {
				t.Errorf("got %q, hint %q", err, typed.Hint)
			}
			if n := len(s.Requests()); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
}

func TestNoServer(t *testing.T) {
	s := apitest.New(t)
	config := s.Config()
	config.Host = "http://127.0.0.1:1" // nothing listens on port 1
	c, err := cluster.New(config)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.List(t.Context(), model.Pods.Kind, cluster.ListOptions{})
	if fault.KindOf(err) != fault.Failed || !strings.Contains(err.Error(), "cannot list pods: cannot reach the API server at http://127.0.0.1:1") {
		t.Errorf("got %v", err)
	}
}

func TestCancelEndsARequest(t *testing.T) {
	s := apitest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.On = func(_ http.ResponseWriter, r *http.Request) bool {
		cancel()
		<-r.Context().Done() // until the client has hung up
		return true
	}
	_, err := connect(t, s).List(ctx, model.Pods.Kind, cluster.ListOptions{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestDeadlineIsATimeout(t *testing.T) {
	s := apitest.New(t)
	s.On = func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }
	ctx, cancel := context.WithTimeout(t.Context(), 1)
	defer cancel()
	c := connect(t, s)
	_, err := c.List(ctx, model.Pods.Kind, cluster.ListOptions{})
	silent := ": no answer yet from " + s.Config().Host + ": context deadline exceeded"
	if want := "cannot list pods" + silent; fault.KindOf(err) != fault.Timeout || err.Error() != want {
		t.Errorf("got %v of kind %d, want %s", err, fault.KindOf(err), want)
	}
	if _, err := c.Groups(ctx); err == nil || err.Error() != "cannot read which APIs there are"+silent {
		t.Errorf("got %v, want cannot read which APIs there are%s", err, silent)
	}
}
