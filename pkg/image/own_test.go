// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package image_test

import (
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/build"
)

// TestOwnRules has the suite's rules about Dockerfiles judge what it writes.
func TestOwnRules(t *testing.T) {
	for _, c := range cases(t) {
		s, err := model.NewBuilder(model.Options{}).Build()
		if err != nil {
			t.Fatal(err)
		}
		world := &rules.World{Snapshot: s, Now: time.Unix(0, 0), Texts: []*model.Text{
			{Path: c.files.Dockerfile.Path, Kind: model.Dockerfile, Data: c.files.Dockerfile.Data},
			{Path: c.files.Ignore.Path, Kind: model.IgnoreFile, Data: c.files.Ignore.Data},
		}}
		for _, r := range rules.Run(world, build.Rules()) {
			t.Errorf("%s: %s %s: %s", c.name, r.ID, r.Where, r.Message)
		}
	}
}
