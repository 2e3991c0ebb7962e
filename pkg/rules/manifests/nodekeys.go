// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifests

import (
	"maps"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// nodeKey is what has become of a label or taint of nodes.
type nodeKey struct {
	// now is its present name; empty where there is none of the same meaning.
	now string
	// gone ends the sentence "Kubernetes puts no such label on nodes ..."; empty where
	// it still does.
	gone string
	// near is a key that may serve instead of one that has no successor.
	near string
}

// nodeLabels and nodeTaints are the well-known ones that were renamed or dropped:
// https://kubernetes.io/docs/reference/labels-annotations-taints/.
var (
	nodeLabels = map[string]nodeKey{
		"beta.kubernetes.io/os":                    {now: "kubernetes.io/os"},
		"beta.kubernetes.io/arch":                  {now: "kubernetes.io/arch"},
		"beta.kubernetes.io/instance-type":         {now: "node.kubernetes.io/instance-type"},
		"failure-domain.beta.kubernetes.io/zone":   {now: "topology.kubernetes.io/zone"},
		"failure-domain.beta.kubernetes.io/region": {now: "topology.kubernetes.io/region"},
		"node-role.kubernetes.io/master":           {now: "node-role.kubernetes.io/control-plane", gone: "since 1.24"},
		"kubernetes.io/e2e-az-name":                {gone: "outside of its own tests", near: "topology.kubernetes.io/zone"},
	}
	nodeTaints = map[string]nodeKey{
		"node-role.kubernetes.io/master":       {now: "node-role.kubernetes.io/control-plane", gone: "since 1.25"},
		"node.alpha.kubernetes.io/notReady":    {now: "node.kubernetes.io/not-ready", gone: "any more"},
		"node.alpha.kubernetes.io/unreachable": {now: "node.kubernetes.io/unreachable", gone: "any more"},
	}
)

// keyUse is a place that names a label or a taint of nodes.
type keyUse struct {
	// at is the JSON Pointer of the name, or of the entry whose key is the name.
	at, key string
	// isEntry is true for an entry of a mapping.
	isEntry bool
	// taint is true where it is the key of a taint.
	taint bool
	// siblings are the names that count as well as this one: where the present name
	// is among them, the old one is there for old clusters.
	siblings []string
}

// old returns what has become of the key; false for a key that is as it should be.
func (u keyUse) old() (nodeKey, bool) {
	keys := nodeLabels
	if u.taint {
		keys = nodeTaints
	}
	k, known := keys[u.key]
	return k, known && (k.now == "" || !slices.Contains(u.siblings, k.now))
}

// keyUses lists the places of a pod spec, at a pointer, that name labels or taints.
func keyUses(spec map[string]any, at string) []keyUse {
	var out []keyUse
	selector, _ := spec["nodeSelector"].(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(selector)) {
		out = append(out, keyUse{at: patch.Join(at+"/nodeSelector", key), key: key, isEntry: true})
	}
	affinity, _ := spec["affinity"].(map[string]any)
	out = append(out, nodeAffinity(affinity["nodeAffinity"], at+"/affinity/nodeAffinity")...)
	for _, name := range []string{"podAffinity", "podAntiAffinity"} {
		out = append(out, podAffinity(affinity[name], at+"/affinity/"+name)...)
	}
	items(spec["topologySpreadConstraints"], at+"/topologySpreadConstraints", func(c map[string]any, at string) {
		out = append(out, named(c, "topologyKey", at)...)
	})
	return append(out, listed(spec["tolerations"], at+"/tolerations")...)
}

// named is the use in one field, if it is text.
func named(m map[string]any, field, at string) []keyUse {
	key, isText := m[field].(string)
	if !isText {
		return nil
	}
	return []keyUse{{at: at + "/" + field, key: key}}
}

// listed are the uses in a list of taints or tolerations.
func listed(list any, at string) []keyUse {
	var out []keyUse
	var all []string
	items(list, at, func(m map[string]any, at string) {
		for _, u := range named(m, "key", at) {
			u.taint = true
			out, all = append(out, u), append(all, u.key)
		}
	})
	for i := range out {
		out[i].siblings = all
	}
	return out
}

// nodeAffinity: terms are alternatives, the expressions in one are not.
func nodeAffinity(v any, at string) []keyUse {
	affinity, _ := v.(map[string]any)
	required, _ := affinity["requiredDuringSchedulingIgnoredDuringExecution"].(map[string]any)
	hard := alternatives(required["nodeSelectorTerms"], at+"/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms", "")
	return append(hard, alternatives(affinity["preferredDuringSchedulingIgnoredDuringExecution"],
		at+"/preferredDuringSchedulingIgnoredDuringExecution", "preference")...)
}

// alternatives are the uses in a list of terms, each of which is in a field of its
// item or, without a name, the item itself.
func alternatives(list any, at, field string) []keyUse {
	var out []keyUse
	var all []string
	items(list, at, func(term map[string]any, at string) {
		if field != "" {
			term, _ = term[field].(map[string]any)
			at += "/" + field
		}
		items(term["matchExpressions"], at+"/matchExpressions", func(e map[string]any, at string) {
			for _, u := range named(e, "key", at) {
				out, all = append(out, u), append(all, u.key)
			}
		})
	})
	for i := range out {
		out[i].siblings = all
	}
	return out
}

func podAffinity(v any, at string) []keyUse {
	var out []keyUse
	affinity, _ := v.(map[string]any)
	items(affinity["requiredDuringSchedulingIgnoredDuringExecution"], at+"/requiredDuringSchedulingIgnoredDuringExecution",
		func(term map[string]any, at string) { out = append(out, named(term, "topologyKey", at)...) })
	items(affinity["preferredDuringSchedulingIgnoredDuringExecution"], at+"/preferredDuringSchedulingIgnoredDuringExecution",
		func(item map[string]any, at string) {
			term, _ := item["podAffinityTerm"].(map[string]any)
			out = append(out, named(term, "topologyKey", at+"/podAffinityTerm")...)
		})
	return out
}
