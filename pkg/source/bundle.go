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

// snapshotKind is the kind of a head, its first line's.
const snapshotKind = "Snapshot"

// headLine is a Head as it is written. Fields are added, never renamed; readers
// ignore what they do not know.
type headLine struct {
	api.TypeMeta
	Time    time.Time   `json:"time"`
	Version string      `json:"version"`
	Server  string      `json:"server,omitempty"`
	Options headOptions `json:"options"`
	Kinds   []string    `json:"kinds"` // "Kind.group"
	Gaps    []headGap   `json:"gaps"`
	// Objects is how many lines follow.
	Objects int `json:"objects"`
}

type headOptions struct {
	Namespace     string `json:"namespace,omitempty"`
	ClusterDomain string `json:"clusterDomain"`
	RootNamespace string `json:"rootNamespace"`
	Partial       bool   `json:"partial"`
	Offline       bool   `json:"offline"`
}

type headGap struct {
	Kind      string   `json:"kind"` // "Kind.group"
	Namespace string   `json:"namespace,omitempty"`
	Known     []string `json:"known,omitempty"`
	Reason    string   `json:"reason"`
	Missing   bool     `json:"missing,omitempty"`
	Unasked   bool     `json:"unasked,omitempty"`
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
// Only its owner may read it. It is there as a whole or not at all.
func SaveFile(ctx context.Context, path string, s *model.Snapshot, h Head) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return unwritable(path, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name()) // a stray file is all there is to lose
		}
	}()
	var w io.Writer = file
	var packed *gzip.Writer
	if strings.HasSuffix(path, ".gz") {
		packed = gzip.NewWriter(file)
		w = packed
	}
	err = Save(ctx, w, s, h)
	if packed != nil {
		err = errors.Join(err, packed.Close())
	}
	if err = errors.Join(err, file.Close()); ctx.Err() != nil {
		return ended(ctx, "save the snapshot")
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return unwritable(path, err)
	}
	return nil
}

func headOf(s *model.Snapshot, h Head) headLine {
	o := s.Options
	line := headLine{
		TypeMeta: api.Type(snapshotKind), Time: h.Time.UTC(), Version: h.Version, Server: redact.Text(h.Server),
		Options: headOptions{o.Namespace, o.ClusterDomain, o.RootNamespace, o.Partial, o.Offline},
		Kinds:   kindsRead(s, h.Kinds), Gaps: []headGap{}, Objects: len(s.Objects()),
	}
	for _, g := range s.Gaps() {
		line.Gaps = append(line.Gaps, headGap{g.Kind.String(), g.Namespace, g.Known, redact.Text(g.Reason), g.Missing, g.Unasked})
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
