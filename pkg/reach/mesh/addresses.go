// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"net/netip"
	"strconv"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// block reads an address or a range.
func block(value string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(value); err == nil {
		return p.Masked(), true
	}
	if a, err := netip.ParseAddr(value); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	return netip.Prefix{}, false
}

// covers tells whether addresses are in a block; of some but not all it depends.
func covers(value, field string, have []netip.Prefix) answer {
	want, ok := block(value)
	if !ok {
		return unsure(strconv.Quote(value) + " is no block of addresses")
	}
	in, touched := 0, false
	for _, p := range have {
		if want.Bits() <= p.Bits() && want.Contains(p.Addr()) {
			in++
		}
		touched = touched || want.Overlaps(p)
	}
	switch {
	case in == len(have):
		return always
	case !touched:
		return never
	}
	return onField(field)
}

// sourceIP compares the address that the connection comes from: that of the
// direct peer, which is a gateway or a load balancer where one is between.
func (f *facts) sourceIP(value string) answer {
	have := prefixes(f.source)
	if len(have) == 0 {
		if _, ok := block(value); !ok {
			return unsure(strconv.Quote(value) + " is no block of addresses")
		}
		return unsure("the address of " + peerName(f.source) + " is not known")
	}
	return covers(value, "source address", have)
}

// remoteIP compares the address of the client that X-Forwarded-For or the PROXY
// protocol tells.
func (f *facts) remoteIP(value string) answer {
	if _, ok := block(value); !ok {
		return unsure(strconv.Quote(value) + " is no block of addresses")
	}
	if !f.FromIP.IsValid() {
		return onField("client address")
	}
	return covers(value, "client address", []netip.Prefix{netip.PrefixFrom(f.FromIP, f.FromIP.BitLen())})
}

func (f *facts) destinationIP(value string) answer {
	have := prefixes(f.To)
	if len(have) == 0 {
		return unsure("the address of " + peerName(f.To) + " is not known")
	}
	return covers(value, "destination address", have)
}

// prefixes are the addresses of a peer; none where nobody knows.
func prefixes(p model.Peer) []netip.Prefix {
	if p.Block.IsValid() {
		return []netip.Prefix{p.Block.Masked()}
	}
	var out []netip.Prefix
	for _, a := range p.Addresses() {
		out = append(out, netip.PrefixFrom(a, a.BitLen()))
	}
	return out
}
