// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9005", Slug: "port-level-mtls", Severity: finding.Warning,
	Short: "PeerAuthentication sets a mode for a port that has no effect",
	Why: `The ports of portLevelMtls are those that the container listens on, not those of the Service. An entry
for a Service's port is about no traffic at all, and the port behind it keeps the mode it had. Without a
selector the entries do not count, and Istio's webhook refuses the object.`,
	Fix:       `Write the number of the container's port, which the Service calls targetPort, and select the workload.`,
	Reference: "https://istio.io/latest/docs/reference/config/security/peer_authentication/#PeerAuthentication",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.PeerAuthentications.Kind, model.Services.Kind}),
	Check:     checkPortModes,
	Repair:    repairPortMode,
})

func checkPortModes(w *rules.World, emit rules.Emit) {
	for _, pa := range model.PeerAuthentications.In(w.Snapshot, "") {
		ports := pa.Value.Spec.GetPortLevelMtls()
		if len(ports) == 0 {
			continue
		}
		if len(pa.Value.Spec.GetSelector().GetMatchLabels()) == 0 {
			f := emit(pa.Object, "/spec/portLevelMtls", "portLevelMtls needs a selector: Istio's webhook refuses the object, and without the webhook the entries do not count")
			f.Severity = finding.Error
			f.Hint = "add spec.selector.matchLabels with the labels of the workload"
			continue
		}
		for _, port := range slices.Sorted(maps.Keys(ports)) {
			m, found := mistaken(w, pa, int32(port))
			if !found {
				continue
			}
			f := emit(pa.Object, patch.Pointer("spec", "portLevelMtls", strconv.Itoa(int(port))), "%d is the port of %s, and %s listens on %d: the mode %s is for no traffic",
				port, m.service.Ref, m.of.Ref, m.port, ports[port].GetMode())
			f.Related = append(f.Related, m.service.Ref, m.of.Ref)
			f.Hint = fmt.Sprintf("write %d", m.port)
			f.Evidence = []finding.Evidence{{Kind: "field", Of: m.service.Where(m.at), Value: fmt.Sprintf("port %d, targetPort %d", port, m.port)}}
			if w.Partial {
				f.Confidence = finding.Likely
			}
		}
	}
}

// mistakenPort is a port of a Service where that of the workload was meant.
type mistakenPort struct {
	service service
	at      string
	of      *model.Workload
	port    int32
}

// mistaken looks for the Service whose port it is, if no workload that the
// policy selects listens on it.
func mistaken(w *rules.World, pa peerAuthentication, port int32) (mistakenPort, bool) {
	selector := labels.SelectorFromSet(pa.Value.Spec.GetSelector().GetMatchLabels())
	workloads := w.Select(pa.Ref.Namespace, selector).Workloads
	if slices.ContainsFunc(workloads, func(of *model.Workload) bool { return declares(of, port) }) {
		return mistakenPort{}, false
	}
	var out mistakenPort
	var found bool
	for _, svc := range model.Services.In(w.Snapshot, pa.Ref.Namespace) {
		if len(svc.Value.Spec.Selector) == 0 {
			continue
		}
		s := labels.SelectorFromSet(svc.Value.Spec.Selector)
		for _, of := range workloads {
			if !selects(s, of) {
				continue
			}
			for i := range svc.Value.Spec.Ports {
				p := &svc.Value.Spec.Ports[i]
				target := podPort(of, p)
				switch {
				case target == port:
					return mistakenPort{}, false
				case p.Port == port && target != 0 && !found:
					out, found = mistakenPort{svc, patch.Pointer("spec", "ports", i), of, target}, true
				}
			}
		}
	}
	return out, found
}

// declares reports whether a container lists a port.
func declares(of *model.Workload, port int32) bool {
	return slices.ContainsFunc(of.Spec().Containers, func(c corev1.Container) bool {
		return slices.ContainsFunc(c.Ports, func(p corev1.ContainerPort) bool { return p.ContainerPort == port })
	})
}

func repairPortMode(w *rules.World, r rules.Result) []rules.Fix {
	pa, ok := model.PeerAuthentications.Of(r.On)
	if !ok {
		return nil
	}
	parent, last := patch.Split(r.Pointer)
	port, err := strconv.ParseInt(last, 10, 32)
	if err != nil {
		return nil
	}
	m, found := mistaken(w, pa, int32(port))
	mode, err := patch.Get(r.On.Raw(), r.Pointer)
	if _, taken := pa.Value.Spec.GetPortLevelMtls()[uint32(m.port)]; !found || taken || err != nil {
		return nil
	}
	return []rules.Fix{rules.Change(rules.Review, fmt.Sprintf("set the mode of port %d", m.port), r.On,
		patch.Op{Op: patch.Remove, Path: r.Pointer},
		patch.Op{Op: patch.Add, Path: parent + patch.Pointer(strconv.Itoa(int(m.port))), Value: mode})}
}
