// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// What one query answers for 200 services with 5 callers each and two reporters.
func BenchmarkFold(b *testing.B) {
	var v signals.Vector
	for service := range 200 {
		name := fmt.Sprintf("service-%d", service)
		for caller := range 5 {
			from := fmt.Sprintf("caller-%d", caller)
			for _, reporter := range []string{"source", "destination"} {
				v = append(v, req(10, reporter, from, name, name+"-v1", "200"), req(1, reporter, from, name, name+"-v1", "503"))
				for i, le := range envoyGrid {
					row := req(float64(i)/2, reporter, from, name, name+"-v1", "")
					row.Labels[0].Value = "lat"
					row.Labels = append(row.Labels, signals.Label{Name: "le", Value: strconv.FormatFloat(le, 'f', -1, 64)})
					v = append(v, row)
				}
			}
		}
	}
	o := options(b, signals.Client, signals.ByService)
	b.ReportMetric(float64(len(v)), "series")
	for b.Loop() {
		if groups := signals.Fold(v, o).Groups; len(groups) != 200 {
			b.Fatalf("%d groups", len(groups))
		}
	}
}
