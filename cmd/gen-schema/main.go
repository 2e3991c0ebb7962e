// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Command gen-schema writes pkg/schema/schema.gz, the table of API schemas that
// pkg/schema checks manifests with, and pkg/api/system.schema.json, the JSON Schema
// of app files. Run it from the root of the repository:
//
//	go run ./cmd/gen-schema
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
)

func main() {
	output := flag.String("output", "pkg/schema/schema.gz", "file to write")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *output); err != nil {
		fmt.Fprintln(os.Stderr, "gen-schema:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, output string) error {
	system, err := systemSchema(apiFolder)
	if err != nil {
		return err
	}
	if err := os.WriteFile(systemFile, system, 0o644); err != nil {
		return err
	}
	modules, err := find(ctx)
	if err != nil {
		return err
	}
	t := newTable()
	if err := addKubernetes(t, modules); err != nil {
		return err
	}
	for _, source := range definitions {
		if err := addDefinitions(t, modules[source.module].Dir, source.files); err != nil {
			return fmt.Errorf("%s: %w", source.module, err)
		}
	}
	lives, err := readLives(modules)
	if err != nil {
		return err
	}
	text := t.text(modules, lives)
	packed, err := pack(text)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s: %d kinds, %d shapes, %d bytes, %d compressed\n",
		output, len(t.kinds), len(t.nodes), len(text), len(packed))
	return os.WriteFile(output, packed, 0o644)
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
