// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"maps"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

var monitoringAddon = addon{
	name: "monitoring", short: "a ServiceMonitor for each service that has metrics",
	service: func(s *service, _ string) []runtime.Object { return monitors(s) },
}

// monitors tell Prometheus where metrics are.
func monitors(s *service) []runtime.Object {
	m := s.metrics()
	if m == nil {
		return nil
	}
	scheme := monitoringv1.Scheme("http") // older operators know no other spelling
	out := &monitoringv1.ServiceMonitor{
		TypeMeta:   metav1.TypeMeta{APIVersion: "monitoring.coreos.com/v1", Kind: monitoringv1.ServiceMonitorsKind},
		ObjectMeta: s.meta(),
		Spec: monitoringv1.ServiceMonitorSpec{
			Endpoints: []monitoringv1.Endpoint{{Interval: "30s", Path: "/metrics", Port: m.name, Scheme: &scheme}},
			Selector:  metav1.LabelSelector{MatchLabels: s.selects()},
		},
	}
	maps.Copy(out.Labels, s.of.Platform.Monitoring.Labels)
	return []runtime.Object{out}
}
