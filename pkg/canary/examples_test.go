// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/canary"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
)

// TestExamples reads the repository's own examples as a user would.
func TestExamples(t *testing.T) {
	tests := []struct {
		files, args string
		want        string // what is decided, or the error
	}{
		{"article/06-3-traffic.yaml", "--weight 20", "no DestinationRule for myapp-service.prod.svc.cluster.local defines subset v1 or v2"},
		{"article/06-3-traffic.yaml", "--weight 20 --fix", "myapp-service: v2 10% -> 20%, 2 changes"},
		{"article/10-2-shop-mesh.yaml", "user-service --weight 20", "all traffic of prod/user-service goes to subset v1, and no DestinationRule defines another"},
		{"shop-by-hand/*.yaml", "user-service -n shop --weight 10", "user-service: v2 0% -> 10%, 1 changes"},
		{"shop-gateway-api/*.yaml", "user-service -n shop-gateway-api --weight 10", "user-service: user-service-v2 0% -> 10%, 1 changes"},
	}
	for _, tt := range tests {
		names, err := filepath.Glob(filepath.Join("..", "..", "examples", filepath.FromSlash(tt.files)))
		if err != nil || len(names) == 0 {
			t.Fatalf("no files %s (%v)", tt.files, err)
		}
		var text strings.Builder
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&text, "---\n%s\n", data)
		}
		d, err := canary.Set(modeltest.Files(t, "examples.yaml", text.String()), intent(t, tt.args))
		got := fmt.Sprint(err)
		if err == nil {
			s := d.Shifts[0]
			got = fmt.Sprintf("%s: %s %s%% -> %s%%, %d changes", d.Target.Name, canary.Label(d.Pair.Canary), s.Before, s.After, len(d.Plan.Changes))
		}
		if !strings.Contains(got, tt.want) {
			t.Errorf("%s %s: %s, want %s", tt.files, tt.args, got, tt.want)
		}
	}
}
