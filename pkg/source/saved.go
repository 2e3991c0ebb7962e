// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Saved is a Snapshot that Save has written, plain or compressed. It stands for
// the cluster or the files it was made of: its objects have no place in a file,
// what was unknown then is unknown now. A Want selects objects of it as of a
// cluster; of these it gives all that was saved, for that costs nothing and is
// redacted already. It is read once; methods are safe for concurrent use.
type Saved struct {
	// Path is the file. With Reader it is only the name for messages.
	Path string
	// Reader is read in place of a file, if it is not nil.
	Reader io.Reader

	once   sync.Once
	bundle *bundle
	err    error
}

// Open returns the Snapshot of a file, or of standard input for "-".
func Open(path string, stdin io.Reader) *Saved {
	if path == "-" {
		return &Saved{Path: "<stdin>", Reader: stdin}
	}
	return &Saved{Path: path}
}

// Head returns what the Snapshot says about itself. The error is that of Load
// without a Snapshot: no such file, or not a saved Snapshot this version knows.
func (s *Saved) Head(ctx context.Context) (Head, error) {
	if err := s.open(ctx); err != nil {
		return Head{}, err
	}
	h := s.bundle.head
	out := Head{Time: h.Time, Version: h.Version, Server: h.Server, Options: model.Options{
		Namespace: h.Options.Namespace, ClusterDomain: h.Options.ClusterDomain, RootNamespace: h.Options.RootNamespace,
		Partial: h.Options.Partial, Offline: h.Options.Offline,
	}}
	for _, name := range h.Kinds {
		out.Kinds = append(out.Kinds, kindNamed(name))
	}
	return out, nil
}

// Load implements Source. Of a file that is damaged or was cut off, the error
// says where and the Snapshot has the objects that can be read; every kind is
// then unknown beyond these.
func (s *Saved) Load(ctx context.Context, w Want) (*model.Snapshot, error) {
	head, err := s.Head(ctx)
	if err != nil {
		return nil, err
	}
	found := batch{gaps: s.gaps(w, head), err: joined(s.bundle.damage)}
	kinds := w.groupKinds()
	for _, raw := range s.bundle.objects {
		if ctx.Err() != nil {
			return nil, ended(ctx, "read the saved snapshot")
		}
		if o := w.narrow(raw, kinds, head.Options.Namespace); o != nil {
			if head.Options.Offline {
				o.Planned()
			}
			found.objects = append(found.objects, o)
		}
	}
	return snapshot(head.Options, found)
}

func (s *Saved) open(ctx context.Context) error {
	s.once.Do(func() {
		_, s.err = abandonable(ctx, "read the saved snapshot", func() ([]byte, error) {
			b, err := s.read()
			if err == nil {
				s.bundle = b
			}
			return nil, err
		})
	})
	return s.err
}

func (s *Saved) read() (*bundle, error) {
	if s.Reader != nil {
		return readBundle(s.name(), s.Reader)
	}
	file, err := os.Open(s.Path)
	if err != nil {
		return nil, unreadable(s.Path, err)
	}
	defer file.Close()
	return readBundle(s.name(), file)
}

func (s *Saved) name() string {
	if s.Path == "" || s.Path == stdin {
		return "<stdin>"
	}
	return s.Path
}

// gaps are those that were saved, and the kinds that were not read at all.
func (s *Saved) gaps(w Want, h Head) []model.Gap {
	var out []model.Gap
	wanted := w.groupKinds()
	for _, g := range s.bundle.head.Gaps {
		if gk := kindNamed(g.Kind); wanted == nil || wanted[gk] {
			out = append(out, model.Gap{Kind: gk, Namespace: g.Namespace, Known: g.Known, Reason: g.Reason, Missing: g.Missing, Unasked: g.Unasked})
		}
	}
	for _, k := range w.kinds() {
		switch {
		case !slices.Contains(h.Kinds, k.GroupKind):
			out = append(out, model.Gap{Kind: k.GroupKind, Reason: "the saved snapshot was made without " + k.Resource, Unasked: true})
		case len(s.bundle.damage) > 0:
			out = append(out, model.Gap{Kind: k.GroupKind, Reason: "the saved snapshot is damaged"})
		}
	}
	return out
}

// narrow returns a saved object if it is wanted, else nil; kinds are those of w
// as a set.
func (w Want) narrow(raw map[string]any, kinds map[ref.GroupKind]bool, namespace string) *model.Object {
	o := model.FromRaw(raw, namespace)
	if kinds != nil && !kinds[o.Ref.GroupKind()] {
		return nil
	}
	k, known := model.KindFor(o.Ref.GroupKind())
	if !known {
		k = &model.Kind{GroupKind: o.Ref.GroupKind(), Namespaced: o.Ref.Namespace != ""}
	}
	s := w.scope(k)
	if s.Namespaces[0] != "" && !slices.Contains(s.Namespaces, o.Ref.Namespace) && !slices.Contains(s.Namespaces, "") {
		return nil
	}
	if s.Labels != nil && !s.Labels.Matches(labels.Set(o.Meta().GetLabels())) || !selected(s.Fields, raw) {
		return nil
	}
	return o
}

// selected evaluates a field selector as a server would that knows all fields.
func selected(s fields.Selector, raw map[string]any) bool {
	if s == nil || s.Empty() {
		return true
	}
	set := fields.Set{}
	for _, r := range s.Requirements() {
		path := "/" + strings.ReplaceAll(r.Field, ".", "/")
		switch v, _ := patch.Get(raw, path); v := v.(type) {
		case string:
			set[r.Field] = v
		case bool:
			set[r.Field] = strconv.FormatBool(v)
		case int64:
			set[r.Field] = strconv.FormatInt(v, 10)
		}
	}
	return s.Matches(set)
}
