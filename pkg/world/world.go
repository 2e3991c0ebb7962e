// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package world reads what commands decide on: a cluster, files, files laid over
// a cluster, or a saved snapshot. Which one it is the flags say, and who decides
// cannot tell.
package world

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

// World is where one run of a command reads from.
type World struct {
	*cli.Factory
	Flags *Flags
	// Namespace is the one that is meant, empty for all; Named that -n gave it.
	Namespace string
	Named     bool
	// Written are the files that were read; nil before, and without any.
	Written *source.Files

	// Roomy lets files take as much memory as a cluster, for answers that take more
	// than reading.
	Roomy bool
	// Texts reads Dockerfiles, pipelines and scripts beside the manifests of files.
	Texts bool

	client *cluster.Client
	// files are the manifests of an overlay.
	files *Seen
}

// Seen is what was read.
type Seen struct {
	*model.Snapshot
	// Time is when it was so: now, or when it was saved.
	Time time.Time
	// Unread are what is wrong with files, documents and objects that could not be
	// read whole.
	Unread []error
	// Texts are the files beside the manifests that hold no objects.
	Texts []*model.Text
}

// Request says what to read of a cluster; files and snapshots are read whole.
type Request struct {
	source.Want
	// Gaps are what is left out on purpose.
	Gaps []model.Gap
	// Late are kinds that matter only where something else is found: a second round
	// of requests reads them then.
	Late map[*model.Kind]func(*model.Snapshot) bool
}

// New finds out which namespace is meant. Files have no current one: all of
// theirs count unless -n says otherwise. All is true for all namespaces.
func New(f *cli.Factory, cmd *cobra.Command, flags *Flags, all bool) (*World, error) {
	w := &World{Factory: f, Flags: flags}
	given := ""
	if n := cmd.Flag("namespace"); n.Changed {
		given, w.Named = n.Value.String(), true
	}
	if w.Offline() {
		if !all {
			w.Namespace = given
		}
		return w, cli.Offline(cmd)
	}
	if _, err := f.RESTConfig(); err != nil || all {
		return w, err
	}
	var err error
	w.Namespace, _, err = f.Namespace()
	return w, err
}

// Offline reports whether no cluster is asked.
func (w *World) Offline() bool {
	return w.Flags.Snapshot != "" || w.Flags.Files.Given() && !w.Flags.Overlay
}

// Name is what the world is called: "cluster", "files", "overlay" or "snapshot".
func (w *World) Name() string {
	switch {
	case w.Flags.Snapshot != "":
		return "snapshot"
	case w.Flags.Overlay:
		return "overlay"
	case w.Flags.Files.Given():
		return "files"
	}
	return "cluster"
}

// Options are the facts about the world that no object holds.
func (w *World) Options() model.Options {
	return model.Options{Namespace: w.Namespace, ClusterDomain: w.Flags.Domain, RootNamespace: w.Flags.Root, Duplicates: true}
}

// Load reads the world; of an overlay, the cluster alone (see Overlaid). Without
// a Snapshot nothing can be said at all; what is wrong with parts is in Unread.
func (w *World) Load(ctx context.Context, r Request) (*Seen, error) {
	step := w.Progress().Start("reading " + w.Name())
	defer step.Done()
	modest := int64(modestCluster)
	if w.Offline() && !w.Roomy {
		modest = modestFiles
	}
	thrifty(w.Getenv, modest)
	switch {
	case w.Flags.Snapshot != "":
		return w.loadSaved(ctx)
	case w.Offline():
		return w.Files(ctx)
	}
	s, err := w.loadCluster(ctx, r)
	return w.seen(s, err)
}

func (w *World) seen(s *model.Snapshot, err error) (*Seen, error) {
	if s == nil {
		return nil, err
	}
	return &Seen{Snapshot: s, Time: w.Now(), Unread: fault.All(err)}, nil
}

// Files reads the manifests of -f and -k; those of an overlay once, since standard
// input is gone after that.
func (w *World) Files(ctx context.Context) (*Seen, error) {
	if w.files != nil {
		return w.files, nil
	}
	o := w.Options()
	if o.Namespace == "" && w.Flags.Overlay {
		var err error
		if o.Namespace, _, err = w.Factory.Namespace(); err != nil {
			return nil, err
		}
	}
	if o.Namespace == "" {
		o.Namespace = "default"
	}
	o.Offline, o.Partial = !w.Flags.Overlay, !w.Flags.Complete
	w.Written = &source.Files{
		Paths: w.Flags.Files.Files, Recursive: w.Flags.Files.Recursive, Kustomize: w.Flags.Files.Kustomize,
		Stdin: w.Streams.In, Options: o, Texts: w.Texts,
	}
	s, err := w.Written.Load(ctx, source.Want{Tolerant: true})
	seen, err := w.seen(s, err)
	if seen != nil {
		seen.Texts = w.Written.Beside()
		if err := ours(seen); err != nil {
			return nil, err
		}
	}
	if w.Flags.Overlay {
		w.files = seen
	}
	return seen, err
}

// loadSaved reads a snapshot that was saved; the time is that of the saving.
func (w *World) loadSaved(ctx context.Context) (*Seen, error) {
	saved := source.Open(w.Flags.Snapshot, w.Streams.In)
	head, err := saved.Head(ctx)
	if err != nil {
		return nil, err
	}
	seen, err := w.seen(saved.Load(ctx, source.Want{Tolerant: true}))
	if seen != nil {
		seen.Time = head.Time
	}
	return seen, err
}

// Overlaid returns the world with the manifests over it.
func (w *World) Overlaid(ctx context.Context, live *Seen) (*Seen, error) {
	files, err := w.Files(ctx)
	if err != nil {
		return nil, err
	}
	out := *live
	out.Snapshot, out.Texts = live.With(files.Objects()...), files.Texts
	out.Unread = append(append([]error(nil), live.Unread...), files.Unread...)
	return &out, nil
}

// Home is the namespace that names without one are looked up in. Files have no
// current one: there it is the only one that holds workloads, empty where there
// are several.
func (w *World) Home(s *model.Snapshot) string {
	if w.Namespace != "" || !w.Offline() {
		return w.Namespace
	}
	home := ""
	for _, one := range s.Workloads("") {
		switch ns := one.Ref.Namespace; {
		case home == "":
			home = ns
		case home != ns:
			return ""
		}
	}
	return home
}
