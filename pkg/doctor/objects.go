// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/scrape"
)

// told makes a link of what a rule found.
func told(name string, state State, found []rules.Result) Link {
	l := Link{Name: name, State: state, Detail: found[0].Object.String() + ": " + found[0].Message, Hint: found[0].Hint, Findings: found}
	if found[0].Confidence == finding.Possible {
		l.State = Unknown
	}
	return l
}

// pods judges whether there is anything to scrape.
func (v visit) pods() Link {
	if found := v.on("KM3001"); len(found) > 0 {
		l := told(Pods, Broken, found)
		if v.World.Partial && found[0].Severity < finding.Error {
			l.State = NotChecked // other files may have them
		}
		return l
	}
	ready, all := 0, 0
	for _, w := range v.Workloads {
		for _, p := range w.Pods {
			all++
			if model.PodReady(p.Value) {
				ready++
			}
		}
	}
	switch {
	case len(v.Workloads) == 0 && v.World.Offline:
		return Link{Name: Pods, State: NotChecked, Detail: "no workload of the Service is in these files"}
	case len(v.Workloads) == 0:
		return Link{Name: Pods, State: Broken, Detail: "the Service selects no pods"}
	case v.World.Offline:
		return Link{Name: Pods, State: OK, Detail: rules.FewOf(model.Refs(v.Workloads))}
	case ready == 0:
		return Link{Name: Pods, State: Broken, Detail: fmt.Sprintf("0 of %d pods are ready", all), Hint: "kubectl micro diagnose " + spelt(v.Workloads[0].Ref)}
	}
	return Link{Name: Pods, State: OK, Detail: fmt.Sprintf("%d of %d ready: %s", ready, all, rules.FewOf(model.Refs(v.Workloads)))}
}

// spelt is an object as commands take it: "deployment/cart -n shop".
func spelt(r ref.Ref) string {
	return strings.ToLower(r.Kind) + "/" + r.Name + " -n " + r.Namespace
}

// port judges whether the pods have the port that is scraped.
func (v visit) port() Link {
	found := slices.DeleteFunc(v.about(v.refs(), "KM2018"), func(r rules.Result) bool { return !v.mine(r) })
	if len(found) > 0 {
		return told(Port, Broken, found)
	}
	for _, s := range v.scrapes {
		if s.Port == 0 {
			continue
		}
		detail := fmt.Sprintf("%d of %s", s.Port, s.Workload.Ref)
		if !s.Declared {
			detail += ", which no container lists (Kubernetes does not mind)"
		}
		return Link{Name: Port, State: OK, Detail: detail}
	}
	if len(v.scrapes) > 0 { // by a name that no container's port has
		if found := v.on("KM3003"); len(found) > 0 {
			return told(Port, Broken, found)
		}
	}
	return v.without(Port, "no monitor says which port")
}

// without is a link that nobody could look at since no monitor is known; detail says
// so where there is none.
func (v visit) without(name, detail string) Link {
	if len(v.monitors) == 0 {
		if k, _, unknown := v.unlisted(); unknown {
			detail = "not known, since " + k.Resource + " may not be listed"
		}
	}
	return Link{Name: name, State: NotChecked, Detail: detail}
}

// unlisted is a kind of monitors that could not be read, and why.
func (v visit) unlisted() (*model.Kind, model.Gap, bool) {
	for _, k := range []*model.Kind{model.ServiceMonitors.Kind, model.PodMonitors.Kind} {
		if g, gap := v.World.Gap(k.GroupKind, v.Ref().Namespace); gap && !g.Missing {
			return k, g, true
		}
	}
	return nil, model.Gap{}, false
}

// on are the findings of a rule on the subject's Service itself.
func (v visit) on(id string) []rules.Result {
	return slices.DeleteFunc(v.about(v.refs(), id), func(r rules.Result) bool { return r.On != v.Service.Object })
}

// mine reports whether a finding is about a monitor of the subject.
func (v visit) mine(r rules.Result) bool {
	return slices.ContainsFunc(v.monitors, func(m model.Monitor) bool { return m.Object == r.On })
}

