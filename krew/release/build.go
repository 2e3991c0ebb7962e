// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// platform is what a program runs on, in Go's words, which are Krew's too.
type platform struct{ os, arch string }

func (p platform) String() string { return p.os + "/" + p.arch }

// binary is the program's file name.
func (p platform) binary() string {
	if p.os == "windows" {
		return "kubectl-micro.exe"
	}
	return "kubectl-micro"
}

// ending is that of the archive: what the system's users can open.
func (p platform) ending() string {
	if p.os == "windows" {
		return ".zip"
	}
	return ".tar.gz"
}

// source is the package of the program; cgo says how it is compiled.
const (
	source = "./cmd/kubectl-micro"
	cgo    = "CGO_ENABLED=0"
)

// toolchain is the Go release that go.mod names, as GOTOOLCHAIN has it: another one
// would make other programs of the same sources.
func toolchain(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.GoVersion}}")
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go list -m: %w", err)
	}
	return "go" + strings.TrimSpace(string(out)), nil
}

// flags are those of go build, for a version.
func flags(version string) []string {
	return []string{"-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid= -X main.version=" + version}
}

// build compiles the program for a platform. Without cgo it needs nothing of the
// machine it will run on, and nothing of this one gets into it.
func (r *release) build(ctx context.Context, compiler string, p platform) (file string, err error) {
	dir, err := os.MkdirTemp("", "kubectl-micro-release-")
	if err != nil {
		return "", err
	}
	file = filepath.Join(dir, p.binary())
	cmd := exec.CommandContext(ctx, "go", slices.Concat([]string{"build"}, flags(r.version), []string{"-o", file, source})...)
	// GOFLAGS has the default's own value: an empty one would leave room for that of `go env -w`.
	cmd.Env = append(os.Environ(), cgo, "GOOS="+p.os, "GOARCH="+p.arch, "GOAMD64=v1", "GOARM64=v8.0",
		"GOFLAGS=-mod=readonly", "GOWORK=off", "GOEXPERIMENT=", "GOFIPS140=off", "GOTOOLCHAIN="+compiler)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		os.RemoveAll(dir)
		return "", err
	}
	return file, nil
}
