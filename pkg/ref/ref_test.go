// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package ref_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

func TestOf(t *testing.T) {
	for _, c := range []struct {
		apiVersion, kind, namespace, name string
		want                              ref.Ref
		text, short, groupKind            string
	}{
		{"v1", "Service", "shop", "reviews", ref.Ref{Version: "v1", Kind: "Service", Namespace: "shop", Name: "reviews"}, "Service shop/reviews", "service/reviews", "Service"},
		{"apps/v1", "Deployment", "", "web", ref.Ref{Group: "apps", Version: "v1", Kind: "Deployment", Name: "web"}, "Deployment web", "deployment/web", "Deployment.apps"},
		{"networking.istio.io/v1beta1", "VirtualService", "a", "b", ref.Ref{Group: "networking.istio.io", Version: "v1beta1", Kind: "VirtualService", Namespace: "a", Name: "b"},
			"VirtualService a/b", "virtualservice/b", "VirtualService.networking.istio.io"},
	} {
		got := ref.Of(c.apiVersion, c.kind, c.namespace, c.name)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Error(diff)
		}
		if got.APIVersion() != c.apiVersion {
			t.Errorf("APIVersion %q, want %q", got.APIVersion(), c.apiVersion)
		}
		if got.String() != c.text || got.Short() != c.short || got.GroupKind().String() != c.groupKind {
			t.Errorf("%q %q %q, want %q %q %q", got, got.Short(), got.GroupKind(), c.text, c.short, c.groupKind)
		}
	}
}

func TestSame(t *testing.T) {
	a := ref.Of("networking.istio.io/v1", "VirtualService", "shop", "reviews")
	for _, c := range []struct {
		b    ref.Ref
		want bool
	}{
		{a, true},
		{ref.Of("networking.istio.io/v1beta1", "VirtualService", "shop", "reviews"), true},
		{ref.Of("example.com/v1", "VirtualService", "shop", "reviews"), false},
		{ref.Of("networking.istio.io/v1", "Gateway", "shop", "reviews"), false},
		{ref.Of("networking.istio.io/v1", "VirtualService", "other", "reviews"), false},
		{ref.Of("networking.istio.io/v1", "VirtualService", "shop", "ratings"), false},
	} {
		if a.Same(c.b) != c.want || c.b.Same(a) != c.want {
			t.Errorf("%v and %v: want %t", a, c.b, c.want)
		}
	}
}

func TestCompare(t *testing.T) {
	want := []ref.Ref{
		ref.Of("v1", "Namespace", "", "a"),
		ref.Of("apps/v1", "Deployment", "a", "x"),
		ref.Of("v1", "Service", "a", "x"),
		ref.Of("serving.knative.dev/v1", "Service", "a", "x"),
		ref.Of("v1", "Service", "a", "y"),
		ref.Of("apps/v1", "Deployment", "b", "a"),
	}
	got := slices.Clone(want)
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
	slices.SortFunc(got, ref.Compare)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if ref.Compare(want[0], want[0]) != 0 {
		t.Error("a ref differs from itself")
	}
}
