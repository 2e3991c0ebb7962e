// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package promtest

import "time"

// Peers of the shop, one pod each but for the gateway.
var (
	ingress   = peer{"istio-ingress", "shared-istio", "shared-istio-7f9d6c5b8-2xk4q"}
	gatewayA  = peer{"shop", "api-gateway", "api-gateway-6d4b75cb6d-hkxp4"}
	gatewayB  = peer{"shop", "api-gateway", "api-gateway-6d4b75cb6d-w7tzq"}
	usersV1   = peer{"shop", "user-service-v1", "user-service-v1-5c7b9f8d6-kq2mz"}
	usersV2   = peer{"shop", "user-service-v2", "user-service-v2-8f6d5b7c9-t4hxn"}
	orders    = peer{"shop", "order-service", "order-service-79c8b6d4f5-mm9pl"}
	catalog   = peer{"shop", "catalog-service", "catalog-service-64b8d7c9f-zv5jd"}
	noOrders  = peer{"shop", nobody, ""}
	ledger    = peer{"payments", "ledger", "ledger-5b7d9c8f6-x8w2k"}
	batch     = peer{"payments", "batch", "batch-6c8f7d9b5-p3n7q"}
	indexer   = peer{"data", "indexer", "indexer-7d9b8c6f5-g6h4t"}
	search    = peer{"data", "search", "search-5f8c7b9d6-c2q9v"}
	audit     = peer{"data", "audit", "audit-6b9d8f7c5-n5k8w"}
	reports   = peer{"data", "reports", "reports-8c7f6d9b5-j7m3x"}
	mailerOld = peer{"data", "mailer", "mailer-5d7c8b9f6-aaaaa"}
	mailerNew = peer{"data", "mailer", "mailer-6f9b7d8c5-bbbbb"}
	product   = peer{"bookinfo", "productpage", "productpage-7c6d8f9b5-d8p2r"}
)

// Instants of the shop's last hour.
var (
	// IncidentBegins and IncidentEnds bound the ten minutes in which half of all
	// requests to data/reports failed.
	IncidentBegins, IncidentEnds = Now.Add(-30 * time.Minute), Now.Add(-20 * time.Minute)
	// Restarted is when the counters of the ingress gateway and of one pod of
	// shop/api-gateway began at 0 again.
	Restarted = Now.Add(-3 * time.Minute)
	// Replaced is when the last scrape saw the old pod of data/mailer.
	Replaced = Now.Add(-2 * time.Minute)
)

// Shop is the last hour of a mesh, scraped every 15 seconds: the services of
// examples/shop and examples/shop-by-hand in namespace shop, and others around
// them. "Client" is what the caller's proxy saw, "server" that of the called one.
// Every rate is a second and holds for the whole hour unless said otherwise.
// Quantiles are those of Prometheus: interpolated in Envoy's buckets.
//
//	service           rps    success    p50 p95 p99 in ms, client (bucket)      p50 p99, server
//	shop
//	  api-gateway      60    100 %      75 97.5 99.5 (50-100)                   37.5 49.75 (25-50)
//	                         5 % are 404; counters were reset at Restarted
//	  user-service     50    99.60 %    38.5870 343.75 468.75                   18.1522 468.75
//	    v1             46    100 %      37.5 48.75 49.75 (25-50)                17.5 24.85 (10-25)
//	    v2              4    95.00 %    375 487.5 497.5 (250-500)               the same; 0.2 rps are 503
//	  order-service    20    90.00 %    72.2222 97.2222 99.4444                 37.5 49.75 (25-50)
//	                         2 rps are connection failures (UF, code 0, no workload) that the server never saw:
//	                         18 rps and 100 % there
//	  catalog-service  20    80.00 %    7.5 9.75 9.95 (5-10)                    3 4.96 (1-5)
//	                         gRPC: 4 rps are UNAVAILABLE (14) with HTTP 200
//	payments
//	  ledger            8    100 %      5 rps seen by client and waypoint, 3 by the waypoint alone;
//	                         client 17.5 24.85 (10-25), waypoint 7.5 9.95 (5-10)
//	data
//	  search         5000    99.996 %   0.75 0.975 0.995 (0.5-1); 0.2 rps are 503
//	  audit             0    no data    its series exist and stand still
//	  reports          10    100 %      75 97.5 99.5 (50-100); 50 % from IncidentBegins to IncidentEnds
//	  mailer            6    100 %      its pod was replaced at Replaced, and no scrape saw both: the rate
//	                         over 5 minutes is extrapolated, 6.15 instead of 6
//	  users-db        TCP    2000 B/s sent and 80000 B/s received by the client, which alone reports
//	bookinfo
//	  reviews-v1        1    100 %      names that are regular expressions, and one that begins like another
//	  reviews-v10       7    100 %
//	  reviews.v1        3    100 %
//
// Edges of shop, in rps: istio-ingress/shared-istio to api-gateway 60; api-gateway
// to user-service 40 (36 v1, 4 v2), order-service 20, catalog-service 12;
// order-service to user-service 10 (v1), catalog-service 8, payments/ledger 5,
// data/audit 0. There are no series of shop/shop-ingress, the gateway of
// shop-by-hand.
func Shop() History {
	h := NewHistory(time.Hour, defaultInterval)
	for _, calls := range [][]call{callsOfShop(), callsOfPayments(), callsOfData(), callsOfReviews()} {
		for _, c := range calls {
			c.add(h)
		}
	}
	database(h)
	return *h
}

