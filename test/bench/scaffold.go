// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	generateServices = 200
	detectServices   = 12
	detectSize       = 10 << 20
	scaffoldRuns     = 11
)

// appFile writes the app file of a system in a mesh, whose services call up to
// three others each, and nobody in a circle.
func (b *bench) appFile() (string, error) {
	var out strings.Builder
	out.WriteString("apiVersion: kubectl-micro.dev/v1alpha1\nkind: System\nmetadata: {name: bench}\nplatform: {mesh: sidecar}\nwith: [monitoring]\nservices:\n")
	name := func(i int) string { return fmt.Sprintf("svc-%03d", i) }
	for i := range generateServices {
		fmt.Fprintf(&out, "  %s:\n    image: registry.example.com/%[1]s:1.0.0\n    ports: {http: 8080, http-metrics: 9090}\n    health: {live: /livez, ready: /readyz}\n", name(i))
		fmt.Fprintf(&out, "    config: {log-level: info}\n    traffic: {timeout: 5s}\n")
		var calls []string
		for _, next := range []int{i + 1, i + 7, i + 31} {
			if next < generateServices {
				calls = append(calls, name(next))
			}
		}
		fmt.Fprintf(&out, "    dependsOn: [%s]\n", strings.Join(calls, ", "))
	}
	file := filepath.Join(b.dir, "micro.yaml")
	return file, os.WriteFile(file, []byte(out.String()), 0o600)
}

// generate writes the objects of a large system, its own lint included.
func (b *bench) generate(ctx context.Context, r *report) error {
	file, err := b.appFile()
	if err != nil {
		return err
	}
	var times []time.Duration
	var memory int64
	for range scaffoldRuns {
		u, err := b.weighed(ctx, b.binary, "scaffold", "generate", "-f", file)
		if err != nil {
			return err
		}
		times, memory = append(times, u.Wall), max(memory, u.Memory)
	}
	r.row("generate", fmt.Sprintf("`scaffold generate`, %d services, 561 calls, in a mesh, with monitors and alerts", generateServices),
		ms(median(times)), "", fmt.Sprintf("%d MB", memory>>20), "", "below 500 ms and 150 MB")
	return nil
}

// oneProgram is what a service of the tree begins with; the rest of it is filled up
// with code that says nothing.
const oneProgram = `package main

import (
	"log"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
	log.Println(os.Getenv("CALLED_URL"), "is called")
	log.Fatal(http.ListenAndServe(":8080", nil))
}
`

const filler = `
func partNUMBER(value, port int) int {
	other := value*port + NUMBER // neither of them is listened on
	for i := range other {
		value += compute(value, other, i)
	}
	return value
}
`

// sources writes a tree of so many services and bytes.
func (b *bench) sources() (string, error) {
	tree := filepath.Join(b.dir, "sources")
	for n := range detectServices {
		dir := filepath.Join(tree, fmt.Sprintf("service-%02d", n))
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return "", err
		}
		files := map[string]string{
			"go.mod":  fmt.Sprintf("module example.com/service-%02d\n\ngo 1.26\n", n),
			"main.go": strings.ReplaceAll(oneProgram, "CALLED", fmt.Sprintf("SERVICE_%02d", (n+1)%detectServices)),
		}
		const each = 8 << 10
		for part := range detectSize / detectServices / each {
			text := "package main\n" + strings.Repeat(strings.ReplaceAll(filler, "NUMBER", fmt.Sprint(part)), each/len(filler))
			files[fmt.Sprintf("part%03d.go", part)] = text
		}
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				return "", err
			}
		}
	}
	return tree, nil
}

// detect looks for services in a large source tree.
func (b *bench) detect(ctx context.Context, r *report) error {
	tree, err := b.sources()
	if err != nil {
		return err
	}
	var times []time.Duration
	var memory int64
	for range scaffoldRuns {
		u, err := b.weighed(ctx, b.binary, "scaffold", "detect", tree)
		if err != nil {
			return err
		}
		times, memory = append(times, u.Wall), max(memory, u.Memory)
	}
	r.row("detect", fmt.Sprintf("`scaffold detect`, %d services, %d MB of sources", detectServices, detectSize>>20),
		ms(median(times)), "", fmt.Sprintf("%d MB", memory>>20), "", "below 1 s")
	return nil
}
