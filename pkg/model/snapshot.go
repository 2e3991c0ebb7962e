// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"errors"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// DefaultClusterDomain is Kubernetes' and Istio's default DNS suffix.
const DefaultClusterDomain = "cluster.local"

// DefaultRootNamespace is where Istio looks for mesh-wide configuration.
const DefaultRootNamespace = "istio-system"

// Options are the facts about the world that are in no object.
type Options struct {
	// Namespace applies to namespaced objects of files that name none.
	Namespace string
	// ClusterDomain is the DNS suffix of Services, DefaultClusterDomain if empty.
	ClusterDomain string
	// RootNamespace is Istio's, DefaultRootNamespace if empty.
	RootNamespace string
	// Partial is true for a world of files alone: what is not in them may well
	// exist, so that absence proves nothing.
	Partial bool
}

// Gap says that objects of a kind could not be read: they are unknown, which is
// not the same as absent.
type Gap struct {
	Kind ref.GroupKind
	// Namespace is empty when the kind is unknown in the whole cluster, but for
	// the namespaces in Known.
	Namespace string
	Known     []string
	// Reason is for people: "cannot list pods in namespace shop: forbidden".
	Reason string
	// Missing is true when the cluster does not serve the kind at all, so that
	// there are certainly no objects of it.
	Missing bool
}

// Snapshot is an immutable set of objects.
type Snapshot struct {
	Options
	objects []*Object
	byKind  map[ref.GroupKind][]*Object
	byRef   map[ref.Ref]*Object
	gaps    []Gap
}

// Builder collects the objects of a Snapshot. It is not safe for concurrent use.
type Builder struct {
	options Options
	byRef   map[ref.Ref]*Object
	gaps    []Gap
	errs    []error
}

// NewBuilder returns an empty builder.
func NewBuilder(o Options) *Builder {
	if o.ClusterDomain == "" {
		o.ClusterDomain = DefaultClusterDomain
	}
	if o.RootNamespace == "" {
		o.RootNamespace = DefaultRootNamespace
	}
	return &Builder{options: o, byRef: map[ref.Ref]*Object{}}
}

// Add takes in an object. An object of a file replaces a live one of the same
// name, which is how a cluster is overlaid; the same object twice in files is
// an error, since kubectl would silently apply the last.
func (b *Builder) Add(o *Object) {
	if err := o.convert(); err != nil {
		b.errs = append(b.errs, err)
	}
	k := key(o.Ref)
	if old, found := b.byRef[k]; found && !old.Live() && !o.Live() && o.Ref.Name != "" {
		b.errs = append(b.errs, fault.Failedf("%s is defined twice; the first is at %s", o.Ref, old.Where("")).At(o.Where("")))
		return
	} else if found && !old.Live() {
		return
	}
	b.byRef[k] = o
}

// Unknown records that objects could not be read.
func (b *Builder) Unknown(g Gap) { b.gaps = append(b.gaps, g) }

// Build returns the Snapshot of all that was taken in. The error joins what was
// wrong with single objects; the Snapshot is complete but for these.
func (b *Builder) Build() (*Snapshot, error) {
	s := &Snapshot{Options: b.options, byRef: b.byRef, gaps: b.gaps, byKind: map[ref.GroupKind][]*Object{}}
	for _, o := range b.byRef {
		s.objects = append(s.objects, o)
	}
	slices.SortFunc(s.objects, func(a, b *Object) int { return ref.Compare(a.Ref, b.Ref) })
	for _, o := range s.objects {
		gk := o.Ref.GroupKind()
		s.byKind[gk] = append(s.byKind[gk], o)
	}
	return s, errors.Join(b.errs...)
}

// key drops the version: an object is the same in each.
func key(r ref.Ref) ref.Ref {
	r.Version = ""
	return r
}

// Objects returns all objects, sorted by ref.Compare.
func (s *Snapshot) Objects() []*Object { return s.objects }

// OfKind returns the objects of a group and kind, sorted by namespace and name.
func (s *Snapshot) OfKind(gk ref.GroupKind) []*Object { return s.byKind[gk] }

// Object returns one object, whatever version r has.
func (s *Snapshot) Object(r ref.Ref) (*Object, bool) {
	o, ok := s.byRef[key(r)]
	return o, ok
}

// Gaps returns what could not be read, in the order it was found.
func (s *Snapshot) Gaps() []Gap { return s.gaps }

// Gap reports why objects of a kind in a namespace may be missing from the
// Snapshot. Kinds that the cluster does not serve are no gap.
func (s *Snapshot) Gap(gk ref.GroupKind, namespace string) (Gap, bool) {
	for _, g := range s.gaps {
		if g.Kind == gk && !g.Missing && g.covers(namespace) {
			return g, true
		}
	}
	return Gap{}, false
}

// covers reports whether the gap leaves something unknown in a namespace; in
// all namespaces, if that is empty.
func (g Gap) covers(namespace string) bool {
	switch {
	case namespace == "":
		return true
	case g.Namespace == "":
		return !slices.Contains(g.Known, namespace)
	}
	return g.Namespace == namespace
}

// Merge returns a Snapshot with the objects and gaps of both, under the options
// of the first: one that was read later adds kinds to one that was read before.
func Merge(a, b *Snapshot) *Snapshot {
	out := NewBuilder(a.Options)
	for _, s := range []*Snapshot{a, b} {
		for _, o := range s.objects {
			out.byRef[key(o.Ref)] = o
		}
		out.gaps = append(out.gaps, s.gaps...)
	}
	merged, _ := out.Build() // both were built before: nothing is converted anew
	return merged
}
