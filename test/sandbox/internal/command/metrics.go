// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/plane"
	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/supervisor"
)

// What metrics-server is built from. It is not in this binary because it would raise libraries, those of CEL among
// them, to versions that Kubernetes was not released with.
const (
	metricsServerPackage = "sigs.k8s.io/metrics-server/cmd/metrics-server"
	metricsServerVersion = "v0.9.0"
)

// metricsServer returns the path of the program in the user's cache, which it fills when it is empty.
func metricsServer(ctx context.Context, e env) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("found no cache directory for %s (set XDG_CACHE_HOME): %w", plane.MetricsServer, err)
	}
	dir := filepath.Join(cache, "kubectl-micro-sandbox")
	file := filepath.Join(dir, plane.MetricsServer+"-"+metricsServerVersion)
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	built, err := os.MkdirTemp(dir, plane.MetricsServer+".*")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(built)
	fmt.Fprintf(e.progress, "building %s %s, which takes minutes the first time\n", plane.MetricsServer, metricsServerVersion)
	spec := metricsServerPackage + "@" + metricsServerVersion
	cmd := exec.CommandContext(ctx, "go", "install", "-trimpath", "-ldflags", "-s -w", spec)
	// Outside of any module; its own go.mod says which libraries it is built from.
	cmd.Dir = os.TempDir()
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "GO111MODULE=on", "GOBIN="+built)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("`go install %s` failed: %w\n%s", spec, err, bytes.TrimSpace(out))
	}
	// Somebody else may have built it meanwhile: the last one stays.
	return file, os.Rename(filepath.Join(built, plane.MetricsServer), file)
}

// hasMetricsServer checks that a sandbox that runs already was started with it.
func hasMetricsServer(d plane.Dir) error {
	state, _, err := supervisor.Read(d)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(state.Components, func(c supervisor.Component) bool { return c.Name == plane.MetricsServer }) {
		return nil
	}
	return errors.New("the sandbox runs without metrics-server: end it with `sandbox down` first, or choose another --name")
}
