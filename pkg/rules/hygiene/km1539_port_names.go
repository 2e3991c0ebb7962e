// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1539", Slug: "port-names",
	Short: "Port has a name or a number that no port can have",
	Why: `Names of ports have at most 15 lower-case letters, digits and dashes, with a letter among them, and each is there
once in a container. The API server refuses others; a targetPort that is such a name leads nowhere.`,
	Fix:       "Name the port after what is spoken there: http, grpc, tcp-redis.",
	Reference: "https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports",
	Aliases:   []string{"kube-linter:invalid-target-ports", "kube-score:container-ports-check"},
	Needs:     append([]*model.Kind{model.Services.Kind}, model.WorkloadKinds...),
	Check:     checkPortNames,
})

func checkPortNames(w *rules.World, emit rules.Emit) {
	for _, of := range w.Judged("") {
		for at, c := range of.Containers() {
			seen := map[string]bool{}
			for i, p := range c.Ports {
				pointer := at + patch.Pointer("ports", i)
				switch {
				case p.ContainerPort == 0:
					emit(of.Object, pointer, "container %s has a port without a number", c.Name)
				case p.Name == "":
				case seen[p.Name]:
					emit(of.Object, pointer+"/name", "container %s has two ports that are called %s", c.Name, p.Name)
				default:
					if problems := validation.IsValidPortName(p.Name); len(problems) > 0 {
						emit(of.Object, pointer+"/name", "port name %q of container %s %s", p.Name, c.Name, problems[0])
					}
				}
				seen[p.Name] = true
			}
		}
	}
	for _, svc := range model.Services.In(w.Snapshot, "") {
		for i, p := range svc.Value.Spec.Ports {
			if problems := targetProblems(p.TargetPort); len(problems) > 0 {
				emit(svc.Object, patch.Pointer("spec", "ports", i, "targetPort"), "targetPort %s %s", p.TargetPort.String(), problems[0])
			}
		}
	}
}

// targetProblems says what is wrong with a targetPort that is written.
func targetProblems(port intstr.IntOrString) []string {
	switch {
	case port == intstr.IntOrString{}:
		return nil
	case port.Type == intstr.String:
		return validation.IsValidPortName(port.StrVal)
	}
	return validation.IsValidPortNum(port.IntValue())
}
