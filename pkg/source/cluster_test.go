// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

func live(t testing.TB, s *apitest.Server) *source.Cluster {
	t.Helper()
	c, err := cluster.New(s.Config())
	if err != nil {
		t.Fatal(err)
	}
	return &source.Cluster{Client: c}
}

func object(apiVersion, kind, namespace, name string) map[string]any {
	m := map[string]any{"name": name, "labels": map[string]any{"app": name}}
	if namespace != "" {
		m["namespace"] = namespace
	}
	return map[string]any{"apiVersion": apiVersion, "kind": kind, "metadata": m}
}

const (
	core  = "v1"
	istio = "networking.istio.io/v1"
)

func world(t *testing.T) *apitest.Server {
	return apitest.New(t,
		object(core, "Namespace", "", "shop"),
		object(core, "Service", "shop", "reviews"),
		object(core, "Service", "shop", "ratings"),
		object(core, "Service", "other", "reviews"),
		object(core, "Pod", "shop", "reviews-1"),
		object(core, "Pod", "other", "reviews-2"),
		object(istio, "VirtualService", "shop", "reviews"),
		object(istio, "VirtualService", "mesh", "reviews"),
		map[string]any{"apiVersion": core, "kind": "Secret", "metadata": map[string]any{"name": "key", "namespace": "shop"}, "data": map[string]any{"k": "dg=="}},
	)
}

func TestClusterReadsWhatIsWanted(t *testing.T) {
	pods, services, routes, namespaces := model.Pods.Kind, model.Services.Kind, model.VirtualServices.Kind, model.Namespaces.Kind
	for name, c := range map[string]struct {
		want     source.Want
		objects  []string
		requests []string
	}{
		"all namespaces": {
			source.Want{Kinds: []*model.Kind{pods, routes}},
			[]string{"VirtualService mesh/reviews", "Pod other/reviews-2", "Pod shop/reviews-1", "VirtualService shop/reviews"},
			[]string{"/api/v1/pods?limit=500", "/apis/networking.istio.io/v1/virtualservices?limit=500"},
		},
		"one namespace": {
			source.Want{Kinds: []*model.Kind{pods, namespaces}, Namespace: "shop"},
			[]string{"Namespace shop", "Pod shop/reviews-1"},
			[]string{"/api/v1/namespaces/shop/pods?limit=500", "/api/v1/namespaces?limit=500"},
		},
		"a scope for each kind": {
			source.Want{Kinds: []*model.Kind{pods, routes, services}, Namespace: "shop", Scopes: map[*model.Kind]source.Scope{
				routes:   {},
				services: {Namespaces: []string{"shop", "other", "shop"}, Labels: labels.SelectorFromSet(labels.Set{"app": "reviews"})},
			}},
			[]string{"VirtualService mesh/reviews", "Service other/reviews", "Pod shop/reviews-1", "Service shop/reviews", "VirtualService shop/reviews"},
			[]string{
				"/api/v1/namespaces/other/services?labelSelector=app%3Dreviews&limit=500",
				"/api/v1/namespaces/shop/pods?limit=500",
				"/api/v1/namespaces/shop/services?labelSelector=app%3Dreviews&limit=500",
				"/apis/networking.istio.io/v1/virtualservices?limit=500",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := world(t)
			got, err := live(t, s).Load(t.Context(), c.want)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.objects, names(got)); d != "" {
				t.Error(d)
			}
			var requests []string
			for _, r := range s.Requests() {
				requests = append(requests, strings.TrimPrefix(r, "GET "))
			}
			slices.Sort(requests)
			if d := cmp.Diff(c.requests, requests); d != "" {
				t.Error(d)
			}
			if len(got.Gaps()) != 0 {
				t.Errorf("gaps: %v", got.Gaps())
			}
		})
	}
}

func TestClusterReadsEverything(t *testing.T) {
	s := world(t)
	got, err := live(t, s).Load(t.Context(), source.Want{})
	if err != nil || len(got.Objects()) != 9 || len(s.Requests()) != len(model.Kinds())-1 { // all but Endpoints
		t.Errorf("got %v, %v after %d requests", names(got), err, len(s.Requests()))
	}
}

