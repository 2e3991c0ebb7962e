// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network_test

import (
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/network"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// matrixOf is the matrix of named peers.
func matrixOf(t *testing.T, policies string, names ...string) *network.Matrix {
	t.Helper()
	s := modeltest.Live(t, base+policies)
	var peers []model.Peer
	for _, name := range names {
		peers = append(peers, peer(t, s, name))
	}
	return network.New(s, network.Options{}).Matrix(peers)
}

func TestMatrix(t *testing.T) {
	policy := np("{podSelector: {matchLabels: {app: back}}, ingress: [{from: [{podSelector: {matchLabels: {app: front}}}], ports: [{port: web}, {port: 9000, endPort: 9010}]}, {from: [{ipBlock: {cidr: x}}], ports: [{port: 1}]}]}")
	m := matrixOf(t, policy, "shop/front", "shop/back", "ops/front", "shop/done", "nothing", "node")
	for name, c := range map[string]struct {
		src, dst         int
		allowed, unknown string
	}{
		"label":         {0, 1, "TCP 8080, 9000-9010", "TCP 1"},
		"namespace":     {2, 1, "none", "TCP 1"},
		"not isolated":  {1, 0, "all", "none"},
		"from the node": {5, 1, "all", "none"},
		"to the node":   {1, 5, "all", "none"},
	} {
		src, dst := m.ClassOf(c.src), m.ClassOf(c.dst)
		if a, u := m.Allowed(src, dst).String(), m.Unknown(src, dst).String(); a != c.allowed || u != c.unknown {
			t.Errorf("%s: allowed %s, unknown %s", name, a, u)
		}
	}
	if m.ClassOf(3) != -1 || m.ClassOf(4) != -1 {
		t.Errorf("classes of a pod that has ended %d, and of nothing %d", m.ClassOf(3), m.ClassOf(4))
	}
	egress, ingress := m.Policies(m.ClassOf(0), m.ClassOf(1))
	if d := cmp.Diff([]ref.Ref{npRef("p")}, ingress); d != "" || len(egress) != 0 {
		t.Errorf("policies: %v, %s", egress, d)
	}
	if _, hop := m.Explain(m.ClassOf(0), m.ClassOf(1), "TCP", 8080); hop.Verdict != verdict.Allow || hop.Rule != "rule 1" {
		t.Errorf("explained: %+v", hop)
	}
	if len(m.Caveats()) != 0 {
		t.Errorf("caveats: %v", m.Caveats())
	}
}

// TestAddressClasses checks how ranges of policies cut the addresses.
func TestAddressClasses(t *testing.T) {
	m := matrixOf(t, np("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}, {ipBlock: {cidr: 0.0.0.0/0, except: [192.168.0.0/16]}}, {ipBlock: {cidr: '255.255.255.0/24'}}, {ipBlock: {cidr: '2001:db8::/32'}}], ports: [{port: 7}]}]}"),
		"shop/back", "10.1.2.3/32", "8.8.8.8/32")
	var got []string
	for c, class := range m.Classes() {
		var ranges []string
		for _, r := range class.Addresses {
			ranges = append(ranges, r.First.String()+"-"+r.Last.String())
		}
		if len(ranges) > 0 {
			line := strings.Join(ranges, " ") + ": " + m.Allowed(c, m.ClassOf(0)).String()
			if class.Internet {
				line += ", internet"
			}
			got = append(got, line)
		}
	}
	slices.Sort(got)
	want := []string{
		"0.0.0.0-9.255.255.255 11.0.0.0-192.167.255.255 192.169.0.0-255.255.254.255: TCP 7, internet",
		"10.0.0.0-10.0.255.255 10.2.0.0-10.255.255.255: TCP 7",
		"10.1.0.0-10.1.255.255: TCP 7",
		"192.168.0.0-192.168.255.255: none",
		"2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff: TCP 7",
		"255.255.255.0-255.255.255.255: TCP 7",
		"::-2001:db7:ffff:ffff:ffff:ffff:ffff:ffff 2001:db9::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff: none, internet",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if m.Classes()[m.ClassOf(1)].Internet || !m.Classes()[m.ClassOf(2)].Internet {
		t.Errorf("8.8.8.8 is in class %+v", m.Classes()[m.ClassOf(2)])
	}
}

// TestClassesAreFew checks that what no policy asks for tells nobody apart.
func TestClassesAreFew(t *testing.T) {
	s := generated(t, size{pods: 3000, policies: 300, namespaces: 20, apps: 5})
	m := network.New(s, network.Options{}).Matrix(s.Peers(""))
	pods := 0
	for _, c := range m.Classes() {
		if c.Peer.IsPod() {
			pods++
		}
	}
	if pods != 20*5 {
		t.Errorf("%d classes of pods, want one for each app of each namespace", pods)
	}
}

// TestConcurrent uses one matrix from many sides; the race detector judges.
func TestConcurrent(t *testing.T) {
	s := generated(t, size{pods: 200, policies: 100, namespaces: 5, apps: 4})
	m := network.New(s, network.Options{}).Matrix(s.Peers(""))
	counts := make([]int, 4)
	var wg sync.WaitGroup
	for i := range counts {
		wg.Go(func() {
			for g := range m.Groups() {
				counts[i] += len(g.From) * len(g.To)
			}
			for src := range m.Classes() {
				if m.Allowed(src, 0).Empty() != m.Allowed(src, 0).Equal(network.PortSet{}) {
					t.Error("the same pair twice differs")
				}
			}
		})
	}
	wg.Wait()
	if slices.Max(counts) != slices.Min(counts) || counts[0] == 0 {
		t.Errorf("pairs: %v", counts)
	}
}

func TestPortSet(t *testing.T) {
	set := network.NewPortSet(
		network.PortRange{Protocol: "TCP", First: 80, Last: 90}, network.PortRange{Protocol: "TCP", First: 91, Last: 95}, network.PortRange{Protocol: "UDP", First: 53, Last: 53},
		network.PortRange{Protocol: "TCP", First: 85, Last: 86}, network.PortRange{Protocol: "ICMP", First: 1, Last: 2}, network.PortRange{Protocol: "TCP", First: 9, Last: 8},
	)
	tcp := network.NewPortSet(network.PortRange{Protocol: "TCP", First: 0, Last: 65535})
	var zero network.PortSet
	for name, c := range map[string]struct {
		set  network.PortSet
		want string
	}{
		"joined":         {set, "TCP 80-95; UDP 53"},
		"zero":           {zero, "none"},
		"all":            {network.AllPorts(), "all"},
		"all but":        {network.AllPorts().Minus(set), "TCP 0-79, 96-65535; UDP 0-52, 54-65535; SCTP all; other protocols"},
		"and":            {set.And(tcp), "TCP 80-95"},
		"or":             {set.Or(tcp), "TCP all; UDP 53"},
		"or all":         {zero.Or(network.AllPorts()), "all"},
		"minus":          {set.Minus(network.NewPortSet(network.PortRange{Protocol: "TCP", First: 82, Last: 82}, network.PortRange{Protocol: "TCP", First: 95, Last: 99})), "TCP 80-81, 83-94; UDP 53"},
		"minus itself":   {set.Minus(set), "none"},
		"and of nothing": {zero.And(set), "none"},
	} {
		if got := c.set.String(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	for port, want := range map[network.PortRange]bool{
		{Protocol: "TCP", First: 79}: false, {Protocol: "TCP", First: 80}: true, {Protocol: "TCP", First: 95}: true, {Protocol: "TCP", First: 96}: false,
		{Protocol: "UDP", First: 80}: false, {Protocol: "ICMP", First: 80}: false,
	} {
		if set.Contains(port.Protocol, port.First) != want {
			t.Errorf("%v: want %v", port, want)
		}
	}
	if !network.AllPorts().Contains("ICMP", 0) || tcp.All() || !zero.Empty() || set.Empty() || !set.Equal(set.Or(zero)) {
		t.Error("all and empty")
	}
	if d := cmp.Diff([]network.PortRange{{Protocol: "TCP", First: 80, Last: 95}, {Protocol: "UDP", First: 53, Last: 53}}, set.Ranges()); d != "" {
		t.Error(d)
	}
}

// TestAddressRanges checks single addresses against the classes that hold them.
func TestAddressRanges(t *testing.T) {
	m := matrixOf(t, np("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/13, except: [10.1.2.0/23]}}]}]}"), "shop/back")
	for address, allowed := range map[string]bool{
		"9.255.255.255": false, "10.0.0.0": true, "10.1.1.255": true, "10.1.2.0": false, "10.1.3.255": false, "10.1.4.0": true, "10.7.255.255": true, "10.8.0.0": false, "255.255.255.255": false, "::": false,
	} {
		a, found := netip.MustParseAddr(address), 0
		for c, class := range m.Classes() {
			for _, r := range class.Addresses {
				if a.BitLen() == r.First.BitLen() && a.Compare(r.First) >= 0 && a.Compare(r.Last) <= 0 {
					found++
					if m.Allowed(c, m.ClassOf(0)).All() != allowed {
						t.Errorf("%s: want %v", address, allowed)
					}
				}
			}
		}
		if found != 1 {
			t.Errorf("%s is in %d ranges", address, found)
		}
	}
}
