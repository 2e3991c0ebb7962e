// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// Overlay is a cluster as it would be if manifests were applied: their objects
// replace live ones of the same name.
type Overlay struct {
	Live *Cluster
	// Files are the manifests; their Options count.
	Files *Files
}

// Load implements Source.
func (o *Overlay) Load(ctx context.Context, w Want) (*model.Snapshot, error) {
	var live, files batch
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { live, err = o.Live.read(ctx, w); return err })
	g.Go(func() (err error) { files, err = o.Files.read(ctx, w); return err })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return snapshot(o.Files.Options, live, files)
}
