// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scheduling_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/rules/scheduling"
)

// messages are of kube-scheduler 1.36, but for those with an older version in
// their name.
var messages = []struct {
	name, says string
	nodes      int
	want       []scheduling.Cause
}{
	{
		"resources", "0/3 nodes are available: 3 Insufficient cpu, 3 Insufficient memory. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
		3, []scheduling.Cause{{scheduling.ByResources, 3, "too little cpu"}, {scheduling.ByResources, 3, "too little memory"}},
	},
	{
		"the filter that comes last leads", "0/9 nodes are available: 1 Insufficient nvidia.com/gpu, 3 node(s) didn't match Pod's node affinity/selector, 5 node(s) had untolerated taint(s). no new claims to deallocate, preemption: x",
		9, []scheduling.Cause{{scheduling.ByResources, 1, "too little nvidia.com/gpu"}, {scheduling.ByNode, 3, "labels that do not match its node selector or affinity"}, {scheduling.ByTaint, 5, "taints that it does not tolerate"}},
	},
	{
		"claim missing", `0/3 nodes are available: persistentvolumeclaim "missing" not found. not found`,
		3, []scheduling.Cause{{scheduling.ByVolumes, 0, ""}},
	},
	{
		"unbound", "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found",
		3, []scheduling.Cause{{scheduling.ByVolumes, 0, ""}},
	},
	{
		"volume affinity", "0/3 nodes are available: 3 node(s) didn't match PersistentVolume's node affinity. no new claims to deallocate, preemption: x",
		3, []scheduling.Cause{{scheduling.ByVolumes, 3, ""}},
	},
	{
		"cordoned", "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) had untolerated taint(s). x",
		3, []scheduling.Cause{{scheduling.ByTaint, 2, "taints that it does not tolerate"}, {scheduling.ByTaint, 1, "been cordoned"}},
	},
	{
		"spread", "0/3 nodes are available: 3 node(s) didn't match pod topology spread constraints (missing required label). x",
		3, []scheduling.Cause{{scheduling.ByPods, 3, "no label for its topology spread constraints"}},
	},
	{
		"anti-affinity", "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. x",
		3, []scheduling.Cause{{scheduling.ByPods, 3, "pods that its anti-affinity keeps away from"}},
	},
	{
		"taint of 1.24", "0/4 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 3 node(s) had untolerated taint {dedicated: db}. preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.",
		4, []scheduling.Cause{{scheduling.ByTaint, 3, "the taint dedicated db"}, {scheduling.ByTaint, 1, "the taint node-role.kubernetes.io/control-plane"}},
	},
	{
		"taint of 1.20", "0/1 nodes are available: 1 node(s) had taint {a: b}, that the pod didn't tolerate.",
		1, []scheduling.Cause{{scheduling.ByTaint, 1, "the taint a b"}},
	},
	{
		"selector of 1.20", "0/1 nodes are available: 1 node(s) didn't match node selector.",
		1, []scheduling.Cause{{scheduling.ByNode, 1, "labels that do not match its node selector or affinity"}},
	},
	{
		"a plugin that is not known", "0/1 nodes are available: 1 node(s) are blue.",
		1, []scheduling.Cause{{scheduling.ByNode, 1, ""}},
	},
}

func TestParse(t *testing.T) {
	for _, tt := range messages {
		t.Run(tt.name, func(t *testing.T) {
			nodes, got, ok := scheduling.Parse(tt.says)
			if diff := cmp.Diff(tt.want, got); diff != "" || !ok || nodes != tt.nodes {
				t.Errorf("ok %v, %d nodes, expected %d (-want +got):\n%s", ok, nodes, tt.nodes, diff)
			}
		})
	}
	for _, says := range []string{"", "no nodes available to schedule pods", "0/3 nodes are available: ", "0/x nodes are available: 1 y"} {
		if _, _, ok := scheduling.Parse(says); ok {
			t.Errorf("%q is no message with causes", says)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, tt := range messages {
		f.Add(tt.says)
	}
	f.Fuzz(func(t *testing.T, says string) {
		_, causes, ok := scheduling.Parse(says)
		if ok != (len(causes) > 0) {
			t.Fatalf("ok %v with %d causes", ok, len(causes))
		}
		for i, c := range causes {
			if c.Nodes < 0 || (i > 0 && c.Obstacle > causes[i-1].Obstacle) {
				t.Fatalf("causes are not sorted, or a number is negative: %v", causes)
			}
		}
	})
}
