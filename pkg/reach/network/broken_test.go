// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network_test

import (
	"testing"
)

// TestBroken checks that what is wrong in one rule leaves the others in force.
func TestBroken(t *testing.T) {
	good := ", {ports: [{port: 1}]}]}"
	front := want{"ops/front -> shop/back": "none unknown", "ops/front -> shop/back 1": "none allow"}
	cases := map[string]scenario{
		"selector of the subject": {
			policies: np("{podSelector: {matchExpressions: [{key: a, operator: Near}]}, ingress: []}"),
			want:     want{"ops/front -> shop/back": "none unknown", "shop/back -> ops/front": "none none"},
		},
		"a broken peer does not open other ports": {
			policies: np("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: x}}], ports: [{port: 8080}]}]}"),
			want:     want{"ops/front -> shop/back": "none unknown", "ops/front -> shop/back 9": "none deny"},
		},
	}
	for name, rule := range map[string]string{
		"CIDR":                        "from: [{ipBlock: {cidr: 10.0.0.0/33}}]",
		"except":                      "from: [{ipBlock: {cidr: 10.0.0.0/8, except: [x]}}]",
		"except outside":              "from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}]",
		"selector":                    "from: [{podSelector: {matchExpressions: [{key: a, operator: In}]}}]",
		"namespaces":                  "from: [{namespaceSelector: {matchLabels: {'a b': x}}}]",
		"empty peer":                  "from: [{}]",
		"peer of two sorts":           "from: [{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}]",
		"protocol":                    "ports: [{protocol: HTTP, port: 80}]",
		"port":                        "ports: [{port: 70000}]",
		"port name":                   "ports: [{port: '80'}]",
		"end before start":            "ports: [{port: 80, endPort: 79}]",
		"end without start":           "ports: [{endPort: 79}]",
		"end of a name":               "ports: [{port: web, endPort: 79}]",
		"besides a peer that matches": "from: [{namespaceSelector: {}}, {ipBlock: {cidr: x}}]",
	} {
		cases[name] = scenario{policies: np("{podSelector: {}, ingress: [{" + rule + "}" + good), want: front}
	}
	check(t, cases)
}
