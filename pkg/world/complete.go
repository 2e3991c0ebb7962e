// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

// stdin is the name of the standard input, which is the shell's while TAB is
// pressed.
const stdin = "-"

// distant reports whether a file is none that can be read at once.
func distant(file string) bool { return file == stdin || strings.Contains(file, "://") }

// Offers are the names of a kind in the world that the flags mean, each after a
// prefix such as "svc/", for completion. None is offered if the world cannot be
// read in time; if it has none, a hint says so.
func Offers(cmd *cobra.Command, f *cli.Factory, flags *Flags, k *model.Kind, prefix string) []cobra.Completion {
	return cli.InTime(f, cmd, func(ctx context.Context) []cobra.Completion {
		w, err := New(f, cmd, flags, all(cmd))
		if err != nil {
			return nil
		}
		seen := w.glance(ctx, source.Scope{MetadataOnly: true}, k)
		var out []cobra.Completion
		for _, s := range seen {
			for _, o := range s.InNamespace(k.GroupKind, scopeOf(k, w.Namespace)) {
				offer := prefix + o.Ref.Name
				if w.Namespace == "" && o.Ref.Namespace != "" {
					offer = cobra.CompletionWithDesc(offer, "in namespace "+o.Ref.Namespace)
				}
				out = append(out, offer)
			}
		}
		slices.Sort(out)
		out = slices.CompactFunc(out, func(a, b string) bool { return cli.Word(a) == cli.Word(b) })
		if len(out) == 0 && len(seen) > 0 {
			out = cobra.AppendActiveHelp(out, w.without(k))
		}
		return out
	})
}

// all reports whether -A was typed, of a command that has it.
func all(cmd *cobra.Command) bool {
	flag := cmd.Flag("all-namespaces")
	return flag != nil && flag.Value.String() == "true"
}

// without says that there is none of a kind.
func (w *World) without(k *model.Kind) string {
	text := "no " + k.Resource
	if k.Namespaced && w.Namespace != "" {
		text += " in namespace " + w.Namespace
	}
	if w.Offline() {
		text += " of the " + w.Name()
	}
	return text
}

// Running are the workloads that offers are made of, and the Services before
// them, in the world that the flags mean; none if it cannot be read in time.
type Running struct {
	seen      []*model.Snapshot
	namespace string
}

// Look reads what runs.
func Look(ctx context.Context, f *cli.Factory, cmd *cobra.Command, flags *Flags) Running {
	w, err := New(f, cmd, flags, all(cmd))
	if err != nil {
		return Running{}
	}
	kinds := []*model.Kind{model.Services.Kind, model.Deployments.Kind, model.StatefulSets.Kind, model.DaemonSets.Kind}
	return Running{w.glance(ctx, source.Scope{}, kinds...), w.Namespace}
}

// Of returns the workloads that a target means: "deploy/NAME" itself, those that
// "svc/NAME", or a name alone, selects; all of them where none is named.
func (r Running) Of(target string) []*model.Workload {
	kind, name, typed := strings.Cut(target, "/")
	if !typed {
		kind, name = "svc", target
	}
	k, known := model.KindNamed(kind)
	var out []*model.Workload
	for _, s := range r.seen {
		for _, x := range s.Workloads(r.namespace) {
			if target == "" || known && x.Ref.GroupKind() == k.GroupKind && x.Ref.Name == name {
				out = append(out, x)
			}
		}
		if !known || k != model.Services.Kind {
			continue
		}
		for _, svc := range model.Services.In(s, r.namespace) {
			if svc.Ref.Name != name || len(svc.Value.Spec.Selector) == 0 {
				continue
			}
			selects := labels.SelectorFromSet(svc.Value.Spec.Selector)
			for _, x := range s.Workloads(svc.Ref.Namespace) {
				if selects.Matches(labels.Set(x.Template.Labels)) {
					out = append(out, x)
				}
			}
		}
	}
	return out
}

// glance reads what can be read at once of a world: nothing is left of a cluster
// where one of the kinds could not be read.
func (w *World) glance(ctx context.Context, how source.Scope, kinds ...*model.Kind) (out []*model.Snapshot) {
	if w.Flags.Snapshot != "" && w.Flags.Snapshot != stdin {
		if saved, err := w.loadSaved(ctx); err == nil {
			out = append(out, saved.Snapshot)
		}
	}
	if w.Flags.Files.Given() && !slices.ContainsFunc(w.Flags.Files.Files, distant) {
		if written, _ := w.Files(ctx); written != nil {
			out = append(out, written.Snapshot)
		}
	}
	if !w.Offline() {
		if live := w.list(ctx, how, kinds); live != nil {
			out = append(out, live)
		}
	}
	return out
}

// list reads kinds of the cluster; nil if it does not answer.
func (w *World) list(ctx context.Context, how source.Scope, kinds []*model.Kind) *model.Snapshot {
	client, err := w.Client()
	if err != nil {
		return nil
	}
	if w.Namespace != "" {
		how.Namespaces = []string{w.Namespace}
	}
	scopes := map[*model.Kind]source.Scope{}
	for _, k := range kinds {
		scopes[k] = how
	}
	s, err := (&source.Cluster{Client: client}).Load(ctx, source.Want{Kinds: kinds, Namespace: w.Namespace, Scopes: scopes})
	if err != nil {
		return nil
	}
	for _, k := range kinds {
		if _, unread := s.Gap(k.GroupKind, w.Namespace); unread {
			return nil // that there is none cannot be said
		}
	}
	return s
}
