// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scheduling

// Cause is what the tests see of a cause.
type Cause struct {
	Obstacle int
	Nodes    int
	Means    string
}

// The obstacles, for the tests.
const (
	ByTaint     = int(byTaint)
	ByNode      = int(byNode)
	ByResources = int(byResources)
	ByVolumes   = int(byVolumes)
	ByPods      = int(byPods)
)

// Parse reads a message of the scheduler.
func Parse(message string) (nodes int, causes []Cause, ok bool) {
	v, ok := parse(message)
	for _, c := range v.causes {
		causes = append(causes, Cause{int(c.obstacle), c.nodes, c.means})
	}
	return v.nodes, causes, ok
}