func TestClusterKeepsManagedFieldsOfOneKind(t *testing.T) {
	managed := func(o map[string]any) map[string]any {
		o["metadata"].(map[string]any)["managedFields"] = []any{map[string]any{"manager": "helm", "operation": "Update"}}
		return o
	}
	s := apitest.New(t, managed(object(core, "Service", "shop", "web")), managed(object(istio, "VirtualService", "shop", "web")))
	services, routes := model.Services.Kind, model.VirtualServices.Kind
	for name, c := range map[string]struct {
		want source.Want
		kept []string
	}{
		"of none": {source.Want{}, nil},
		"of all":  {source.Want{ManagedFields: true}, []string{"Service", "VirtualService"}},
		"of one":  {source.Want{Scopes: map[*model.Kind]source.Scope{routes: {ManagedFields: true}}}, []string{"VirtualService"}},
	} {
		c.want.Kinds = []*model.Kind{services, routes}
		got, err := live(t, s).Load(t.Context(), c.want)
		if err != nil {
			t.Fatal(err)
		}
		var kept []string
		for _, o := range got.Objects() {
			if len(o.Meta().GetManagedFields()) > 0 {
				kept = append(kept, o.Ref.Kind)
			}
		}
		slices.Sort(kept)
		if d := cmp.Diff(c.kept, kept); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestClusterLeavesSecretsThere(t *testing.T) {
	got, err := live(t, world(t)).Load(t.Context(), source.Want{Kinds: []*model.Kind{model.Secrets.Kind}})
	if err != nil {
		t.Fatal(err)
	}
	if secret, found := model.Secrets.Get(got, "shop", "key"); !found || len(secret.Value.Data) > 0 {
		t.Errorf("got %v", secret.Value)
	}
}

// forbid denies the lists of these paths.
func forbid(s *apitest.Server, paths ...string) {
	s.On = func(w http.ResponseWriter, r *http.Request) bool {
		if !slices.Contains(paths, r.URL.Path) {
			return false
		}
		apitest.Fail(w, http.StatusForbidden, "Forbidden", "not you", nil)
		return true
	}
}

func TestClusterWithoutRights(t *testing.T) {
	routes := model.VirtualServices.Kind
	const all, shop = "/apis/networking.istio.io/v1/virtualservices", "/apis/networking.istio.io/v1/namespaces/shop/virtualservices"
	everywhere := map[*model.Kind]source.Scope{routes: {}}
	for name, c := range map[string]struct {
		forbidden []string
		want      source.Want
		objects   []string
		gap       model.Gap
	}{
		"no other place to look": {
			[]string{all}, source.Want{}, nil,
			model.Gap{Reason: "cannot list virtualservices: forbidden"},
		},
		"in one namespace": {
			[]string{shop}, source.Want{Namespace: "shop"}, nil,
			model.Gap{Namespace: "shop", Reason: "cannot list virtualservices in namespace shop: forbidden"},
		},
		"only in the namespace": {
			[]string{all}, source.Want{Namespace: "shop", Scopes: everywhere}, []string{"VirtualService shop/reviews"},
			model.Gap{Known: []string{"shop"}, Reason: "cannot list virtualservices in all namespaces, only in shop: forbidden"},
		},
		"nowhere": {
			[]string{all, shop}, source.Want{Namespace: "shop", Scopes: everywhere}, nil,
			model.Gap{Reason: "cannot list virtualservices, not even in namespace shop: forbidden"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := world(t)
			forbid(s, c.forbidden...)
			c.want.Kinds = []*model.Kind{routes}
			got, err := live(t, s).Load(t.Context(), c.want)
			if err != nil {
				t.Fatal(err)
			}
			c.gap.Kind = routes.GroupKind
			if d := cmp.Diff([]model.Gap{c.gap}, got.Gaps()); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(c.objects, names(got)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestClusterWithoutAKind(t *testing.T) {
	s := world(t)
	s.Versions = map[string][]string{model.IstioNetworking: {}}
	got, err := live(t, s).Load(t.Context(), source.Want{Kinds: []*model.Kind{model.VirtualServices.Kind, model.Services.Kind}})
	if err != nil || len(got.Objects()) != 3 {
		t.Fatalf("got %v, %v", names(got), err)
	}
	want := []model.Gap{{Kind: model.VirtualServices.GroupKind, Reason: "the cluster does not serve VirtualService.networking.istio.io", Missing: true}}
	if d := cmp.Diff(want, got.Gaps()); d != "" {
		t.Error(d)
	}
	if _, unknown := got.Gap(model.VirtualServices.GroupKind, "shop"); unknown {
		t.Error("a kind that is not served is unknown")
	}
}

func TestClusterFailsAtOnce(t *testing.T) {
	s := world(t)
	s.On = func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/pods") {
			apitest.Fail(w, http.StatusUnauthorized, "Unauthorized", "Unauthorized", nil)
			return true
		}
		<-r.Context().Done() // the others end when they are cancelled, or never
		return true
	}
	got, err := live(t, s).Load(t.Context(), source.Want{Kinds: []*model.Kind{model.Services.Kind, model.Pods.Kind}})
	if got != nil || !apierrors.IsUnauthorized(err) || fault.KindOf(err) != fault.Failed {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestClusterCancelled(t *testing.T) {
	s := world(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.On = func(_ http.ResponseWriter, r *http.Request) bool { cancel(); <-r.Context().Done(); return true }
	if got, err := live(t, s).Load(ctx, source.Want{}); got != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestClusterReportsObjectsThatDoNotFit(t *testing.T) {
	broken := object(istio, "VirtualService", "shop", "broken")
	broken["spec"] = map[string]any{"hosts": "not a list"}
	got, err := live(t, apitest.New(t, broken, object(istio, "VirtualService", "shop", "good"))).Load(t.Context(), source.Want{})
	if got == nil || len(got.Objects()) != 2 || err == nil || !strings.Contains(err.Error(), "VirtualService shop/broken") {
		t.Fatalf("got %v, %v", got, err)
	}
	if typed := model.VirtualServices.In(got, ""); len(typed) != 1 || typed[0].Ref.Name != "good" {
		t.Errorf("got %v", typed)
	}
}

func TestClusterGet(t *testing.T) {
	s := world(t)
	got, err := live(t, s).Get(t.Context(), ref.Ref{Group: model.IstioNetworking, Kind: "VirtualService", Namespace: "shop", Name: "reviews"})
	if err != nil || got.Ref.String() != "VirtualService shop/reviews" || got.Meta().GetResourceVersion() == "" {
		t.Errorf("got %v, %v", got, err)
	}
	_, err = live(t, s).Get(t.Context(), ref.Ref{Group: model.IstioNetworking, Kind: "VirtualService", Namespace: "shop", Name: "none"})
	if !apierrors.IsNotFound(err) || fault.KindOf(err) != fault.Usage {
		t.Errorf("got %v", err)
	}
}
