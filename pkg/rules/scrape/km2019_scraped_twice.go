// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scrape

import (
	"fmt"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM2019", Slug: "scraped-twice", Severity: finding.Warning,
	Short: "The same metrics of the same pods are scraped twice",
	Why: `Two monitors, or one that selects two Services with the same pods, make two targets of one port. They
differ in their job or service label, so that Prometheus keeps both: every sum over them is twice the
truth, and so is the load.`,
	Fix: `Let one monitor select one Service of the pods: take the label off the other Service (a headless one,
most often), or drop one of the monitors.`,
	Reference: "https://prometheus-operator.dev/docs/developer/getting-started/#using-servicemonitors",
	Needs: slices.Concat(model.WorkloadKinds, scraperKinds, []*model.Kind{
		model.ServiceMonitors.Kind, model.PodMonitors.Kind, model.Services.Kind,
	}),
	Check: checkTwice,
})

// Address is what makes two scrapes the same: the pods, the port, and what is
// asked for there.
type Address struct {
	Workload ref.Ref
	Port     int32
	Path     string
	params   string
}

// AddressOf is the address of a scrape; of one without a port it is empty.
func AddressOf(s model.Scrape) Address {
	if s.Port == 0 {
		return Address{}
	}
	at := Address{Workload: s.Workload.Ref, Port: s.Port, Path: s.Path}
	if len(s.Params) > 0 {
		at.params = fmt.Sprint(s.Params) // with sorted keys
	}
	return at
}

func checkTwice(w *rules.World, emit rules.Emit) {
	first := map[Address]model.Scrape{}
	told := map[[2]*model.Object]bool{}
	for _, s := range w.Scrapes() {
		at := AddressOf(s)
		if at.Port == 0 || len(s.Workload.Template.Labels) == 0 {
			continue
		}
		other, again := first[at]
		if !again {
			first[at] = s
			continue
		}
		pair := [2]*model.Object{other.Monitor.Object, s.Monitor.Object}
		if told[pair] || other.Monitor.Object == s.Monitor.Object && other.Service.Object == s.Service.Object || !together(w, other.Monitor, s.Monitor) {
			continue
		}
		told[pair] = true
		f := emit(s.Monitor.Object, s.MonitorPort.At, "port %d of %s is scraped twice: %s, and %s", s.Port, s.Workload.Ref, by(other), by(s))
		f.Related = []ref.Ref{s.Workload.Ref, other.Monitor.Ref}
		for _, one := range []model.Scrape{other, s} {
			if one.Service.Object != nil && !slices.Contains(f.Related, one.Service.Ref) {
				f.Related = append(f.Related, one.Service.Ref)
			}
		}
		f.Confidence = finding.Likely // relabelings may drop one of them
	}
}

func by(s model.Scrape) string {
	if s.Service.Object == nil {
		return "by " + s.Monitor.Ref.String()
	}
	return "by " + s.Monitor.Ref.String() + " for " + s.Service.Ref.String()
}

// together reports whether one Prometheus may take both monitors. Two of them may
// well scrape the same pods: that is how Prometheus is made redundant.
func together(w *rules.World, a, b model.Monitor) bool {
	if a.Object == b.Object {
		return true
	}
	as, knownA := ChoicesOf(w, a)
	bs, knownB := ChoicesOf(w, b)
	if !knownA || !knownB {
		return true
	}
	for i := range as {
		if as[i].Match == Yes && bs[i].Match == Yes {
			return true
		}
	}
	return false
}
