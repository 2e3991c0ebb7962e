// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package observe

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// TLS is how a Prometheus gets to the metrics of pods that take mutual TLS only.
type TLS string

// The ways. Auto chooses: what the proxy tells for a PodMonitor, a port that the proxy
// lets alone for a ServiceMonitor.
const (
	TLSAuto    TLS = "auto"
	TLSMerged  TLS = "merged"
	TLSExclude TLS = "exclude"
	TLSCerts   TLS = "certs"
)

// Ask is what is wanted of a monitor; what is left empty is found out.
type Ask struct {
	// Port is a name or number, Path where the metrics are.
	Port, Path string
	Interval   string
	TLS        TLS
	// Labels are given to the monitor, for a Prometheus to take it.
	Labels map[string]string
}

const (
	monitoringAPI = "monitoring.coreos.com/v1"
	// Interval is how often a monitor asks if nobody says otherwise.
	Interval = "30s"
)

// durations are what the operator takes:
// https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.Duration
var durations = regexp.MustCompile(`^(0|(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?)$`)

// validate reports what no API server would store, and no program would answer.
func (a Ask) validate() error {
	switch {
	case !durations.MatchString(a.Interval):
		return fault.Usagef("--interval %q: expected a duration of Prometheus, such as 30s or 1m", a.Interval).Try("--interval %s", Interval)
	case a.Path != "" && !strings.HasPrefix(a.Path, "/"):
		return fault.Usagef("--path %q: expected one that begins with /", a.Path).Try("--path /%s", a.Path)
	}
	return nil
}

// ServiceMonitor has Prometheus read the pods behind a Service.
func (t *Target) ServiceMonitor(a Ask) (Draft, error) {
	if err := a.validate(); err != nil {
		return Draft{}, err
	}
	if t.Service.Value == nil {
		return Draft{}, fault.Usagef("expected a Service in front of %s, found none: a ServiceMonitor finds pods by one", t.Name).Try("kubectl micro monitor generate podmonitor %s -n %s", t.short(), t.Namespace)
	}
	of := t.Service.Ref
	if a.TLS == TLSMerged {
		return Draft{}, fault.Usagef("a ServiceMonitor cannot ask the proxy, whose port is of no Service").Try("kubectl micro monitor generate podmonitor %s -n %s", of.Short(), of.Namespace)
	}
	c, why, err := t.choose(t.servicePorts(), a.Port, of.Short())
	if err != nil {
		return Draft{}, err
	}
	d := Draft{}
	d.comment(why)
	if c.name == "" {
		c.name = named
		d.Steps = append(d.Steps, nameless(of, c.at))
	}
	endpoint := map[string]any{
		"port": c.name, "path": t.path(a), "interval": cmp.Or(a.Interval, Interval), "scheme": cmp.Or(t.note(schemeNote), "http"),
	}
	t.secure(&d, a.TLS, c.pods, endpoint)
	d.Object = t.object(model.ServiceMonitors.Kind, of.Name, map[string]any{
		"endpoints": []any{endpoint},
		"selector":  map[string]any{"matchLabels": t.serviceSelector(&d)},
	})
	d.Admit(t.Snapshot, a.Labels)
	return d, nil
}

// path is that of the metrics.
func (t *Target) path(a Ask) string { return cmp.Or(a.Path, t.note(pathNote), "/metrics") }

// serviceSelector are labels that the Service has and no other Service of the
// namespace: those that every tool sets before all others.
func (t *Target) serviceSelector(d *Draft) map[string]any {
	have := t.Service.Value.Labels
	if len(have) == 0 {
		d.Steps = append(d.Steps, Step{
			Why:     "the Service has no labels, by which a ServiceMonitor could find it",
			Command: fmt.Sprintf("kubectl label %s -n %s app.kubernetes.io/name=%s", t.Service.Ref.Short(), t.Namespace, t.Name),
		})
		return map[string]any{"app.kubernetes.io/name": t.Name}
	}
	for _, names := range [][]string{{"app.kubernetes.io/name"}, {"app"}, {"k8s-app"}, {"app.kubernetes.io/name", "app.kubernetes.io/instance"}, slices.Sorted(maps.Keys(have))} {
		chosen := map[string]string{}
		for _, n := range names {
			if v, there := have[n]; there {
				chosen[n] = v
			}
		}
		if len(chosen) == len(names) && len(t.others(chosen)) == 0 {
			return anyOf(chosen)
		}
	}
	for _, other := range t.others(have) {
		d.comment(fmt.Sprintf("%s has all of these labels too, and is read as well if it has such a port", other.Short()))
	}
	return anyOf(have)
}

