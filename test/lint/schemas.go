// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"k8s.io/client-go/openapi"
	"sigs.k8s.io/kubectl-validate/pkg/openapiclient"
	"sigs.k8s.io/kubectl-validate/pkg/openapiclient/groupversion"
)

// Schemas are those of Kubernetes, Istio, the Gateway API and the Prometheus
// Operator.
type Schemas struct {
	// Release is that of Kubernetes: v1.36.
	Release string
	client  openapi.Client
}

// FindSchemas reads them out of Go modules, in the versions that the repository in
// a folder requires.
func FindSchemas(ctx context.Context, repository string) (*Schemas, error) {
	version, dir, err := kubernetes.fetch(ctx, repository)
	if err != nil {
		return nil, err
	}
	clients := []openapi.Client{builtins{os.DirFS(dir)}}
	for _, m := range definitions {
		_, dir, err := m.fetch(ctx, repository)
		if err != nil {
			return nil, err
		}
		clients = append(clients, openapiclient.NewLocalCRDFiles(os.DirFS(dir)))
	}
	return &Schemas{Release: version[:strings.LastIndexByte(version, 46)], client: openapiclient.NewComposite(clients...)}, nil
}

// builtins are the schemas of the built-in kinds as the sources of Kubernetes have
// them: one file for each version of a group. Those in kubectl-validate end with
// Kubernetes 1.30.
type builtins struct{ files fs.FS }

// Paths implements openapi.Client.
func (b builtins) Paths() (map[string]openapi.GroupVersion, error) {
	const suffix = "_openapi.json"
	files, err := fs.Glob(b.files, "*__*"+suffix)
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("expected files of OpenAPI v3 in the sources of Kubernetes, found none (%w)", err)
	}
	all := map[string]openapi.GroupVersion{}
	for _, f := range files {
		all[strings.ReplaceAll(strings.TrimSuffix(f, suffix), "__", "/")] = groupversion.NewForFile(b.files, f)
	}
	return all, nil
}
