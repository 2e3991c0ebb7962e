// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/scrape"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// answers judges what the pods say.
func (v visit) answers() Link {
	if !v.Facts.Probed {
		return Link{Name: Answers, State: NotChecked, Detail: "no pod was asked"}
	}
	worst := Link{}
	for _, p := range Probes(v.World, v.Subject) {
		a, asked := v.Facts.Answers[p.Address]
		if !asked {
			continue
		}
		l := a.judge(p)
		switch {
		case l.State == Unknown && v.up():
			l.State, l.Detail = NotChecked, l.Detail+"; Prometheus gets an answer"
		case l.State == Broken && !p.Sure:
			l.State, l.Detail = NotChecked, l.Detail+" (a guess: no monitor says where they are)"
		}
		if worst.Name == "" || rank(l.State) > rank(worst.State) {
			worst = l
		}
	}
	if worst.Name == "" {
		return Link{Name: Answers, State: NotChecked, Detail: "no pod is ready, or no port is known to ask"}
	}
	return worst
}

// up reports whether Prometheus gets metrics of the subject.
func (v visit) up() bool {
	return slices.ContainsFunc(v.targets, func(t ScrapeTarget) bool { return t.Health == "up" })
}

// rank orders states by how bad they are.
func rank(s State) int { return slices.Index([]State{OK, NotChecked, Warning, Unknown, Broken}, s) }

// judge says what an answer is worth to a scrape.
func (a Answer) judge(p Probe) Link {
	l := Link{Name: Answers, State: Broken}
	at := fmt.Sprintf("pod %s, port %d, GET %s", a.Pod, p.Port, a.Path)
	switch {
	case a.Needs != "":
		l.State, l.Detail, l.Hint = Unknown, at+": forbidden", "ask for the right to "+a.Needs
		return l
	case strings.Contains(a.Err, "connection refused"):
		l.Detail, l.Hint = at+": "+rules.OneLine(a.Err), "nothing listens on that port: compare it with what the application says at its start"
		return l
	case a.Err != "":
		// The API server that asks may be kept out where Prometheus is not.
		l.State, l.Detail = Unknown, at+": "+rules.OneLine(a.Err)
		return l
	case a.Status == 401, a.Status == 403:
		l.State, l.Detail = Unknown, fmt.Sprintf("%s: status %d, which Prometheus may have credentials for", at, a.Status)
		return l
	case a.Status != 200:
		l.Detail = fmt.Sprintf("%s: status %d", at, a.Status)
	case a.Looks != "metrics":
		l.Detail = fmt.Sprintf("%s: expected metrics, found %s", at, cmp.Or(a.Looks, "nothing"))
		if a.ContentType != "" {
			l.Detail += " (" + a.ContentType + ")"
		}
	case a.Cut || a.Bytes > MaxBody:
		l.State, l.Detail = Warning, fmt.Sprintf("%s: more than %d MB of metrics", at, MaxBody>>20)
		l.Hint = "drop what nobody asks for with metricRelabelings, and set a sampleLimit"
		return l
	default:
		return Link{Name: Answers, State: OK, Detail: fmt.Sprintf("%s: %d bytes in %d ms", at, a.Bytes, a.Took.Milliseconds())}
	}
	if a.Found != "" {
		l.Hint = "metrics are at " + a.Found + ": set it as the path of the monitor"
	}
	return l
}

// network asks the engine whether Prometheus gets through.
func (v visit) network() Link {
	if v.up() {
		return Link{Name: Network, State: OK, Detail: "Prometheus gets through: its target is up"}
	}
	var at *model.Scrape
	for i := range v.scrapes {
		if v.scrapes[i].Port != 0 {
			at = &v.scrapes[i]
			break
		}
	}
	if at == nil {
		return Link{Name: Network, State: NotChecked, Detail: "no port to ask about"}
	}
	from, err := v.Engine.End("prometheus", at.Workload.Ref.Namespace)
	if err != nil {
		return Link{Name: Network, State: v.doubt(), Detail: "where Prometheus runs is not known: " + err.Error()}
	}
	to, err := v.Engine.End(fmt.Sprintf("%s/%s/%s:%d", at.Workload.Ref.Namespace, strings.ToLower(at.Workload.Ref.Kind), at.Workload.Ref.Name, at.Port), at.Workload.Ref.Namespace)
	if err != nil {
		return Link{Name: Network, State: v.doubt(), Detail: err.Error()}
	}
	answer := v.Engine.Check(from, to, reach.Request{Method: "GET", Path: at.Path, Direct: true})
	return v.crossed(answer, *at)
}