// service judges whether the Service has the ports that its monitors name.
func (v visit) service() Link {
	if v.Service.Object == nil {
		return Link{Name: Service, State: NotChecked, Detail: "no Service: PodMonitors go by the pods"}
	}
	have := v.Service.Value.Spec.Ports
	named := 0
	for _, m := range v.monitors {
		for _, p := range m.Ports {
			if m.Target != model.Services.Kind || p.Name == "" || m.Object != nil && !v.asks(m) {
				continue
			}
			named++
			if slices.ContainsFunc(have, func(sp corev1.ServicePort) bool { return sp.Name == p.Name }) {
				continue
			}
			l := Link{Name: Service, State: Broken, Findings: slices.DeleteFunc(v.about(v.refs(), "KM2017"), func(r rules.Result) bool { return r.On != m.Object })}
			l.Detail = fmt.Sprintf("%s has no port named %s, which %s asks for: it has %s", v.Service.Ref, p.Name, m.Ref, portList(have))
			return l
		}
	}
	if named == 0 {
		return v.without(Service, "no monitor names a port: it has "+portList(have))
	}
	return Link{Name: Service, State: OK, Detail: portList(have)}
}

// asks reports whether a monitor is about this Service, and not about another one
// with the same pods.
func (v visit) asks(m model.Monitor) bool {
	return v.selects(m, v.Subject) || slices.ContainsFunc(v.meant, func(x model.Monitor) bool { return x.Object == m.Object })
}

func portList(ports []corev1.ServicePort) string {
	var out []string
	for _, p := range ports {
		name := p.Name
		if name == "" {
			name = "without a name"
		}
		out = append(out, fmt.Sprintf("port %d %s", p.Port, name))
	}
	if len(out) == 0 {
		return "no port"
	}
	return rules.Few(out, 4)
}

// monitor judges whether anybody asks for the metrics.
func (v visit) monitor() Link {
	found := slices.DeleteFunc(v.about(v.refs(), "KM2017"), func(r rules.Result) bool { return r.Pointer != "/spec/selector" })
	switch {
	case len(v.meant) > 0 && len(v.meant) == len(v.monitors) && len(found) > 0:
		return told(Monitor, Broken, found)
	case len(v.monitors) == 0 && len(v.targets) > 0:
		return Link{Name: Monitor, State: NotChecked, Detail: "no monitor: job " + v.targets[0].Pool + " finds it"}
	case len(v.monitors) == 0:
		return v.unmonitored()
	}
	if twice := slices.DeleteFunc(v.about(v.refs(), "KM2019"), func(r rules.Result) bool { return !v.mine(r) }); len(twice) > 0 {
		return told(Monitor, Warning, twice)
	}
	var names []ref.Ref
	for _, m := range v.monitors {
		names = append(names, m.Ref)
	}
	return Link{Name: Monitor, State: OK, Detail: rules.FewOf(names) + v.through()}
}

// through names the Service by which the pods are scraped, where it is another one.
func (v visit) through() string {
	if len(v.scrapes) == 0 || v.scrapes[0].Service.Object == nil || v.scrapes[0].Service.Object == v.Service.Object || v.Service.Object == nil {
		return ""
	}
	return ", for " + v.scrapes[0].Service.Ref.String() + " with the same pods"
}

func (v visit) unmonitored() Link {
	l := Link{Name: Monitor, State: Broken, Detail: "no ServiceMonitor or PodMonitor selects it", Hint: "kubectl micro monitor generate podmonitor " + spelt(v.Ref())}
	if v.Service.Object != nil {
		l.Hint = "kubectl micro monitor generate servicemonitor svc/" + v.Service.Ref.Name + " -n " + v.Service.Ref.Namespace
	}
	if k, g, unknown := v.unlisted(); unknown {
		return Link{Name: Monitor, State: Unknown, Detail: "whether a " + k.Kind + " selects it: " + g.Reason, Hint: "ask for the right to list " + k.Resource + "." + k.Group}
	}
	if v.annotated() {
		if only, known := scrape.MonitorsOnly(v.World); only && known {
			l.Detail += ", and no Prometheus here reads the annotation " + scrape.Annotation
			l.Findings = v.about(v.refs(), "KM2522")
			return l
		}
		return Link{Name: Monitor, State: NotChecked, Detail: "none, but it has the annotation " + scrape.Annotation + " for a Prometheus that goes by it"}
	}
	if v.World.Partial {
		l.Detail += " in these files"
	}
	return l
}
