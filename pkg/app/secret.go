// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// externalSecrets tell the External Secrets Operator which Secrets to make, of
// what: one for each Secret, whoever mounts it. Values are never in them. The
// stores are those of the cluster, as the namespace may not be there yet.
func (y *system) externalSecrets() []runtime.Object {
	type wish struct {
		external string
		by       []*service
		files    []string
		all      bool // some service mounts whatever is there
	}
	wishes := map[string]*wish{}
	for _, s := range y.services {
		for _, secret := range s.Secrets {
			if secret.External == "" {
				continue
			}
			w := wishes[secret.Name]
			if w == nil {
				w = &wish{external: secret.External}
				wishes[secret.Name] = w
			}
			w.by, w.files = append(w.by, s), append(w.files, secret.Files...)
			w.all = w.all || len(secret.Files) == 0
		}
	}
	var out []runtime.Object
	for _, name := range slices.Sorted(maps.Keys(wishes)) {
		w := wishes[name]
		labels := y.labels()
		if len(w.by) == 1 {
			labels = w.by[0].labels()
		}
		store, key, _ := strings.Cut(w.external, "/")
		spec := map[string]any{
			"refreshInterval": "1h",
			"secretStoreRef":  map[string]any{"kind": "ClusterSecretStore", "name": store},
			"target":          map[string]any{"creationPolicy": "Owner", "name": name},
		}
		if w.all {
			spec["dataFrom"] = []any{map[string]any{"extract": map[string]any{"key": key}}}
		} else {
			var data []any
			slices.Sort(w.files)
			for _, file := range slices.Compact(w.files) {
				data = append(data, map[string]any{"remoteRef": map[string]any{"key": key, "property": file}, "secretKey": file})
			}
			spec["data"] = data
		}
		one := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "spec": spec}}
		one.SetName(name)
		one.SetNamespace(y.Metadata.Namespace)
		one.SetLabels(labels)
		out = append(out, one)
	}
	return out
}

// externalSecrets checks where Secrets come from: of one Secret there is one
// source, whoever mounts it.
func (c *checker) externalSecrets() {
	from := map[string]api.SecretFiles{}
	by := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(c.Services)) {
		for i, secret := range c.Services[name].Secrets {
			if secret.External == "" {
				continue
			}
			at := fmt.Sprintf("%s/secrets/%d/external", patch.Join("/services", name), i)
			store, key, both := strings.Cut(secret.External, "/")
			if !both || key == "" || len(validation.IsDNS1123Subdomain(store)) > 0 || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
				c.fail(at, "vault/shop/user-db", "expected STORE/KEY, a ClusterSecretStore and what it has, found %q", secret.External)
			}
			if other, known := from[secret.Name]; known && other.External != secret.External {
				c.fail(at, other.External, "expected one source of the Secret %s, found %s for %s and %s for %s", secret.Name, other.External, by[secret.Name], secret.External, name)
			}
			from[secret.Name], by[secret.Name] = secret, name
		}
	}
}