// others are further Services of the namespace with some labels.
func (t *Target) others(set map[string]string) []ref.Ref {
	var out []ref.Ref
	for _, svc := range model.Services.In(t.Snapshot, t.Namespace) {
		if svc.Ref.Name != t.Service.Ref.Name && labels.SelectorFromSet(set).Matches(labels.Set(svc.Value.Labels)) {
			out = append(out, svc.Ref)
		}
	}
	return out
}

func anyOf(all map[string]string) map[string]any {
	out := map[string]any{}
	for k, v := range all {
		out[k] = v
	}
	return out
}

// PodMonitor has Prometheus read pods, whatever Service they belong to. In a mesh it
// asks the proxy, which tells its own metrics and those of the program.
func (t *Target) PodMonitor(a Ask) (Draft, error) {
	if err := a.validate(); err != nil {
		return Draft{}, err
	}
	selector, err := t.podSelector()
	if err != nil {
		return Draft{}, err
	}
	d := Draft{}
	var endpoint map[string]any
	if t.sidecars() && (a.TLS == TLSMerged || a.TLS == TLSAuto && a.Port == "") {
		endpoint = t.merged(&d)
	} else {
		c, why, err := t.choose(t.podPorts(), a.Port, t.Workloads[0].Ref.Short())
		if err != nil {
			return Draft{}, err
		}
		d.comment(why)
		if c.name == "" {
			c.name = named
			d.Steps = append(d.Steps, nameless(t.Workloads[0].Ref, c.at))
		}
		endpoint = map[string]any{"port": c.name, "path": t.path(a), "scheme": cmp.Or(t.note(schemeNote), "http")}
		if a.TLS == TLSCerts {
			return Draft{}, fault.Usagef("a PodMonitor takes certificates from Secrets only, and those of a mesh are files").Try("kubectl micro monitor generate servicemonitor, or --mtls merged")
		}
		t.secure(&d, a.TLS, c.pods, endpoint)
	}
	endpoint["interval"] = cmp.Or(a.Interval, Interval)
	d.Object = t.object(model.PodMonitors.Kind, t.Name, map[string]any{
		"podMetricsEndpoints": []any{endpoint},
		"selector":            map[string]any{"matchLabels": selector},
	})
	d.Admit(t.Snapshot, a.Labels)
	return d, nil
}

// podSelector are the labels by which the Service, or the workload, finds its pods.
func (t *Target) podSelector() (map[string]any, error) {
	if len(t.Workloads) == 0 {
		return nil, fault.Usagef("expected pods behind %s, found none: a PodMonitor would select nothing", t.short()).At(t.Service.Where("/spec/selector")).Try("kubectl micro diagnose %s -n %s", t.short(), t.Namespace)
	}
	if t.Service.Value != nil && len(t.Service.Value.Spec.Selector) > 0 && t.Service.Ref.Name == t.Name {
		return anyOf(t.Service.Value.Spec.Selector), nil
	}
	if by := t.Workloads[0].Selector; by != nil && len(by.MatchLabels) > 0 {
		return anyOf(by.MatchLabels), nil
	}
	if len(t.Workloads[0].Template.Labels) == 0 {
		return nil, fault.Usagef("expected labels on the pods of %s, found none: a PodMonitor finds pods by labels", t.short())
	}
	return anyOf(t.Workloads[0].Template.Labels), nil
}

// short is the target as it is typed.
func (t *Target) short() string {
	if t.Service.Value != nil && t.Service.Ref.Name == t.Name {
		return "svc/" + t.Name
	}
	return t.Workloads[0].Ref.Short()
}

func (t *Target) object(kind *model.Kind, name string, spec map[string]any) map[string]any {
	return map[string]any{
		"apiVersion": monitoringAPI, "kind": kind.Kind,
		"metadata": map[string]any{
			"name": name, "namespace": t.Namespace,
			"labels": map[string]any{"app.kubernetes.io/managed-by": "kubectl-micro", "app.kubernetes.io/name": t.Name},
		},
		"spec": spec,
	}
}

func (d *Draft) comment(text string) {
	if text != "" {
		d.Comments = append(d.Comments, text)
	}
}

// pod is what stands for the pods: the first end of the first workload.
func (t *Target) pod() (model.Peer, bool) {
	for _, w := range t.Workloads {
		for _, p := range w.Peers() {
			return p, true
		}
	}
	return model.Peer{}, false
}
