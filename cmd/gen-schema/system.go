// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"reflect"

	"github.com/kubectl-micro/kubectl-micro/cmd/internal/shape"
	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// systemFile is where the JSON Schema of app files goes, from the root of the repository.
const systemFile = "pkg/api/system.schema.json"

// systemSchema is the JSON Schema of app files, made of the Go types and their
// comments. It is of draft 7, which editors know.
func systemSchema(root string) ([]byte, error) {
	m := shape.App(&shape.Comments{Root: root})
	return m.Document(reflect.TypeFor[api.System](), api.KindSystem, map[string]any{
		"$schema": "http://json-schema.org/draft-07/schema#", "title": "micro.yaml",
	})
}
