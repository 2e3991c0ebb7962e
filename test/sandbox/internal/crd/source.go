// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package crd finds the CustomResourceDefinitions of the sandbox. They belong to other projects and are not committed
// here: they are read out of those projects' Go modules, which the go command takes from its module cache or its proxy,
// and kept as one JSON file in the user's cache directory, so that only the first start needs the go command.
package crd

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/plane"
)

// Source is a Go module in which CustomResourceDefinitions lie as YAML files.
type Source struct {
	Module, Version string
	// Sum is the module's checksum as go.sum has it; another content is refused.
	Sum string
	// Files is a glob below the module's directory.
	Files string
}

// Sources are the modules of the sandbox. The versions are those that the suite's own module compiles against.
var Sources = []Source{
	{
		Module: "istio.io/api", Version: "v1.31.1",
		Sum:   "h1:5Yb5ihcz4YQsCkciusK7DnFpBMwRB6EFWeUKH1Atuyk=",
		Files: "kubernetes/customresourcedefinitions.gen.yaml",
	},
	{
		Module: "sigs.k8s.io/gateway-api", Version: "v1.6.3",
		Sum:   "h1:lKpJa5bGlraC/QeACvCpsHLdmO6y0iKfzVl6gzaFEYc=",
		Files: "config/crd/standard/*.yaml",
	},
	{
		Module: "github.com/prometheus-operator/prometheus-operator", Version: "v0.93.1",
		Sum:   "h1:4Juk8v93RdG1DSGD/mGp+SeQKPmnlLIj2iq3blLZgFY=",
		Files: "example/prometheus-operator-crd/*.yaml",
	},
}

// CacheFile is where Load keeps what it collected. Its name changes with Sources.
func CacheFile() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("found no cache directory for the CRDs (set XDG_CACHE_HOME): %w", err)
	}
	pins := sha256.Sum256(fmt.Appendf(nil, "1 %v", Sources))
	return filepath.Join(cache, "kubectl-micro-sandbox", fmt.Sprintf("crds-%x.json", pins[:8])), nil
}

// Save collects the definitions of the sources into a file.
func Save(ctx context.Context, file string, sources []Source) error {
	definitions, err := Collect(ctx, sources)
	if err != nil {
		return err
	}
	data, err := json.Marshal(definitions)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return plane.WriteFile(file, data)
}

// Load reads the definitions out of a file that Save wrote.
func Load(file string) ([]Definition, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var definitions []Definition
	if err := json.Unmarshal(data, &definitions); err != nil {
		return nil, fmt.Errorf("%s: expected a list of CRDs: %w", file, err)
	}
	return definitions, nil
}

// Collect has the go command fetch every source and reads the definitions out of them.
func Collect(ctx context.Context, sources []Source) ([]Definition, error) {
	var all []Definition
	for _, source := range sources {
		dir, err := source.fetch(ctx)
		if err != nil {
			return nil, err
		}
		definitions, err := read(filepath.Join(dir, source.Files))
		if err != nil {
			return nil, fmt.Errorf("%s@%s: %w", source.Module, source.Version, err)
		}
		all = append(all, definitions...)
	}
	return all, nil
}

// fetch returns the directory of the module after checking that it is the pinned one.
func (s Source) fetch(ctx context.Context) (string, error) {
	spec := s.Module + "@" + s.Version
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", spec)
	// Outside of any module, so that neither a go.mod nor a workspace has a say.
	cmd.Dir = os.TempDir()
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod", "GO111MODULE=on")
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var module struct{ Dir, Sum, Error string }
	if jsonErr := json.Unmarshal(out, &module); jsonErr != nil || err != nil {
		reason := strings.TrimSpace(module.Error + "\n" + stderr.String())
		return "", fmt.Errorf("cannot get the CRDs of %s: `go mod download %s` failed: %w\n%s", spec, spec, err, reason)
	}
	if module.Sum != s.Sum {
		return "", fmt.Errorf("expected %s with checksum %s, found %s", spec, s.Sum, module.Sum)
	}
	return module.Dir, nil
}

func read(glob string) ([]Definition, error) {
	files, err := filepath.Glob(glob)
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	var all []Definition
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		definitions, err := Parse(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, definitions...)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("found no CRD in %s", glob)
	}
	return all, nil
}
