// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scheduling

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// obstacle is what keeps a pod off nodes, in the order in which the scheduler's
// filters look: a node is named once, for the first filter that refuses it, so
// that the later the obstacle, the nearer the pod came to running there.
type obstacle int

const (
	noObstacle  obstacle = iota
	byTaint              // a taint, or a cordoned node
	byNode               // node name, node selector, node affinity, and what is not known
	byResources          // cpu, memory, others, host ports, number of pods
	byVolumes            // claims and volumes
	byPods               // topology spread, affinity between pods
)

// cause is one part of what the scheduler says.
type cause struct {
	obstacle
	// nodes is how many refuse the pod for it; 0 where it is about the pod itself.
	nodes int
	// says is the scheduler's text without the number.
	says string
	// means completes "3 of 5 nodes ..."; empty for texts that are not known.
	means string
}

// verdict is why the scheduler places a pod nowhere.
type verdict struct {
	nodes  int
	causes []cause
}

var (
	available = regexp.MustCompile(`^(\d+)/(\d+) nodes are available: `)
	numbered  = regexp.MustCompile(`^(\d+) (.+)$`)
	// nextCause separates causes; resource names and taints in braces hold neither.
	nextCause = regexp.MustCompile(`, (\d+ )`)
	// ends is where the causes end and what preemption has to say begins.
	ends = regexp.MustCompile(`(?s)\. .*|\.$`)
)

// texts tell obstacles by the words of kube-scheduler, of 1.20 to 1.36, the more
// exact first: https://github.com/kubernetes/kubernetes/tree/v1.36.3/pkg/scheduler/framework/plugins.
var texts = []struct {
	says *regexp.Regexp
	obstacle
	means string
}{
	{regexp.MustCompile(`^Insufficient (\S+)$`), byResources, "too little $1"},
	{regexp.MustCompile(`^Too many pods$`), byResources, "no room for another pod"},
	{regexp.MustCompile(`free ports for the requested pod ports`), byResources, "the host port taken"},
	{regexp.MustCompile(`cannot allocate all claims`), byResources, "no device for its resource claims"},
	{regexp.MustCompile(`were unschedulable$`), byTaint, "been cordoned"},
	{regexp.MustCompile(`had (?:untolerated )?taints? \{(\S+?):? ?(\S*)\}`), byTaint, "the taint $1 $2"},
	{regexp.MustCompile(`had (untolerated )?taint`), byTaint, "taints that it does not tolerate"},
	{regexp.MustCompile(`(?i)didn't match pod's node affinity|didn't match node selector`), byNode, "labels that do not match its node selector or affinity"},
	{regexp.MustCompile(`didn't match the requested node name`), byNode, "another name than it asks for"},
	{regexp.MustCompile(`(?i)persistentvolumeclaim|persistent ?volume|volume zone|volume count|free storage|available disk|non-existent pv`), byVolumes, ""},
	{regexp.MustCompile(`missing required label\)$`), byPods, "no label for its topology spread constraints"},
	{regexp.MustCompile(`topology spread`), byPods, "too many of its kind for its topology spread constraints"},
	{regexp.MustCompile(`existing pods anti-affinity`), byPods, "pods whose anti-affinity keeps it away"},
	{regexp.MustCompile(`pod anti-affinity`), byPods, "pods that its anti-affinity keeps away from"},
	{regexp.MustCompile(`(?i)pod affinity|pod affinity/anti-affinity`), byPods, "no pods near that its affinity asks for"},
}

// parse reads the message of the condition PodScheduled of a pod that cannot be
// scheduled. It returns false for what does not come from kube-scheduler.
func parse(message string) (verdict, bool) {
	head := available.FindStringSubmatch(message)
	if head == nil {
		return verdict{}, false
	}
	var v verdict
	v.nodes, _ = strconv.Atoi(head[2]) // a number that does not fit is none
	rest := ends.ReplaceAllString(message[len(head[0]):], "")
	for _, part := range strings.Split(nextCause.ReplaceAllString(rest, "\n$1"), "\n") {
		c := cause{says: strings.TrimSpace(part), obstacle: byNode}
		if m := numbered.FindStringSubmatch(c.says); m != nil {
			c.nodes, _ = strconv.Atoi(m[1])
			c.says = m[2]
		}
		if c.says == "" {
			continue
		}
		for _, t := range texts {
			if m := t.says.FindStringSubmatchIndex(c.says); m != nil {
				c.obstacle = t.obstacle
				c.means = strings.TrimSpace(string(t.says.ExpandString(nil, t.means, c.says, m)))
				break
			}
		}
		v.causes = append(v.causes, c)
	}
	slices.SortStableFunc(v.causes, func(a, b cause) int {
		return cmp.Or(cmp.Compare(b.obstacle, a.obstacle), cmp.Compare(b.nodes, a.nodes))
	})
	return v, len(v.causes) > 0
}

// dominant is the obstacle that stands between the pod and the nodes on which
// it came farthest: on the others, more than that would have to change.
func (v verdict) dominant() obstacle {
	if len(v.causes) == 0 {
		return noObstacle
	}
	return v.causes[0].obstacle
}

// lead puts the causes of one obstacle before the others.
func (v verdict) lead(o obstacle) {
	slices.SortStableFunc(v.causes, func(a, b cause) int {
		switch {
		case (a.obstacle == o) == (b.obstacle == o):
			return 0
		case a.obstacle == o:
			return -1
		}
		return 1
	})
}

// of are the causes of one obstacle.
func (v verdict) of(o obstacle) []cause {
	return slices.DeleteFunc(slices.Clone(v.causes), func(c cause) bool { return c.obstacle != o })
}
