// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package observe

import (
	"fmt"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
)

const (
	excludeInbound = "traffic.sidecar.istio.io/excludeInboundPorts"
	mergeNote      = "prometheus.istio.io/merge-metrics"
	scrapeNote     = "prometheus.io/scrape"
	// The sidecar lists proxyPort, tells Envoy's metrics there, and at agentPort these
	// together with those of the program
	// (https://istio.io/latest/docs/ops/integrations/prometheus/).
	proxyPort = "http-envoy-prom"
	agentPort = 15020
	// certificates is where Istio's guide has a Prometheus with a proxy find its own.
	certificates = "/etc/prom-certs/"
)

// sidecars reports whether the pods have proxies of their own.
func (t *Target) sidecars() bool {
	p, ok := t.pod()
	if !ok {
		return false
	}
	d, _ := t.Snapshot.Dataplane(p)
	return d == model.SidecarProxy
}

// merged asks the proxy. It listens for that outside of the mesh, so that mutual TLS
// is not in the way.
func (t *Target) merged(d *Draft) map[string]any {
	d.comment(fmt.Sprintf("the proxy of each pod is asked, at port %d: mutual TLS is not in the way there, and it tells its own metrics together with those of the program", agentPort))
	switch {
	case t.note(mergeNote) == "false":
		d.comment("the pods say " + mergeNote + ": false, so that only the metrics of the proxy are told there")
	case t.note(scrapeNote) != "true":
		t.annotate(d, "the pods do not say where the metrics of the program are, for the proxy to add them to its own; leave it out if there are none", func(*model.Workload) map[string]any {
			return map[string]any{scrapeNote: "true", portNote: t.guess(), pathNote: "/metrics"}
		})
	}
	return map[string]any{
		"port": proxyPort, "path": "/stats/prometheus", "scheme": "http",
		// The address of the port that the proxy lists, with the other port.
		"relabelings": []any{map[string]any{
			"action": "replace", "sourceLabels": []any{"__address__"}, "regex": `(.+):\d+`, "replacement": fmt.Sprintf("$1:%d", agentPort), "targetLabel": "__address__",
		}},
	}
}

// guess is the port at which the program may tell its metrics.
func (t *Target) guess() string {
	c, _, err := t.choose(t.podPorts(), "", "")
	if err != nil {
		return "PORT"
	}
	return fmt.Sprint(c.number)
}

// secure says how a port is read that takes nothing but mutual TLS, and makes it so as
// far as the monitor can.
func (t *Target) secure(d *Draft, how TLS, port int32, endpoint map[string]any) {
	p, ok := t.pod()
	if !ok {
		return
	}
	if how == TLSCerts {
		endpoint["scheme"] = "https"
		endpoint["tlsConfig"] = map[string]any{
			"caFile": certificates + "root-cert.pem", "certFile": certificates + "cert-chain.pem", "keyFile": certificates + "key.pem", "insecureSkipVerify": true,
		}
		d.comment("Prometheus shows the certificate of a proxy of its own, which it must have in " + certificates + "; pods of a mesh have no names of hosts in theirs, so that names are not verified")
		return
	}
	mode, by := mesh.New(t.Snapshot, mesh.Options{}).Server(p, port)
	if mode != mesh.ServerStrict {
		switch {
		case mode == mesh.ServerUnknown:
			d.comment(fmt.Sprintf("whether port %d takes plain text is not known: %s", port, by.Reason))
		case mode == mesh.ServerNoProxy && t.sidecars():
			d.comment("plain text gets there: " + by.Reason)
		}
		return
	}
	decides := by.Reason
	if by.Object.Name != "" {
		decides = by.Object.String()
	}
	d.comment(fmt.Sprintf("port %d takes mutual TLS only (%s); other ways are --mtls certs, or a PodMonitor that asks the proxy", port, decides))
	t.annotate(d, fmt.Sprintf("Prometheus speaks plain text: the proxy has to let port %d alone, which takes it out of the mesh's policies too", port), func(w *model.Workload) map[string]any {
		excluded := fmt.Sprint(port)
		if before := w.Template.Annotations[excludeInbound]; before != "" {
			excluded = before + "," + excluded
		}
		return map[string]any{excludeInbound: excluded}
	})
}

// annotate is the step that gives the pods of each workload annotations.
func (t *Target) annotate(d *Draft, why string, notes func(*model.Workload) map[string]any) {
	for _, w := range t.Workloads {
		change := map[string]any{"spec": map[string]any{"template": map[string]any{"metadata": map[string]any{"annotations": notes(w)}}}}
		d.Steps = append(d.Steps, Step{Why: why, Command: fmt.Sprintf("kubectl patch %s -n %s -p '%s'", w.Ref.Short(), w.Ref.Namespace, jsonOf(change))})
	}
}
