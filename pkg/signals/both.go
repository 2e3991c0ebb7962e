// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

import "maps"

// Pair is one group as its callers and as it itself saw it.
type Pair struct {
	Key
	// Client and Server are nil where that view has nothing.
	Client, Server *Group
}

// Both folds a vector in both views and pairs the groups, in the order of keys.
func Both(v Vector, o Options) []Pair {
	o.View = Client
	client := byKey(Fold(v, o).Groups)
	o.View = Server
	server := byKey(Fold(v, o).Groups)
	// Every edge has a reporter in either view, so both have the same keys but
	// where a grouping depends on the reporter: a workload that nobody reached.
	all := maps.Clone(client)
	maps.Copy(all, server)
	groups := make([]Group, 0, len(all))
	for _, g := range all {
		groups = append(groups, *g)
	}
	sortGroups(groups)
	var out []Pair
	for _, g := range groups {
		out = append(out, Pair{Key: g.Key, Client: client[g.Key], Server: server[g.Key]})
	}
	return out
}

func byKey(groups []Group) map[Key]*Group {
	out := make(map[Key]*Group, len(groups))
	for i := range groups {
		out[groups[i].Key] = &groups[i]
	}
	return out
}

// Gap returns how many requests a second the callers sent that the server did not
// see, nil if either is unknown. It is below 0 if there are callers without a proxy.
func (p Pair) Gap() *float64 {
	if p.Client == nil || p.Server == nil || p.Client.Rate == nil || p.Server.Rate == nil {
		return nil
	}
	gap := *p.Client.Rate - *p.Server.Rate
	return &gap
}

// Because returns the response flags of the client's most frequent failures,
// which name the gap, and how many failures a second have any; "" if it has none.
func (p Pair) Because() (flags string, rate float64) {
	if p.Client == nil {
		return "", 0
	}
	if top := p.Client.topFailure(true); top != nil {
		flags = top.Flags
	}
	for _, part := range p.Client.Parts {
		if (part.Outcome == Failed || part.Outcome == NoResponse) && ExplainFlags(part.Flags) != "" {
			rate += part.Rate
		}
	}
	return flags, rate
}
