// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// folder reads the manifests of a folder as the command line does offline, and
// more text as a file of its own.
func folder(t testing.TB, namespace, dir, more string) *model.Snapshot {
	t.Helper()
	b := model.NewBuilder(model.Options{Namespace: namespace, Partial: true, Offline: true, Duplicates: true})
	add := func(name string, data []byte) {
		stream, err := manifest.Split(name, data)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range stream.Docs {
			objects, _ := d.Tolerant() // the article has mistakes in it
			for _, m := range objects {
				b.Add(model.FromManifest(m, namespace))
			}
		}
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %v, %d files", dir, err, len(paths))
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		add(filepath.Base(path), data)
	}
	add("more.yaml", []byte(more))
	s, _ := b.Build() // what does not fit is left out
	return s
}

func engine(s *model.Snapshot) *reach.Engine { return reach.New(s, reach.Options{}) }

// live is a world read from a cluster.
func live(t testing.TB, text string) *reach.Engine {
	t.Helper()
	return engine(modeltest.Live(t, text))
}

// planned is a world of files that are not all there is.
func planned(t testing.TB, text string) *reach.Engine {
	t.Helper()
	return engine(modeltest.Files(t, "world.yaml", text))
}

func end(t testing.TB, e *reach.Engine, text string) reach.End {
	t.Helper()
	x, err := e.End(text, modeltest.Namespace)
	if err != nil {
		t.Fatalf("End(%q): %v", text, err)
	}
	return x
}

// check asks about "A -> B".
func check(t testing.TB, e *reach.Engine, question string, r reach.Request) reach.Answer {
	t.Helper()
	a, b, _ := strings.Cut(question, " -> ")
	return e.Check(end(t, e, a), end(t, e, b), r)
}

// hop returns the first hop of a number.
func hop(a reach.Answer, n verdict.Number) verdict.Hop {
	for _, h := range a.Hops {
		if h.Number == n {
			return h
		}
	}
	return verdict.Hop{}
}

// show writes an answer for a failing test.
func show(a reach.Answer) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s -> %s  %+v\n", a.Verdict, a.From.Text, a.To.Text, a.Request)
	for _, g := range a.Groups {
		fmt.Fprintf(&b, " group %q %s -> %s port %d\n", g.Text, g.From, g.To, g.Port)
		for _, h := range g.Hops {
			fmt.Fprintf(&b, "%4d %-8s %-22s %s %s  [%s] %s\n", h.Number, h.Verdict, h.Name, h.Object, h.Rule, h.Where, h.Reason)
			for _, n := range h.Notes {
				fmt.Fprintf(&b, "        note: %s\n", n)
			}
			for _, m := range h.Nearest {
				fmt.Fprintf(&b, "        miss: %s wants %q has %q\n", m.Rule, m.Wants, m.Has)
			}
		}
	}
	for _, n := range append(a.Notes, a.Unknowns...) {
		fmt.Fprintf(&b, " - %s\n", n)
	}
	return b.String()
}

// app is a Deployment with its pods' labels and a Service in front.
func app(namespace, name, more string) string {
	return fmt.Sprintf(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: %[2]s, namespace: %[1]s}
spec:
  selector: {matchLabels: {app: %[2]s}}
  template:
    metadata: {labels: {app: %[2]s%[3]s}}
    spec:
      serviceAccountName: %[2]s
      containers: [{name: app, image: x, ports: [{name: http, containerPort: 8080}]}]
---
apiVersion: v1
kind: Service
metadata: {name: %[2]s, namespace: %[1]s}
spec:
  selector: {app: %[2]s}
  ports: [{name: http, port: 80, targetPort: http}]
---
`, namespace, name, more)
}

// meshed is a namespace with injection.
func meshed(name string) string {
	return fmt.Sprintf("apiVersion: v1\nkind: Namespace\nmetadata: {name: %s, labels: {istio-injection: enabled}}\n---\n", name)
}
