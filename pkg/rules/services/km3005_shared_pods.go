// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package services

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM3005", Slug: "shared-pods", Severity: finding.Warning,
	Short: "Several Services lead to the same port of the same pods",
	Why: `A sidecar has one listener for a port of its pod. When two Services declare different
protocols for that port, the sidecar goes by the older Service, and traffic through the other is
read wrongly: HTTP rules do nothing, or TCP is broken by an HTTP parser.

Where Services do not contradict each other, two names for the same thing are only a fact: routes,
policies and dashboards of one say nothing about traffic through the other. Headless Services, pairs
of a rollout (-stable and -canary) and several Services that are open to the outside are meant to be
so and are left out.`,
	Fix:       `Declare the same protocol in all of them, or keep one Service.`,
	Reference: "https://istio.io/latest/docs/ops/deployment/application-requirements/",
	Aliases:   []string{"IST0116"},
	Needs:     meshKinds,
	Check:     checkShared,
})

func checkShared(w *rules.World, emit rules.Emit) {
	said := map[ref.Ref]bool{}
	checkContradictions(w, func(on *model.Object, pointer, format string, args ...any) *finding.Finding {
		said[on.Ref] = true
		return emit(on, pointer, format, args...)
	})
	checkTwins(w, said, emit)
}

// twin is what Services have in common that differ in hardly more than their name.
type twin struct {
	namespace, selector, targets string
	unready                      bool
}

// checkTwins finds Services that differ in hardly more than their name, besides
// those of which worse was said.
func checkTwins(w *rules.World, said map[ref.Ref]bool, emit rules.Emit) {
	first := map[twin]service{}
	for _, svc := range model.Services.In(w.Snapshot, "") {
		if !finds(svc) || headless(svc) || system(svc.Ref.Namespace) {
			continue
		}
		key := twin{svc.Ref.Namespace, labels.Set(svc.Value.Spec.Selector).String(), strings.Join(targets(svc), " "), svc.Value.Spec.PublishNotReadyAddresses}
		other, found := first[key]
		if !found {
			first[key] = svc
			continue
		}
		if said[svc.Ref] || (opensPorts(svc) && opensPorts(other)) || base(svc.Ref.Name) == base(other.Ref.Name) {
			continue
		}
		f := emit(svc.Object, "/spec/selector", "leads to the same ports of the same pods as %s", other.Ref)
		f.Severity, f.Confidence = finding.Info, finding.Likely
		f.Related = append(f.Related, other.Ref)
	}
}

// targets are where the ports of a Service lead, sorted.
func targets(svc service) []string {
	var out []string
	for i := range svc.Value.Spec.Ports {
		p := &svc.Value.Spec.Ports[i]
		to, _ := target(i, p)
		out = append(out, to.String()+"/"+string(protocolOf(p.Protocol)))
	}
	slices.Sort(out)
	return out
}

// base is the name of a Service without what rollout controllers add to tell
// the halves of a pair apart.
func base(name string) string {
	for _, suffix := range []string{"-stable", "-canary", "-active", "-preview", "-primary", "-blue", "-green"} {
		name = strings.TrimSuffix(name, suffix)
	}
	return name
}

// claim is what a Service says of a port of a workload.
type claim struct {
	of service
	// word is the protocol as it is declared, layer "HTTP" or "TCP".
	word, layer string
	// number is that of the container port.
	number int32
}

// listener is what a sidecar has one of: a port of a workload.
type listener struct {
	on   ref.Ref
	port int32
}

// checkContradictions finds ports that are HTTP to one Service and TCP to
// another.
func checkContradictions(w *rules.World, emit rules.Emit) {
	m := newMesh(w)
	first := map[listener]claim{}
	for _, svc := range model.Services.In(w.Snapshot, "") {
		confidence, covered := m.covers(svc)
		if !covered || !declares(w, svc) {
			continue
		}
		for _, c := range serving(selected(w, svc).Workloads) {
			for i := range svc.Value.Spec.Ports {
				mine, said := claimed(svc, i, c)
				if !said {
					continue
				}
				at := listener{c.Ref, mine.number}
				other, found := first[at]
				if !found {
					first[at] = mine
				} else if other.layer != mine.layer && !other.of.Ref.Same(svc.Ref) {
					f := emit(svc.Object, patch.Pointer("spec", "ports", i), "port %d of %s is %s here, but %s in %s", mine.number, c.Ref, mine.word, other.word, other.of.Ref)
					f.Confidence = confidence
					f.Related = append(f.Related, other.of.Ref, c.Ref)
				}
			}
		}
	}
}

// claimed is what a Service declares about the port of a workload that its i-th
// port leads to; nothing where it declares no protocol or the port has no number.
func claimed(svc service, i int, of *model.Workload) (claim, bool) {
	p := &svc.Value.Spec.Ports[i]
	if _, _, missing := protocolAt(i, p); missing || protocolOf(p.Protocol) != corev1.ProtocolTCP {
		return claim{}, false
	}
	out := claim{of: svc, word: p.Name}
	if p.AppProtocol != nil {
		out.word = *p.AppProtocol
	}
	out.word, _, _ = strings.Cut(strings.ToLower(out.word), "-")
	switch out.word {
	case "http", "http2", "grpc", "http_proxy", "kubernetes.io/h2c", "kubernetes.io/ws":
		out.layer = "HTTP"
	case "":
		return claim{}, false
	default:
		out.layer = "TCP"
	}
	to, _ := target(i, p)
	out.number = to.IntVal
	if to.Type == intstr.String {
		for _, has := range declared(of, corev1.ProtocolTCP) {
			if has.Name == to.StrVal {
				out.number = has.ContainerPort
			}
		}
	}
	return out, out.number != 0
}
