// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package promtest

// Odd is half an hour of a mesh in which sums are not what they seem:
//
//	cart       10 rps to Service cart-new, which has the pods of Service cart: the proxy of
//	           web says cart-new, that of cart says cart
//	mail       3 rps to a host outside, answered with 200 by no workload of the mesh
//	search     8 rps from two pods of web whose buckets have different bounds: all take
//	           60 ms, and Prometheus finds a p99 of 10 s
//	user       6 rps to user-v1, 4 rps to user-v2, and 1 rps that reached neither (UH)
func Odd() History {
	h := NewHistory(lately, defaultInterval)
	var (
		web, webNew    = peer{"shop", "web", "web-6d4b75cb6d-aaaaa"}, peer{"shop", "web", "web-7f5c86dc7e-bbbbb"}
		cart           = peer{"shop", "cart", "cart-5c7b9f8d6-ccccc"}
		userV1, userV2 = peer{"shop", "user-v1", "user-v1-64b8d7c9f-ddddd"}, peer{"shop", "user-v2", "user-v2-79c8b6d4f-eeeee"}
		outside        = peer{"shop", nobody, ""}
	)
	for _, c := range []call{
		{from: web, to: cart, service: "cart-new", flow: Steady(10), source: All(20)},
		{from: web, to: cart, service: "cart", flow: Steady(10), destination: All(20)},
		{from: web, to: outside, service: "mail.example.com", flow: Steady(3), source: All(20)},
		{from: web, to: userV1, service: "user", flow: Steady(6), source: All(20)},
		{from: web, to: userV2, service: "user", version: "v2", flow: Steady(4), source: All(20)},
		{from: web, to: outside, service: "user", code: "503", flags: "UH", flow: Steady(1), source: All(1)},
	} {
		c.add(h)
	}
	for by, bounds := range map[peer][]float64{web: {50, 100, 10_000}, webNew: {20, 200, 2000}} {
		l := call{from: by, to: peer{"shop", "search", "search-8c7f6d9b5-fffff"}, service: "search"}.labels("source", by)
		h.Counter("istio_requests_total", l, Steady(4))
		h.Histogram("istio_request_duration_milliseconds", l, bounds, Steady(4), All(60))
	}
	return *h
}
