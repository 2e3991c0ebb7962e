// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
)

func TestUnsorted(t *testing.T) {
	const meta = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"
	for _, c := range []struct{ name, text, pointer, above string }{
		{"sorted", meta, "", ""},
		{"at the top", "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n", "/apiVersion", "kind"},
		{"below", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {}}\n", "/metadata/labels", "name"},
		{"in a list", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - image: a\n    name: b\n  - name: c\n    image: d\n", "/spec/containers/1/image", "name"},
		{"JSON", `{"kind": "ConfigMap", "metadata": {"name": "a"}, "apiVersion": "v1"}`, "/apiVersion", "metadata"},
		{"upper case first", "apiVersion: v1\ndata: {B: x, a: y}\nkind: ConfigMap\nmetadata: {name: a}\n", "", ""},
		{"merged", "apiVersion: v1\ndata: {c: x, <<: &d {a: y}, d: z}\nkind: ConfigMap\nmetadata: {name: a}\n", "", ""},
		{"of a list", "apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n- kind: ConfigMap\n  apiVersion: v1\n  metadata: {name: b}\nkind: List\n", "/apiVersion", "kind"},
	} {
		t.Run(c.name, func(t *testing.T) {
			stream, err := manifest.Split("a.yaml", []byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			objects, err := stream.Docs[0].Objects()
			if err != nil {
				t.Fatal(err)
			}
			pointer, above, found := objects[len(objects)-1].Unsorted()
			if pointer != c.pointer || above != c.above || found != (c.pointer != "") {
				t.Errorf("found %q after %q (%t), expected %q after %q", pointer, above, found, c.pointer, c.above)
			}
		})
	}
}
