// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

// world is where a diagnosis reads from: a cluster, files, files over a cluster,
// or a saved snapshot.
type world struct {
	*cli.Factory
	flags *worldFlags
	// namespace is empty for all; named says that -n gave it.
	namespace string
	named     bool
	client    *cluster.Client
	files     *source.Files
	// managed keeps metadata.managedFields, which tell what was applied.
	managed bool
	// whole reads also what nothing in the namespace seems to depend on.
	whole bool
}

// newWorld finds out which namespace is meant. Files have no current one: all
// of theirs count unless -n says otherwise.
func newWorld(f *cli.Factory, cmd *cobra.Command, flags *worldFlags, all bool) (*world, error) {
	w := &world{Factory: f, flags: flags}
	given := ""
	if n := cmd.Flag("namespace"); n.Changed {
		given, w.named = n.Value.String(), true
	}
	if w.offline() {
		w.namespace = given
		return w, cli.Offline(cmd)
	}
	if _, err := f.RESTConfig(); err != nil || all {
		return w, err
	}
	var err error
	w.namespace, _, err = f.Namespace()
	return w, err
}

// offline reports whether no cluster is asked.
func (w *world) offline() bool {
	return w.flags.snapshot != "" || w.flags.files.Given() && !w.flags.overlay
}

// name is what the report calls the source.
func (w *world) name() string {
	switch {
	case w.flags.snapshot != "":
		return "snapshot"
	case w.flags.overlay:
		return "overlay"
	case w.flags.files.Given():
		return "files"
	}
	return "cluster"
}

func (w *world) options() model.Options {
	return model.Options{Namespace: w.namespace, ClusterDomain: w.flags.domain, RootNamespace: w.flags.root, Duplicates: true}
}

// load reads what rules look at; one narrows it to what belongs to one object.
func (w *world) load(ctx context.Context, selected []*rules.Rule, one bool) (*rules.World, error) {
	step := w.Progress().Start("reading " + w.name())
	defer step.Done()
	modest := int64(modestCluster)
	if w.offline() {
		modest = modestFiles
	}
	defer thrifty(modest)()
	out := &rules.World{Now: w.Now(), KubeVersion: w.flags.kube}
	var err error
	switch {
	case w.flags.snapshot != "":
		err = w.loadSaved(ctx, out)
	case w.offline():
		out.Snapshot, err = w.loadFiles(ctx)
	default:
		out.Snapshot, err = w.loadCluster(ctx, selected, one)
	}
	if out.Snapshot == nil {
		return nil, err
	}
	out.Unread = fault.All(err)
	return out, nil
}

// loadFiles reads manifests.
func (w *world) loadFiles(ctx context.Context) (*model.Snapshot, error) {
	o := w.options()
	if o.Namespace == "" {
		o.Namespace = "default"
	}
	o.Offline, o.Partial = !w.flags.overlay, !w.flags.complete
	w.files = &source.Files{
		Paths: w.flags.files.Files, Recursive: w.flags.files.Recursive, Kustomize: w.flags.files.Kustomize,
		Stdin: w.Streams.In, Options: o,
	}
	return w.files.Load(ctx, source.Want{Tolerant: true})
}

// loadSaved reads a snapshot that was saved; the time is that of the saving.
func (w *world) loadSaved(ctx context.Context, out *rules.World) error {
	saved := source.Open(w.flags.snapshot, w.Streams.In)
	head, err := saved.Head(ctx)
	if err != nil {
		return err
	}
	out.Now = head.Time
	out.Snapshot, err = saved.Load(ctx, source.Want{Tolerant: true})
	return err
}

// loadCluster reads a cluster: one request for the groups it serves, then one
// list for each kind, all at once.
func (w *world) loadCluster(ctx context.Context, selected []*rules.Rule, one bool) (*model.Snapshot, error) {
	if err := w.connect(); err != nil {
		return nil, err
	}
	asked, gaps := want(kindsFor(selected), w.namespace, w.flags.root, one)
	asked.ManagedFields, asked.Slim = w.managed, !w.managed
	groups, err := w.client.Groups(ctx)
	if err != nil && fault.KindOf(err) != fault.Failed {
		return nil, err
	}
	if err == nil {
		asked.Kinds = slices.DeleteFunc(asked.Kinds, func(k *model.Kind) bool {
			if k.Group == "" || groups[k.Group] {
				return false
			}
			gaps = append(gaps, model.Gap{Kind: k.GroupKind, Missing: true, Reason: "the cluster does not serve " + k.GroupKind.String()})
			return true
		})
	}
	live := &source.Cluster{Client: w.client, Options: w.options(), Chunk: w.flags.chunk}
	if live.Chunk == 0 && w.namespace != "" {
		live.Chunk = -1 // one namespace fits one answer
	}
	s, err := w.read(ctx, live, asked)
	if s == nil {
		return nil, err
	}
	if err := w.blind(s, asked.Kinds); err != nil {
		return nil, err
	}
	return s.Without(gaps...), err
}

// overlaid returns the World with manifests over it.
func (w *world) overlaid(ctx context.Context, live *rules.World) (*rules.World, error) {
	files, err := w.loadFiles(ctx)
	if files == nil {
		return nil, err
	}
	out := *live
	out.Snapshot = live.With(files.Objects()...)
	out.Unread = append(slices.Clone(live.Unread), fault.All(err)...)
	return &out, nil
}

// connect makes the one client of the run.
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

// covers reports whether a kind's gap is one that the user should hear of.
func covers(g model.Gap) bool { return !g.Missing && !g.Unasked }

// needing lists the rules that look at a kind.
func needing(selected []*rules.Rule, gk ref.GroupKind) []string {
	out := []string{}
	for _, r := range selected {
		if slices.ContainsFunc(r.Needs, func(k *model.Kind) bool { return k.GroupKind == gk }) {
			out = append(out, r.ID)
		}
	}
	return out
}
