// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"flag"
	"strconv"

	"k8s.io/klog/v2"
)

// setKlog sets what client-go logs to stderr: nothing at 0, because everything
// that matters comes back as an error and is told as one, and all up to the
// level above. klog's flags live in a set of their own; its state is the
// process's, so only Main calls this.
func setKlog(verbosity int) error {
	flags := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(flags)
	threshold := "FATAL"
	if verbosity > 0 {
		threshold = "INFO"
	}
	for _, set := range [][2]string{
		{"logtostderr", "true"},
		{"legacy_stderr_threshold_behavior", "false"}, // or the threshold has no effect
		{"stderrthreshold", threshold},
		{"v", strconv.Itoa(verbosity)},
	} {
		if err := flags.Set(set[0], set[1]); err != nil {
			return err
		}
	}
	return nil
}
