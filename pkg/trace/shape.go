// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"regexp"
	"strconv"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// Path returns an answer in the shape that is printed.
func Path(a reach.Answer) api.Path {
	out := api.Path{
		TypeMeta: api.Type("Path"), Verdict: a.Verdict.String(), From: end(a.From), To: end(a.To),
		Request: api.PathRequest{
			Method: a.Request.Method, Path: a.Request.Path, Host: a.Request.Host, Headers: a.Request.Headers, Claims: a.Request.Claims,
			FromIP: a.Request.FromIP, Protocol: string(a.Request.Protocol), Port: a.Request.Port, Plaintext: a.Request.Plaintext,
		},
		Hops: hops(a.Hops), Groups: []api.PathGroup{}, Unknowns: list(a.Unknowns), Nearest: misses(a.Nearest), Notes: a.Notes,
		Open: list(a.Open()),
	}
	for _, g := range a.Groups {
		out.Groups = append(out.Groups, api.PathGroup{
			Name: g.Text, From: list(g.From), To: list(g.To), Port: g.Port, Verdict: g.Verdict.String(), Hops: hops(g.Hops),
		})
	}
	return out
}

func end(e reach.End) api.PathEnd {
	return api.PathEnd{Name: e.Text, Object: Object(e.Object), Pods: len(e.Peers)}
}

func hops(all []verdict.Hop) []api.PathHop {
	out := []api.PathHop{}
	for _, h := range all {
		out = append(out, api.PathHop{
			Hop: int(h.Number), Name: h.Name, Verdict: h.Verdict.String(), Decider: Decider(h.Decider), Only: h.Only,
			ID: h.ID, Notes: h.Notes, Fix: h.Fix, Near: misses(h.Nearest),
		})
	}
	return out
}

func misses(all []verdict.Miss) []api.PathMiss {
	out := []api.PathMiss{}
	for _, m := range near(all) {
		out = append(out, api.PathMiss{Decider: Decider(m.Decider), Wants: list(m.Wants), Has: list(m.Has)})
	}
	return out
}

// Decider returns who decides in the shape that is printed.
func Decider(d verdict.Decider) api.Decider {
	out := api.Decider{Object: Object(d.Object), Field: d.Pointer, Rule: d.Rule, Reason: d.Reason}
	out.File, out.Line = place(d.Where)
	return out
}

// Object returns a reference in the shape that is printed; nil for the zero Ref.
func Object(r ref.Ref) *api.ObjectRef {
	if r == (ref.Ref{}) {
		return nil
	}
	return &api.ObjectRef{APIVersion: r.APIVersion(), Kind: r.Kind, Namespace: r.Namespace, Name: r.Name}
}

// inFile is a file with a line, and a column as a rule.
var inFile = regexp.MustCompile(`^(\S+?):(\d+)(?::\d+)?$`)

// place splits "file:line:column"; of a live object there is no file.
func place(where string) (file string, line int) {
	m := inFile.FindStringSubmatch(where)
	if m == nil {
		return "", 0
	}
	line, _ = strconv.Atoi(m[2])
	return m[1], line
}

// list makes a list that is empty one that is printed as such.
func list(words []string) []string {
	if words == nil {
		return []string{}
	}
	return words
}
