// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"fmt"
	"iter"
)

// Zones is the number of availability zones over which nodes are spread.
const Zones = 3

// PodsPerNode is the capacity of a node. It is higher than a kubelet's, so that large worlds need few nodes.
const PodsPerNode = 500

// Node is the i-th node: node-a, node-b and so on in zone-a, zone-b, zone-c, zone-a and so on. One annotation makes
// kwok its kubelet, the other tells metrics-server where kwok, which plays many, has this one's usage.
func Node(i int) Object {
	name := "node-" + letters(i)
	resources := object{"cpu": "64", "memory": "256Gi", "ephemeral-storage": "1Ti", "pods": fmt.Sprint(PodsPerNode)}
	return Object{"/api/v1/nodes", object{
		"apiVersion": "v1", "kind": "Node",
		"metadata": object{
			"name": name,
			"annotations": object{
				"kwok.x-k8s.io/node":                   "fake",
				"metrics.k8s.io/resource-metrics-path": "/metrics/nodes/" + name + "/metrics/resource",
			},
			"labels": object{
				"kubernetes.io/hostname":           name,
				"kubernetes.io/os":                 "linux",
				"kubernetes.io/arch":               "amd64",
				"node.kubernetes.io/instance-type": "sandbox",
				"topology.kubernetes.io/region":    "region-a",
				"topology.kubernetes.io/zone":      "zone-" + letters(i%Zones),
			},
		},
		"status": object{"capacity": resources, "allocatable": resources},
	}}
}

// Nodes yields the first count nodes.
func Nodes(count int) iter.Seq[Object] {
	return func(yield func(Object) bool) {
		for i := range count {
			if !yield(Node(i)) {
				return
			}
		}
	}
}

// NodesFor is the number of nodes that hold so many pods, with room for a rolling update, and at least one a zone.
func NodesFor(pods int) int {
	return max(Zones, (pods*5/4+PodsPerNode-1)/PodsPerNode)
}

// letters counts a, b, ..., z, aa, ab like the columns of a spreadsheet.
func letters(i int) string {
	if i < 26 {
		return string(rune('a' + i))
	}
	return letters(i/26-1) + letters(i%26)
}
