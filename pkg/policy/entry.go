// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// externals are the hosts that rules for all addresses stand for.
func externals(d *draft) string {
	var out []string
	for _, t := range d.targets {
		if _, err := netip.ParseAddr(t.name); t.kind == externalEnd && err != nil {
			out = append(out, t.name+":"+t.port)
		}
	}
	return strings.Join(out, ",")
}

// entry declares a host outside the mesh, for REGISTRY_ONLY meshes and for
// telemetry by name.
func (g *generator) entry(d *draft, to callee) {
	_, err := netip.ParseAddr(to.name)
	if err == nil || d.plane == NoMesh || !g.o.Layers.has(Authorization) {
		return
	}
	ns, number := d.of.Ref.Namespace, to.number()
	name := prefix + strings.ReplaceAll(strings.Replace(to.name, "*", "any", 1), ".", "-")
	if host := g.Resolve(to.name, ns); host.Entry != nil && !ours(host.Entry.Object) {
		for _, p := range host.Entry.Value.Spec.GetPorts() {
			if p.GetNumber() == uint32(number) {
				return
			}
		}
	}
	protocol := map[int32]string{80: "HTTP", 443: "TLS"}[number]
	if protocol == "" {
		protocol = "TCP"
	}
	resolution := "DNS"
	if strings.HasPrefix(to.name, "*") {
		resolution = "NONE"
	}
	p := map[string]any{"number": int64(number), "name": strings.ToLower(protocol) + "-" + strconv.Itoa(int(number)), "protocol": protocol}
	o := object(model.ServiceEntries.Kind, ns, name, map[string]any{
		"hosts": []any{to.name}, "exportTo": []any{"."}, "location": "MESH_EXTERNAL", "resolution": resolution, "ports": []any{p},
	})
	if i, known := g.placed[o.Ref]; known { // another port of the host
		other := g.set.Objects[i]
		spec := other.Value["spec"].(map[string]any)
		o.Value["spec"].(map[string]any)["ports"] = withPort(spec["ports"].([]any), p)
		o.Comments = other.Comments
	}
	g.add(o, []string{fmt.Sprintf("called by %s", ref.Ref.Short(d.of.Ref))})
}

func withPort(ports []any, p map[string]any) []any {
	if slices.ContainsFunc(ports, func(o any) bool { return o.(map[string]any)["number"] == p["number"] }) {
		return ports
	}
	return append(slices.Clone(ports), p)
}
