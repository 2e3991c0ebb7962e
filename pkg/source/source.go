// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package source reads the world into a model.Snapshot: from a cluster, from
// manifests (files, directories, URLs, standard input, kustomizations), or from
// a Snapshot that was saved. Who asks cannot tell which it was.
package source

import (
	"context"

	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Source is where a Snapshot comes from.
type Source interface {
	// Load reads what is wanted. Without a Snapshot, nothing can be said at all:
	// no connection, no such file, an empty stream. With a Snapshot, the error
	// joins what is wrong with single objects (fault.All lists them) and the
	// Snapshot is complete but for these. What may not be read is no error but a
	// gap of the Snapshot.
	Load(ctx context.Context, w Want) (*model.Snapshot, error)
}

// Want says what to read. The zero Want is every known kind in all namespaces.
//
// Namespace and Scopes spare a cluster from sending what nobody looks at. They
// do not narrow manifests: what was passed on purpose counts, wherever it is.
type Want struct {
	// Kinds are the kinds to read. Documents of other kinds are not even parsed,
	// so that a fault in one of them stays unnoticed. None means every kind: of
	// manifests also those the suite does not know, of a cluster those of the model
	// (without Endpoints, which EndpointSlices have replaced).
	Kinds []*model.Kind
	// Mentions spares documents that cannot matter: of manifests, only those that
	// hold one of these texts anywhere are parsed, and those that cannot be told
	// without parsing or look broken. None means all.
	Mentions []string
	// Namespace is the one to read namespaced kinds in; empty means all. It is
	// also where a kind is read whose list over all namespaces is forbidden.
	Namespace string
	// Scopes are for kinds that are to be read in another way than Namespace says.
	Scopes map[*model.Kind]Scope
	// ManagedFields keeps metadata.managedFields of live objects of all kinds;
	// see also Scope.ManagedFields.
	ManagedFields bool
	// Tolerant reads on where a broken part would end the load: a file that cannot
	// be read or is no text, a key that is twice in a mapping (the last counts), a
	// kind that the server fails to list. What was lost is one of the joined errors
	// or a gap. A path that does not exist, standard input, a URL, a kustomization
	// and the connection to the cluster remain errors that end it.
	Tolerant bool
	// Slim leaves out of live objects what only says who wrote them: managedFields,
	// but for scopes that ask for them, and the copy that kubectl apply keeps.
	Slim bool
}

// Scope is the part of a kind to read; the zero Scope is all of it.
type Scope struct {
	// Namespaces to read; none means all.
	Namespaces []string
	// Labels and Fields select objects on the server; nil selects all.
	Labels labels.Selector
	Fields fields.Selector
	// MetadataOnly leaves out all but the metadata.
	MetadataOnly bool
	// ManagedFields keeps metadata.managedFields of this kind, where it matters
	// who wrote a field. They are often half of an object.
	ManagedFields bool
	// Slim is Want.Slim for this kind.
	Slim bool
}

// scope returns how to read one kind.
func (w Want) scope(k *model.Kind) Scope {
	s, own := w.Scopes[k]
	if !own && w.Namespace != "" {
		s.Namespaces = []string{w.Namespace}
	}
	if !k.Namespaced || len(s.Namespaces) == 0 {
		s.Namespaces = []string{""}
	}
	if k == model.Secrets.Kind { // their contents never leave the server
		s.MetadataOnly = true
	}
	s.Slim = s.Slim || w.Slim && !s.ManagedFields
	s.ManagedFields = s.ManagedFields || w.ManagedFields
	return s
}

// groupKinds is Kinds as a set, nil when every kind is wanted.
func (w Want) groupKinds() map[ref.GroupKind]bool {
	if len(w.Kinds) == 0 {
		return nil
	}
	set := make(map[ref.GroupKind]bool, len(w.Kinds))
	for _, k := range w.Kinds {
		set[k.GroupKind] = true
	}
	return set
}

// batch is what one source has found, before it is a Snapshot.
type batch struct {
	objects []*model.Object
	gaps    []model.Gap
	// err joins what is wrong with single objects.
	err error
}

// snapshot builds the Snapshot of what was found.
func snapshot(o model.Options, found batch) (*model.Snapshot, error) {
	b := model.NewBuilder(o)
	for _, object := range found.objects {
		b.Add(object)
	}
	for _, g := range found.gaps {
		b.Unknown(g)
	}
	s, err := b.Build()
	return s, joined([]error{found.err, err})
}
