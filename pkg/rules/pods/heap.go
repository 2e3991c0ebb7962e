// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pods

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// heapSetting is how a language runtime is told how much memory it may use.
type heapSetting struct {
	// mark tells the runtime by a command or a variable.
	mark *regexp.Regexp
	// size has the number and the unit as its groups.
	size *regexp.Regexp
	// unit is that of a number without one, in bytes.
	unit int64
	// unset is what to say when there is no size.
	unset string
}

var heapSettings = []heapSetting{
	{
		mark: regexp.MustCompile(`(?i)\bjava\b|^JAVA_|^JDK_JAVA_|-Xmx|\.jar\b`),
		size: regexp.MustCompile(`-Xmx(\d+)([kKmMgG]?)|-XX:MaxRAMPercentage`),
		unit: 1,
		unset: "the JVM takes a quarter of the limit for its heap unless it is told otherwise: set -XX:MaxRAMPercentage=75 " +
			"and leave room for threads and metaspace",
	},
	{
		mark: regexp.MustCompile(`^GOMEMLIMIT=`),
		size: regexp.MustCompile(`GOMEMLIMIT=(\d+)([KMG]i?B|B)?`),
		unit: 1,
	},
	{
		mark:  regexp.MustCompile(`\bnode\b|^NODE_OPTIONS=`),
		size:  regexp.MustCompile(`--max[-_]old[-_]space[-_]size=(\d+)()`),
		unit:  1 << 20,
		unset: "set NODE_OPTIONS=--max-old-space-size to about three quarters of the limit, in MiB",
	},
}

// heap says how the runtime in a container sizes itself, as far as its command
// and variables tell; empty if they do not.
func heap(c *corev1.Container, limit resource.Quantity) string {
	lines := texts(c)
	for _, s := range heapSettings {
		if !slices.ContainsFunc(lines, s.mark.MatchString) {
			continue
		}
		m := s.size.FindStringSubmatch(strings.Join(lines, "\n"))
		if m == nil {
			return s.unset
		}
		size, ok := bytesOf(m[1], m[2], s.unit)
		switch {
		case !ok || limit.IsZero():
			return ""
		case size >= limit.Value()/10*9:
			return fmt.Sprintf("%s leaves no room below the limit of %s", m[0], &limit)
		}
		return fmt.Sprintf("%s is below the limit of %s: look for memory outside of the heap, or for other processes", m[0], &limit)
	}
	return ""
}

// texts are what tells about the program in a container: its command line, then
// its variables as NAME=value.
func texts(c *corev1.Container) []string {
	out := []string{strings.Join(append(append([]string{}, c.Command...), c.Args...), " ")}
	for _, e := range c.Env {
		out = append(out, e.Name+"="+e.Value)
	}
	return out
}

// bytesOf reads a size; the unit applies to numbers that have none.
func bytesOf(number, suffix string, unit int64) (int64, bool) {
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return 0, false
	}
	switch strings.ToUpper(strings.TrimSuffix(strings.TrimSuffix(suffix, "B"), "i")) {
	case "K":
		unit = 1 << 10
	case "M":
		unit = 1 << 20
	case "G":
		unit = 1 << 30
	}
	if n > (1<<62)/unit {
		return 0, false
	}
	return n * unit, true
}
