// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifests_test

import (
	"fmt"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/manifests"
)

// Overlays define the same object in directories of their own, which nobody
// applies together; beside each other in one directory that is a fault.
func TestDuplicatesByDirectory(t *testing.T) {
	for _, c := range []struct {
		name       string
		first      string
		second     string
		severity   finding.Severity
		confidence finding.Confidence
	}{
		{"one file", "app/all.yaml", "app/all.yaml", finding.Warning, finding.Certain},
		{"one directory", "app/a.yaml", "app/b.yaml", finding.Warning, finding.Certain},
		{"overlays", "app/dev/cart.yaml", "app/prod/cart.yaml", finding.Info, finding.Possible},
		{"below", "app/cart.yaml", "app/prod/cart.yaml", finding.Info, finding.Possible},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := model.NewBuilder(model.Options{Namespace: "shop", Offline: true, Partial: true, Duplicates: true})
			for i, file := range []string{c.first, c.second} {
				text := fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cart\ndata:\n  level: %q\n", fmt.Sprint(i))
				stream, err := manifest.Split(file, []byte(text))
				if err != nil {
					t.Fatal(err)
				}
				objects, err := stream.Docs[0].Objects()
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range objects {
					b.Add(model.FromManifest(m, "shop"))
				}
			}
			s, err := b.Build()
			if err != nil {
				t.Fatal(err)
			}
			found := rules.Run(&rules.World{Snapshot: s}, manifests.Rules())
			if len(found) != 1 || found[0].Rule.ID != "KM6007" {
				t.Fatalf("got %v, want one KM6007", found)
			}
			if f := found[0]; f.Severity != c.severity || f.Confidence != c.confidence {
				t.Errorf("got %s %s, want %s %s", f.Severity, f.Confidence, c.severity, c.confidence)
			}
		})
	}
}
