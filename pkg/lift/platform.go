// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package lift

import (
	"cmp"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/detect"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// platform is what the namespace says, and what all workloads say alike.
func (l *lifter) platform() {
	first := l.services[l.names()[0]].first()
	l.Namespace = cmp.Or(l.Namespace, first.Ref.Namespace)
	partOf, owner, email := l.shared(labelPartOf), l.shared("owner"), ""
	for _, name := range l.names() {
		email = cmp.Or(email, l.services[name].first().Meta().GetAnnotations()["email"])
	}
	m := &l.System.Metadata
	m.Name = cmp.Or(l.Name, partOf, l.Namespace, "app")
	m.Name = detect.Label(m.Name)
	if l.Namespace != m.Name {
		m.Namespace = l.Namespace
	}
	if owner != m.Name {
		m.Owner = owner
	}
	m.Email = email
	ns, ok := model.Namespaces.Get(l.Snapshot, "", l.Namespace)
	if !ok {
		return
	}
	labels := ns.Value.Labels
	switch {
	case labels["istio.io/dataplane-mode"] == "ambient":
		l.System.Platform.Mesh = "ambient"
	case labels["istio-injection"] == "enabled" || labels["istio.io/rev"] != "":
		l.System.Platform.Mesh = "sidecar"
	}
}

// shared is the value of a label that all workloads have alike.
func (l *lifter) shared(label string) string {
	out := ""
	for i, name := range l.names() {
		v := l.services[name].first().Template.Labels[label]
		if v == "" {
			v = l.services[name].first().Meta().GetLabels()[label]
		}
		if i > 0 && v != out {
			return ""
		}
		out = v
	}
	return out
}

// taken are the kinds that are read into an app file, or that generating makes
// again, or that the cluster keeps for itself.
var taken = []string{
	"Namespace", "PriorityClass", "ServiceAccount", "ConfigMap", "Secret", "ExternalSecret",
	"PeerAuthentication", "NetworkPolicy", "Sidecar", "Gateway", "Service", "VirtualService", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet",
	"Job", "CronJob", "Pod", "PodDisruptionBudget", "HorizontalPodAutoscaler", "HTTPRoute", "Ingress", "Endpoints", "EndpointSlice", "Event", "Node",
	"ControllerRevision", "Lease", "GatewayClass", "IngressClass", "StorageClass",
}

// instead says what an app file has for objects of a kind.
var instead = map[string]string{
	"ServiceMonitor": "with: [monitoring] makes its own", "PodMonitor": "with: [monitoring] makes its own", "PrometheusRule": "with: [monitoring] makes its own",
	"DestinationRule": "say it under traffic of the service", "ServiceEntry": "say it under external",
	"ResourceQuota": "with: [security] makes its own", "LimitRange": "with: [security] makes its own",
	"AuthorizationPolicy": "dependsOn makes its own, and allow narrows it",
	"Role":                "nothing that is generated asks the API server: keep its own manifest", "RoleBinding": "nothing that is generated asks the API server: keep its own manifest",
	"PersistentVolumeClaim": "volumes are claimed for each pod of a stateful service",
}

// rest notes the objects that are neither taken over nor made again.
func (l *lifter) rest() {
	for _, o := range l.Objects() {
		if o.Ref.Namespace != l.Namespace || slices.Contains(taken, o.Ref.Kind) || len(l.Only) > 0 {
			continue
		}
		l.note("", short(o.Ref), "", "%s", cmp.Or(instead[o.Ref.Kind], "an app file has nothing like it: keep its own manifest"))
	}
	for _, p := range model.PeerAuthentications.In(l.Snapshot, l.Namespace) {
		if mode := p.Value.Spec.GetMtls().GetMode().String(); mode != "STRICT" {
			l.note("", short(p.Ref), "mtls", "it says %s, and what is generated demands mutual TLS: callers without a proxy are kept out", mode)
		}
	}
	for _, svc := range model.Services.In(l.Snapshot, l.Namespace) {
		if len(l.Only) > 0 {
			break
		}
		if len(l.Behind(svc).Workloads) == 0 {
			l.note("", short(svc.Ref), "", "no workload is behind it: say it under external or backing, or keep its own manifest")
		}
	}
}
