// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1515", Slug: "identical-probes",
	Short: "Liveness and readiness probes ask the same",
	Why: `A service that is not ready for a moment needs patience, not a restart: its caches are cold then, and the others
get its load. When both probes ask the same, what makes it unready kills it, a few seconds later.

Two probes by HTTP are the same when their paths are and their ports are the same number; ports
that are names count as the same here, whatever they are, as kube-score reads them. Probes of different sorts are never the same.`,
	Fix:       "Have the liveness probe ask for the process alone: another path, or tcpSocket on the same port.",
	Reference: "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/",
	Aliases:   []string{"kube-score:pod-probes-identical"},
	Needs:     model.WorkloadKinds,
	Check:     eachContainer(identicalProbes),
	Repair:    connectInstead,
})

func identicalProbes(of *model.Workload, c *corev1.Container) (field, text string) {
	if of.Ends() || c.LivenessProbe == nil || c.ReadinessProbe == nil || !sameProbe(c.LivenessProbe.ProbeHandler, c.ReadinessProbe.ProbeHandler) {
		return "", ""
	}
	return "/livenessProbe", "has a liveness probe that asks the same as its readiness probe: what makes it unready restarts it"
}

// sameProbe compares as kube-score does: a port that is a name has the number 0,
// and calls by gRPC are not compared.
func sameProbe(a, b corev1.ProbeHandler) bool {
	switch {
	case a.HTTPGet != nil && b.HTTPGet != nil:
		return a.HTTPGet.Path == b.HTTPGet.Path && a.HTTPGet.Port.IntValue() == b.HTTPGet.Port.IntValue()
	case a.TCPSocket != nil && b.TCPSocket != nil:
		return a.TCPSocket.Port == b.TCPSocket.Port
	case a.Exec != nil && b.Exec != nil:
		return slices.Equal(a.Exec.Command, b.Exec.Command)
	}
	return false
}

// connectInstead has the liveness probe open a connection where both ask by HTTP.
func connectInstead(w *rules.World, r rules.Result) []rules.Fix {
	get, err := patch.Get(r.On.Raw(), r.Pointer+"/httpGet")
	asked, isMap := get.(map[string]any)
	if err != nil || !isMap || asked["port"] == nil || !editable(w, r) {
		return nil
	}
	return []rules.Fix{rules.Change(rules.Review, "have the liveness probe only open a connection", r.On,
		patch.Op{Op: patch.Remove, Path: r.Pointer + "/httpGet"},
		patch.Op{Op: patch.Add, Path: r.Pointer + "/tcpSocket", Value: map[string]any{"port": asked["port"]}})}
}
