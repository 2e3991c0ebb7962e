// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"context"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

// The kinds a decision needs. Six lists answer nearly every run; what is rare
// is read only when these do not settle it: a service behind a GRPCRoute or a
// ServiceEntry, legs that only the age of their Deployments tells apart.
var (
	usualKinds = []*model.Kind{
		model.VirtualServices.Kind, model.DestinationRules.Kind, model.HTTPRoutes.Kind,
		model.Services.Kind, model.EndpointSlices.Kind, model.Pods.Kind,
	}
	rareKinds = []*model.Kind{model.GRPCRoutes.Kind, model.ServiceEntries.Kind, model.Deployments.Kind}
	// fileKinds are the kinds that files are parsed for; documents of other
	// kinds pass through unread.
	fileKinds = []*model.Kind{
		model.VirtualServices.Kind, model.DestinationRules.Kind, model.HTTPRoutes.Kind,
		model.GRPCRoutes.Kind, model.ServiceEntries.Kind, model.Services.Kind, model.IstioGateways.Kind,
	}
)

// world is where a command reads from: files or a cluster.
type world struct {
	*cli.Factory
	flags  *targetFlags
	client *cluster.Client
	files  *source.Files
}

// offline reports whether files are read and no cluster is.
func (w *world) offline() bool { return w.flags.files.Given() }

// decide loads the world and decides on it; a failed decision on the usual kinds
// is made again with the rare ones.
func (w *world) decide(ctx context.Context, namespace string, decision func(*model.Snapshot) error) error {
	step := w.Progress().Start("reading routes, services and pods")
	defer step.Done()
	if w.offline() {
		return w.decideOnFiles(ctx, namespace, decision)
	}
	snapshot, err := w.load(ctx, namespace, usualKinds)
	if err != nil {
		return err
	}
	if err = decision(snapshot); err == nil {
		return nil
	}
	more, loadErr := w.load(ctx, namespace, append(rareKinds, usualKinds...))
	if loadErr != nil {
		return err
	}
	return decision(more)
}

func (w *world) decideOnFiles(ctx context.Context, namespace string, decision func(*model.Snapshot) error) error {
	if namespace == "" {
		namespace = "default"
	}
	w.files = &source.Files{
		Paths: w.flags.files.Files, Recursive: w.flags.files.Recursive, Kustomize: w.flags.files.Kustomize,
		Stdin:   w.Streams.In,
		Options: model.Options{Namespace: namespace, ClusterDomain: w.flags.domain, Partial: true},
	}
	snapshot, err := w.files.Load(ctx, source.Want{Kinds: fileKinds})
	if err != nil {
		return err
	}
	return decision(snapshot)
}

// load reads routes and rules of the whole cluster, because any namespace may
// hold a rival or a caller's rule, and workloads of the service's namespace.
func (w *world) load(ctx context.Context, namespace string, kinds []*model.Kind) (*model.Snapshot, error) {
	if err := w.connect(); err != nil {
		return nil, err
	}
	live := &source.Cluster{Client: w.client, Options: model.Options{Namespace: namespace, ClusterDomain: w.flags.domain}}
	everywhere := source.Scope{}
	return live.Load(ctx, source.Want{
		Kinds: kinds, Namespace: namespace,
		Scopes: map[*model.Kind]source.Scope{
			model.VirtualServices.Kind: everywhere, model.DestinationRules.Kind: everywhere, model.ServiceEntries.Kind: everywhere,
		},
	})
}

// connect makes the one client of the run, for reads and writes alike.
func (w *world) connect() error {
	if w.client != nil {
		return nil
	}
	config, err := w.RESTConfig()
	if err != nil {
		return err
	}
	w.client, err = cluster.New(config)
	return err
}
