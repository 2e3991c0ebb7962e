// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

// stream is what a rendered platform looks like: Deployments and ConfigMaps,
// and a route at every hundredth place.
func stream(documents int) []byte {
	var b bytes.Buffer
	for i := range documents {
		b.WriteString("---\n")
		switch {
		case i%100 == 0:
			fmt.Fprintf(&b, "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: r-%d # a route\n  namespace: shop\nspec:\n  hosts: [r-%d]\n"+
				"  http:\n  - route:\n    - destination: {host: r-%d, subset: v1}\n      weight: 100\n    - destination: {host: r-%d, subset: v2}\n      weight: 0\n", i, i, i, i)
		case i%3 == 0:
			fmt.Fprintf(&b, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c-%d\n  namespace: shop\ndata:\n  config.yaml: |\n    # settings\n    level: info\n    size: %d\n", i, i)
		default:
			fmt.Fprintf(&b, "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: d-%d\n  namespace: shop\n  labels:\n    app: d-%d\nspec:\n  replicas: 3\n  selector:\n    matchLabels:\n      app: d-%d\n"+
				"  template:\n    metadata:\n      labels:\n        app: d-%d\n    spec:\n      containers:\n      - name: app\n        image: registry.example.com/app:%d\n        ports:\n        - containerPort: 8080\n"+
				"        resources:\n          requests: {cpu: 100m, memory: 128Mi}\n          limits: {memory: 256Mi}\n        readinessProbe:\n          httpGet: {path: /ready, port: 8080}\n", i, i, i, i, i)
		}
	}
	return b.Bytes()
}

// BenchmarkFilterStream is "canary -f - -o yaml" without the decision: read,
// find the routes, change a weight in each, print.
func BenchmarkFilterStream(b *testing.B) {
	data := stream(10_000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		f := &source.Files{Paths: []string{"-"}, Stdin: bytes.NewReader(data)}
		s, err := f.Load(b.Context(), source.Want{Kinds: []*model.Kind{model.VirtualServices.Kind}})
		if err != nil || len(s.Objects()) != 100 {
			b.Fatal(len(s.Objects()), err)
		}
		var edits []manifest.Edit
		for _, o := range s.Objects() {
			edits = append(edits, manifest.Edit{Object: o.Source, Ops: []patch.Op{{Op: patch.Replace, Path: "/spec/http/0/route/1/weight", Value: int64(10)}}})
		}
		if err := f.Print(b.Context(), io.Discard, edits...); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoadStream parses and types every document.
func BenchmarkLoadStream(b *testing.B) {
	data := stream(10_000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		f := &source.Files{Paths: []string{"-"}, Stdin: bytes.NewReader(data)}
		if s, err := f.Load(b.Context(), source.Want{}); err != nil || len(s.Objects()) != 10_000 {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoadCluster lists 5,000 pods in pages, as protobuf and as JSON. Most
// of the time is the test's server encoding them; the difference is the point.
func BenchmarkLoadCluster(b *testing.B) {
	pods := make([]map[string]any, 5000)
	for i := range pods {
		pods[i] = object("v1", "Pod", "shop", fmt.Sprintf("pod-%d", i))
		pods[i]["spec"] = map[string]any{"containers": []any{map[string]any{"name": "app", "image": "app:1"}}}
	}
	for name, jsonOnly := range map[string]bool{"protobuf": false, "json": true} {
		b.Run(name, func(b *testing.B) {
			s := apitest.New(b, pods...)
			s.JSONOnly = jsonOnly
			c := live(b, s)
			b.ReportAllocs()
			for b.Loop() {
				if s, err := c.Load(b.Context(), source.Want{Kinds: []*model.Kind{model.Pods.Kind}}); err != nil || len(s.Objects()) != 5000 {
					b.Fatal(err)
				}
			}
		})
	}
}
