// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scrape

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM2018", Slug: "monitor-port-undeclared", Severity: finding.Error,
	Short: "Monitor goes by a container port that no container lists",
	Why: `An endpoint with targetPort (or portNumber) is found by the ports that containers list: the operator
writes a rule that keeps the targets whose container port has that number or name, and drops all others.
To Kubernetes the list of ports is mere information, so that a pod that listens on a port it does not
list works in every other way, and has no target.`,
	Fix: `List the port in the container, or name the port in the Service and let the monitor go by that
name (port).`,
	Reference: "https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.Endpoint",
	Needs: slices.Concat(model.WorkloadKinds, []*model.Kind{
		model.ServiceMonitors.Kind, model.PodMonitors.Kind, model.Services.Kind,
	}),
	Check:  checkUndeclared,
	Repair: repairUndeclared,
})

// proxyPorts are those of Istio's sidecar, which templates do not show.
var proxyPorts = []int32{15020, 15090}

func checkUndeclared(w *rules.World, emit rules.Emit) {
	for _, m := range w.Monitors("") {
		scrapes := w.ScrapesOf(m)
		for _, p := range m.Ports {
			lacks := undeclared(scrapes, p)
			if len(lacks) == 0 {
				continue
			}
			f := emit(m.Object, p.At+"/"+p.Field, "%s %s is no port that a container of %s lists: it has no target", p.Field, p.Number, rules.FewOf(model.Refs(lacks)))
			for _, of := range lacks {
				f.Related = append(f.Related, of.Ref)
			}
			if w.Offline {
				f.Confidence = finding.Likely // what is injected may list it
			}
		}
	}
}

// undeclared are the workloads that one port of a monitor is about, where none of
// them lists it.
func undeclared(scrapes []model.Scrape, p model.MonitorPort) []*model.Workload {
	var out []*model.Workload
	for _, s := range scrapes {
		if s.MonitorPort.At != p.At || p.Number == nil {
			continue
		}
		if s.Declared || slices.Contains(proxyPorts, p.Number.IntVal) {
			return nil
		}
		if !slices.Contains(out, s.Workload) {
			out = append(out, s.Workload)
		}
	}
	return out
}

func repairUndeclared(w *rules.World, r rules.Result) []rules.Fix {
	for _, s := range w.Scrapes() {
		if s.Monitor.Object != r.On || s.MonitorPort.At+"/"+s.Field != r.Pointer || s.Number.Type != intstr.Int {
			continue
		}
		if s.Service.Object != nil {
			for _, p := range s.Service.Value.Spec.Ports {
				if number, _ := s.Workload.TargetPort(&p); number == s.Port && p.Name != "" {
					return []rules.Fix{rules.Change(rules.Review, "scrape port "+p.Name+" of "+s.Service.Ref.String(), r.On,
						patch.Op{Op: patch.Remove, Path: r.Pointer}, patch.Op{Op: patch.Add, Path: s.MonitorPort.At + "/port", Value: p.Name})}
				}
			}
		}
		return listPort(s.Workload, s.Port)
	}
	return nil
}

// listPort has the only container of a workload list a port; that makes new pods.
func listPort(of *model.Workload, number int32) []rules.Fix {
	if len(of.Spec().Containers) != 1 || !of.Editable() {
		return nil
	}
	list := of.SpecAt() + "/containers/0/ports"
	port := map[string]any{"containerPort": int64(number), "protocol": string(corev1.ProtocolTCP)}
	op := rules.Set(of.Object, list, []any{port})
	if len(of.Spec().Containers[0].Ports) > 0 {
		op = patch.Op{Op: patch.Add, Path: list + "/-", Value: port}
	}
	return []rules.Fix{rules.Change(rules.Disruptive, fmt.Sprintf("list port %d in %s", number, of.Ref), of.Object, op)}
}
