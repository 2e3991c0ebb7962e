// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// weigh is the word by which this program, started by itself, runs one command. Linux
// counts what a process was before it became another program, so that the largest
// resident set of a child is never below that of who starts it: here that is a
// process that has done nothing yet, and not one that holds a Prometheus.
const weigh = "weigh"

// usage is what a run of a command took.
type usage struct {
	Wall time.Duration
	// Memory is the largest resident set, in bytes.
	Memory int64
}

// weighed runs a command that may find something, which is exit code 1.
func (b *bench) weighed(ctx context.Context, args ...string) (took usage, err error) {
	self, err := os.Executable()
	if err != nil {
		return took, err
	}
	cmd := exec.CommandContext(ctx, self, append([]string{weigh}, args...)...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	cmd.Env = append(os.Environ(), "KUBECONFIG="+b.kubeconfig())
	told, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(told, &took)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return took, err
}

// weighOne is the other side of weighed: it prints the usage as JSON.
func weighOne(args []string, out io.Writer) error {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stderr = os.Stderr
	started := time.Now()
	err := cmd.Run()
	took := usage{Wall: time.Since(started)}
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		return err
	}
	used, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return errors.New("this system does not say how much memory a process took")
	}
	took.Memory = used.Maxrss << 10
	return json.NewEncoder(out).Encode(took)
}
