// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/fields"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/doctor"
	"github.com/kubectl-micro/kubectl-micro/pkg/doctor/probe"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/prom"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
	"github.com/kubectl-micro/kubectl-micro/pkg/telemetry"
	"github.com/kubectl-micro/kubectl-micro/pkg/trace"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// everywhere are the kinds that matter in whatever namespace they are.
var everywhere = []*model.Kind{
	model.Services.Kind, model.ServiceMonitors.Kind, model.PodMonitors.Kind, model.Prometheuses.Kind, model.PrometheusAgents.Kind,
	model.ThanosRulers.Kind, model.Telemetries.Kind, model.PeerAuthentications.Kind, model.AuthorizationPolicies.Kind,
	model.RequestAuthentications.Kind, model.Sidecars.Kind, model.DestinationRules.Kind, model.IstioGateways.Kind,
	model.VirtualServices.Kind, model.ServiceEntries.Kind,
}

// see reads what the links are judged by: of a cluster the namespace that is
// meant, and those that a Prometheus may run in.
func (x *examination) see(ctx context.Context) (*world.Seen, error) {
	x.world.Roomy = true
	var places []string
	if x.world.Namespace != "" && !x.world.Offline() {
		places = append(x.homes(ctx), x.world.Namespace)
		slices.Sort(places)
		places = slices.Compact(places)
	}
	seen, err := x.world.Load(ctx, doctorRequest(x.world, places))
	if err != nil || !x.flags.world.Overlay {
		return seen, err
	}
	return x.world.Overlaid(ctx, seen)
}

// homes are the namespaces in which a Prometheus may run.
func (x *examination) homes(ctx context.Context) []string {
	out := []string{"monitoring", x.flags.world.Root}
	client, err := x.world.Client()
	if err != nil {
		return out // the load that follows says so
	}
	for _, k := range []*model.Kind{model.Prometheuses.Kind, model.PrometheusAgents.Kind} {
		found, err := client.List(ctx, k, cluster.ListOptions{MetadataOnly: true})
		if err != nil {
			continue // as above, and a cluster need not have them
		}
		for _, o := range found {
			out = append(out, o.Ref.Namespace)
		}
	}
	return out
}

// doctorRequest says what to read in some namespaces; in all, if there are none.
func doctorRequest(w *world.World, places []string) world.Request {
	kinds := slices.Concat(trace.Kinds, []*model.Kind{model.Events.Kind})
	for _, r := range doctorRules() {
		kinds = append(kinds, r.Needs...)
	}
	out := world.Request{Want: source.Want{Namespace: w.Namespace, Tolerant: true, Slim: true, Scopes: map[*model.Kind]source.Scope{}}}
	for _, k := range kinds {
		if slices.Contains(out.Kinds, k) {
			continue
		}
		out.Kinds = append(out.Kinds, k)
		scope := source.Scope{}
		if k == model.Events.Kind {
			scope.Fields = fields.OneTermNotEqualSelector("type", "Normal")
		}
		if k.Namespaced && len(places) > 0 && !slices.Contains(everywhere, k) {
			scope.Namespaces = places
			out.Gaps = append(out.Gaps, model.Gap{Kind: k.GroupKind, Known: places, Unasked: true, Reason: "only namespaces " + strings.Join(places, ", ") + " were looked at"})
		}
		out.Scopes[k] = scope
	}
	for _, r := range catalog.Rules() { // rules that judge fixes
		for _, k := range r.Needs {
			if !slices.Contains(out.Kinds, k) {
				out.Gaps = append(out.Gaps, model.Gap{Kind: k.GroupKind, Unasked: true, Reason: "no link depends on it"})
			}
		}
	}
	return out
}

// gather asks what only a running cluster knows.
func (x *examination) gather(ctx context.Context, w *rules.World, subjects []doctor.Subject) (doctor.Facts, error) {
	var facts doctor.Facts
	if !x.world.Offline() && !x.flags.noProbe {
		config, err := x.RESTConfig()
		if err != nil {
			return facts, err
		}
		prober, err := probe.New(config, x.Now)
		if err != nil {
			return facts, err
		}
		var probes []doctor.Probe
		for _, s := range subjects {
			probes = append(probes, doctor.Probes(w, s)...)
		}
		facts.Probed, facts.Answers = true, prober.All(ctx, probes)
	}
	if x.flags.prometheus.Prometheus == "none" || x.world.Offline() && !x.asked {
		return facts, nil
	}
	return facts, x.ask(ctx, subjects, &facts)
}

// ask asks Prometheus. That it cannot be asked is a link of the chain, and for one that
// was named an error in the end.
func (x *examination) ask(ctx context.Context, subjects []doctor.Subject, facts *doctor.Facts) error {
	client, err := telemetry.Connect(ctx, x.Factory, &x.flags.prometheus, time.Time{})
	if err != nil {
		facts.NoTargets = "no Prometheus could be asked: " + err.Error()
		return x.unanswered(err)
	}
	defer client.Close()
	facts.Prometheus = client.Name()
	targets, err := client.Targets(ctx)
	if err != nil {
		facts.NoTargets = client.Name() + " does not tell its targets: " + err.Error()
		return x.unanswered(err)
	}
	for _, t := range targets {
		facts.Targets = append(facts.Targets, doctor.ScrapeTarget{
			Pool: t.Pool, URL: t.URL, Health: t.Health, LastError: t.LastError, Labels: t.Labels, Discovered: t.Discovered,
		})
	}
	askSeries(ctx, client, facts, facts.Jobs(subjects))
	return nil
}

// unanswered keeps the error of a Prometheus that was named, for after what is known;
// a mistake in its name is one of the command line.
func (x *examination) unanswered(err error) error {
	if x.asked && fault.KindOf(err) == fault.Usage {
		return err
	}
	if x.asked {
		x.failed = err
	}
	return nil
}

// clashing are the labels of targets that metrics bring along most often.
var clashing = []string{"job", "instance", "namespace", "pod", "service", "container"}

// askSeries asks how many samples scrapes left, and which labels had to give way.
func askSeries(ctx context.Context, client *prom.Client, facts *doctor.Facts, jobs []string) {
	if len(jobs) == 0 {
		return
	}
	for i := range jobs {
		jobs[i] = regexp.QuoteMeta(jobs[i])
	}
	where := "job=~" + strconv.Quote(strings.Join(jobs, "|"))
	found, err := client.Query(ctx, "scrape_samples_post_metric_relabeling{"+where+"}", time.Time{})
	if err != nil {
		facts.NoSamples = err.Error()
		return
	}
	facts.Samples = map[string]float64{}
	for _, s := range found {
		facts.Samples[s.Labels.Get("job")+"/"+s.Labels.Get("instance")] = s.Value
	}
	var asked []string
	for _, name := range clashing {
		asked = append(asked, fmt.Sprintf(`label_replace(count by (job) ({%s,exported_%s!=""}), "clash", "%s", "", "")`, where, name, name))
	}
	clashes, err := client.Query(ctx, strings.Join(asked, " or "), time.Time{})
	if err != nil {
		return // too many series for one question: no reason to be unsure of the rest
	}
	facts.Clashes = map[string][]string{}
	for _, s := range clashes {
		job := s.Labels.Get("job")
		facts.Clashes[job] = append(facts.Clashes[job], s.Labels.Get("clash"))
		slices.Sort(facts.Clashes[job])
	}
}
