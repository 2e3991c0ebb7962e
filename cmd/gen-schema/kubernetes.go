// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	objectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
	apiPrefix  = "io.k8s.api."
)

// unwritten are groups of which nobody keeps manifests, or whose objects are
// schemas themselves. Their versions are known all the same.
var unwritten = []string{
	"admission.k8s.io", "apiextensions.k8s.io", "authentication.k8s.io", "authorization.k8s.io", "events.k8s.io",
	"imagepolicy.k8s.io", "internal.apiserver.k8s.io", "storagemigration.k8s.io",
}

// requests are kinds that are no objects with a name of their own.
var requests = []string{
	"APIGroup", "APIVersions", "Binding", "ComponentStatus", "DeleteOptions", "DeploymentRollback", "Eviction", "RangeAllocation",
	"Scale", "Status", "WatchEvent",
}

// lax are fields that the published schema calls required only because their Go
// type has no omitempty: the API server takes their absence for the zero value.
var lax = map[string][]string{
	"core.v1.HTTPHeader":                  {"value"},
	"core.v1.Sysctl":                      {"value"},
	"core.v1.ISCSIVolumeSource":           {"lun"},
	"core.v1.ISCSIPersistentVolumeSource": {"lun"},
	"core.v1.SleepAction":                 {"seconds"},
	"core.v1.LimitRangeSpec":              {"limits"},
	"apps.v1.ControllerRevision":          {"revision"},
	"storage.v1.CSINodeSpec":              {"drivers"},
}

func addKubernetes(t *table, modules map[string]module) error {
	dir := modules[kubernetes].Dir
	data, err := os.ReadFile(filepath.Join(dir, "api/openapi-spec/swagger.json"))
	if err != nil {
		return err
	}
	var swagger struct {
		Definitions map[string]openapi `json:"definitions"`
	}
	if err := json.Unmarshal(data, &swagger); err != nil {
		return err
	}
	known := swagger.Definitions
	if err := addEnums(known, filepath.Join(dir, "pkg/generated/openapi/zz_generated.openapi.go")); err != nil {
		return err
	}
	addTypes(known)
	correct(known)
	r := resolver{table: t, builtin: known, done: map[string]int{}}
	t.meta = r.named(objectMeta)
	for name, s := range known {
		for _, gvk := range s.Kinds {
			if strings.HasSuffix(gvk.Kind, "List") || slices.Contains(requests, gvk.Kind) {
				continue
			}
			k := kind{apiVersion: gvk.apiVersion(), name: gvk.Kind, node: -1}
			if !slices.Contains(unwritten, gvk.Group) {
				k.node = -2 // below, in a stable order
			}
			t.kinds = append(t.kinds, k)
			r.roots = append(r.roots, name)
		}
	}
	r.fill()
	return nil
}

// fill resolves the kinds that were found, in the order of their names, because
// the order decides the numbers of the shapes.
func (r *resolver) fill() {
	order := make([]int, len(r.roots))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(r.roots[a], r.roots[b]) })
	for _, i := range order {
		if k := &r.table.kinds[i]; k.node == -2 {
			k.node = r.root(r.builtin[r.roots[i]], r.table.meta)
		}
	}
}

// root is the shape of a whole object. The status belongs to the server: what a
// manifest says there is dropped.
func (r *resolver) root(s openapi, meta int) int {
	text := r.table.node("s")
	o := object{open: s.Open, values: -1, fields: map[string]int{
		"apiVersion": text, "kind": text, "metadata": meta, "status": r.table.node("a"),
	}}
	for _, name := range sortedKeys(s.Properties) {
		if _, set := o.fields[name]; !set {
			o.fields[name] = r.node(s.Properties[name])
		}
	}
	for _, name := range s.Required {
		if name != "status" && name != "metadata" {
			o.required = append(o.required, name)
		}
	}
	return r.table.object(o)
}

// correct brings what is required in line with what the API server does.
func correct(known map[string]openapi) {
	// All of it before the specs are looked at, which it may change.
	for name, fields := range lax {
		s := known[apiPrefix+name]
		s.Required = slices.DeleteFunc(slices.Clone(s.Required), func(f string) bool { return slices.Contains(fields, f) })
		known[apiPrefix+name] = s
	}
	for name, s := range known {
		if name == objectMeta {
			// Whatever is there is what a server wrote.
			s.Properties["managedFields"] = openapi{}
		}
		if spec, has := s.Properties["spec"]; has {
			// Go reads a spec that is left out as an empty one, which then lacks
			// what is required in it.
			if len(known[strings.TrimPrefix(spec.Ref, refPrefix)].Required) > 0 && !slices.Contains(s.Required, "spec") && name != "io.k8s.api.core.v1.ReplicationController" {
				s.Required = append(slices.Clone(s.Required), "spec")
			}
		}
		known[name] = s
	}
}
