// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
)

// TestRules has no rule find anything in what is generated, once what others make
// is there. How workloads are written, which the mesh does not change, is left out.
func TestRules(t *testing.T) {
	for _, m := range entrances {
		for _, profile := range []string{"dev", "standard", "hardened"} {
			s := bazaar(t, m.mesh, m.ingress)
			s.Profile = profile
			for name := range s.Services {
				change(s, name, func(s *api.SystemService) {
					s.Image += digest
					if v, versioned := s.Versions["v2"]; versioned {
						v.Image += digest
						s.Versions["v2"] = v
					}
				})
			}
			set := generate(t, s, app.Options{})
			own := texts(set)
			b := model.NewBuilder(model.Options{Namespace: "bazaar", Partial: true, Offline: true, Duplicates: true})
			for _, o := range modeltest.Objects(t, "world.yaml", string(app.YAML(set.Objects...))+"---"+bazaarOthers) {
				b.Add(o)
			}
			snapshot, err := b.Build()
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range rules.Run(&rules.World{Snapshot: snapshot, Now: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)}, catalog.Rules()) {
				if !r.Rule.Hygiene && r.Object.Namespace == "bazaar" && own[r.Object.Kind+"/"+r.Object.Name] != "" {
					t.Errorf("%s, %s, %s: %s %s: %s", m.mesh, m.ingress, profile, r.ID, r.Object, r.Message)
				}
			}
		}
	}
}