// crossed is the link of an answer. Prometheus that is made up, since no pod of it
// is in view, proves nothing; nor does an endpoint with certificates of its own
// meet mutual TLS as it looks.
func (v visit) crossed(a reach.Answer, at model.Scrape) Link {
	guess := a.From.Object == (ref.Ref{})
	hop, decided := a.Decides()
	switch {
	case a.Verdict == verdict.Allow && guess:
		return Link{Name: Network, State: OK, Detail: "nothing in view keeps out a Prometheus in namespace " + a.From.Namespace}
	case a.Verdict == verdict.Allow:
		return Link{Name: Network, State: OK, Detail: fmt.Sprintf("%s gets through to port %d", a.From.Object, at.Port)}
	case !decided:
		return Link{Name: Network, State: v.doubt(), Detail: strings.Join(a.Unknowns, "; ")}
	}
	detail := hop.Name + ": " + strings.TrimPrefix(hop.Object.String()+" "+cmp.Or(hop.Reason, hop.Rule), " ")
	l := Link{Name: Network, State: Broken, Detail: detail, Hint: hop.Fix, Findings: v.about(v.refs(), "KM7004", "KM9035")}
	switch {
	case a.Verdict == verdict.Unknown:
		l.State = v.doubt()
	case guess:
		l.State, l.Detail = v.doubt(), detail+", if Prometheus runs in namespace "+a.From.Namespace+" without a proxy"
	case at.Scheme == "https" && hop.Number == verdict.MTLS:
		l.State, l.Detail = v.doubt(), detail+", unless the monitor's tlsConfig has certificates of the mesh"
	}
	return l
}

// target judges what Prometheus says of its targets.
func (v visit) target() Link {
	switch {
	case v.Facts.NoTargets != "":
		return Link{Name: Target, State: Unknown, Detail: v.Facts.NoTargets, Hint: "name the Prometheus with --prometheus"}
	case v.Facts.Prometheus == "":
		return Link{Name: Target, State: NotChecked, Detail: "no Prometheus was asked"}
	case len(v.targets) == 0:
		l := Link{Name: Target, State: Broken, Detail: v.Facts.Prometheus + " has no target of it"}
		if len(v.monitors) > 0 {
			l.Detail = fmt.Sprintf("%s has no target of it in %s0 or any other job", v.Facts.Prometheus, pool(v.monitors[0]))
			l.Hint = "a monitor that is new takes a minute or two; after that see the logs of the operator and of config-reloader"
		}
		return l
	}
	var down []ScrapeTarget
	up := 0
	for _, t := range v.targets {
		switch t.Health {
		case "up":
			up++
		case "down":
			down = append(down, t)
		}
	}
	switch {
	case len(down) > 0 && up > 0:
		return Link{Name: Target, State: Warning, Detail: fmt.Sprintf("%d of %d up; %s: %s", up, len(v.targets), down[0].URL, rules.OneLine(down[0].LastError))}
	case len(down) > 0:
		return Link{Name: Target, State: Broken, Detail: fmt.Sprintf("%s is down: %s", down[0].URL, rules.OneLine(down[0].LastError)), Hint: advice(down[0].LastError)}
	case up == 0:
		return Link{Name: Target, State: Unknown, Detail: v.targets[0].URL + " has not been scraped yet", Hint: "ask again after one scrape interval"}
	}
	return Link{Name: Target, State: OK, Detail: fmt.Sprintf("%d of %d up in %s", up, len(v.targets), v.targets[0].Pool)}
}

