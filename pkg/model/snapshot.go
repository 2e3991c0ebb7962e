// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"errors"
	"maps"
	"slices"
	"sort"
	"strings"

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
	// Offline is true where nothing runs: the templates of workloads stand in
	// for their pods.
	Offline bool
	// Duplicates keeps objects that are defined twice in files, as
	// Snapshot.Shadowed, where they are an error otherwise.
	Duplicates bool
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
	// Unasked is true when nobody tried: the objects were not part of what was
	// to be looked at.
	Unasked bool
}

// Snapshot is an immutable set of objects.
type Snapshot struct {
	Options
	objects  []*Object
	byKind   map[ref.GroupKind][]*Object
	byRef    map[ref.Ref]*Object
	shadowed []*Object
	gaps     []Gap
	// read hears of each kind that is looked at; nil but in Observed.
	read  func(ref.GroupKind)
	views *views
}

// Builder collects the objects of a Snapshot. It is not safe for concurrent use.
type Builder struct {
	options Options
	byRef   map[ref.Ref]*Object
	// shadowed are the definitions that a later one of the same name replaces.
	shadowed []*Object
	gaps     []Gap
	errs     []error
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
	if err := o.Convert(); err != nil {
		b.errs = append(b.errs, err)
	}
	k := key(o.Ref)
	if old, found := b.byRef[k]; found && !old.Live() && !o.Live() && o.Ref.Name != "" {
		if b.options.Duplicates { // the last one counts, as with kubectl apply
			b.shadowed = append(b.shadowed, old)
			b.byRef[k] = o
			return
		}
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
	s := &Snapshot{Options: b.options, byRef: b.byRef, gaps: b.gaps, shadowed: b.shadowed, byKind: map[ref.GroupKind][]*Object{}}
	s.views = newViews(s)
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

// Observed returns the same Snapshot, with views of its own, that calls read
// with every kind somebody looks at: to check that a decision looks only at what
// it says it needs. It is not safe for concurrent use.
func (s *Snapshot) Observed(read func(ref.GroupKind)) *Snapshot {
	seen := *s
	seen.read = read
	seen.views = newViews(&seen)
	return &seen
}

// Objects returns all objects, sorted by ref.Compare.
func (s *Snapshot) Objects() []*Object { return s.objects }

// Shadowed returns the objects of files that a later one of the same name
// replaces, in the order of the files; see Options.Duplicates.
func (s *Snapshot) Shadowed() []*Object { return s.shadowed }

// OfKind returns the objects of a group and kind, sorted by namespace and name.
func (s *Snapshot) OfKind(gk ref.GroupKind) []*Object { return s.InNamespace(gk, "") }

// InNamespace returns the objects of a group and kind in a namespace, all of
// them if that is empty, sorted by namespace and name.
func (s *Snapshot) InNamespace(gk ref.GroupKind, namespace string) []*Object {
	if s.read != nil {
		s.read(gk)
	}
	all := s.byKind[gk]
	if namespace == "" {
		return all
	}
	byNamespace := func(o *Object, ns string) int { return strings.Compare(o.Ref.Namespace, ns) }
	first, _ := slices.BinarySearchFunc(all, namespace, byNamespace)
	rest := all[first:]
	n := sort.Search(len(rest), func(i int) bool { return rest[i].Ref.Namespace != namespace })
	return rest[:n]
}

// Names are the names of the objects of a kind in a namespace (all if empty or
// if the kind is cluster-scoped).
func (s *Snapshot) Names(k *Kind, namespace string) []string {
	if !k.Namespaced {
		namespace = ""
	}
	var out []string
	for _, o := range s.InNamespace(k.GroupKind, namespace) {
		out = append(out, o.Ref.Name)
	}
	return out
}

// Object returns one object, whatever version r has.
func (s *Snapshot) Object(r ref.Ref) (*Object, bool) {
	if s.read != nil {
		s.read(r.GroupKind())
	}
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

// With returns the Snapshot as it would be with some objects replaced or added,
// in place of a shadowed one where that is what is replaced.
func (s *Snapshot) With(objects ...*Object) *Snapshot {
	out := NewBuilder(s.Options)
	out.gaps = s.gaps
	maps.Copy(out.byRef, s.byRef)
	out.shadowed = slices.Clone(s.shadowed)
	for _, o := range objects {
		i := slices.IndexFunc(out.shadowed, func(old *Object) bool { return old.Source != nil && old.Source == o.Source })
		if i >= 0 {
			out.shadowed[i] = o
			continue
		}
		out.byRef[key(o.Ref)] = o
	}
	with, _ := out.Build() // nothing is converted here
	return with
}

// Without returns the Snapshot with more gaps: of kinds that were read in part
// on purpose.
func (s *Snapshot) Without(gaps ...Gap) *Snapshot {
	out := *s
	out.gaps = slices.Concat(s.gaps, gaps)
	out.views = newViews(&out)
	return &out
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
		out.shadowed = append(out.shadowed, s.shadowed...)
	}
	merged, _ := out.Build() // both were built before: nothing is converted anew
	return merged
}
