// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Command gen-schema writes pkg/schema/schema.gz, the table of API schemas that
// pkg/schema checks manifests with, and pkg/api/system.schema.json, the JSON Schema
// of app files. Run it from the root of the repository:
//
//	go run ./cmd/gen-schema
//
// With -check it writes nothing and names the files that would change.
//
// It reads the schemas out of the Go modules of the projects that own them, which
// the go command takes from its module cache or its proxy: the OpenAPI document
// and the enumerations of Kubernetes, the CRDs of Istio, of the Gateway API and of
// the Prometheus Operator, and the life of every Kubernetes API version. The same
// modules give the same bytes. The format is described in pkg/schema/table.go.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
)

func main() {
	check := flag.Bool("check", false, "write nothing, and fail if a file would change")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *check); err != nil {
		fmt.Fprintln(os.Stderr, "gen-schema:", err)
		stop()
		os.Exit(1)
	}
}

// tableFile is the table of schemas, from the root of the repository.
const tableFile = "pkg/schema/schema.gz"

func run(ctx context.Context, check bool) error {
	system, err := systemSchema(".")
	if err != nil {
		return err
	}
	table, err := makeTable(ctx)
	if err != nil {
		return err
	}
	var changed []string
	for _, file := range []struct {
		name string
		data []byte
	}{{systemFile, system}, {tableFile, table}} {
		if !check {
			if err := os.WriteFile(file.name, file.data, 0o644); err != nil {
				return err
			}
			continue
		}
		before, err := os.ReadFile(file.name)
		if err != nil {
			return err
		}
		if !bytes.Equal(before, file.data) {
			changed = append(changed, file.name)
		}
	}
	if len(changed) > 0 {
		return fmt.Errorf("not what the modules and the types say:\n  %s\nmake generate writes them", strings.Join(changed, "\n  "))
	}
	return nil
}

// makeTable is the table of schemas, packed.
func makeTable(ctx context.Context) ([]byte, error) {
	modules, err := find(ctx)
	if err != nil {
		return nil, err
	}
	t := newTable()
	if err := addKubernetes(t, modules); err != nil {
		return nil, err
	}
	for _, source := range definitions {
		if err := addDefinitions(t, modules[source.module].Dir, source.files); err != nil {
			return nil, fmt.Errorf("%s: %w", source.module, err)
		}
	}
	lives, err := readLives(modules)
	if err != nil {
		return nil, err
	}
	text := t.text(modules, lives)
	packed, err := pack(text)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "%s: %d kinds, %d shapes, %d bytes, %d compressed\n",
		tableFile, len(t.kinds), len(t.nodes), len(text), len(packed))
	return packed, nil
}

// pack compresses without a name or a time, so that the result depends on the
// text alone.
func pack(text []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