// advice reads the error of a scrape as who has seen it before does.
func advice(message string) string {
	for _, known := range []struct{ part, advice string }{
		{"connection reset by peer", "mutual TLS is STRICT, most often: exclude the port from the proxy, or scrape the merged metrics on 15020"},
		{"EOF", "mutual TLS is STRICT, most often: exclude the port from the proxy, or scrape the merged metrics on 15020"},
		{"connection refused", "nothing listens on that port: compare it with what the application says at its start"},
		{"context deadline exceeded", "a NetworkPolicy drops the packets, or the answer takes longer than scrapeTimeout"},
		{"server returned HTTP status 404", "the path is another one: see the link \"metrics\""},
		{"server returned HTTP status 40", "give the monitor credentials: bearerTokenSecret, authorization or basicAuth"},
		{"sample limit", "raise sampleLimit, or drop series with metricRelabelings"},
		{"HTTP response to HTTPS client", "set scheme: http in the monitor"},
		{"HTTP request to an HTTPS server", "set scheme: https in the monitor"},
		{"x509", "set the CA in tlsConfig of the monitor"},
		{"Content-Type", "the answer is no metrics, or has no type: see fallbackScrapeProtocol"},
	} {
		if strings.Contains(message, known.part) {
			return known.advice
		}
	}
	return ""
}

// samples judges what a scrape leaves behind.
func (v visit) samples() Link {
	up := slices.DeleteFunc(slices.Clone(v.targets), func(t ScrapeTarget) bool { return t.Health != "up" })
	switch {
	case v.Facts.Prometheus == "" && v.Facts.NoTargets == "":
		return Link{Name: Samples, State: NotChecked, Detail: "no Prometheus was asked"}
	case len(up) == 0:
		return Link{Name: Samples, State: NotChecked, Detail: "no target is up"}
	case v.Facts.NoSamples != "":
		return Link{Name: Samples, State: Unknown, Detail: v.Facts.NoSamples}
	}
	total, none := 0.0, 0
	for _, t := range up {
		n := v.Facts.Samples[t.Key()]
		total += n
		if n == 0 {
			none++
		}
	}
	switch clashes := v.Facts.Clashes[up[0].Labels["job"]]; {
	case none == len(up):
		return Link{Name: Samples, State: Broken, Detail: "the last scrape left no sample", Hint: "see metricRelabelings of the monitor: they drop all, or there was nothing"}
	case len(clashes) > 0:
		return Link{Name: Samples, State: Warning, Detail: "its metrics have labels that the target has too: " + strings.Join(clashes, ", "), Hint: "rename the labels in the application, or set honorLabels where its own are right"}
	}
	return Link{Name: Samples, State: OK, Detail: fmt.Sprintf("%.0f in the last scrape", total)}
}

// mesh judges whether golden signals can come from the proxies.
func (v visit) mesh() Link {
	if found := v.about(v.refs(), "KM9002", "KM9001"); len(found) > 0 {
		return told(Mesh, Warning, found)
	}
	inside := false
	for _, w := range v.Workloads {
		if v.World.Mesh(w) != rules.MeshIn {
			continue
		}
		inside = true
		if off := scrape.OffFor(v.World, w); len(off) > 0 {
			return Link{Name: Mesh, State: Warning, Detail: fmt.Sprintf("%s disables %s for %s", off[0].Ref, off[0].What, w.Ref), Findings: v.about([]ref.Ref{off[0].Ref}, "KM8501")}
		}
		if found := v.about([]ref.Ref{w.Ref}, "KM9505"); len(found) > 0 {
			return told(Mesh, Warning, found)
		}
	}
	if !inside {
		return Link{Name: Mesh, State: NotChecked, Detail: "outside of the mesh: golden signals are those of the application"}
	}
	return Link{Name: Mesh, State: OK, Detail: "proxies tell requests, failures and latency"}
}
