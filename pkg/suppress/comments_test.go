// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package suppress_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestComments(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string // fields whose finding does not count
		by         string
		remarks    []string
	}{
		{name: "behind a value", by: "a.yaml:3", text: `
kind: Service
apiVersion: v1 # kubectl-micro:ignore KM3004 on purpose
metadata: {name: a}
`, want: []string{"/apiVersion"}},
		{name: "behind the first line", by: "a.yaml:2", text: `
kind: Service # kubectl-micro:ignore KM3004 on purpose
apiVersion: v1
metadata: {name: a}
`, want: []string{"", "/kind"}},
		{name: "behind a key, only that line", by: "a.yaml:4", text: `
kind: Service
apiVersion: v1
metadata: # kubectl-micro:ignore KM3004 on purpose
  name: a
`, remarks: []string{"KM0008 a.yaml:4:11: the suppression of KM3004 suppresses nothing"}},
		{name: "above a field with all in it", by: "a.yaml:5", text: `
kind: Service
apiVersion: v1
metadata: {name: a}
# kubectl-micro:ignore KM3004 on purpose

# another comment
spec:
  type: ClusterIP
  ports:
  - port: 80
status: {a: b}
`, want: []string{"/spec/ports/0/port", "/spec/type"}},
		{name: "above a list item", by: "a.yaml:7", text: `
kind: Service
apiVersion: v1
metadata: {name: a}
spec:
  ports:
  # kubectl-micro:ignore KM3004 on purpose
  - port: 80
    name: x
  - port: 81
`, want: []string{"/spec/ports/0/name", "/spec/ports/0/port"}},
		{name: "above the second field of an item", by: "a.yaml:7", text: `
kind: Service
apiVersion: v1
metadata: {name: a}
spec:
  ports:
  - port: 80 # kubectl-micro:ignore KM3004 on purpose
    # kubectl-micro:ignore KM3001 another
    name: x
`, want: []string{"/spec/ports/0/port"}},
		{name: "above the first key", by: "a.yaml:2", text: `
# kubectl-micro:ignore KM3004 on purpose
kind: Service
apiVersion: v1
metadata: {name: a}
`, want: []string{"", "/apiVersion", "/kind", "/metadata/name"}},
		{name: "above the first separator", by: "a.yaml:3", text: `# a licence

  # kubectl-micro:ignore KM3004 on purpose
---
# a word
kind: Service
apiVersion: v1
metadata: {name: a}
---
kind: ConfigMap
apiVersion: v1
metadata: {name: a}
`, want: []string{"", "/apiVersion", "/kind", "/metadata/name"}},
		{name: "misspelt above the first separator", text: `# kubectl-micro:ignor KM3004
---
kind: Service
apiVersion: v1
metadata: {name: a}
`, remarks: []string{"KM0007 a.yaml:1:1: expected kubectl-micro:ignore, found kubectl-micro:ignor"}},
		{name: "in the second document", by: "a.yaml:7", text: `
kind: ConfigMap
apiVersion: v1
metadata: {name: a}
---
# a word before
# kubectl-micro:ignore KM3004 on purpose
kind: Service
apiVersion: v1
metadata: {name: a}
`, want: []string{"", "/apiVersion", "/kind", "/metadata/name"}},
		{name: "with a date and a colon", by: "a.yaml:3", text: `
kind: Service
apiVersion: v1 #kubectl-micro:ignore KM3004 until=2026-12-31: on purpose
metadata: {name: a}
`, want: []string{"/apiVersion"}},
		{name: "two in one", by: "a.yaml:3", text: `
kind: Service
apiVersion: v1 # kubectl-micro:ignore KM3001 a; KM3004 on purpose
metadata: {name: a}
`, want: []string{"/apiVersion"}},
		{name: "behind a flow item and behind the sign of a block", by: "a.yaml:5", text: `
kind: Service
apiVersion: v1
metadata: {name: a,
  labels: {a: b}, # kubectl-micro:ignore KM3004 on purpose
  annotations: {a: b}}
data: {a: b}
`, want: []string{"/metadata/labels/a"}},
		{name: "behind the sign of a block", by: "a.yaml:5", text: `
kind: Service
apiVersion: v1
metadata: {name: a}
data: | # kubectl-micro:ignore KM3004 on purpose
  text
`, want: []string{"/data"}},
		{name: "in texts, no comments", text: `
kind: Service
apiVersion: v1
metadata:
  name: a
  annotations:
    a: |
      x
      # kubectl-micro:ignore KM3004 in a block
    b: >+

      # kubectl-micro:ignore KM3004 folded

      # kubectl-micro:ignore KM3004 again
    c: "x
      # kubectl-micro:ignore KM3004 in quotes"
    d: !!str &x 'it''s
      # kubectl-micro:ignore KM3004 in quotes'
    e: it's#kubectl-micro:ignore KM3004
    f: '# kubectl-micro:ignore KM3004'
    "# kubectl-micro:ignore KM3004": g
`},
		{name: "after texts, comments", by: "a.yaml:12", text: `
kind: Service
apiVersion: v1
metadata:
  name: a
  annotations:
    a: |
      # x

    # kubectl-micro:ignore KM3001 a block has ended
    b: don't # kubectl-micro:ignore KM3001 a plain text
    c: "#" # kubectl-micro:ignore KM3004 on purpose
`, want: []string{"/metadata/annotations/c"}},
		{name: "further in than the flow item below", by: "a.yaml:5", text: `
kind: Service
apiVersion: v1
metadata: {name: a, labels: {
      # kubectl-micro:ignore KM3004 on purpose
  a: b}}
`, want: []string{"/metadata/labels/a"}},
		{name: "in quotes with escapes", text: `
kind: Service
apiVersion: v1
metadata: {name: a}
data: "\" # kubectl-micro:ignore KM3004 no comment"
`},
		{name: "at the end", text: `
kind: Service
apiVersion: v1
metadata: {name: a}
# kubectl-micro:ignore KM3004 too late
`, remarks: []string{"KM0007 a.yaml:5:1: expected a field or list item below the comment, found the end of the document"}},
		{name: "below the last field of a block", text: `
kind: Service
apiVersion: v1
metadata:
  name: a
  # kubectl-micro:ignore KM3004 of what was here
spec: {type: x}
`, remarks: []string{"KM0007 a.yaml:6:3: expected the comment right above what it is about, found that what is below is further out"}},
		{name: "misspelt and empty", text: `
kind: Service # kubectl-micro:ingore KM3004
apiVersion: v1 # kubectl-micro:ignore
metadata: {name: a}
`, remarks: []string{
			"KM0007 a.yaml:2:15: expected kubectl-micro:ignore, found kubectl-micro:ingore",
			"KM0007 a.yaml:3:16: expected a rule such as KM3004, found nothing",
		}},
		{name: "an item of a list of objects", by: "a.yaml:9", text: `
kind: List
apiVersion: v1
items:
- kind: ConfigMap
  apiVersion: v1
  metadata: {name: a}
  data: {a: b}
# kubectl-micro:ignore KM3004 on purpose
- kind: Service
  apiVersion: v1
  metadata: {name: a}
`, want: []string{"", "/apiVersion", "/kind", "/metadata/name"}},
		{name: "Windows lines, wide characters and the line breaks of Unicode", by: "a.yaml:6",
			text: "\r\nkind: Service\r\napiVersion: v1\r\nmetadata: {name: a}\r\ndata: {a: \"\u2028ü\", é: x}\r\nspec: {a: b} # kubectl-micro:ignore KM3004 on purpose\r\n",
			want: []string{"/spec/a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			waived, remarks := outcome(t, offline(t, c.text), nil, "KM3004")
			var got []string
			for _, at := range slices.Sorted(maps.Keys(waived)) {
				pointer, is := strings.CutPrefix(at, "Service")
				if !is {
					t.Errorf("%s: %s", at, waived[at])
				}
				got = append(got, pointer)
				if waived[at] != c.by+"; on purpose" {
					t.Errorf("%s: by %s, expected %s", at, waived[at], c.by)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.remarks, remarks); diff != "" {
				t.Errorf("remarks (-want +got):\n%s", diff)
			}
		})
	}
}
