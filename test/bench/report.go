// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"runtime"
	"strings"
)

// report collects the rows of the table.
type report struct{ rows [][]string }

func (r *report) row(cells ...string) { r.rows = append(r.rows, cells) }

// markdown renders docs/performance.md.
func (r *report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Performance

Written by `+"`make bench`"+`, which runs every pair of commands in turn on one machine
and takes medians. The ratio is what to look at: absolute times depend on the machine
(this one: %s/%s, %d cores).

| what | ours | | against | | ratio | aim |
|---|---|---|---|---|---|---|
`, runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	for _, row := range r.rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
	}
	b.WriteString(`
- Aims stand as they were set, also where a run misses them. What **start** and **size** pay for:
  the types of Kubernetes, Istio and the Prometheus Operator and the reader of Compose files
  are in one program, and set themselves up when it starts. **files** and **generate** parse
  every manifest with its positions, which is most of their time and memory.
- **shift**: one run reads the routes, rules, services, endpoints and pods it decides on
  (six lists in parallel), patches the route and reads it back; kubectl reads the object
  and patches it. The lists are what the preflight checks cost.
- **requests** are counted in the API server's audit log, for one run.
- **cluster**, **namespace**, **service**, **check**: a world of 50 namespaces with 20 services of 6
  pods each, with VirtualService, DestinationRule, AuthorizationPolicy and NetworkPolicy
  for each service. The bare lists are those of the API server's audit log, 16 at a time,
  unpaged, the answers thrown away: no tool that reads the same can be faster.
- **files**: manifests of 1,000 services, seven for each; the memory is the largest resident set.
- **map**: Deployments, ten policies in each namespace, by label, team and address; the
  memory is the largest resident set. Seen once, in no run of this: netpol-analyzer
  ` + "`list`" + ` (e54a334) had not finished a world of this size after 250 s and 1 GB.
- **matrix**: the benchmark of pkg/reach/network, compiling the policies included, reading
  them not; the memory is all that was allocated, more than is ever in use.
- **stat**: Prometheus runs on the same machine, with five minutes of history. The queries are
  those that ` + "`--show-queries`" + ` prints: against them, sent bare and their answers thrown away, the
  ratio is what reading and folding the answers, quantiles included, costs. The three
  queries are what a dashboard asks for the same quantiles; without them it has neither
  rates nor success.
- **logs**: lines by the CPU time of all cores, start of the program included; parts of
  the stream are read side by side, so that the wall clock shows more.
- **top**: 5,000 pods; metrics-server answers for their usage, through the API server. The
  lists are counted as for **cluster**. ` + "`kubectl top`" + ` asks for usage alone, and knows neither
  requests nor limits nor nodes. kube-capacity is measured where it is in PATH.
- **generate**: includes the generator's own lint of what it made.
- **filter**: the stream is examples/shop-by-hand, repeated under other names.
`)
	return b.String()
}
