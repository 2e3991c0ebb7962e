// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"
	"strings"

	networkingv1 "istio.io/api/networking/v1"
	istionetv1 "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// clientTLS is what a DestinationRule makes clients do towards a Service.
type clientTLS struct {
	Rule model.Item[istionetv1.DestinationRule]
	Mode networkingv1.ClientTLSSettings_TLSmode
	// At is the JSON Pointer of the mode.
	At      string
	Service service
	// Port is the port of the Service it is about, nil for all; Subset are the
	// labels of the pods it is about.
	Port   *corev1.ServicePort
	Subset map[string]string
}

// clientKinds are the kinds that clientSettings reads.
var clientKinds = slices.Concat(model.WorkloadKinds, []*model.Kind{model.DestinationRules.Kind, model.Services.Kind})

// clientSettings lists the settings of TLS that DestinationRules make for
// Services, where clients obey them: a DestinationRule that sets none leaves the
// choice to auto mTLS, and one that another takes precedence over is not listed
// (pilot/pkg/networking/core/cluster_tls.go).
func clientSettings(w *rules.World) []clientTLS {
	var out []clientTLS
	for _, dr := range model.DestinationRules.In(w.Snapshot, "") {
		settings := settingsOf(dr)
		if len(settings) == 0 {
			continue
		}
		for _, svc := range servicesOf(w, dr) {
			for _, s := range settings {
				s.Service = svc
				if s.Port = portOf(svc, s.port, ""); s.Port == nil && s.port != 0 {
					continue
				}
				if s.port == 0 {
					s.Port = nil
				}
				out = append(out, s.clientTLS)
			}
		}
	}
	return out
}

// servicesOf are the Services that a DestinationRule is in force for.
func servicesOf(w *rules.World, dr model.Item[istionetv1.DestinationRule]) []service {
	host := w.FQDN(dr.Value.Spec.GetHost(), dr.Ref.Namespace)
	var candidates []service
	if ns, name, ok := w.ServiceName(host); ok && !strings.Contains(host, "*") {
		if svc, found := model.Services.Get(w.Snapshot, ns, name); found {
			candidates = []service{svc}
		}
	} else if strings.HasPrefix(host, "*") {
		candidates = model.Services.In(w.Snapshot, "")
	}
	return slices.DeleteFunc(slices.Clone(candidates), func(svc service) bool {
		fqdn := w.ServiceFQDN(svc.Ref.Namespace, svc.Ref.Name)
		if !model.Covers(host, fqdn) {
			return true
		}
		client := dr.Ref.Namespace
		if client == w.RootNamespace {
			client = svc.Ref.Namespace
		}
		return !slices.ContainsFunc(w.Destination(fqdn, client).Rules, func(r model.Item[istionetv1.DestinationRule]) bool { return r.Object == dr.Object })
	})
}

// setting is a clientTLS whose port is not looked up yet.
type setting struct {
	clientTLS
	port int32
}

func settingsOf(dr model.Item[istionetv1.DestinationRule]) []setting {
	var out []setting
	policy := func(p *networkingv1.TrafficPolicy, at string, subset map[string]string) {
		add := func(tls *networkingv1.ClientTLSSettings, at string, port int32) {
			if tls != nil {
				out = append(out, setting{clientTLS{Rule: dr, Mode: tls.GetMode(), At: at + "/tls/mode", Subset: subset}, port})
			}
		}
		add(p.GetTls(), at, 0)
		for i, one := range p.GetPortLevelSettings() {
			add(one.GetTls(), at+patch.Pointer("portLevelSettings", i), int32(one.GetPort().GetNumber()))
		}
	}
	policy(dr.Value.Spec.GetTrafficPolicy(), "/spec/trafficPolicy", nil)
	for i, s := range dr.Value.Spec.GetSubsets() {
		policy(s.GetTrafficPolicy(), patch.Pointer("spec", "subsets", i, "trafficPolicy"), s.GetLabels())
	}
	return out
}

// targets are the workloads and ports that a setting is about.
func (s clientTLS) targets(w *rules.World) []backend {
	if len(s.Service.Value.Spec.Selector) == 0 {
		return nil
	}
	want := labels.Set{}
	for _, set := range []map[string]string{s.Service.Value.Spec.Selector, s.Subset} {
		for k, v := range set {
			want[k] = v
		}
	}
	ports := s.Service.Value.Spec.Ports
	if s.Port != nil {
		ports = []corev1.ServicePort{*s.Port}
	}
	var out []backend
	for _, of := range w.Select(s.Service.Ref.Namespace, labels.SelectorFromSet(want)).Workloads {
		for i := range ports {
			out = append(out, backend{of, podPort(of, &ports[i])})
		}
	}
	return out
}
