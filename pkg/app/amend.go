// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/strategicpatch"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/schema"
)

// merging are the kinds whose lists merge by keys: a patch names the container
// that it changes. Of all others a list is replaced as a whole.
var merging = map[string]any{
	"v1/Service": corev1.Service{}, "v1/ServiceAccount": corev1.ServiceAccount{}, "v1/ConfigMap": corev1.ConfigMap{}, "v1/Namespace": corev1.Namespace{},
	"apps/v1/Deployment": appsv1.Deployment{}, "apps/v1/StatefulSet": appsv1.StatefulSet{}, "apps/v1/DaemonSet": appsv1.DaemonSet{},
	"batch/v1/Job": batchv1.Job{}, "batch/v1/CronJob": batchv1.CronJob{},
	"autoscaling/v2/HorizontalPodAutoscaler": autoscalingv2.HorizontalPodAutoscaler{}, "policy/v1/PodDisruptionBudget": policyv1.PodDisruptionBudget{},
	"networking.k8s.io/v1/NetworkPolicy": networkingv1.NetworkPolicy{}, "networking.k8s.io/v1/Ingress": networkingv1.Ingress{},
}

// amend applies the patches of the file, each to what those before it made.
func amend(s api.System, objects []map[string]any) ([]map[string]any, error) {
	c := checker{System: s}
	objects = c.amend(objects)
	return objects, errors.Join(c.errs...)
}

func (c *checker) amend(objects []map[string]any) []map[string]any {
	for i, p := range c.Patches {
		at := fmt.Sprintf("/patches/%d", i)
		if (len(p.Merge) == 0) == (len(p.Operations) == 0) {
			c.fail(at, "merge: {spec: {replicas: 5}}, or operations: [{op: replace, path: /spec/replicas, value: 5}]", "expected what to merge or operations of a JSON Patch, one of both")
			continue
		}
		found := false
		for j, o := range objects {
			if kindOf(o) != p.Kind || nameOf(o) != p.Name {
				continue
			}
			found = true
			objects[j] = c.patched(at, o, p)
		}
		if !found {
			c.noTarget(at, p, objects)
		}
		objects = slices.DeleteFunc(objects, func(o map[string]any) bool { return len(o) == 0 })
	}
	return objects
}

// patched is an object with one patch in it; an empty one where the patch deletes
// it. One that fails leaves the object as it is, and the error tells.
func (c *checker) patched(at string, o map[string]any, p api.SystemPatch) map[string]any {
	next, err := apply(o, p)
	if err != nil {
		where := at + "/merge"
		if len(p.Operations) > 0 {
			where = at + "/operations"
		}
		c.fail(where, "see the object in what is generated without the patch", "expected a patch that fits %s %s: %v", p.Kind, p.Name, err)
		return o
	}
	if len(next) == 0 {
		return next
	}
	for _, field := range []string{"apiVersion", "kind", "metadata.name", "metadata.namespace"} {
		if was, is := fieldOf(o, field), fieldOf(next, field); was != is {
			c.fail(at, "leave it out", "expected a patch that leaves %s of %s %s as it is, %v, found %v", field, p.Kind, p.Name, was, is)
		}
	}
	problems, _ := schema.Check(next)
	for _, wrong := range problems {
		hint := "kubectl explain " + strings.ToLower(p.Kind)
		if wrong.Suggest != "" {
			hint = "did you mean " + wrong.Suggest + "?"
		}
		c.fail(at, hint, "expected a patch that leaves %s %s valid, found %s %s at %s", p.Kind, p.Name, wrong.Fault, wrong.Field, wrong.Pointer)
	}
	return next
}

func fieldOf(o map[string]any, dotted string) any {
	v, err := patch.Get(o, "/"+strings.ReplaceAll(dotted, ".", "/"))
	if err != nil {
		return nil
	}
	return v
}

// apply merges or operates.
func apply(o map[string]any, p api.SystemPatch) (map[string]any, error) {
	var next any
	var err error
	if len(p.Operations) > 0 {
		var ops []patch.Op
		if ops, err = operations(p.Operations); err == nil {
			next, err = patch.Apply(o, ops)
		}
	} else if kind, known := merging[fmt.Sprint(o["apiVersion"], "/", p.Kind)]; known {
		next, err = strategicpatch.StrategicMergeMapPatch(copied(o), copied(p.Merge), kind)
	} else {
		next = merge(o, p.Merge)
	}
	if err != nil {
		return nil, err
	}
	out, is := bare(next).(map[string]any)
	if !is {
		return nil, fmt.Errorf("expected an object to be left, found %v", next)
	}
	return out, nil
}

// operations reads the operations of a JSON Patch.
func operations(list []map[string]any) ([]patch.Op, error) {
	var out []patch.Op
	for i, one := range list {
		for _, key := range slices.Sorted(maps.Keys(one)) {
			if !slices.Contains([]string{"op", "path", "value"}, key) {
				return nil, fmt.Errorf("operation %d: expected op, path and value, found %s", i, key)
			}
		}
		op, _ := one["op"].(string)
		path, isText := one["path"].(string)
		value, hasValue := one["value"]
		switch {
		case !slices.Contains([]string{patch.Test, patch.Add, patch.Replace, patch.Remove}, op):
			return nil, fmt.Errorf("operation %d: expected op add, remove, replace or test, found %v", i, one["op"])
		case !isText:
			return nil, fmt.Errorf("operation %d: expected a path such as /spec/replicas, found %v", i, one["path"])
		case !hasValue && op != patch.Remove:
			return nil, fmt.Errorf("operation %d: expected a value to %s, found none", i, op)
		}
		out = append(out, patch.Op{Op: op, Path: path, Value: value})
	}
	return out, nil
}

// merge is JSON Merge Patch (RFC 7396): null removes, mappings merge, all else
// replaces.
func merge(into any, with map[string]any) map[string]any {
	base, _ := into.(map[string]any)
	out := maps.Clone(base)
	if out == nil {
		out = map[string]any{}
	}
	for key, value := range with {
		switch v := value.(type) {
		case nil:
			delete(out, key)
		case map[string]any:
			out[key] = merge(out[key], v)
		default:
			out[key] = v
		}
	}
	return out
}

// copied is a mapping for those who write into theirs.
func copied(m map[string]any) map[string]any {
	out, _ := bare(m).(map[string]any)
	return out
}

// bare is a value as JSON reads it back: with int64 for whole numbers.
func bare(value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	var out any
	if utiljson.Unmarshal(text, &out) != nil {
		return nil
	}
	return out
}

// noTarget tells of a patch of what is not generated, and what is.
func (c *checker) noTarget(at string, p api.SystemPatch, objects []map[string]any) {
	var kinds, names []string
	for _, o := range objects {
		kinds = append(kinds, kindOf(o))
		if kindOf(o) == p.Kind {
			names = append(names, nameOf(o))
		}
	}
	slices.Sort(kinds)
	what, value, among, where := "a name of a generated "+p.Kind, p.Name, names, at+"/name"
	if len(names) == 0 {
		what, value, among, where = "a kind that is generated", p.Kind, slices.Compact(kinds), at+"/kind"
	}
	hint := "there are " + strings.Join(among, ", ")
	if near := ref.Closest(value, among); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	c.fail(where, hint, "expected %s, found %q", what, value)
}

func kindOf(o map[string]any) string { return fmt.Sprint(fieldOf(o, "kind")) }
func nameOf(o map[string]any) string { return fmt.Sprint(fieldOf(o, "metadata.name")) }
