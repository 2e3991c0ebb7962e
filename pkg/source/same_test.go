// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

func TestFilesAndClusterLoadTheSame(t *testing.T) {
	const route = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http: [{route: [{destination: {host: web, subset: v1}, weight: 90}, {destination: {host: web, subset: v2}, weight: 10}]}]
`
	want := source.Want{Kinds: []*model.Kind{model.VirtualServices.Kind}}
	files, err := (&source.Files{Paths: []string{"-"}, Stdin: strings.NewReader(route)}).Load(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := live(t, apitest.New(t, files.Objects()[0].Raw())).Load(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	of := func(s *model.Snapshot) any {
		return model.VirtualServices.In(s, "shop")[0].Value.Spec.DeepCopy().Http[0].Route[1].Weight
	}
	spec := func(s *model.Snapshot) any { return s.Objects()[0].Raw()["spec"] }
	if of(files) != of(stored) || of(files) != int32(10) {
		t.Errorf("got %v of the file, %v of the cluster", of(files), of(stored))
	}
	if d := cmp.Diff(spec(files), spec(stored)); d != "" {
		t.Error(d)
	}
}
