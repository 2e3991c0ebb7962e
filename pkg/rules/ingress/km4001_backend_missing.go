// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package ingress

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM4001", Slug: "backend-missing", Severity: finding.Error,
	Short: "Ingress or route names a Service or a port that does not exist",
	Why: `A controller cannot send traffic to a Service that is not there, nor to a port that the Service
does not have: requests to the path get 503 or 500, or the path is left out. The port is that of
the Service (port), not that of its pods (targetPort).`,
	Fix:       `Name a Service of the right namespace, and one of its ports by number or by name.`,
	Reference: "https://kubernetes.io/docs/concepts/services-networking/ingress/#the-ingress-resource",
	Aliases:   []string{"kube-linter:dangling-ingress", "kube-score:ingress-targets-service", "kubescape:C-0298", "kubescape:C-0302"},
	Needs:     []*model.Kind{model.Ingresses.Kind, model.HTTPRoutes.Kind, model.GRPCRoutes.Kind, model.Services.Kind},
	Explains:  []string{"KM4012"},
	Check:     checkBackends,
	Repair:    repairBackend,
})

func checkBackends(w *rules.World, emit rules.Emit) {
	for _, in := range model.Ingresses.In(w.Snapshot, "") {
		checkEach(w, emit, ingressBackends(in))
	}
	for _, r := range routes(w) {
		checkEach(w, emit, routeBackends(r))
	}
}

// checkEach checks the backends of one object; one that is named by several
// paths is reported once.
func checkEach(w *rules.World, emit rules.Emit, backends []backend) {
	type target struct {
		namespace, name, port string
		number                int32
	}
	found := map[target]*finding.Finding{}
	for _, b := range backends {
		to := target{b.namespace, b.name, b.portName, b.port}
		if f, again := found[to]; again {
			if f != nil {
				f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: b.on.Where(b.at), Value: b.name})
			}
			continue
		}
		f := checkBackend(w, emit, b)
		if f != nil && b.idle {
			f.Severity, f.State = min(f.Severity, finding.Warning), finding.Latent
		}
		found[to] = f
	}
}

func checkBackend(w *rules.World, emit rules.Emit, b backend) *finding.Finding {
	self := model.Services.Ref(b.namespace, b.name)
	svc, there := model.Services.Get(w.Snapshot, b.namespace, b.name)
	if !there {
		absence, missing := w.Missing(model.Services.Kind, b.namespace, b.name)
		if !missing {
			return nil
		}
		f := emit(b.on, b.at, "backend %s %s", self, absence)
		f.Related = []ref.Ref{self}
		f.Hint = rules.DidYouMean(b.name, w.Names(model.Services.Kind, b.namespace))
		return rules.Weigh(f, absence)
	}
	ports := svc.Value.Spec.Ports
	if svc.Value.Spec.Type == corev1.ServiceTypeExternalName || len(ports) == 0 || hasPort(ports, b) {
		return nil // an ExternalName needs no ports; a Service without any is another fault
	}
	var f *finding.Finding
	switch {
	case b.portName != "":
		f = emit(b.on, b.portAt, "%s has no port named %q: it has %s", svc.Ref, b.portName, portList(ports))
	case b.port != 0:
		f = emit(b.on, b.portAt, "%s has no port %d: it has %s", svc.Ref, b.port, portList(ports))
	default:
		return nil // the API server refuses a backend without a port
	}
	f.Related = []ref.Ref{svc.Ref}
	if p, ok := behind(ports, b); ok {
		f.Hint = fmt.Sprintf("%s is the targetPort, the port of the pods; the Service's port is %d", p.TargetPort.String(), p.Port)
	}
	return f
}

func hasPort(ports []corev1.ServicePort, b backend) bool {
	return slices.ContainsFunc(ports, func(p corev1.ServicePort) bool {
		if b.portName != "" {
			return p.Name == b.portName
		}
		return p.Port == b.port
	})
}

// behind finds the Service port whose targetPort a backend names by mistake.
func behind(ports []corev1.ServicePort, b backend) (corev1.ServicePort, bool) {
	i := slices.IndexFunc(ports, func(p corev1.ServicePort) bool {
		if b.portName != "" {
			return p.TargetPort.Type == intstr.String && p.TargetPort.StrVal == b.portName
		}
		return p.TargetPort.Type == intstr.Int && p.TargetPort.IntVal == b.port
	})
	if i < 0 {
		return corev1.ServicePort{}, false
	}
	return ports[i], true
}

// portList writes the ports of a Service: "80 (http), 443".
func portList(ports []corev1.ServicePort) string {
	var out []string
	for _, p := range ports {
		one := fmt.Sprint(p.Port)
		if p.Name != "" {
			one += " (" + p.Name + ")"
		}
		out = append(out, one)
	}
	return strings.Join(out, ", ")
}

// repairBackend names the Service that was probably meant, or the one port that
// can have been meant.
func repairBackend(w *rules.World, r rules.Result) []rules.Fix {
	wrong, err := patch.Get(r.On.Raw(), r.Pointer)
	if err != nil || len(r.Related) == 0 {
		return nil
	}
	svc, there := model.Services.Get(w.Snapshot, r.Related[0].Namespace, r.Related[0].Name)
	if !there {
		near := ref.Closest(r.Related[0].Name, w.Names(model.Services.Kind, r.Related[0].Namespace))
		if len(near) == 0 {
			return nil
		}
		return []rules.Fix{r.Replace(rules.Review, "route to Service "+near[0], near[0])}
	}
	b := backend{}
	switch wrong := wrong.(type) {
	case string:
		b.portName = wrong
	case int64:
		b.port = int32(wrong)
	}
	p, known := behind(svc.Value.Spec.Ports, b)
	if len(svc.Value.Spec.Ports) == 1 {
		p, known = svc.Value.Spec.Ports[0], true
	}
	if !known || (b.portName != "" && p.Name == "") {
		return nil
	}
	var value any = int64(p.Port)
	if b.portName != "" {
		value = p.Name
	}
	return []rules.Fix{r.Replace(rules.Review, fmt.Sprintf("route to port %v of %s", value, svc.Ref), value)}
}
