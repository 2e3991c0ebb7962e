// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package ingress

import (
	"fmt"
	"slices"
	"strings"

	networkingv1 "istio.io/api/networking/v1"
	istionetv1 "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM4007", Slug: "gateway-port", Severity: finding.Error,
	Short: "Istio Gateway listens on a port that its Service does not have",
	Why: `Istio takes the port of a Gateway's server as a port of the Service in front of the proxies, and
listens on that port's targetPort. A port that no Service has is opened in the pods all the same, but
nobody outside can reach it.`,
	Fix:       `Add the port to the gateway's Service, or use one that it has.`,
	Reference: "https://istio.io/latest/docs/reference/config/networking/gateway/#Port",
	Aliases:   []string{"IST0162"},
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.IstioGateways.Kind, model.Services.Kind}),
	Check:     checkGatewayPort,
	Repair:    repairGatewayPort,
})

func checkGatewayPort(w *rules.World, emit rules.Emit) {
	pods := newProxies(w)
	front := map[*model.Workload][]model.Item[corev1.Service]{}
	for _, gw := range model.IstioGateways.In(w.Snapshot, "") {
		for _, workload := range pods.of(gw.Value) {
			services, known := front[workload]
			if !known {
				services = w.InFront(workload)
				front[workload] = services
			}
			absence := w.Absence(model.Services.Kind, workload.Ref.Namespace)
			if len(services) == 0 || absence == model.Unknown {
				continue
			}
			for i, server := range gw.Value.Spec.Servers {
				if f := checkServerPort(gw, server, i, workload, services, emit); f != nil {
					rules.Weigh(f, absence)
				}
			}
		}
	}
}

func checkServerPort(
	gw model.Item[istionetv1.Gateway], server *networkingv1.Server, index int,
	workload *model.Workload, services []model.Item[corev1.Service], emit rules.Emit,
) *finding.Finding {
	port := int32(server.GetPort().GetNumber())
	if port == 0 || server.GetBind() != "" || onHost(workload, port) {
		return nil // a Unix socket, an address of its own, or reached by the node's
	}
	var have []string
	for _, s := range services {
		for _, p := range s.Value.Spec.Ports {
			if p.Port == port || targets(workload, p, port) {
				return nil
			}
		}
		have = append(have, fmt.Sprintf("%s has %s", s.Ref, portList(s.Value.Spec.Ports)))
	}
	f := emit(gw.Object, patch.Pointer("spec", "servers", index, "port", "number"),
		"port %d is not a port of the Service in front of %s: %s", port, workload.Ref, strings.Join(have, ", "))
	f.Related = append(f.Related, workload.Ref)
	for _, s := range services {
		f.Related = append(f.Related, s.Ref)
	}
	return f
}

// targets reports whether a Service port leads to a port of the pods: Istio
// takes the number of a server for that, too.
func targets(workload *model.Workload, p corev1.ServicePort, port int32) bool {
	if p.TargetPort.Type == intstr.Int {
		return p.TargetPort.IntVal == port
	}
	for _, c := range workload.Spec().Containers {
		for _, cp := range c.Ports {
			if cp.Name == p.TargetPort.StrVal && cp.ContainerPort == port {
				return true
			}
		}
	}
	return false
}

// onHost reports whether a port of the pods is one of the node's.
func onHost(workload *model.Workload, port int32) bool {
	if workload.Spec().HostNetwork {
		return true
	}
	return slices.ContainsFunc(workload.Spec().Containers, func(c corev1.Container) bool {
		return slices.ContainsFunc(c.Ports, func(p corev1.ContainerPort) bool { return p.ContainerPort == port && p.HostPort != 0 })
	})
}

// repairGatewayPort adds the port to the Service, when there is only one.
func repairGatewayPort(w *rules.World, r rules.Result) []rules.Fix {
	gw, ok := model.IstioGateways.Of(r.On)
	if !ok || len(r.Related) != 2 {
		return nil
	}
	svc, there := model.Services.Get(w.Snapshot, r.Related[1].Namespace, r.Related[1].Name)
	number, err := patch.Get(r.On.Raw(), r.Pointer)
	if err != nil || !there {
		return nil
	}
	name := fmt.Sprintf("port-%v", number)
	for _, server := range gw.Value.Spec.Servers {
		if fmt.Sprint(server.GetPort().GetNumber()) == fmt.Sprint(number) && server.GetPort().GetName() != "" {
			name = strings.ToLower(server.GetPort().GetName())
		}
	}
	if slices.ContainsFunc(svc.Value.Spec.Ports, func(p corev1.ServicePort) bool { return p.Name == name }) {
		name = fmt.Sprintf("port-%v", number)
	}
	port := map[string]any{"name": name, "port": number, "targetPort": number}
	return []rules.Fix{rules.Change(rules.Review, fmt.Sprintf("add port %v to %s", number, svc.Ref), svc.Object,
		patch.Op{Op: patch.Add, Path: "/spec/ports/-", Value: port})}
}
