// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/api"
	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/crd"
	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/plane"
	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/proc"
	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/supervisor"
)

// report is one line that the supervisor writes to the process that waits for it; exactly one field is set.
type report struct {
	Progress string `json:"progress,omitempty"`
	Error    string `json:"error,omitempty"`
	// Running says that another supervisor was quicker.
	Running bool `json:"running,omitempty"`
	Ready   bool `json:"ready,omitempty"`
}

// reportFD is the supervisor's file descriptor for reports.
const reportFD = 3

type upOptions struct {
	target
	kubeconfig, crds, metricsServer string
	untilPid                        int
	timeout                         time.Duration
	foreground                      bool
}

func (o *upOptions) declare(flags *flag.FlagSet) {
	o.target.declare(flags)
	flags.StringVar(&o.crds, "crds", "", "`FILE` of `sandbox crds --output` (default: the user's cache, filled when empty)")
	flags.IntVar(&o.untilPid, "until-pid", 0, "end the sandbox when the process `PID` ends")
	flags.DurationVar(&o.timeout, "timeout", 3*time.Minute, "how long the start may take")
}

func up(flags *flag.FlagSet) func(context.Context, env) error {
	var o upOptions
	o.declare(flags)
	flags.StringVar(&o.kubeconfig, "kubeconfig", "", "write the kubeconfig to `FILE` as well, and print that path")
	flags.BoolVar(&o.foreground, "foreground", false, "stay, and end the sandbox on interrupt")
	measured := flags.Bool("metrics-server", false,
		"have metrics-server serve metrics.k8s.io, instead of objects to create; builds it the first time, for minutes")
	return func(ctx context.Context, e env) error {
		d, err := o.resolve()
		if err != nil {
			return err
		}
		running, err := proc.Held(d.Lock())
		if err != nil {
			return err
		}
		if running {
			if err := awaitOther(ctx, d, o.timeout); err != nil {
				return err
			}
			if *measured {
				if err := hasMetricsServer(d); err != nil {
					return err
				}
			}
			return o.announce(d, e)
		}
		if *measured {
			if o.metricsServer, err = metricsServer(ctx, e); err != nil {
				return err
			}
		}
		if err := clear(d); err != nil {
			return err
		}
		if o.crds, err = definitions(ctx, o.crds, e); err != nil {
			return err
		}
		if o.foreground {
			return o.run(ctx, d, e)
		}
		return o.spawn(ctx, d, e)
	}
}

// clear makes an empty directory for the sandbox out of nothing, an empty directory or what a killed sandbox left.
func clear(d plane.Dir) error {
	entries, err := os.ReadDir(string(d))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if len(entries) > 0 {
		if _, err := os.Stat(d.Lock()); err != nil {
			return fmt.Errorf("expected %s to be empty or a sandbox, found other files in it", d)
		}
		if err := os.RemoveAll(string(d)); err != nil {
			return err
		}
	}
	return os.MkdirAll(string(d), 0o700)
}

// definitions returns the file with the CRDs, which it makes when nobody did before.
func definitions(ctx context.Context, file string, e env) (string, error) {
	if file != "" {
		_, err := os.Stat(file)
		return file, err
	}
	file, err := crd.CacheFile()
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	return file, collect(ctx, file, e)
}

// awaitOther waits for a sandbox that somebody else started.
func awaitOther(ctx context.Context, d plane.Dir, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return api.Until(ctx, 100*time.Millisecond, func(context.Context) error {
		state, running, err := supervisor.Read(d)
		if err == nil && (!running || state.Phase != supervisor.Ready) {
			err = fmt.Errorf("the sandbox in %s is %s", d, state.Phase)
		}
		return err
	})
}

// announce prints where the kubeconfig is.
func (o upOptions) announce(d plane.Dir, e env) error {
	file := d.Kubeconfig()
	if o.kubeconfig != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := plane.WriteFile(o.kubeconfig, data); err != nil {
			return err
		}
		file = o.kubeconfig
	}
	_, err := fmt.Fprintln(e.out, file)
	return err
}

// run is the supervisor in this very process.
func (o upOptions) run(ctx context.Context, d plane.Dir, e env) error {
	return supervisor.Run(ctx, supervisor.Options{
		Dir: d, Name: o.name, CRDs: o.crds, MetricsServer: o.metricsServer, UntilPid: o.untilPid, Timeout: o.timeout,
		Progress: func(text string) error {
			_, err := fmt.Fprintln(e.progress, text)
			return err
		},
		Ready: func() error { return o.announce(d, e) },
	})
}

// spawn starts a supervisor that outlives this process and waits until it reports success or failure.
func (o upOptions) spawn(ctx context.Context, d plane.Dir, e env) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	reports, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer reports.Close()
	defer write.Close()
	log, err := os.Create(d.SupervisorLog())
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(program, "supervise", "--name="+o.name, "--dir="+string(d), "--crds="+o.crds, "--metrics-server="+o.metricsServer,
		"--until-pid="+strconv.Itoa(o.untilPid), "--timeout="+o.timeout.String())
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{write}
	// A session of its own: an interrupt of the terminal is for the foreground job, not for the sandbox.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	write.Close()
	interrupted := context.AfterFunc(ctx, func() { _ = cmd.Process.Signal(syscall.SIGTERM) })
	defer interrupted()
	err = follow(reports, e)
	if errors.Is(err, supervisor.ErrRunning) {
		err = awaitOther(ctx, d, o.timeout)
	}
	if err != nil {
		// It has said its last word; collect it, so that nothing is left when we return.
		_ = cmd.Wait()
		return err
	}
	return o.announce(d, e)
}

// follow passes progress on until the supervisor is ready or has failed.
func follow(reports *os.File, e env) error {
	lines := bufio.NewScanner(reports)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r report
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return fmt.Errorf("expected a report of the supervisor, found %q: %w", lines.Text(), err)
		}
		switch {
		case r.Ready:
			return nil
		case r.Running:
			return supervisor.ErrRunning
		case r.Error != "":
			return errors.New(r.Error)
		}
		fmt.Fprintln(e.progress, r.Progress)
	}
	return errors.Join(errors.New("the supervisor ended without a word"), lines.Err())
}

// supervise is the process that spawn starts.
func supervise(flags *flag.FlagSet) func(context.Context, env) error {
	var o upOptions
	o.declare(flags)
	flags.StringVar(&o.metricsServer, "metrics-server", "", "run this `FILE` for metrics.k8s.io")
	return func(ctx context.Context, _ env) error {
		d, err := o.resolve()
		if err != nil {
			return err
		}
		syscall.CloseOnExec(reportFD)
		out := os.NewFile(reportFD, "reports")
		reports := json.NewEncoder(out)
		err = supervisor.Run(ctx, supervisor.Options{
			Dir: d, Name: o.name, CRDs: o.crds, MetricsServer: o.metricsServer, UntilPid: o.untilPid, Timeout: o.timeout,
			Progress: func(text string) error { return reports.Encode(report{Progress: text}) },
			Ready:    func() error { return errors.Join(reports.Encode(report{Ready: true}), out.Close()) },
		})
		switch {
		case errors.Is(err, supervisor.ErrRunning):
			_ = reports.Encode(report{Running: true})
		case err != nil:
			// Nobody reads it once `up` has returned; then the state file and the log have it.
			_ = reports.Encode(report{Error: err.Error()})
		}
		return err
	}
}
