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
	time string
	// request is as it is written.
	request string
	code    int
	// rest is what follows the code.
	rest string
	// envoy says that a time in brackets comes first.
	envoy bool
}

// accessLine reads a line of an access log: a date in brackets, then the request in
// quotes with the code behind it is what all of them have in common. Whatever was
// sent is a request: "-" where nothing was, bytes of TLS to a port without it.
func accessLine(text string) (a access, ok bool) {
	open := strings.IndexByte(text, '"')
	if open < 0 {
		return a, false
	}
	from, to := datedBracket(text[:open])
	if to < 0 || skipSpace(text, to+1) < open && detectPlain(text[to+1:open]) != Unknown { // a sentence with a request in it
		return a, false
	}
	end, closed := skipString(text, open)
	if !closed {
		return a, false
	}
	word, rest, _ := strings.Cut(strings.TrimPrefix(text[end:], " "), " ")
	if a.code, ok = statusCode(word); !ok {
		return a, false
	}
	a.time, a.envoy, a.rest = text[from+1:to], from == 0, rest
	a.request = text[open+1 : end-1]
	return a, true
}

// requestLine splits "GET /orders HTTP/1.1"; HTTP/0.9 names no protocol. What is
// no request of HTTP has no parts.
func requestLine(request string) (method, path, protocol string) {
	method, path, ok := strings.Cut(request, " ")
	if !ok || path == "" || method == "" {
		return "", "", ""
	}
	for i := range len(method) {
		if !letter(method[i]) && method[i] != '-' && method[i] != '_' || 'a' <= method[i] && method[i] <= 'z' {
			return "", "", ""
		}
	}
	if i := strings.LastIndexByte(path, ' '); i >= 0 && (path[i+1:] == "-" || strings.HasPrefix(path[i+1:], "HTTP/")) {
		path, protocol = path[:i], path[i+1:]
	}
	return method, path, protocol
}

// datedBracket finds the first brackets that hold a date; to is negative where none do.
func datedBracket(text string) (from, to int) {
	for at := 0; ; {
		from = strings.IndexByte(text[at:], '[')
		if from < 0 {
			return 0, -1
		}
		from += at
		length := strings.IndexByte(text[from:], ']')
		if length < 0 {
			return 0, -1
		}
		if dated(text[from+1 : from+length]) {
			return from, from + length
		}
		at = from + 1
	}
}

// dated reports whether a text begins with a date: 2026-03-01, 2026/03/01 or 01/Mar/2026.
func dated(s string) bool {
	if len(s) < len("2026-03-01") {
		return false
	}
	if s[4] == '-' || s[4] == '/' {
		return s[7] == s[4] && digits(s[:4]) && digits(s[5:7]) && digits(s[8:10])
	}
	return len(s) > 10 && s[2] == '/' && s[6] == '/' && digits(s[:2]) && letter(s[3]) && letter(s[4]) && letter(s[5]) && digits(s[7:11])
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
	method, path, protocol := requestLine(a.request)
	if r.Message = a.request; method != "" && path != "-" {
		r.Message = method + " " + path
	}
	add := func(key, value string, raw bool) {
		if value != "" && value != "-" {
			r.Fields = append(r.Fields, Field{key, value, raw})
		}
	}
	add("method", method, false)
	add("path", path, false)
	add("protocol", protocol, false)
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
