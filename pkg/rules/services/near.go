// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package services

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// difference is one label of a selector and what a workload has instead of it.
type difference struct {
	key, value string
	// hasKey and has are the label that comes nearest; empty when none does.
	hasKey, has string
	// far is true when the two have no likeness.
	far bool
}

// nearMiss is a workload that a selector nearly selects.
type nearMiss struct {
	*model.Workload
	differences []difference
	// tied is true when another workload is just as near.
	tied bool
}

// farOff is what a label without any likeness costs, next to one for a
// misspelt one.
const farOff = 3

// nearest finds the workload of a namespace whose pods differ least from a
// selector: in the spelling of a value ("myapp", "my-app"), in a key (the value
// of "app" is under "app.kubernetes.io/name"), or in one label of several.
func nearest(w *rules.World, namespace string, selector map[string]string) (nearMiss, bool) {
	var best nearMiss
	least := -1
	for _, candidate := range w.Workloads(namespace) {
		found := compare(selector, candidate.Template.Labels)
		cost, far := 0, 0
		for _, d := range found {
			cost++
			if d.far {
				cost += farOff
				far++
			}
		}
		if far > 1 || (far == 1 && len(found) == len(selector)) {
			continue
		}
		switch {
		case least < 0 || cost < least:
			best, least = nearMiss{Workload: candidate, differences: found}, cost
		case cost == least:
			best.tied = true
		}
	}
	return best, least >= 0
}

// compare lists what a set of labels lacks to match a selector, by key.
func compare(selector, has map[string]string) []difference {
	var out []difference
	for _, key := range slices.Sorted(maps.Keys(selector)) {
		value := selector[key]
		other, found := has[key]
		switch {
		case found && other == value:
		case found:
			out = append(out, difference{key, value, key, other, len(ref.Closest(value, []string{other})) == 0})
		default:
			d := difference{key: key, value: value, far: true}
			for _, k := range slices.Sorted(maps.Keys(has)) {
				if _, taken := selector[k]; !taken && has[k] == value {
					d.hasKey, d.has, d.far = k, value, false
					break
				}
			}
			out = append(out, d)
		}
	}
	return out
}

// String says what the workload has: "Deployment shop/web has app=my-app".
func (n nearMiss) String() string {
	var has []string
	for _, d := range n.differences {
		if d.hasKey == "" {
			has = append(has, "no label "+d.key)
			continue
		}
		has = append(has, d.hasKey+"="+d.has)
	}
	return "the pods of " + n.Ref.String() + " have " + anded(has)
}

// edits makes a selector select the workload.
func (n nearMiss) edits() []patch.Op {
	var out []patch.Op
	for _, d := range n.differences {
		at := patch.Pointer("spec", "selector", d.key)
		if d.hasKey == d.key {
			out = append(out, patch.Op{Op: patch.Replace, Path: at, Value: d.has})
			continue
		}
		out = append(out, patch.Op{Op: patch.Remove, Path: at})
		if d.hasKey != "" {
			out = append(out, patch.Op{Op: patch.Add, Path: patch.Pointer("spec", "selector", d.hasKey), Value: d.has})
		}
	}
	return out
}

// outside finds a workload that carries the labels itself where its pods should.
func outside(w *rules.World, namespace string, selector labels.Selector) (*model.Workload, bool) {
	all := w.Workloads(namespace)
	i := slices.IndexFunc(all, func(c *model.Workload) bool {
		return !c.Bare() && selector.Matches(labels.Set(c.Meta().GetLabels()))
	})
	if i < 0 {
		return nil, false
	}
	return all[i], true
}

// given are labels that Kubernetes puts on pods, so that no template has them.
var given = []string{
	"statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", "pod-template-hash", "controller-revision-hash",
	"batch.kubernetes.io/job-name", "batch.kubernetes.io/job-completion-index", "job-name",
}

// waits reports whether a selector asks for labels that pods get when they are
// made, and pods that would carry them are still to come.
func waits(w *rules.World, namespace string, selector map[string]string) bool {
	rest := maps.Clone(selector)
	maps.DeleteFunc(rest, func(k, _ string) bool { return slices.Contains(given, k) })
	if len(rest) == len(selector) {
		return false
	}
	name := selector["statefulset.kubernetes.io/pod-name"]
	return slices.ContainsFunc(w.Select(namespace, labels.SelectorFromSet(rest)).Workloads, func(c *model.Workload) bool {
		return len(c.Pods) == 0 && (name == "" || strings.HasPrefix(name, c.Ref.Name+"-"))
	})
}
