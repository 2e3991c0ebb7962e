// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

// What saving and loading a cluster of 2000 pods costs.
func BenchmarkSaved(b *testing.B) {
	builder := model.NewBuilder(model.Options{})
	for i := range 2000 {
		pod := object(core, "Pod", "shop", fmt.Sprintf("web-%04d", i))
		var env []any
		for n := range 20 {
			env = append(env, map[string]any{"name": fmt.Sprintf("VARIABLE_%d", n), "value": "some ordinary value"})
		}
		pod["spec"] = map[string]any{"nodeName": "n1", "containers": []any{map[string]any{"name": "app", "image": "app:1", "env": env}}}
		builder.Add(model.FromRaw(pod, ""))
	}
	s, err := builder.Build()
	if err != nil {
		b.Fatal(err)
	}
	var data bytes.Buffer
	if err := source.Save(b.Context(), &data, s, head); err != nil {
		b.Fatal(err)
	}
	b.Run("save", func(b *testing.B) {
		b.SetBytes(int64(data.Len()))
		for b.Loop() {
			var out bytes.Buffer
			if err := source.Save(b.Context(), &out, s, head); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("load", func(b *testing.B) {
		b.SetBytes(int64(data.Len()))
		for b.Loop() {
			if _, err := saved(data.Bytes()).Load(b.Context(), source.Want{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
