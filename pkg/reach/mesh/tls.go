// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// Result is what comes of what the client starts and the server takes.
type Result string

// The results. AppTLS is TLS that the application itself has to end.
const (
	ResultUnknown Result = "unknown"
	Mutual        Result = "mutual"
	Plain         Result = "plaintext"
	AppTLS        Result = "the application's TLS"
	Fail          Result = "fail"
)

// TLS is how client and server agree on TLS.
type TLS struct {
	Client ClientMode
	Server ServerMode
	// Result is unknown where it may be one or another.
	Result   Result
	ClientBy verdict.Decider
	ServerBy verdict.Decider
}

// table is what comes of a client's and a server's mode, where both have a
// sidecar or none. What is not confirmed by Istio's documentation and tests
// is in inferred.
var table = map[ClientMode]map[ServerMode]Result{
	ClientAuto:    {ServerStrict: Mutual, ServerPermissive: Mutual, ServerDisable: Plain, ServerNoProxy: Plain},
	ClientIstio:   {ServerStrict: Mutual, ServerPermissive: Mutual, ServerDisable: Fail, ServerNoProxy: Fail},
	ClientDisable: {ServerStrict: Fail, ServerPermissive: Plain, ServerDisable: Plain, ServerNoProxy: Plain},
	ClientSimple:  {ServerStrict: Fail, ServerPermissive: AppTLS, ServerDisable: AppTLS, ServerNoProxy: AppTLS},
	ClientMutual:  {ServerStrict: ResultUnknown, ServerPermissive: ResultUnknown, ServerDisable: AppTLS, ServerNoProxy: AppTLS},
	ClientNoProxy: {ServerStrict: Fail, ServerPermissive: Plain, ServerDisable: Plain, ServerNoProxy: Plain},
}

func inferred(c ClientMode, s ServerMode) bool {
	return c == ClientIstio && s == ServerDisable || c == ClientSimple || c == ClientMutual
}

// TLS tells what the client starts, what the server takes and what comes of it.
// With a gateway on the way it is about the gateway and the server.
func (e *Engine) TLS(r Request) (TLS, verdict.Hop) {
	hop := verdict.Hop{Number: verdict.MTLS, Name: "mTLS"}
	choices := e.choices(r)
	server, by := e.Server(r.To, r.Port)
	out := TLS{Client: choices[0].mode, Server: server, Result: ResultUnknown, ClientBy: choices[0].by, ServerBy: by}
	if len(choices) > 1 {
		out.Client = ClientUnknown
		out.ClientBy = verdict.Decider{Reason: choices[1].by.Reason}
	}
	if e.edge(r.To, r.Port) {
		out.Server, out.ServerBy = ServerGateway, verdict.Decider{Reason: edgeTLS}
		hop.Reason = edgeTLS
		return out, hop
	}
	if why := e.probed(r); why != "" {
		out.Result = Plain
		hop.Verdict, hop.Decider = verdict.Allow, verdict.Decider{Reason: why}
		return out, hop
	}
	var results []Result
	for _, c := range choices {
		for _, s := range e.servers(r, server) {
			if e.mayMeet(r, c, s) {
				results = append(results, e.results(r, c, s)...)
			}
		}
	}
	slices.Sort(results)
	results = slices.Compact(results)
	if len(results) == 1 {
		out.Result = results[0]
	}
	e.judge(&hop, out, results)
	e.doubtTLS(&hop, r)
	if inferred(out.Client, out.Server) {
		hop.Notes = append(hop.Notes, fmt.Sprintf("%s towards %s is inferred, not confirmed", out.Client, out.Server))
	}
	return out, hop
}

// servers are the modes that the server may have.
func (e *Engine) servers(r Request, mode ServerMode) []ServerMode {
	if mode != ServerUnknown {
		return []ServerMode{mode}
	}
	configured, _ := e.configured(r.To, r.Port)
	out := []ServerMode{configured}
	if configured == ServerUnknown {
		out = []ServerMode{ServerStrict, ServerPermissive, ServerDisable}
	}
	if d, _ := e.Dataplane(r.To); d == model.DataplaneUnknown {
		out = append(out, ServerNoProxy)
	}
	return out
}

// tunnelLabel is on the pods whose sidecar takes HBONE from ztunnel.
const tunnelLabel = "networking.istio.io/tunnel"

