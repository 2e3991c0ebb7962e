// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package lint_test

import (
	"fmt"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/lint"
)

// BenchmarkVerify judges what is generated of 200 services.
func BenchmarkVerify(b *testing.B) {
	s := systemOf("standard", "none", "gateway", "first", bodies["http"])
	body := s.Services["first"]
	s.Services = map[string]api.SystemService{}
	for i := range 200 {
		body.Expose = &api.Expose{Host: fmt.Sprintf("s%d.example.com", i)}
		s.Services[fmt.Sprintf("service-%03d", i)] = body
	}
	set, err := app.Generate(s, app.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if found := lint.Verify(set.Objects); len(found) > 0 {
			b.Fatalf("%s: %s", found[0].ID, found[0].Message)
		}
	}
}