func callsOfShop() []call {
	slow := All(300)
	return []call{
		// The client is one pod, the server two, each with half of it.
		{from: ingress, to: gatewayA, service: "api-gateway", flow: Steady(57).Restart(Restarted), source: All(80)},
		{from: ingress, to: gatewayA, service: "api-gateway", code: "404", flow: Steady(3).Restart(Restarted), source: All(80)},
		{from: ingress, to: gatewayA, service: "api-gateway", flow: Steady(28.5), destination: All(40)},
		{from: ingress, to: gatewayA, service: "api-gateway", code: "404", flow: Steady(1.5), destination: All(40)},
		{from: ingress, to: gatewayB, service: "api-gateway", flow: Steady(28.5).Restart(Restarted), destination: All(40)},
		{from: ingress, to: gatewayB, service: "api-gateway", code: "404", flow: Steady(1.5).Restart(Restarted), destination: All(40)},

		{from: gatewayA, to: usersV1, service: "user-service", flow: Steady(36), source: All(30), destination: All(20)},
		{from: gatewayA, to: usersV2, service: "user-service", version: "v2", flow: Steady(3.8), source: slow, destination: slow},
		{from: gatewayA, to: usersV2, service: "user-service", version: "v2", code: "503", flow: Steady(0.2), source: slow, destination: slow},
		{from: orders, to: usersV1, service: "user-service", flow: Steady(10), source: All(30), destination: All(20)},

		{from: gatewayA, to: orders, service: "order-service", flow: Steady(18), source: All(60), destination: All(40)},
		{from: gatewayA, to: noOrders, service: "order-service", code: "0", flags: "UF", flow: Steady(2), source: All(0.8)},

		{from: gatewayA, to: catalog, service: "catalog-service", protocol: "grpc", grpc: "0", flow: Steady(9.6), source: All(8), destination: All(4)},
		{from: gatewayA, to: catalog, service: "catalog-service", protocol: "grpc", grpc: "14", flow: Steady(2.4), source: All(8), destination: All(4)},
		{from: orders, to: catalog, service: "catalog-service", protocol: "grpc", grpc: "0", flow: Steady(6.4), source: All(8), destination: All(4)},
		{from: orders, to: catalog, service: "catalog-service", protocol: "grpc", grpc: "14", flow: Steady(1.6), source: All(8), destination: All(4)},
	}
}

func callsOfPayments() []call {
	return []call{
		{from: orders, to: ledger, service: "ledger", flow: Steady(5), source: All(12), waypoint: All(7)},
		// A client without a proxy of its own.
		{from: batch, to: ledger, service: "ledger", flow: Steady(3), waypoint: All(7)},
	}
}

func callsOfData() []call {
	quick, slow := All(0.8), All(60)
	return []call{
		{from: indexer, to: search, service: "search", flow: Steady(4999.8), source: quick, destination: quick},
		{from: indexer, to: search, service: "search", code: "503", flow: Steady(0.2), source: quick, destination: quick},

		{from: orders, to: audit, service: "audit", flow: Steady(0), source: slow, destination: slow},

		{
			from: indexer, to: reports, service: "reports", flow: Steady(10).Then(IncidentBegins, 5).Then(IncidentEnds, 10),
			source: slow, destination: slow,
		},
		{
			from: indexer, to: reports, service: "reports", code: "503", flow: Steady(0).Then(IncidentBegins, 5).Then(IncidentEnds, 0),
			source: slow, destination: slow,
		},

		{
			from: indexer, to: mailerOld, service: "mailer", flow: Steady(6), destination: slow,
			spans: []Span{{To: Replaced}},
		},
		{
			from: indexer, to: mailerNew, service: "mailer", flow: Steady(6).Restart(Replaced), destination: slow,
			spans: []Span{{From: Replaced.Add(defaultInterval)}},
		},
	}
}

func callsOfReviews() []call {
	var calls []call
	for name, rate := range map[string]float64{"reviews-v1": 1, "reviews-v10": 7, "reviews.v1": 3} {
		calls = append(calls, call{
			from: product, to: peer{"bookinfo", name, name + "-6b8f7c9d5-s4t6u"}, service: name,
			flow: Steady(rate), source: All(60), destination: All(40),
		})
	}
	return calls
}

// database adds TCP. Istio counts bytes as the server does: what it received is
// what the client sent.
func database(h *History) {
	l := call{from: usersV1, to: peer{"data", "users-db", ""}, service: "users-db", protocol: "tcp", version: "latest"}.labels("source", usersV1)
	delete(l, "response_code") // TCP has none
	h.Counter("istio_tcp_received_bytes_total", l, Steady(2000))
	h.Counter("istio_tcp_sent_bytes_total", l, Steady(80_000))
	h.Counter("istio_tcp_connections_opened_total", l, Steady(0.2))
	h.Counter("istio_tcp_connections_closed_total", l, Steady(0.2))
}
