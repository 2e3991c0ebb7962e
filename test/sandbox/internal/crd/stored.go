// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package crd

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/etcd"
	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/plane"
)

// StoredPrefix is where an API server keeps definitions in etcd.
const StoredPrefix = "/registry/apiextensions.k8s.io/customresourcedefinitions/"

// Stored is the file in which definitions lie in the form that an API server has given them in etcd: validated,
// defaulted and established. To put them back before an API server starts is to restore a backup of etcd, and saves the
// server two thirds of the work of its start. The name depends on the definitions and on the version of Kubernetes in
// this binary.
func Stored(definitions []Definition) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == "k8s.io/kubernetes" {
				fmt.Fprintln(sum, module.Version, module.Sum)
			}
		}
	}
	for _, definition := range definitions {
		sum.Write(definition.Object)
	}
	return filepath.Join(cache, "kubectl-micro-sandbox", fmt.Sprintf("stored-%x.json", sum.Sum(nil)[:8])), nil
}

// ReadStored reads such a file; there are no pairs when there is no file.
func ReadStored(file string) ([]etcd.Pair, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var pairs []etcd.Pair
	if err := json.Unmarshal(data, &pairs); err != nil {
		return nil, fmt.Errorf("%s: expected stored CRDs, remove the file to make it anew: %w", file, err)
	}
	return pairs, nil
}

// WriteStored writes such a file.
func WriteStored(file string, pairs []etcd.Pair) error {
	data, err := json.Marshal(pairs)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return plane.WriteFile(file, data)
}