// results are what may come of a client's choice and a server's mode.
func (e *Engine) results(r Request, c clientChoice, s ServerMode) []Result {
	plain := table[ClientDisable][s]
	to, _ := e.Dataplane(r.To)
	switch {
	case s == ServerNoProxy && c.mode == ClientAmbient:
		return []Result{Plain}
	case c.mode == ClientAmbient && to == model.AmbientProxy:
		return []Result{Mutual}
	case c.mode == ClientAmbient && r.To.Labels[tunnelLabel] == "http":
		return []Result{Mutual}
	case c.mode == ClientAmbient && r.To.Pod.Value != nil:
		return []Result{plain}
	case c.mode == ClientAmbient:
		return []Result{Mutual, plain}
	case c.mode == ClientUnknown:
		return []Result{Mutual, Plain, Fail}
	case c.mode != ClientNoProxy && to == model.AmbientProxy:
		return hbone(r, c, s)
	case c.bare:
		return []Result{plain}
	}
	return []Result{table[c.mode][s]}
}

// hbone are the results of a client with a sidecar towards a pod in ambient
// mode: such a proxy sends HBONE if it was injected to do so.
func hbone(r Request, c clientChoice, s ServerMode) []Result {
	client := r.From
	if r.Via != nil {
		client = *r.Via
	}
	without := table[ClientDisable][s]
	switch c.mode {
	case ClientIstio:
		without = Fail
	case ClientSimple, ClientMutual:
		without = AppTLS
	}
	switch {
	case sendsHBONE(client):
		return []Result{Mutual}
	case client.Pod.Value != nil:
		return []Result{without}
	}
	return []Result{Mutual, without}
}

func sendsHBONE(p model.Peer) bool {
	if p.Spec == nil {
		return false
	}
	return slices.ContainsFunc(slices.Concat(p.Spec.InitContainers, p.Spec.Containers), func(c corev1.Container) bool {
		return c.Name == "istio-proxy" && slices.ContainsFunc(c.Env, func(v corev1.EnvVar) bool {
			return v.Name == "ISTIO_META_ENABLE_HBONE" && v.Value == "true"
		})
	})
}

// judge turns the results into the answer of the hop.
func (e *Engine) judge(hop *verdict.Hop, t TLS, results []Result) {
	hop.Verdict = verdict.Allow
	for _, r := range results {
		if r != Mutual && r != Plain {
			hop.Verdict = verdict.Unknown
		}
	}
	if slices.Equal(results, []Result{Fail}) {
		hop.Verdict = verdict.Deny
	}
	hop.Decider = t.ServerBy
	if t.ClientBy.Object != (ref.Ref{}) && t.Client != ClientAuto {
		hop.Decider = t.ClientBy
	}
	hop.Reason = fmt.Sprintf("%s: %s; server %s", clientWords(t), resultWords(t, hop.Verdict), serverWords(t))
	switch {
	case hop.Verdict == verdict.Deny && t.ServerBy.Object != (ref.Ref{}):
		hop.Decider.Object, hop.Decider.Pointer, hop.Decider.Where = t.ServerBy.Object, t.ServerBy.Pointer, t.ServerBy.Where
		hop.ID, hop.Fix = "KM9035", "give the caller a proxy, or let the server be PERMISSIVE"
		if t.ClientBy.Object != (ref.Ref{}) {
			hop.Decider.Object, hop.Decider.Pointer, hop.Decider.Where = t.ClientBy.Object, t.ClientBy.Pointer, t.ClientBy.Where
			hop.ID, hop.Fix = "KM9004", "drop the tls settings of the DestinationRule"
		}
	case hop.Verdict == verdict.Deny:
		hop.ID, hop.Fix = "KM9004", "drop the tls settings of the DestinationRule"
	case hop.Verdict == verdict.Unknown && slices.Contains(results, AppTLS):
		hop.Notes = append(hop.Notes, "whether the application ends the client's TLS is in no object")
	}
	if t.Client == ClientNoProxy || t.Client == ClientUnknown {
		hop.Notes = append(hop.Notes, "client: "+t.ClientBy.Reason)
	}
	if t.Server == ServerUnknown {
		hop.Notes = append(hop.Notes, "server: "+t.ServerBy.Reason)
	}
}

func clientWords(t TLS) string {
	if t.Client == ClientUnknown {
		return "client unknown"
	}
	return string(t.Client)
}

// resultWords is what comes of it. Where that is unknown and gets through, both of
// what it may be do.
func resultWords(t TLS, v verdict.Verdict) string {
	if t.Result == ResultUnknown && v == verdict.Allow {
		return "mutual or plaintext, both get through"
	}
	return string(t.Result)
}

func serverWords(t TLS) string {
	if t.ServerBy.Reason == "" {
		return string(t.Server)
	}
	return fmt.Sprintf("%s (%s)", t.Server, t.ServerBy.Reason)
}
