// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/redact"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Head is what a saved Snapshot says about itself.
type Head struct {
	// Time is when the world was read: the "now" of what is decided on it.
	Time time.Time
	// Version is that of the product that saved it.
	Version string
	// Server is the version of the cluster, empty where there is none.
	Server string
	// Kinds are those that were read; objects of others are unknown. None means
	// what the zero Want reads.
	Kinds []ref.GroupKind
	// Options are those of the Snapshot. Save takes them from there.
	Options model.Options
}

// Save writes a Snapshot so that Saved can give it back elsewhere: JSON Lines,
// the head first, then an object a line in the order of Snapshot.Objects. Secrets
// are taken out of all of it as redact.Object does; of ConfigMaps only Istio's
// mesh configuration keeps its values. Equal Snapshots give equal bytes.
func Save(ctx context.Context, w io.Writer, s *model.Snapshot, h Head) error {
	out := bufio.NewWriterSize(w, 1<<16)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	if err := lines.Encode(headOf(s, h)); err != nil {
		return err
	}
	for _, o := range s.Objects() {
		if ctx.Err() != nil {
			return ended(ctx, "save the snapshot")
		}
		if err := lines.Encode(bundled(o, s.RootNamespace)); err != nil {
			return err
		}
	}
	return out.Flush()
}

// SaveFile is Save into a file, which is compressed if its name ends in .gz.
// Only its owner may read it. It is there as a whole or not at all, and takes the
// place of the file that a link leads to, never that of the link. What is no
// regular file, such as a pipe or a device, is written to as it is.
func SaveFile(ctx context.Context, path string, s *model.Snapshot, h Head) error {
	err := saveFile(ctx, path, s, h)
	if ctx.Err() != nil {
		return ended(ctx, "save the snapshot")
	}
	if err != nil {
		return unwritable(path, err)
	}
	return nil
}

func saveFile(ctx context.Context, path string, s *model.Snapshot, h Head) (err error) {
	compressed := strings.HasSuffix(path, ".gz")
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		out, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(pack(ctx, out, compressed, s, h), out.Close())
	}
	if at, err := filepath.EvalSymlinks(path); err == nil {
		path = at
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name()) // a stray file is all there is to lose
		}
	}()
	if err = errors.Join(pack(ctx, file, compressed, s, h), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// pack is Save, compressed or not.
func pack(ctx context.Context, w io.Writer, compressed bool, s *model.Snapshot, h Head) error {
	if !compressed {
		return Save(ctx, w, s, h)
	}
	packed := gzip.NewWriter(w)
	return errors.Join(Save(ctx, packed, s, h), packed.Close())
}

func headOf(s *model.Snapshot, h Head) api.Snapshot {
	o := s.Options
	line := api.Snapshot{
		TypeMeta: api.Type(api.KindSnapshot), Time: h.Time.UTC(), Version: h.Version, Server: redact.Text(h.Server),
		Options: api.SnapshotOptions{Namespace: o.Namespace, ClusterDomain: o.ClusterDomain, RootNamespace: o.RootNamespace, Partial: o.Partial, Offline: o.Offline},
		Kinds:   kindsRead(s, h.Kinds), Gaps: []api.SnapshotGap{}, Objects: len(s.Objects()),
	}
	for _, g := range s.Gaps() {
		line.Gaps = append(line.Gaps, api.SnapshotGap{
			Kind: g.Kind.String(), Namespace: g.Namespace, Known: g.Known, Reason: redact.Text(g.Reason), Missing: g.Missing, Unasked: g.Unasked,
		})
	}
	return line
}

// kindsRead names the kinds that are not unknown, sorted.
func kindsRead(s *model.Snapshot, kinds []ref.GroupKind) []string {
	all := map[string]bool{}
	for _, gk := range kinds {
		all[gk.String()] = true
	}
	if len(kinds) == 0 {
		known := everyKind()
		if s.Partial { // of manifests, what is there is read
			known = model.Kinds()
		}
		for _, k := range known {
			all[k.GroupKind.String()] = true
		}
	}
	for _, o := range s.Objects() {
		all[o.Ref.GroupKind().String()] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// bundled is an object as it is saved, with the namespace that applies to it.
func bundled(o *model.Object, rootNamespace string) map[string]any {
	var keep []string
	if mesh := o.Ref.Name == "istio" || strings.HasPrefix(o.Ref.Name, "istio-"); mesh && o.Ref.Namespace == rootNamespace {
		keep = []string{"mesh", "meshNetworks"}
	}
	raw := redact.Object(o.Raw(), keep...)
	if m, ok := raw["metadata"].(map[string]any); ok && m["namespace"] == nil && o.Ref.Namespace != "" {
		m["namespace"] = o.Ref.Namespace
	}
	return raw
}

// kindNamed is a group and kind of its name "Kind.group".
func kindNamed(name string) ref.GroupKind {
	kind, group, _ := strings.Cut(name, ".")
	return ref.GroupKind{Group: group, Kind: kind}
}
