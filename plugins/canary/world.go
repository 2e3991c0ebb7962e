// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/canary"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
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
		model.Deployments.Kind,
	}
)

// world is where a command reads from: files or a cluster.
type world struct {
	*cli.Factory
	flags  *targetFlags
	client *cluster.Client
	files  *source.Files
	saved  *source.Saved
	// managed keeps metadata.managedFields, for -o with --show-managed-fields.
	managed bool
	// tolerant decides on what could be read of files where some of it is broken,
	// and reports what is broken afterwards. Only for commands that just read.
	tolerant bool
	// last is what the last decision was made on.
	last *model.Snapshot
}

// offline reports whether files are read and no cluster is.
func (w *world) offline() bool { return w.flags.files.Given() }

// decide loads the world and decides on it; a failed decision on the usual kinds
// is made again with the rare ones. Of files, those that do not mention the
// service are first left unparsed.
func (w *world) decide(ctx context.Context, q canary.Query, decision func(*model.Snapshot) error) error {
	step := w.Progress().Start("reading routes, services and pods")
	defer step.Done()
	if w.offline() {
		return w.decideOnFiles(ctx, q, decision)
	}
	kinds := usualKinds
	if q.Name == "" { // whatever runs is meant
		kinds = slices.Concat(usualKinds, []*model.Kind{model.GRPCRoutes.Kind})
	}
	snapshot, err := w.load(ctx, q.Namespace, kinds)
	if err != nil {
		return err
	}
	w.last = snapshot
	err = decision(snapshot)
	left := slices.DeleteFunc(slices.Clone(rareKinds), func(k *model.Kind) bool { return slices.Contains(kinds, k) })
	if err == nil {
		// Where the Gateway API is in use, a GRPCRoute may split the service as well.
		if q.Name != "" && len(model.HTTPRoutes.In(snapshot, q.Namespace)) == 0 {
			return nil
		}
		left = slices.DeleteFunc(left, func(k *model.Kind) bool { return k != model.GRPCRoutes.Kind })
	}
	if len(left) == 0 {
		return err
	}
	more, loadErr := w.load(ctx, q.Namespace, left)
	if loadErr != nil {
		return cmp.Or(err, loadErr)
	}
	w.last = model.Merge(snapshot, more)
	return decision(w.last)
}

// unread notes what was left out of account because it may not be read.
func (w *world) unread() {
	if w.last == nil {
		return
	}
	for _, g := range w.last.Gaps() {
		if !g.Missing && !g.Unasked {
			fmt.Fprintf(w.Streams.ErrOut, "note: %s\n", render.Sanitise(g.Reason))
		}
	}
}

func (w *world) decideOnFiles(ctx context.Context, q canary.Query, decision func(*model.Snapshot) error) error {
	namespace := q.Namespace
	if namespace == "" {
		namespace = "default"
	}
	w.files = &source.Files{
		Paths: w.flags.files.Files, Recursive: w.flags.files.Recursive, Kustomize: w.flags.files.Kustomize,
		Stdin:   w.Streams.In,
		Options: model.Options{Namespace: namespace, ClusterDomain: w.flags.domain, Partial: true},
	}
	sieve := source.Want{Kinds: fileKinds, Mentions: canary.Mentions(q)}
	if sieve.Mentions != nil && !w.tolerant {
		if snapshot, err := w.files.Load(ctx, sieve); err == nil && decision(snapshot) == nil {
			return nil
		}
	}
	snapshot, err := w.files.Load(ctx, source.Want{Kinds: fileKinds})
	if err != nil && (snapshot == nil || !w.tolerant) {
		return err
	}
	return errors.Join(decision(snapshot), err)
}

// load reads routes and rules of the whole cluster, because any namespace may
// hold a rival or a caller's rule, and workloads of the service's namespace.
func (w *world) load(ctx context.Context, namespace string, kinds []*model.Kind) (*model.Snapshot, error) {
	from, err := w.source(namespace)
	if err != nil {
		return nil, err
	}
	// Who manages a route decides whether it may be written, so that routes keep
	// their managedFields.
	here := source.Scope{ManagedFields: true}
	if namespace != "" {
		here.Namespaces = []string{namespace}
	}
	return from.Load(ctx, source.Want{
		Kinds: kinds, Namespace: namespace, ManagedFields: w.managed,
		Scopes: map[*model.Kind]source.Scope{
			model.VirtualServices.Kind: {ManagedFields: true}, model.HTTPRoutes.Kind: here, model.GRPCRoutes.Kind: here,
			model.DestinationRules.Kind: {}, model.ServiceEntries.Kind: {},
		},
	})
}

// source is the cluster, or one that was saved.
func (w *world) source(namespace string) (source.Source, error) {
	if w.flags.snapshot == "" {
		err := w.connect()
		return &source.Cluster{Client: w.client, Options: model.Options{Namespace: namespace, ClusterDomain: w.flags.domain}}, err
	}
	if w.saved == nil {
		w.saved = source.Open(w.flags.snapshot, w.Streams.In)
	}
	return w.saved, nil
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
