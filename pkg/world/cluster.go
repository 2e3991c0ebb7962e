// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"context"
	"errors"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

// Client returns the one client of the run.
func (w *World) Client() (*cluster.Client, error) {
	if w.client != nil {
		return w.client, nil
	}
	config, err := w.RESTConfig()
	if err != nil {
		return nil, err
	}
	w.client, err = cluster.New(config)
	return w.client, err
}

// Requests are how many requests were made and how many bytes came; asked is
// false where no cluster was asked.
func (w *World) Requests() (n int, bytes int64, asked bool) {
	if w.client == nil {
		return 0, 0, false
	}
	n, bytes = w.client.Requests()
	return n, bytes, true
}

// loadCluster reads a cluster: one request for the groups it serves, then one
// list for each kind, all at once.
func (w *World) loadCluster(ctx context.Context, r Request) (*model.Snapshot, error) {
	client, err := w.Client()
	if err != nil {
		return nil, err
	}
	gaps := r.Gaps
	groups, err := client.Groups(ctx)
	if err != nil && fault.KindOf(err) != fault.Failed {
		return nil, err
	}
	if err == nil {
		r.Kinds = slices.DeleteFunc(slices.Clone(r.Kinds), func(k *model.Kind) bool {
			if k.Group == "" || groups[k.Group] {
				return false
			}
			gaps = append(gaps, model.Gap{Kind: k.GroupKind, Missing: true, Reason: "the cluster does not serve " + k.GroupKind.String()})
			return true
		})
	}
	live := &source.Cluster{Client: client, Options: w.Options(), Chunk: w.Flags.Chunk}
	if live.Chunk == 0 && r.Namespace != "" {
		live.Chunk = -1 // one namespace fits one answer
	}
	s, err := w.rounds(ctx, live, r)
	if s == nil {
		return nil, err
	}
	if err := w.blind(s, r.Want); err != nil {
		return nil, err
	}
	return s.Without(gaps...), err
}

// rounds loads what is asked in one round, or in two where something may turn
// out not to be needed.
func (w *World) rounds(ctx context.Context, from *source.Cluster, r Request) (*model.Snapshot, error) {
	first, second := r.Want, r.Want
	first.Kinds, second.Kinds = nil, nil
	for _, k := range r.Kinds {
		if r.Late[k] == nil {
			first.Kinds = append(first.Kinds, k)
		}
	}
	s, err := from.Load(ctx, first)
	if s == nil {
		return nil, err
	}
	seen := s
	if w.files != nil { // what is laid over the cluster depends on things too
		seen = s.With(w.files.Objects()...)
	}
	var gaps []model.Gap
	for _, k := range r.Kinds {
		switch needed := r.Late[k]; {
		case needed == nil:
		case needed(seen):
			second.Kinds = append(second.Kinds, k)
		default:
			gaps = append(gaps, model.Gap{Kind: k.GroupKind, Unasked: true, Reason: "nothing in namespace " + w.Namespace + " depends on it"})
		}
	}
	if len(second.Kinds) == 0 {
		return s.Without(gaps...), err
	}
	more, also := from.Load(ctx, second)
	if more == nil {
		return nil, also
	}
	return model.Merge(s, more).Without(gaps...), errors.Join(err, also)
}

// blind is the error of a run that was let to see nothing at all: that nothing
// is found then means nothing. It is nil where any kind could be read; kinds that
// were asked for in other namespaces alone tell nothing about this one.
func (w *World) blind(s *model.Snapshot, asked source.Want) error {
	reason := ""
	for _, k := range asked.Kinds {
		if in := asked.Scopes[k].Namespaces; w.Namespace != "" && len(in) > 0 && !slices.Contains(in, w.Namespace) {
			continue
		}
		g, gap := s.Gap(k.GroupKind, scopeOf(k, w.Namespace))
		if !gap {
			return nil
		}
		if reason == "" {
			reason = g.Reason
		}
	}
	if reason == "" {
		return nil
	}
	if w.Namespace == "" {
		return fault.Failedf("nothing in the cluster could be looked at: %s", reason).
			Try("look at one namespace that you may read: %s -n NAMESPACE", w.Command())
	}
	return fault.Failedf("nothing in namespace %s could be looked at: %s", w.Namespace, reason).
		Try("see what you may do there: kubectl auth can-i --list -n %s", w.Namespace)
}

// scopeOf is the namespace that objects of a kind are in, where those of one
// are meant.
func scopeOf(k *model.Kind, namespace string) string {
	if !k.Namespaced {
		return ""
	}
	return namespace
}
