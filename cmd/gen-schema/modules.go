// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// module is a Go module on this machine.
type module struct{ Path, Version, Dir string }

// The modules that are read.
const (
	kubernetes    = "k8s.io/kubernetes"
	kubernetesAPI = "k8s.io/api"
	istio         = "istio.io/api"
	gateway       = "sigs.k8s.io/gateway-api"
	operator      = "github.com/prometheus-operator/prometheus-operator"
	aggregator    = "k8s.io/kube-aggregator"
	extensions    = "k8s.io/apiextensions-apiserver"

	// oldAPI is the last release of k8s.io/api before types of removed versions,
	// such as autoscaling/v2beta2, began to leave the module.
	oldAPI        = "k8s.io/api@old"
	oldAPIVersion = "v0.24.17"
)

// find has the go command name, and fetch where needed, every module. The versions
// are those that the suite and its sandbox are built with: nothing is pinned twice.
func find(ctx context.Context) (map[string]module, error) {
	found := map[string]module{}
	for path, root := range map[string]string{
		kubernetesAPI: ".", istio: ".", gateway: ".", operator + "/pkg/apis/monitoring": ".",
		kubernetes: "test/sandbox",
	} {
		version, err := required(ctx, root, path)
		if err != nil {
			return nil, err
		}
		found[path] = module{Path: path, Version: version}
	}
	release := found[kubernetesAPI].Version
	found[aggregator] = module{Path: aggregator, Version: release}
	found[extensions] = module{Path: extensions, Version: release}
	found[oldAPI] = module{Path: kubernetesAPI, Version: oldAPIVersion}
	// The CRDs lie in the operator's main module, which is released together with
	// the module of its types.
	found[operator] = module{Path: operator, Version: found[operator+"/pkg/apis/monitoring"].Version}
	delete(found, operator+"/pkg/apis/monitoring")
	for key, m := range found {
		dir, err := download(ctx, m)
		if err != nil {
			return nil, err
		}
		m.Dir = dir
		found[key] = m
	}
	return found, nil
}

// required is the version of a module that the go.mod in a folder selects.
func required(ctx context.Context, root, path string) (string, error) {
	out, err := goCommand(ctx, root, "list", "-m", "-f", "{{.Version}}", path)
	return strings.TrimSpace(string(out)), err
}

// download returns the directory of a module. The go command checks its content
// against the checksum database.
func download(ctx context.Context, m module) (string, error) {
	out, err := goCommand(ctx, os.TempDir(), "mod", "download", "-json", m.Path+"@"+m.Version)
	if err != nil {
		return "", err
	}
	var got struct{ Dir string }
	if err := json.Unmarshal(out, &got); err != nil {
		return "", fmt.Errorf("go mod download %s: %w", m.Path, err)
	}
	return got.Dir, nil
}

func goCommand(ctx context.Context, dir string, args ...string) ([]byte, error) {
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Stderr = dir, &stderr
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s%s", strings.Join(args, " "), err, stderr.Bytes(), out)
	}
	return out, nil
}
