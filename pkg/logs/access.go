// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs

import (
	"strconv"
	"strings"
)

// access is a line of an access log: Envoy's default text format
// (https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage),
// with what Istio adds to it, and the common log format of web servers.
type access struct {
	time                   string
	method, path, protocol string
	code                   int
	// rest is what follows the code.
	rest string
	// envoy says that a time in brackets comes first.
	envoy bool
}

// accessLine reads a line of an access log. The request in quotes with the code
// behind it is what all of them have in common.
func accessLine(text string) (a access, ok bool) {
	open := strings.IndexByte(text, '"')
	if open < 0 || strings.IndexByte(text[:open], ']') < 0 { // both put a time in brackets before it
		return a, false
	}
	request := text[open+1:]
	end := strings.IndexByte(request, '"')
	if end < 0 {
		return a, false
	}
	rest := strings.TrimPrefix(request[end+1:], " ")
	request = request[:end]
	word, rest, _ := strings.Cut(rest, " ")
	if a.code, ok = statusCode(word); !ok {
		return a, false
	}
	a.rest = rest
	if a.method, a.path, ok = strings.Cut(request, " "); !ok {
		return a, request == "-" || request == "- - -" // a connection without a request
	}
	if i := strings.LastIndexByte(a.path, ' '); i >= 0 {
		a.path, a.protocol = a.path[:i], a.path[i+1:]
	}
	from, to := strings.IndexByte(text, '['), strings.IndexByte(text, ']')
	if from < 0 || from > to {
		return a, false
	}
	a.time, a.envoy = text[from+1:to], from == 0
	return a, a.method == "-" || strings.ToUpper(a.method) == a.method && letter(firstByte(a.method))
}

func firstByte(s string) byte {
	if s == "" {
		return 0
	}
	return s[0]
}

// statusCode reads three digits, or Envoy's 0.
func statusCode(word string) (int, bool) {
	n, err := strconv.Atoi(word)
	return n, err == nil && (word == "0" || len(word) == 3 && n >= 100)
}

// The fields behind the code in Envoy's default format, and in Istio's, which
// puts three before the sizes and some at the end; "" is skipped.
var (
	envoyFields = []string{
		"response_flags", "bytes_received", "bytes_sent", "duration", "upstream_service_time",
		"x_forwarded_for", "user_agent", "request_id", "authority", "upstream_host",
	}
	istioFields = []string{
		"response_flags", "response_code_details", "connection_termination_details", "upstream_transport_failure_reason",
		"bytes_received", "bytes_sent", "duration", "upstream_service_time",
		"x_forwarded_for", "user_agent", "request_id", "authority", "upstream_host",
		"upstream_cluster", "upstream_local_address", "downstream_local_address", "downstream_remote_address",
		"requested_server_name", "route_name",
	}
)

// record turns the line into fields, under the names of Istio's JSON access log.
func (a access) record() Record {
	r := Record{Format: Access, Time: a.time, Level: levelOfStatus(a.code)}
	r.Message = strings.TrimSpace(a.method + " " + a.path)
	add := func(key, value string, raw bool) {
		if value != "" && value != "-" {
			r.Fields = append(r.Fields, Field{key, value, raw})
		}
	}
	add("method", a.method, false)
	add("path", a.path, false)
	add("protocol", a.protocol, false)
	add("response_code", strconv.Itoa(a.code), true)
	words := quotedWords(a.rest)
	names := envoyFields
	switch {
	case !a.envoy && len(words) > 0:
		names = []string{"bytes_sent", "referer", "user_agent"}
	case len(words) >= len(istioFields)-2:
		names = istioFields
	}
	for i, name := range names[:min(len(names), len(words))] {
		add(name, words[i], isNumber(words[i]))
	}
	return r
}

// quotedWords splits at blanks, but not within quotes, which it takes off.
func quotedWords(text string) []string {
	var out []string
	for text = strings.TrimLeft(text, " "); text != ""; text = strings.TrimLeft(text, " ") {
		end := strings.IndexByte(text, ' ')
		if text[0] == '"' {
			if n := strings.IndexByte(text[1:], '"'); n >= 0 {
				out = append(out, text[1:1+n])
				text = text[n+2:]
				continue
			}
		}
		if end < 0 {
			end = len(text)
		}
		out = append(out, text[:end])
		text = text[end:]
	}
	return out
}
