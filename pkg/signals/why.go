// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

import "fmt"

// Why returns the one short cause of a row that traffic alone can tell, "" if
// there is nothing to say. The most frequent failure comes first, then what is
// not known and why, then quantiles that few requests are made of.
func Why(g Group) string {
	if top := g.topFailure(false); top != nil {
		return top.why()
	}
	switch {
	case g.Rate == nil:
		return ""
	case *g.Rate == 0:
		return "no requests in " + Span(g.Window)
	case g.Unclassified > 0:
		return "outcome unknown: no status label"
	case g.Latency.Unknown != "":
		return g.Latency.Unknown
	}
	if p := g.topClientError(); p != nil {
		return fmt.Sprintf("%s %srps", p.Code, Rate(p.Rate))
	}
	if e := g.Latency.Quantile(0.99); e != nil && !Enough(0.99, e.N) {
		return fmt.Sprintf("p99 bucket %s, n=%s", Range(e.Low, e.High), Count(e.N))
	}
	return ""
}

// topFailure returns the most frequent failure, only those with a flag if asked.
func (g Group) topFailure(flagged bool) *Part {
	for i, p := range g.Parts {
		if p.Outcome != Failed && p.Outcome != NoResponse {
			continue
		}
		if !flagged || ExplainFlags(p.Flags) != "" {
			return &g.Parts[i]
		}
	}
	return nil
}

// topClientError returns the most frequent 4xx if it is a tenth of all.
func (g Group) topClientError() *Part {
	for i, p := range g.Parts {
		if p.Outcome == ClientError && p.Rate >= *g.Rate/10 {
			return &g.Parts[i]
		}
	}
	return nil
}

// why is "UF 1.0rps → name (words)"; the code or the gRPC status stands for a
// missing flag.
func (p Part) why() string {
	words, name := ExplainFlags(p.Flags), p.Flags
	if words == "" {
		name = p.Code
		n, known := grpcStatus(p.GRPC)
		switch {
		case known && n > 0 && ofHTTP(p.Code) != Failed:
			name, words = "gRPC "+p.GRPC, grpcTitles[n]
		case p.Code == "0":
			name, words = "0", "no response"
		case name == "":
			name = "failed"
		}
	}
	s := fmt.Sprintf("%s %srps", name, Rate(p.Rate))
	if p.To != "" && p.To != NoUpstream {
		s += " → " + p.To
	}
	if words != "" {
		s += " (" + words + ")"
	}
	return s
}
