// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/canary"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

const plain = `
apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: prod}
spec: {selector: {app: reviews}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: prod}
spec:
  hosts: [reviews]
  http:
  - route:
    - {destination: {host: reviews, subset: v1}, weight: 100}
    - {destination: {host: reviews, subset: v2}, weight: 0}
`

// TestInTheDark: what could not be read is neither there nor absent. It is a
// warning, and --fix does not write beside rules that nobody has seen.
func TestInTheDark(t *testing.T) {
	b := model.NewBuilder(model.Options{})
	for _, o := range modeltest.Objects(t, "live.yaml", plain) {
		b.Add(model.FromRaw(o.Raw(), ""))
	}
	for _, k := range []ref.GroupKind{model.DestinationRules.GroupKind, model.EndpointSlices.GroupKind} {
		b.Unknown(model.Gap{Kind: k, Reason: "cannot list " + k.Kind})
	}
	s, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"reviews --weight 10", "reviews --weight 10 --fix"} {
		d, err := canary.Set(s, intent(t, args))
		if err != nil || len(d.Plan.Changes) != 1 {
			t.Fatalf("%s: %d changes, %v", args, len(d.Plan.Changes), err)
		}
		var got []string
		for _, c := range d.Checks {
			got = append(got, fmt.Sprintf("%s %s %s", c.ID, c.Severity, c.Message))
		}
		want := []string{
			"KM8002 warning whether a DestinationRule defines subset v1 and v2 is unknown: cannot list DestinationRule",
			"KM8022 warning whether v2 has ready endpoints is unknown: cannot list EndpointSlice",
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s: checks\n%s", args, strings.Join(got, "\n"))
		}
	}
	if status, err := canary.Status(s, canary.Query{Name: "reviews", Namespace: "prod"}, canary.Choice{}); err != nil || status.Canary == nil || status.Canary.Ready != nil {
		t.Errorf("unknown endpoints have a count: %+v, %v", status.Canary, err)
	}
}

// TestCapacity: ceil(share * ready endpoints of stable * headroom), in exact
// numbers.
func TestCapacity(t *testing.T) {
	tests := []struct {
		weight, headroom string
		stable, canary   int
		ok               bool
	}{
		{"7", "1", 100, 7, true}, // 0.07*100 is more than 7 in binary fractions
		{"7", "1", 100, 6, false},
		{"7.01", "1", 100, 7, false},
		{"10", "1.2", 10, 2, true},
		{"10", "1.2", 10, 1, false},
		{"10", "1", 10, 1, true},
		{"100", "1", 3, 2, false},
		{"100", "0", 3, 1, true},
	}
	for _, tt := range tests {
		text := plain + "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: r, namespace: prod}\n" +
			"spec: {host: reviews, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}\n" +
			"---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: e, namespace: prod, labels: {kubernetes.io/service-name: reviews}}\naddressType: IPv4\nendpoints:\n"
		var pods strings.Builder
		for i := range tt.stable + tt.canary {
			version := "v1"
			if i >= tt.stable {
				version = "v2"
			}
			text += fmt.Sprintf("- {addresses: [10.0.0.%d], targetRef: {kind: Pod, name: p%d}}\n", i+1, i)
			fmt.Fprintf(&pods, "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p%d, namespace: prod, labels: {app: reviews, version: %s}}\nspec: {containers: [{name: istio-proxy}]}\n", i, version)
		}
		_, err := canary.Set(modeltest.Live(t, text+pods.String()), intent(t, fmt.Sprintf("reviews --rescale --weight %s --headroom %s", tt.weight, tt.headroom)))
		if (err == nil) != tt.ok || (err != nil && !strings.Contains(err.Error(), "KM8027")) {
			t.Errorf("%s%% beside %d with %d endpoints and headroom %s: %v", tt.weight, tt.stable, tt.canary, tt.headroom, err)
		}
	}
}

func TestOutOfRange(t *testing.T) {
	for _, p := range []canary.Percent{-1, whole + 1} {
		if _, err := canary.Set(snapshot(t, typical.object()), wish(typical, p)); fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), "from 0 to 100") {
			t.Errorf("%s%%: %v", p, err)
		}
	}
	negative := sample{stable: 100, canary: 0, extras: []int{-20}}
	_, err := canary.Set(snapshot(t, negative.object()), wish(negative, 10*10_000))
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Refused || !strings.HasSuffix(f.Where, "/spec/http/0/route/1/weight") {
		t.Errorf("a negative weight: %v", err)
	}
}

func TestShiftChanged(t *testing.T) {
	for weight, want := range map[canary.Percent]bool{0: false, 10 * 10_000: true} {
		d, err := canary.Set(snapshot(t, typical.object()), wish(typical, weight))
		if err != nil || len(d.Shifts) != 1 || d.Shifts[0].Changed() != want {
			t.Errorf("%s%%: %+v, %v", weight, d.Shifts, err)
		}
	}
}

// TestTolerated: what the user accepts by a flag stays visible, as a warning.
func TestTolerated(t *testing.T) {
	d, err := canary.Set(snapshot(t, typical.object()), wish(typical, 10*10_000))
	if err != nil || len(d.Checks) == 0 || d.Checks[0].Severity != finding.Warning || d.Checks[0].Override != canary.OverrideUnready {
		t.Errorf("checks %+v, %v", d.Checks, err)
	}
}

// TestOtherKinds: a backend that is no Service has no name to call it by.
func TestOtherKinds(t *testing.T) {
	s := modeltest.Live(t, `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: far, namespace: prod}
spec:
  rules:
  - backendRefs:
    - {group: multicluster.x-k8s.io, kind: ServiceImport, name: far, weight: 90}
    - {group: multicluster.x-k8s.io, kind: ServiceImport, name: far-canary, weight: 10}
`)
	if found := canary.List(s, ""); len(found) != 0 {
		t.Errorf("found %v", found)
	}
}
