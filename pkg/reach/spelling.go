// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// spelling is an end as it was typed.
type spelling struct {
	// kind is as typed, empty if none was.
	kind, namespace, name string
}

// named reads an end without its port.
func (e *Engine) named(text, namespace string) (End, error) {
	switch strings.ToLower(text) {
	case "internet":
		return End{Text: "internet", Kind: Internet, Peers: []model.Peer{outside}}, nil
	case "kubelet", "node":
		return End{Text: "kubelet", Kind: Node, Peers: []model.Peer{{Node: true}}}, nil
	case "prometheus":
		if end, err := e.prometheus(); err == nil || !e.exists("prometheus", namespace) {
			return end, err
		}
	}
	sp, err := spelt(text, namespace)
	if err != nil {
		return End{}, err
	}
	switch strings.ToLower(sp.kind) {
	case "":
		return e.bare(sp)
	case "sa", "serviceaccount", "serviceaccounts":
		return e.account(sp)
	case "gateway", "gateways", "gw", "gateway.networking.istio.io", "gateway.gateway.networking.k8s.io":
		return e.gateway(sp)
	}
	kind, _ := model.KindNamed(sp.kind)
	switch {
	case kind == model.Services.Kind:
		return e.service(sp)
	case kind == model.Pods.Kind:
		return e.pod(sp)
	}
	return e.workload(kind, sp)
}

// spelt takes "x", "ns/x", "kind/x", "ns/kind/x" and "kind/ns/x" apart.
func spelt(text, namespace string) (spelling, error) {
	parts := strings.Split(text, "/")
	if slices.Contains(parts, "") || len(parts) > 3 {
		return spelling{}, fault.Usagef("expected NAME, KIND/NAME or NAMESPACE/KIND/NAME, found %q", text)
	}
	switch {
	case len(parts) == 1:
		return spelling{namespace: namespace, name: parts[0]}, nil
	case len(parts) == 2 && isKind(parts[0]):
		return spelling{kind: parts[0], namespace: namespace, name: parts[1]}, nil
	case len(parts) == 2 && known(parts[0]):
		return spelling{}, fault.Usagef("a %s is no end of a connection, in %q", parts[0], text).Try("use pod, deploy, sts, ds, job, cronjob, svc, sa or gateway")
	case len(parts) == 2:
		return spelling{namespace: parts[0], name: parts[1]}, nil
	case isKind(parts[0]) && (scopedFirst(parts[0]) || !isKind(parts[1])):
		return spelling{kind: parts[0], namespace: parts[1], name: parts[2]}, nil
	case isKind(parts[1]):
		return spelling{kind: parts[1], namespace: parts[0], name: parts[2]}, nil
	}
	return spelling{}, fault.Usagef("%q is no kind of an end, in %q", parts[1], text).Try("use pod, deploy, sts, ds, job, cronjob, svc, sa or gateway")
}

// scopedFirst are the kinds written as KIND/NAMESPACE/NAME by custom.
func scopedFirst(kind string) bool {
	kind = strings.ToLower(kind)
	return kind == "sa" || kind == "gateway" || kind == "gw"
}

func known(kind string) bool {
	_, found := model.KindNamed(kind)
	return found
}

// isKind reports whether ends of a kind exist.
func isKind(name string) bool {
	k, found := model.KindNamed(name)
	if !found {
		return false
	}
	return slices.Contains(model.WorkloadKinds, k) ||
		slices.Contains([]*model.Kind{model.Services.Kind, model.ServiceAccounts.Kind, model.Gateways.Kind, model.IstioGateways.Kind}, k)
}

// bare is a name alone: a Service, else the one workload or pod of the name,
// else a host.
func (e *Engine) bare(sp spelling) (End, error) {
	if _, found := model.Services.Get(e.s, sp.namespace, sp.name); found {
		return e.service(sp)
	}
	var same []*model.Workload
	for _, w := range e.s.Workloads(sp.namespace) {
		if w.Ref.Name == sp.name {
			same = append(same, w)
		}
	}
	switch len(same) {
	case 0:
		if _, found := model.Pods.Get(e.s, sp.namespace, sp.name); found {
			return e.pod(sp)
		}
		if strings.Contains(sp.name, ".") {
			return e.host(sp)
		}
		return End{}, e.noSuch("Service or workload", sp)
	case 1:
		return e.ofWorkload(same[0]), nil
	}
	var candidates []string
	for _, w := range same {
		candidates = append(candidates, text(w.Ref))
	}
	return End{}, fault.Usagef("%q is %d workloads", sp.name, len(same)).Try("%s", pasteable(candidates))
}

// noSuch is the error of an end that is not known, with what comes close.
func (e *Engine) noSuch(kind string, sp spelling) error {
	where := ""
	if sp.namespace != "" {
		where = " in namespace " + sp.namespace
	}
	err := fault.Usagef("no %s is called %q%s", kind, sp.name, where)
	if c := e.candidates(sp); len(c) > 0 {
		return err.Try("%s", pasteable(c))
	}
	for _, k := range slices.Concat([]*model.Kind{model.Services.Kind}, model.WorkloadKinds) {
		if gap, hidden := e.s.Gap(k.GroupKind, sp.namespace); hidden {
			return err.Try("it may exist all the same: %s", gap.Reason)
		}
	}
	return err
}

// candidates are ends that may have been meant: the same name elsewhere or of
// another kind, then similar names of the namespace.
func (e *Engine) candidates(sp spelling) []string {
	var same []string
	near := map[string]string{}
	asked, typed := model.KindNamed(sp.kind)
	if !typed {
		asked = model.Services.Kind
	}
	add := func(r ref.Ref) {
		switch {
		case r.Name == sp.name:
			same = append(same, text(r))
		case r.Namespace == sp.namespace && (near[r.Name] == "" || r.GroupKind() == asked.GroupKind):
			near[r.Name] = text(r)
		}
	}
	for _, w := range e.s.Workloads("") {
		add(w.Ref)
	}
	for _, svc := range e.s.OfKind(model.Services.GroupKind) {
		add(svc.Ref)
	}
	slices.Sort(same)
	if len(same) > 5 {
		same = same[:5]
	}
	if len(same) > 0 {
		return same
	}
	var names, out []string
	for n := range near {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range ref.Closest(sp.name, names) {
		out = append(out, near[n])
	}
	return out
}

func (e *Engine) exists(name, namespace string) bool {
	_, found := model.Services.Get(e.s, namespace, name)
	return found || slices.ContainsFunc(e.s.Workloads(namespace), func(w *model.Workload) bool { return w.Ref.Name == name })
}

func pasteable(candidates []string) string {
	return "did you mean " + strings.Join(candidates, ", ") + "?"
}

func prefixed(prefix string, list []string) []string {
	var out []string
	for _, s := range list {
		out = append(out, prefix+s)
	}
	return out
}

// shortKinds are the spellings of kinds in ends.
var shortKinds = map[string]string{
	"Deployment": "deploy", "StatefulSet": "sts", "DaemonSet": "ds", "ReplicaSet": "rs", "CronJob": "cronjob",
	"Job": "job", "Pod": "pod", "Service": "svc", "ServiceAccount": "sa", "Gateway": "gateway",
}

// text is the canonical spelling of an object as an end.
func text(r ref.Ref) string {
	kind, short := shortKinds[r.Kind]
	if !short {
		kind = strings.ToLower(r.Kind)
	}
	return r.Namespace + "/" + kind + "/" + r.Name
}
