// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"golang.org/x/sync/errgroup"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// wellLabelled are the values of the label app.kubernetes.io/name of servers that
// speak Prometheus' API.
var wellLabelled = []string{"prometheus", "thanos-query", "mimir", "vmsingle", "vmselect"}

// wellKnown are where installers put it; asked only where lists say nothing.
var wellKnown = []Service{
	{Namespace: "istio-system", Name: "prometheus", Port: "9090"},
	{Namespace: "monitoring", Name: "prometheus-k8s", Port: "9090"},
	{Namespace: "monitoring", Name: "prometheus-operated", Port: "9090"},
	{Namespace: "monitoring", Name: "kube-prometheus-stack-prometheus", Port: "9090"},
	{Namespace: "monitoring", Name: "prometheus-server", Port: "80"},
	{Namespace: "openshift-monitoring", Name: "thanos-querier", Port: "web", TLS: true},
	{Namespace: "linkerd-viz", Name: "prometheus", Port: "9090"},
}

// candidates returns what may be a Prometheus, the best told first, and what
// could not be looked at.
func (k *Cluster) candidates(ctx context.Context) (all []Service, notes []string, err error) {
	lists := []struct {
		kind *model.Kind
		by   labels.Selector
		read func(*model.Object) (Service, bool)
	}{
		{model.Prometheuses.Kind, labels.Everything(), ofOperator},
		{model.Services.Kind, in("app.kubernetes.io/name", wellLabelled...), ofService},
		{model.Services.Kind, in("app", "prometheus", "kube-prometheus-stack-prometheus"), ofService},
	}
	found := make([][]Service, len(lists))
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	for i, l := range lists {
		group.Go(func() error {
			objects, err := k.Client.List(ctx, l.kind, cluster.ListOptions{Labels: l.by, Slim: true})
			switch {
			case errors.Is(err, cluster.ErrNotServed):
				return nil
			case apierrors.IsForbidden(err):
				mu.Lock()
				defer mu.Unlock()
				notes = append(notes, "may not list "+l.kind.Resource+" of all namespaces")
				return nil
			case err != nil:
				return err
			}
			for _, o := range objects {
				if s, ok := l.read(o); ok {
					found[i] = append(found[i], s)
				}
			}
			slices.SortFunc(found[i], func(a, b Service) int { return cmp.Compare(a.String(), b.String()) })
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	all = unique(slices.Concat(found...))
	if len(all) == 0 {
		all = wellKnown
	}
	slices.Sort(notes)
	return all, slices.Compact(notes), nil
}

func in(label string, values ...string) labels.Selector {
	r, err := labels.NewRequirement(label, selection.In, values)
	if err != nil {
		return labels.Nothing()
	}
	return labels.NewSelector().Add(*r)
}

// unique keeps the first of each Service.
func unique(all []Service) []Service {
	var out []Service
	for _, s := range all {
		if !slices.ContainsFunc(out, func(o Service) bool { return o.Namespace == s.Namespace && o.Name == s.Name }) {
			out = append(out, s)
		}
	}
	return out
}

// ofOperator reads a Prometheus of the operator: the Service that it makes, or
// the one that it was told of.
func ofOperator(o *model.Object) (Service, bool) {
	text := func(or string, path ...string) string {
		v, _, _ := unstructured.NestedString(o.Raw(), append([]string{"spec"}, path...)...)
		return cmp.Or(v, or)
	}
	_, tls, _ := unstructured.NestedMap(o.Raw(), "spec", "web", "tlsConfig")
	s := Service{
		Namespace: o.Ref.Namespace, Name: text("prometheus-operated", "serviceName"), Port: text("web", "portName"), TLS: tls,
	}
	if prefix := strings.Trim(text("", "routePrefix"), "/"); prefix != "" {
		s.Prefix = "/" + prefix
	}
	return s, true
}

// ofService reads a Service whose labels say Prometheus, unless it is another
// part of it.
func ofService(o *model.Object) (Service, bool) {
	of := o.Meta().GetLabels()
	part := cmp.Or(of["app.kubernetes.io/component"], of["component"])
	switch part {
	case "", "server", "prometheus", "query", "vmsingle", "vmselect", "query-frontend", "query-layer":
	default:
		return Service{}, false
	}
	port, ok := choose(portsOf(o))
	if !ok {
		return Service{}, false
	}
	return Service{Namespace: o.Ref.Namespace, Name: o.Ref.Name, Port: port.String(), TLS: port.name == "https"}, true
}
