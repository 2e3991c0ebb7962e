// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scheduling

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1008", Slug: "node-selection", Severity: finding.Error,
	Short: "Pod asks for labels that no node has",
	Why: `A nodeSelector and a required node affinity go by the labels of nodes, to the letter. When no node
carries what they ask for, the pod stays Pending. Some labels that old examples use are on no node at
all: ` + "`kubernetes.io/e2e-az-name`" + ` is set by Kubernetes' own tests only.`,
	Fix: `Compare with ` + "`kubectl get nodes --show-labels`" + ` and correct the key or the value, or label a node. Use
topology.kubernetes.io/zone for zones; where it is only a matter of spreading pods over them,
topologySpreadConstraints do that without tying pods to names.`,
	Reference: "https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.Nodes.Kind, model.Events.Kind}),
	Explains:  []string{"KM2001", "KM2015", "KM3002"},
	Check:     checkSelection,
})

// deadLabel is a key that nodes do not carry unless somebody puts it there.
type deadLabel struct {
	// why completes "the label x, which ...", end what comes of it.
	why, end string
	// use is what nodes carry instead.
	use        string
	severity   finding.Severity
	confidence finding.Confidence
}

// The kubelet and cloud providers still copy the labels with beta, on some clouds.
var deadLabels = map[string]deadLabel{
	"kubernetes.io/e2e-az-name":                {"only Kubernetes' own tests set", "", corev1.LabelTopologyZone, finding.Error, finding.Likely},
	"node-role.kubernetes.io/master":           {"Kubernetes has not set since 1.24", "", controlPlane, finding.Warning, finding.Likely},
	"failure-domain.beta.kubernetes.io/zone":   {"is deprecated", " where nodes do not have it any more", corev1.LabelTopologyZone, finding.Info, finding.Possible},
	"failure-domain.beta.kubernetes.io/region": {"is deprecated", " where nodes do not have it any more", corev1.LabelTopologyRegion, finding.Info, finding.Possible},
}

func checkSelection(w *rules.World, emit rules.Emit) {
	c := newCluster(w)
	for _, of := range w.Workloads("") {
		if !of.Live() && of.Spec().NodeName == "" && (of.Replicas == nil || *of.Replicas != 0) {
			c.checkPlan(of, emit)
		}
	}
	if w.Offline {
		return
	}
	for _, g := range unschedulable(w, byNode) {
		if unmet := c.unmet(g.of.Spec()); len(unmet) > 0 {
			what := "no node has " + whats(unmet, " or ")
			f := g.tell(w, emit, g.of.SpecAt()+unmet[0].at, what, what)
			f.Hint = lines(c.near(unmet[0]), f.Hint)
			continue
		}
		f := g.tell(w, emit, g.of.Existing(g.of.SpecAt(), "/nodeSelector", "/affinity/nodeAffinity", "/nodeName"), g.refusals(), g.steady())
		if g.causes[0].means == "" {
			f.Confidence = finding.Likely // a plugin of the scheduler that is not known here
		}
	}
}

// checkPlan looks at a workload of files: at the nodes, where there are any, else
// at keys that no node carries.
func (c *cluster) checkPlan(of *model.Workload, emit rules.Emit) {
	end := "its pods will stay Pending"
	if of.Ref.Kind == model.DaemonSets.Kind.Kind {
		end = "it makes no pods"
	}
	if len(c.nodes) > 0 {
		if unmet := c.unmet(of.Spec()); len(unmet) > 0 {
			f := rules.Weigh(emit(of.Object, of.SpecAt()+unmet[0].at, "no node has %s: %s", whats(unmet, " or "), end), c.absence)
			f.Hint = c.near(unmet[0])
			f.Confidence = max(f.Confidence, finding.Likely) // an autoscaler may make one that has
		}
		return
	}
	var dead []requirement
	for _, all := range terms(of.Spec()) {
		i := slices.IndexFunc(all, requirement.dead)
		if i < 0 {
			return // this alternative may be met
		}
		dead = append(dead, all[i])
	}
	if len(dead) == 0 {
		return
	}
	label := deadLabels[dead[0].key]
	f := emit(of.Object, of.SpecAt()+dead[0].at, "asks for a node with the label %s, which %s: %s%s", dead[0].key, label.why, end, label.end)
	f.Severity, f.Confidence, f.Hint = label.severity, label.confidence, "use "+label.use
}

// dead reports whether nodes without the label cannot meet the requirement, and
// nodes do not carry it.
func (r requirement) dead() bool {
	_, isDead := deadLabels[r.key]
	return isDead && !strings.Contains(r.what, " NotIn ") && !strings.HasSuffix(r.what, " DoesNotExist")
}
