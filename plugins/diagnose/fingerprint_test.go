// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/rulestest"
)

// prints are the fingerprints of what all rules find in a World.
func prints(t *testing.T, name, text string) []string {
	t.Helper()
	var out []string
	for _, r := range rules.Run(rulestest.Parse(t, name, []byte(text)), catalog.Rules()) {
		out = append(out, r.ID+" "+r.Fingerprint())
	}
	slices.Sort(out)
	return out
}

// files are manifests with faults of several families.
const files = `apiVersion: v1
kind: Service
metadata: {name: cart}
spec:
  selector: {app: card}
  ports: [{port: 80, targetPort: web}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart}
spec:
  replica: 2
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec:
      containers:
      - name: cart
        image: registry.example.com/cart:1
        volumeMounts: [{name: data, mountPath: /data}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart}
spec:
  hosts: [cart]
  http:
  - route:
    - destination: {host: cart, subset: v1}
      weight: 90
    - destination: {host: cart, subset: v2}
      weight: 10
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart}
spec:
  host: cart
  trafficPolicy: {loadBalancer: {simple: LEAST_CONN}}
`

// A baseline made before a file was edited above the fault still holds.
func TestFingerprintsOutliveMovedLines(t *testing.T) {
	before := prints(t, "a.yaml", files)
	if len(before) < 5 {
		t.Fatalf("found only %q", before)
	}
	moved := strings.ReplaceAll("# a comment\n\n"+files, "\nspec:", "\n# a comment\nspec:")
	if diff := cmp.Diff(before, prints(t, "another.yaml", moved)); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

// The same fault in another field, or of another object, is another finding.
func TestFingerprintsTellFieldsApart(t *testing.T) {
	before := prints(t, "a.yaml", files)
	seen := map[string]bool{}
	for _, p := range before {
		if seen[p] {
			t.Errorf("%s twice", p)
		}
		seen[p] = true
	}
	for name, change := range map[string][2]string{
		"another name":      {"kind: VirtualService\nmetadata: {name: cart}", "kind: VirtualService\nmetadata: {name: cart-2}"},
		"another field":     {"    - destination: {host: cart, subset: v1}", "    - destination: {host: cart}\n    - destination: {host: cart, subset: v1}"},
		"another namespace": {"kind: DestinationRule\nmetadata: {name: cart}", "kind: DestinationRule\nmetadata: {name: cart, namespace: b}"},
	} {
		changed := strings.Replace(files, change[0], change[1], 1)
		fresh := 0
		for _, p := range prints(t, "a.yaml", changed) {
			if !seen[p] {
				fresh++
			}
		}
		if changed == files || fresh == 0 {
			t.Errorf("%s: no finding is new", name)
		}
	}
}

// A baseline made before the pods were replaced still holds.
func TestFingerprintsOutliveNewPods(t *testing.T) {
	paths, err := filepath.Glob("../../pkg/rules/*/testdata/KM*/bad*.live.yaml")
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		renamed := renamePods(string(data))
		if renamed == string(data) {
			continue
		}
		tried++
		if diff := cmp.Diff(prints(t, path, string(data)), prints(t, path, renamed)); diff != "" {
			t.Errorf("%s (-before +after):\n%s", path, diff)
		}
	}
	if tried < 10 {
		t.Errorf("only %d worlds have pods to rename", tried)
	}
}

var podName = regexp.MustCompile(`(?m)^  name: (\S+)-(\S+)$`)

// renamePods gives the pods that a controller owns other names, wherever these
// are written.
func renamePods(text string) string {
	for document := range strings.SplitSeq(text, "\n---\n") {
		name := podName.FindStringSubmatch(document)
		if name == nil || !strings.HasPrefix(document, "apiVersion: v1\nkind: Pod\n") || !strings.Contains(document, "kind: ReplicaSet") {
			continue
		}
		old := regexp.MustCompile(`\b` + regexp.QuoteMeta(name[1]+"-"+name[2]) + `\b`)
		text = old.ReplaceAllString(text, name[1]+"-zz"+name[2])
	}
	return text
}
