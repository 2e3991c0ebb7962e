// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

type report struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Weight     *int     `json:"weight"`
	Arrow      string   `json:"arrow"`
	Alpha      []string `json:"alpha"`
}

func TestReport(t *testing.T) {
	in := report{render.APIVersion, "CanaryStatus", nil, "a <-> b & c", []string{"x"}}
	for format, want := range map[string]string{
		"json": `{
    "apiVersion": "kubectl-micro.dev/v1alpha1",
    "kind": "CanaryStatus",
    "weight": null,
    "arrow": "a <-> b & c",
    "alpha": [
        "x"
    ]
}
`,
		"yaml": "alpha:\n- x\napiVersion: kubectl-micro.dev/v1alpha1\narrow: a <-> b & c\nkind: CanaryStatus\nweight: null\n",
	} {
		var b bytes.Buffer
		if err := render.Report(&b, format, in); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, b.String()); diff != "" {
			t.Errorf("%s: %s", format, diff)
		}
	}
}

func TestReportRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		format string
		report any
		kind   fault.Kind
	}{
		"another format": {"toml", report{APIVersion: render.APIVersion, Kind: "X"}, fault.Usage},
		"no version":     {"json", report{Kind: "X"}, fault.Failed},
		"no kind":        {"json", report{APIVersion: render.APIVersion}, fault.Failed},
		"a list":         {"yaml", []int{1}, fault.Failed},
		"not JSON":       {"json", make(chan int), fault.Failed},
	} {
		var b bytes.Buffer
		if err := render.Report(&b, tc.format, tc.report); err == nil || fault.KindOf(err) != tc.kind || b.Len() > 0 {
			t.Errorf("%s: error %v of kind %d, printed %q; want kind %d", name, err, fault.KindOf(err), &b, tc.kind)
		}
	}
}
