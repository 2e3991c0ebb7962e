// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package habits

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM8560", Slug: "short-connections", Severity: finding.Info, Hygiene: true,
	Short: "Connections end after a few requests",
	Why: `maxRequestsPerConnection ends a connection after so many requests: a new one, with a handshake of TLS, for each
few. With HTTP/2 and gRPC, which put all requests on one connection, it costs most. It limits no load: maxConnections,
http1MaxPendingRequests and http2MaxRequests do.`,
	Fix:       "Remove it, unless the program cannot keep a connection open.",
	Reference: "https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings-HTTPSettings",
	Needs:     []*model.Kind{model.DestinationRules.Kind},
	Check: func(w *rules.World, emit rules.Emit) {
		for _, o := range slices.Concat(w.OfKind(model.DestinationRules.GroupKind), w.Shadowed()) {
			if o.Ref.GroupKind() != model.DestinationRules.GroupKind {
				continue
			}
			value, err := patch.Get(o.Raw(), few)
			n, is := value.(int64)
			if err == nil && is && n > 0 && n <= fewRequests {
				emit(o, few, "a connection ends after every %d requests, and the next one begins with a handshake", n).Hint = "remove maxRequestsPerConnection"
			}
		}
	},
	Repair: func(_ *rules.World, r rules.Result) []rules.Fix {
		return []rules.Fix{rules.Change(rules.Review, "remove maxRequestsPerConnection", r.On, patch.Op{Op: patch.Remove, Path: r.Pointer})}
	},
})

const (
	few = "/spec/trafficPolicy/connectionPool/http/maxRequestsPerConnection"
	// fewRequests is what no handshake is worth.
	fewRequests = 100
)
