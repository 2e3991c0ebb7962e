// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/prom"
)

func TestParseService(t *testing.T) {
	for text, want := range map[string]prom.Service{
		"a/b":                {Namespace: "a", Name: "b"},
		"svc:a/b:9090":       {Namespace: "a", Name: "b", Port: "9090"},
		"a/https:b:web/p/q/": {Namespace: "a", Name: "b", Port: "web", TLS: true, Prefix: "/p/q"},
	} {
		got, err := prom.ParseService(text)
		if err != nil || got != want {
			t.Errorf("%q: %+v %v", text, got, err)
		}
		if again, err := prom.ParseService(got.String()); err != nil || again != want {
			t.Errorf("%q does not survive: %+v %v", got, again, err)
		}
	}
	for _, bad := range []string{"", "a", "/b", "a/", "A/b", "a/b:we b", "a/../b", "a/b:1/x?y"} {
		if s, err := prom.ParseService(bad); fault.KindOf(err) != fault.Usage {
			t.Errorf("%q: %+v %v", bad, s, err)
		}
	}
}
