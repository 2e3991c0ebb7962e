// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/telemetry"
	"github.com/kubectl-micro/kubectl-micro/pkg/usage"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// throttleFlags say whether Prometheus is asked how much CPU was held back, and
// about when: no object of the API tells.
type throttleFlags struct {
	prometheus telemetry.Connection
	asked      bool
	window     time.Duration
	at         string
}

func (t *throttleFlags) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&t.asked, "throttling", false, "Ask Prometheus how much CPU was held back; --prometheus does too")
	flags.DurationVar(&t.window, "window", 5*time.Minute, "Time that --throttling is about; four scrapes at least")
	flags.StringVar(&t.at, "at", "", "End of that time: RFC 3339, seconds since 1970, or an age like 10m; the default is now, or when the snapshot was saved")
	t.prometheus.AddFlags(cmd)
}

// validate reports values that cannot be. To name a Prometheus on the command line
// is to ask it; offline, there is none to be found.
func (t *throttleFlags) validate(cmd *cobra.Command, offline bool) error {
	t.asked = t.asked || cmd.Flag("prometheus").Changed
	if t.asked && !t.prometheus.Named() && offline {
		return fault.Usagef("--throttling asks a Prometheus, and files say nothing of one").Try("--prometheus URL")
	}
	if err := signals.CheckWindow(t.window, 0); err != nil {
		return err
	}
	return t.prometheus.Validate()
}

// throttle asks Prometheus, if it is to be asked, and notes what it says.
func (t *top) throttle(ctx context.Context, seen *world.Seen, pods []usage.Pod) error {
	if !t.throttling.asked {
		return nil
	}
	at := seen.Time
	if t.throttling.at != "" {
		var err error
		if at, err = telemetry.ParseInstant(t.throttling.at, t.Now()); err != nil {
			return err
		}
	}
	client, err := telemetry.Connect(ctx, t.Factory, &t.throttling.prometheus, at)
	if err != nil {
		return err
	}
	defer client.Close()
	found, err := client.Query(ctx, throttledShares(t.world.Namespace, t.throttling.window), at)
	if err != nil {
		return err
	}
	shares := make(map[usage.Place]float64, len(found))
	for _, s := range found {
		if !math.IsNaN(s.Value) && !math.IsInf(s.Value, 0) {
			shares[usage.Place{Namespace: s.Labels.Get("namespace"), Pod: s.Labels.Get("pod"), Container: s.Labels.Get("container")}] = s.Value
		}
	}
	usage.Throttle(pods, shares)
	if len(shares) == 0 && len(pods) > 0 {
		t.note("throttling is unknown: %s has no container_cpu_cfs_periods_total of these pods, which the kubelet serves at /metrics/cadvisor", client.Name())
	}
	return nil
}

// throttledShares is the share of the kernel's periods in which a container
// wanted more CPU than its limit, over a window. Containers without a limit have
// no periods; the sums over a pod and its pause container are no containers.
func throttledShares(namespace string, window time.Duration) string {
	which := `container!="",container!="POD"`
	if namespace != "" {
		which += `,namespace=` + signals.Quote(namespace)
	}
	increase := func(metric string) string {
		return fmt.Sprintf("sum by (namespace,pod,container) (increase(%s{%s}[%ds]))", metric, which, int(window.Seconds()))
	}
	return strings.Join([]string{
		increase("container_cpu_cfs_throttled_periods_total"), "/", "(" + increase("container_cpu_cfs_periods_total"), "> 0)",
	}, " ")
}
