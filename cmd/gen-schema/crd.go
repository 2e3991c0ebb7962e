// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
)

// definitions lists where CRDs lie in which modules. Of the Gateway API it is the
// experimental channel, which has all fields and kinds of the standard one: which
// of the two a cluster has cannot be told from a manifest.
var definitions = []struct{ module, files string }{
	{istio, "kubernetes/customresourcedefinitions.gen.yaml"},
	{gateway, "config/crd/experimental/gateway.*.yaml"},
	{operator, "example/prometheus-operator-crd/*.yaml"},
}

type definition struct {
	Kind string `json:"kind"`
	Spec struct {
		Group string `json:"group"`
		Names struct {
			Kind string `json:"kind"`
		} `json:"names"`
		Versions []struct {
			Name       string `json:"name"`
			Served     bool   `json:"served"`
			Deprecated bool   `json:"deprecated"`
			Schema     struct {
				OpenAPI openapi `json:"openAPIV3Schema"`
			} `json:"schema"`
		} `json:"versions"`
	} `json:"spec"`
}

func addDefinitions(t *table, dir, pattern string) error {
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		return err
	}
	slices.Sort(files)
	if len(files) == 0 {
		return fmt.Errorf("expected CRDs in %s, found no file", pattern)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := addFile(t, file, data); err != nil {
			return err
		}
	}
	return nil
}

func addFile(t *table, file string, data []byte) error {
	stream, err := manifest.Split(file, data)
	if err != nil {
		return err
	}
	for _, doc := range stream.Docs {
		objects, err := doc.Objects()
		if err != nil {
			return err
		}
		for _, o := range objects {
			if o.Value["kind"] != "CustomResourceDefinition" {
				continue
			}
			if err := addDefinition(t, o.Value); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	return nil
}

func addDefinition(t *table, object map[string]any) error {
	raw, err := json.Marshal(object)
	if err != nil {
		return err
	}
	var d definition
	if err := json.Unmarshal(raw, &d); err != nil {
		return err
	}
	r := resolver{table: t}
	for _, v := range d.Spec.Versions {
		gvk := groupVersionKind{d.Spec.Group, v.Name, d.Spec.Names.Kind}
		t.kinds = append(t.kinds, kind{
			apiVersion: gvk.apiVersion(), name: gvk.Kind, node: r.root(v.Schema.OpenAPI, t.meta),
			custom: true, unserved: !v.Served, outdated: v.Deprecated,
		})
	}
	return nil
}
