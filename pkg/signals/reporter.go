// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// Reporter is who measured a request. Two proxies and a waypoint may each have
// seen it, and adding them up counts it again.
type Reporter string

// The reporters: the caller's proxy, the called one's, the waypoint between them,
// and an application that measures itself.
const (
	BySource      Reporter = "source"
	ByDestination Reporter = "destination"
	ByWaypoint    Reporter = "waypoint"
	ByApplication Reporter = "application"
)

// View is whose experience is asked for.
type View string

// The views. A request that never reached the server exists in the client's only.
const (
	Client View = "client"
	Server View = "server"
)

// ParseView reads a view.
func ParseView(s string) (View, error) {
	switch v := View(s); v {
	case Client, Server:
		return v, nil
	}
	return "", fault.Usagef("no view %q: expected client or server", s).Try("--view client")
}

// order is who is believed first.
func (v View) order() []Reporter {
	if v == Server {
		return []Reporter{ByDestination, ByWaypoint, BySource, ByApplication}
	}
	return []Reporter{BySource, ByWaypoint, ByDestination, ByApplication}
}

// edge is what reporters have to agree on: one of them is chosen per edge. It
// leaves out the workload called, because a request that found none (UH, NR)
// belongs to the same edge, and the family, because in an ambient mesh the proxy
// that sees bytes is not the one that sees requests.
type edge struct {
	sourceNamespace, source, namespace, service string
	tcp                                         bool
}

// seen is what the reporters of one edge have measured.
type seen map[Reporter]float64

// choose returns the first reporter of the view that saw anything, or the first
// at all if everybody saw nothing: a caller's proxy that has just been removed
// leaves a series at 0 which must not hide what the server still measures.
func (v View) choose(s seen) Reporter {
	for _, r := range v.order() {
		if s[r] > 0 {
			return r
		}
	}
	for _, r := range v.order() {
		if _, ok := s[r]; ok {
			return r
		}
	}
	// A reporter that nobody knows: the one that comes first by name.
	var rest []Reporter
	for r := range s {
		rest = append(rest, r)
	}
	if len(rest) == 0 {
		return ""
	}
	return slices.Min(rest)
}
