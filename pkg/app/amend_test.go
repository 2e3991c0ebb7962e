// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/app"
)

const patchedWeb = "services:\n  web:\n    image: web:1\n    ports: {http: 8080}\n    open: true\npatches:\n"

// TestPatches merges by the keys of lists, replaces, removes, and goes on with
// what the patch before made.
func TestPatches(t *testing.T) {
	const container = "/spec/template/spec/containers/0"
	for _, c := range []struct {
		name, patches, kind, pointer string
		want                         any
	}{
		{"merge", "- {kind: Deployment, name: web, merge: {spec: {template: {spec: {containers: [{name: web, tty: true}]}}}}}", "Deployment", container + "/tty", true},
		{"the rest stays", "- {kind: Deployment, name: web, merge: {spec: {template: {spec: {containers: [{name: web, tty: true}]}}}}}", "Deployment", container + "/image", "web:1"},
		{"a sidecar", "- {kind: Deployment, name: web, merge: {spec: {template: {spec: {containers: [{name: log, image: 'log:1'}]}}}}}", "Deployment", "/spec/template/spec/containers/1/name", "web"},
		{"whole numbers", "- {kind: Deployment, name: web, merge: {spec: {replicas: 5}}}", "Deployment", "/spec/replicas", int64(5)},
		{"null", "- {kind: Deployment, name: web, merge: {spec: {replicas: null}}}", "Deployment", "/spec/replicas", nil},
		{"operations", "- {kind: Deployment, name: web, operations: [{op: test, path: /spec/replicas, value: 3}, {op: replace, path: /spec/replicas, value: 4}]}", "Deployment", "/spec/replicas", int64(4)},
		{"removed", "- {kind: Service, name: web, operations: [{op: remove, path: /spec/ports/0/appProtocol}]}", "Service", "/spec/ports/0/appProtocol", nil},
		{"two", "- {kind: Deployment, name: web, merge: {spec: {replicas: 5}}}\n- {kind: Deployment, name: web, operations: [{op: test, path: /spec/replicas, value: 5}, {op: replace, path: /spec/replicas, value: 6}]}", "Deployment", "/spec/replicas", int64(6)},
		{"of a mesh", "- {kind: PeerAuthentication, name: default, merge: {spec: {mtls: {mode: PERMISSIVE}, selector: null}}}", "PeerAuthentication", "/spec/mtls/mode", "PERMISSIVE"},
		{"null of a mesh", "- {kind: PeerAuthentication, name: default, merge: {metadata: {labels: null}}}", "PeerAuthentication", "/metadata/labels", nil},
		{"deleted", "- {kind: PodDisruptionBudget, name: web, merge: {$patch: delete}}", "PodDisruptionBudget", "/kind", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := app.Read("m.yaml", []byte("platform: {mesh: sidecar}\n"+head+patchedWeb+c.patches+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			var got any
			for _, o := range generate(t, s, app.Options{}).Objects {
				if len(o) == 0 {
					t.Error("an object is empty")
				}
				if o["kind"] == c.kind {
					got = at(o, c.pointer)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestPatchErrors gives a patch that does not fit a place.
func TestPatchErrors(t *testing.T) {
	const see = " | see the object in what is generated without the patch"
	errorTable(t, []errorCase{
		{"name", patchedWeb + "- {kind: Deployment, name: wep, merge: {spec: {replicas: 5}}}\n", `m.yaml:10:22: expected a name of a generated Deployment, found "wep" | did you mean web?`},
		{"far name", patchedWeb + "- {kind: Deployment, name: database, merge: {spec: {replicas: 5}}}\n", `m.yaml:10:22: expected a name of a generated Deployment, found "database" | there are web`},
		{"kind", patchedWeb + "- {kind: Deploymet, name: web, merge: {spec: {replicas: 5}}}\n", `m.yaml:10:4: expected a kind that is generated, found "Deploymet" | did you mean Deployment?`},
		{"neither", patchedWeb + "- {kind: Deployment, name: web}\n", "m.yaml:10:3: expected what to merge or operations of a JSON Patch, one of both | merge: {spec: {replicas: 5}}, or operations: [{op: replace, path: /spec/replicas, value: 5}]"},
		{"test", patchedWeb + "- {kind: Deployment, name: web, operations: [{op: test, path: /spec/replicas, value: 7}]}\n", "m.yaml:10:33: expected a patch that fits Deployment web: operation 0 (test /spec/replicas): test failed: value is 3, not 7" + see},
		{"path", patchedWeb + "- {kind: Deployment, name: web, operations: [{op: remove, path: /spec/x}]}\n", "m.yaml:10:33: expected a patch that fits Deployment web: operation 0 (remove /spec/x): no field \"x\"" + see},
		{"op", patchedWeb + "- {kind: Deployment, name: web, operations: [{op: move, path: /spec/x, value: 1}]}\n", "m.yaml:10:33: expected a patch that fits Deployment web: operation 0: expected op add, remove, replace or test, found move" + see},
		{"from", patchedWeb + "- {kind: Deployment, name: web, operations: [{op: add, from: /spec/x}]}\n", "m.yaml:10:33: expected a patch that fits Deployment web: operation 0: expected op, path and value, found from" + see},
		{"no value", patchedWeb + "- {kind: Deployment, name: web, operations: [{op: add, path: /spec/x}]}\n", "m.yaml:10:33: expected a patch that fits Deployment web: operation 0: expected a value to add, found none" + see},
		{"no path", patchedWeb + "- {kind: Deployment, name: web, operations: [{op: add, path: 1}]}\n", "m.yaml:10:33: expected a patch that fits Deployment web: operation 0: expected a path such as /spec/replicas, found 1" + see},
		{"renamed", patchedWeb + "- {kind: Deployment, name: web, merge: {metadata: {name: x}}}\n", "m.yaml:10:3: expected a patch that leaves metadata.name of Deployment web as it is, web, found x | leave it out"},
		{"field", patchedWeb + "- {kind: Deployment, name: web, merge: {spec: {replica: 5}}}\n", "m.yaml:10:3: expected a patch that leaves Deployment web valid, found unknown field replica at /spec/replica | kubectl explain deployment"},
		{"type", patchedWeb + "- {kind: Deployment, name: web, merge: {spec: {replicas: many}}}\n", "m.yaml:10:3: expected a patch that leaves Deployment web valid, found wrong type replicas at /spec/replicas | kubectl explain deployment"},
		{"all of it", patchedWeb + "- {kind: Deployment, name: web, operations: [{op: replace, path: '', value: 1}]}\n", "m.yaml:10:33: expected a patch that fits Deployment web: expected an object to be left, found 1" + see},
		{"all of its spec", patchedWeb + "- {kind: Deployment, name: web, merge: {spec: x}}\n", "m.yaml:10:3: expected a patch that leaves Deployment web valid, found wrong type spec at /spec | kubectl explain deployment"},
	})
}
