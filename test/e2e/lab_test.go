// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/canary"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

// place is a namespace of a Go test's own.
type place struct {
	namespace, kubeconfig string
}

// newPlace makes a world for a test, named after it.
func newPlace(t *testing.T, fixtures ...string) place {
	t.Helper()
	if err := theBox.up(); err != nil {
		t.Fatal(err)
	}
	p := place{
		namespace:  strings.ToLower(strings.ReplaceAll(t.Name(), "/", "-")),
		kubeconfig: filepath.Join(t.TempDir(), "kubeconfig"),
	}
	if err := theBox.world(t.Context(), p.namespace, fixtures); err != nil {
		t.Fatal(err)
	}
	if err := theBox.kubeconfig(p.kubeconfig, p.namespace, "admin", ""); err != nil {
		t.Fatal(err)
	}
	return p
}

// look returns a JSONPath of the place's VirtualService.
func (p place) look(t *testing.T, path string) string {
	t.Helper()
	out, err := output("kubectl", "--kubeconfig", p.kubeconfig, "get", "vs", "user-service", "-o", "jsonpath={"+path+"}")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// wantWeights compares the stored weights.
func (p place) wantWeights(t *testing.T, want string) {
	t.Helper()
	if got := p.look(t, ".spec.http[0].route[*].weight"); got != want {
		t.Errorf("stored weights: got %q, want %q", got, want)
	}
}

// lab is a place with the packages at hand that the program is made of.
type lab struct {
	place
	client *cluster.Client
}

func newLab(t *testing.T) lab {
	t.Helper()
	p := newPlace(t, "shop")
	client, err := cluster.New(theBox.admin)
	if err != nil {
		t.Fatal(err)
	}
	return lab{p, client}
}

// route is the place's VirtualService.
func (l lab) route() ref.Ref {
	return ref.Ref{
		Group: model.IstioNetworking, Version: "v1", Kind: "VirtualService", Namespace: l.namespace, Name: "user-service",
	}
}

// set reads the place and decides what a weight needs.
func (l lab) set(ctx context.Context, share string) (canary.Decision, error) {
	percent, err := canary.ParsePercent(share)
	if err != nil {
		return canary.Decision{}, err
	}
	live := &source.Cluster{
		Client: l.client, Options: model.Options{Namespace: l.namespace, ClusterDomain: model.DefaultClusterDomain},
	}
	snapshot, err := live.Load(ctx, source.Want{
		Namespace: l.namespace,
		Kinds: []*model.Kind{
			model.VirtualServices.Kind, model.DestinationRules.Kind, model.HTTPRoutes.Kind,
			model.Services.Kind, model.EndpointSlices.Kind, model.Pods.Kind,
		},
	})
	if err != nil {
		return canary.Decision{}, err
	}
	return canary.Set(snapshot, canary.Intent{
		Query:  canary.Query{Name: "user-service", Namespace: l.namespace},
		Weight: percent, Remember: true, Now: time.Now(), By: "e2e", Tolerance: canary.Tolerance{Headroom: 1, Unready: true},
	})
}
