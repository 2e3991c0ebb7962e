// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1545", Slug: "grace-period",
	Short: "Grace period is over before the program is asked to end",
	Why: `The grace period runs while preStop does. A program gets its SIGTERM after that, and SIGKILL at the end: with a
preStop of 30 s and the default of 30 s for all it has no time to answer the requests that it has taken.`,
	Fix:       "Set terminationGracePeriodSeconds to the time of preStop, the longest request, and a few seconds more.",
	Reference: "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination",
	Needs:     model.WorkloadKinds,
	Check:     eachPod(graceOver),
})

const (
	// defaultGrace is the grace period of a pod that names none, in seconds.
	defaultGrace = 30
	// drain is the least that a program needs to end, in seconds.
	drain = 5
)

func graceOver(_ *model.Workload, spec *corev1.PodSpec) (field, text string) {
	grace := int64(defaultGrace)
	if t := spec.TerminationGracePeriodSeconds; t != nil {
		grace = *t
	}
	for i := range spec.Containers {
		c := &spec.Containers[i]
		if wait := waits(c); wait > 0 && wait+drain > grace {
			return "/terminationGracePeriodSeconds", fmt.Sprintf("container %s waits for %d s before it ends, of a grace period of %d s: %s", c.Name, wait, grace,
				"the program is killed at once, or nearly so")
		}
	}
	return "", ""
}

// sleeps finds the seconds in a command that sleeps.
var sleeps = regexp.MustCompile(`(?:^|[\s;&/])sleep (\d{1,6})s?\b`)

// waits is how long preStop of a container takes, in seconds; 0 where nobody can
// tell.
func waits(c *corev1.Container) int64 {
	if c.Lifecycle == nil || c.Lifecycle.PreStop == nil {
		return 0
	}
	stop := c.Lifecycle.PreStop
	switch {
	case stop.Sleep != nil:
		return stop.Sleep.Seconds
	case stop.Exec != nil:
		if m := sleeps.FindStringSubmatch(strings.Join(stop.Exec.Command, " ")); m != nil {
			n, _ := strconv.ParseInt(m[1], 10, 64) // a few digits
			return n
		}
	}
	return 0
}
