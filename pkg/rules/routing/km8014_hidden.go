// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package routing

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// exportTo is the annotation that limits who sees a Service, and the field that
// limits who sees an object of Istio.
const (
	exportAnnotation = "networking.istio.io/exportTo"
	exportField      = "/spec/exportTo"
)

// hiddenFrom starts the reason of each finding; the namespace follows.
const hiddenFrom = "hidden from namespace "

var _ = family.Add(rules.Rule{
	ID: "KM8014", Slug: "hidden", Severity: finding.Error,
	Short: "exportTo hides an object from those who use it",
	Why: `exportTo (of a Service, the annotation networking.istio.io/exportTo) says which namespaces see an
object. To proxies in the others it does not exist: a hidden Service or ServiceEntry has no cluster, so
that routes to it answer 503 with the flag NC; a hidden DestinationRule has no subsets; a delegate
hidden from its root is left out; a VirtualService hidden from the pods of its Gateway answers 404.`,
	Fix:       `Add the namespace to exportTo.`,
	Reference: "https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService",
	Needs: append([]*model.Kind{
		model.VirtualServices.Kind, model.DestinationRules.Kind, model.Services.Kind, model.ServiceEntries.Kind, model.IstioGateways.Kind,
	}, model.WorkloadKinds...),
	Explains: []string{"KM8002"},
	Check:    checkHidden,
	Repair:   repairHidden,
})

// hiding collects the findings: one for each hidden object and namespace.
type hiding struct {
	emit  rules.Emit
	found map[string]*finding.Finding
}

// report says that a namespace does not see an object that somebody there uses.
func (h hiding) report(o *model.Object, pointer, namespace string, user virtualService, how string) {
	key := o.Ref.String() + " " + namespace
	f, again := h.found[key]
	if !again {
		f = h.emit(o, pointer, "exportTo hides this from namespace %s, where %s %s", namespace, user.Ref, how)
		f.Reason = hiddenFrom + namespace
		h.found[key] = f
	}
	if !slices.Contains(f.Related, user.Ref) {
		f.Related = append(f.Related, user.Ref)
	}
}

func checkHidden(w *rules.World, emit rules.Emit) {
	h, g, c, known := hiding{emit, map[string]*finding.Finding{}}, newGateways(w), newClients(w), hosts{w: w}
	for _, vs := range model.VirtualServices.In(w.Snapshot, "") {
		hiddenFromGateways(h, g, vs)
		hiddenDelegates(w, h, vs)
		for _, from := range g.callers(vs) {
			if !model.Exported(vs.Value.Spec.GetExportTo(), vs.Ref.Namespace, from) {
				continue // nobody there takes its routes
			}
			for _, p := range grouped(w, vs, destinations(&vs.Value.Spec), true) {
				hiddenHost(known, h, vs, p, from)
				hiddenSubset(c, h, vs, p, from)
			}
		}
	}
}

// hiddenFromGateways looks at who sees a VirtualService itself.
func hiddenFromGateways(h hiding, g gateways, vs virtualService) {
	for _, gateway := range bound(vs).gateways {
		for _, ns := range g.namespaces(gateway) {
			if model.Exported(vs.Value.Spec.GetExportTo(), vs.Ref.Namespace, ns) {
				continue
			}
			f := h.emit(vs.Object, exportField, "exportTo hides this from namespace %s, where the pods of its %s run", ns, gateway)
			f.Reason = hiddenFrom + ns
			f.Related = append(f.Related, gateway)
		}
	}
}

// hiddenDelegates looks at the VirtualServices that a root delegates to; istiod
// leaves out what the root's namespace does not see (mergeVirtualServicesIfNeeded).
func hiddenDelegates(w *rules.World, h hiding, vs virtualService) {
	for _, r := range vs.Value.Spec.GetHttp() {
		d := r.GetDelegate()
		if d == nil {
			continue
		}
		ns := d.GetNamespace()
		if ns == "" {
			ns = vs.Ref.Namespace
		}
		to, found := model.VirtualServices.Get(w.Snapshot, ns, d.GetName())
		if found && !model.Exported(to.Value.Spec.GetExportTo(), ns, vs.Ref.Namespace) {
			h.report(to.Object, exportField, vs.Ref.Namespace, vs, "delegates to it")
		}
	}
}

// hiddenHost looks at what a destination's host stands for.
func hiddenHost(known hosts, h hiding, vs virtualService, p places, from string) {
	w := known.w
	ns, name, _ := w.ServiceName(p.fqdn)
	svc, found := model.Services.Get(w.Snapshot, ns, name)
	switch {
	case w.Resolve(p.fqdn, from).Known() || p.fqdn == "":
	case found:
		h.report(svc.Object, patch.Pointer("metadata", "annotations", exportAnnotation), from, vs, "routes to it")
	default:
		if e, hidden := known.hiddenEntry(p.fqdn); hidden {
			h.report(e.Object, exportField, from, vs, "routes to it")
		}
	}
}

// hiddenSubset looks at the rule that should define a destination's subset.
func hiddenSubset(c *clients, h hiding, vs virtualService, p places, from string) {
	if _, seen := c.view(p.fqdn, from).Subset(p.subset); p.subset == "" || seen {
		return
	}
	owner := c.owner(p.fqdn)
	sub, defined := c.view(p.fqdn, owner).Subset(p.subset)
	if defined && sub.Rule.Ref.Namespace == owner && !model.Exported(sub.Rule.Value.Spec.GetExportTo(), owner, from) {
		h.report(sub.Rule.Object, exportField, from, vs, "routes to its subset "+p.subset)
	}
}

// repairHidden adds the namespace to the list.
func repairHidden(w *rules.World, r rules.Result) []rules.Fix {
	ns, _ := strings.CutPrefix(r.Reason, hiddenFrom)
	op := patch.Op{Op: patch.Add, Path: exportField + "/-", Value: ns}
	if svc, ok := model.Services.Of(r.On); ok {
		op = patch.Op{Op: patch.Replace, Path: r.Pointer, Value: wider(svc, ns)}
	}
	return []rules.Fix{rules.Change(rules.Review, "export it to namespace "+ns, r.On, op)}
}

// wider is the annotation of a Service with one more namespace; "~" means none.
func wider(svc model.Item[corev1.Service], ns string) string {
	var out []string
	for e := range strings.SplitSeq(svc.Value.Annotations[exportAnnotation], ",") {
		if e = strings.TrimSpace(e); e != "" && e != "~" {
			out = append(out, e)
		}
	}
	return strings.Join(append(out, ns), ",")
}
