// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network

import (
	"net/netip"
	"slices"
)

// space is what the ranges named in policies make of the addresses: intervals
// that no policy tells apart.
type space struct{ intervals []interval }

// interval is a range of addresses between two cuts.
type interval struct {
	AddressRange
	// rest is true when only ranges of a whole family take it in.
	rest bool
}

// newSpace cuts the addresses of both families at the ends of the prefixes.
func newSpace(prefixes []netip.Prefix) space {
	var out space
	for _, zero := range []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()} {
		out.intervals = append(out.intervals, cut(zero, prefixes)...)
	}
	return out
}

// cut makes the intervals of one family. Depth counts the prefixes, other than
// the whole family, that an interval lies in.
func cut(zero netip.Addr, prefixes []netip.Prefix) []interval {
	type edge struct {
		at    netip.Addr
		depth int
	}
	edges := []edge{{at: zero}}
	for _, p := range prefixes {
		if p.Addr().BitLen() != zero.BitLen() || p.Bits() == 0 {
			continue
		}
		edges = append(edges, edge{p.Masked().Addr(), 1})
		if after := last(p).Next(); after.IsValid() {
			edges = append(edges, edge{after, -1})
		}
	}
	slices.SortFunc(edges, func(a, b edge) int { return a.at.Compare(b.at) })
	end := last(netip.PrefixFrom(zero, 0))
	var out []interval
	depth := 0
	for i, x := range edges {
		depth += x.depth
		if i+1 < len(edges) && edges[i+1].at == x.at {
			continue
		}
		to := end
		if i+1 < len(edges) {
			to = edges[i+1].at.Prev()
		}
		out = append(out, interval{AddressRange{x.at, to}, depth == 0})
	}
	return out
}

// last is the last address of a prefix.
func last(p netip.Prefix) netip.Addr {
	bytes := p.Addr().AsSlice()
	for i := range bytes {
		switch host := (i+1)*8 - p.Bits(); {
		case host >= 8:
			bytes[i] = 0xff
		case host > 0:
			bytes[i] |= 1<<host - 1
		}
	}
	out, _ := netip.AddrFromSlice(bytes)
	return out
}

// hasRest reports whether a family has addresses that no policy names.
func (s space) hasRest(family netip.Addr) bool {
	return slices.ContainsFunc(s.intervals, func(x interval) bool {
		return x.rest && x.First.BitLen() == family.BitLen()
	})
}

// names reports whether some policy names addresses of a prefix, other than by
// the range of the whole family.
func (s space) names(p netip.Prefix) bool {
	if p.Bits() == 0 {
		return !s.hasRest(p.Addr())
	}
	p = p.Masked()
	return !slices.ContainsFunc(s.intervals, func(x interval) bool {
		return x.rest && x.First.BitLen() == p.Addr().BitLen() && x.First.Compare(p.Addr()) <= 0 && last(p).Compare(x.Last) <= 0
	})
}
