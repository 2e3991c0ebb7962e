// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

// patience is how long a person waits for TAB.
const patience = 2 * time.Second

// stdin is the name of the standard input, which is the shell's while TAB is
// pressed.
const stdin = "-"

// distant reports whether a file is none that can be read at once.
func distant(file string) bool { return file == stdin || strings.Contains(file, "://") }

// Names are those of a kind in the world that the flags mean, for completion;
// none if it cannot be read in time.
func Names(cmd *cobra.Command, f *cli.Factory, flags *Flags, k *model.Kind) []string {
	ctx, cancel := context.WithTimeout(cmd.Context(), patience)
	defer cancel()
	w, err := New(f, cmd, flags, false)
	if err != nil {
		return nil
	}
	var out []string
	add := func(s *model.Snapshot) {
		for _, o := range s.InNamespace(k.GroupKind, scopeOf(k, w.Namespace)) {
			out = append(out, o.Ref.Name)
		}
	}
	if flags.Snapshot != "" && flags.Snapshot != stdin {
		if saved, err := w.loadSaved(ctx); err == nil {
			add(saved.Snapshot)
		}
	}
	if flags.Files.Given() && !slices.ContainsFunc(flags.Files.Files, distant) {
		if written, err := w.Files(ctx); err == nil {
			add(written.Snapshot)
		}
	}
	if !w.Offline() {
		if live := w.list(ctx, k); live != nil {
			add(live)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// list reads the names of one kind in the cluster; nil if it does not answer.
func (w *World) list(ctx context.Context, k *model.Kind) *model.Snapshot {
	client, err := w.Client()
	if err != nil {
		return nil
	}
	scope := source.Scope{Namespaces: []string{w.Namespace}, MetadataOnly: true}
	s, err := (&source.Cluster{Client: client}).Load(ctx, source.Want{
		Kinds: []*model.Kind{k}, Namespace: w.Namespace, Scopes: map[*model.Kind]source.Scope{k: scope},
	})
	if err != nil {
		return nil
	}
	return s
}
