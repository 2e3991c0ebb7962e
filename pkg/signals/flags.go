// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

import "strings"

// flags are Envoy's response flags in plain words, after its documentation
// (configuration/observability/access_log/usage, "response flags"), said shortly
// enough for one line of a table.
var flags = map[string]string{
	"UH":    "no healthy upstream",
	"UF":    "connection to the upstream failed",
	"UO":    "circuit breaker open",
	"NR":    "no route",
	"NC":    "upstream cluster not found",
	"URX":   "retries or connection attempts exhausted",
	"UC":    "upstream closed the connection",
	"UR":    "upstream reset the stream",
	"UT":    "upstream timed out",
	"UPE":   "upstream broke the protocol",
	"UMSDR": "upstream stream lasted too long",
	"DC":    "client closed the connection",
	"DR":    "client reset the stream",
	"DPE":   "client broke the protocol",
	"DT":    "request or connection lasted too long",
	"DF":    "name of the upstream not resolved",
	"DI":    "delayed by an injected fault",
	"FI":    "aborted by an injected fault",
	"RL":    "rate limited by the proxy",
	"RLSE":  "rate limit service failed",
	"UAEX":  "denied by authorization",
	"IH":    "invalid request header",
	"SI":    "stream was idle too long",
	"LH":    "local health check failed",
	"LR":    "connection reset by the proxy",
	"OM":    "proxy overloaded",
	"DO":    "dropped because of overload",
	"UDO":   "dropped by a drop overload of 100%",
	"NFCF":  "filter configuration missing",
	"RFCF":  "answered from the cache",
}

// ExplainFlags returns the response flags of a request in plain words, joined by
// commas; a flag that is not known stands for itself, and none ("-") is "".
func ExplainFlags(s string) string {
	if s == "" || s == "-" {
		return ""
	}
	var words []string
	for flag := range strings.SplitSeq(s, ",") {
		if text, ok := flags[flag]; ok {
			flag = text
		}
		words = append(words, flag)
	}
	return strings.Join(words, ", ")
}
