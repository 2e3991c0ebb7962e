// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package supervisor runs one sandbox: it starts the components as its children, brings the cluster into the state that
// `up` promises, and ends everything as soon as anything ends.
package supervisor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/api"
	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/plane"
	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/proc"
	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/stage"
)

// ErrRunning is returned by Run when another supervisor owns the directory.
var ErrRunning = errors.New("the sandbox is already running")

// errStop is the cause of an end that somebody asked for.
var errStop = errors.New("stopped")

// Options say which sandbox to run.
type Options struct {
	Dir  plane.Dir
	Name string
	// CRDs is the file with the definitions to install: see crd.Load.
	CRDs string
	// MetricsServer is that program, which is to serve metrics.k8s.io; without it that is objects of CRDs.
	MetricsServer string
	// UntilPid is a process with which the sandbox ends; 0 is none.
	UntilPid int
	// Timeout bounds the start.
	Timeout time.Duration
	// Progress tells the starter what happens. An error from it means that the starter is gone, and ends the start.
	Progress func(string) error
	// Ready tells the starter that the sandbox can be used, with the same meaning of an error.
	Ready func() error
}

type supervisor struct {
	Options
	ports     plane.Ports
	authority *plane.Authority
	client    *api.Client
	children  []*proc.Child
	state     State
	began     time.Time
	// fail ends the sandbox; only its first call counts.
	fail context.CancelCauseFunc
}

// Run runs a sandbox until the context ends, the process UntilPid ends, or a component crashes; only the last of these
// is an error, and leaves the directory for its logs. No component is left when it returns. It must be called from the
// main goroutine: the kernel ends the components together with the thread that Run locks.
func Run(ctx context.Context, o Options) error {
	runtime.LockOSThread()
	lock, err := proc.TryLock(o.Dir.Lock())
	if err != nil {
		return err
	}
	if lock == nil {
		return ErrRunning
	}
	defer lock.Unlock()
	asked := ctx
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	if o.UntilPid != 0 {
		gone, err := proc.Gone(o.UntilPid)
		if err != nil {
			return err
		}
		go func() { <-gone; fail(errStop) }()
	}
	s := &supervisor{Options: o, began: time.Now(), fail: fail}
	err = s.run(ctx)
	// A crash makes requests fail, and it is the crash that has to be told.
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	s.stop()
	if asked.Err() != nil || errors.Is(err, errStop) {
		return os.RemoveAll(string(o.Dir))
	}
	s.state.Phase, s.state.Error = Failed, err.Error()
	return errors.Join(err, s.state.write(o.Dir))
}

// run returns an error in any case: why the sandbox could not start, or why it ended.
func (s *supervisor) run(ctx context.Context) error {
	ports, err := proc.ReservePorts(plane.PortCount)
	if err != nil {
		return err
	}
	defer ports.Close()
	if err := s.prepare(ports.Numbers); err != nil {
		return err
	}
	startup, cancel := context.WithTimeoutCause(ctx, s.Timeout, fmt.Errorf("not ready after %s", s.Timeout))
	defer cancel()
	if err := s.start(startup); err != nil {
		return err
	}
	s.state.Phase, s.state.StartSeconds = Ready, time.Since(s.began).Seconds()
	if err := s.state.write(s.Dir); err != nil {
		return err
	}
	if err := s.Ready(); err != nil {
		return starterGone(err)
	}
	<-ctx.Done()
	return context.Cause(ctx)
}

// starterGone ends a sandbox that nobody waits for any more.
func starterGone(err error) error {
	return fmt.Errorf("%w: the starter is gone: %w", errStop, err)
}

// prepare writes all files and makes the client with which the sandbox itself acts.
func (s *supervisor) prepare(free []int) (err error) {
	if s.ports, err = plane.PortsFrom(free); err != nil {
		return err
	}
	s.state = State{Name: s.Name, Phase: Starting, Pid: os.Getpid(), Server: s.ports.Server()}
	if err := s.state.write(s.Dir); err != nil {
		return err
	}
	if s.authority, err = plane.Write(s.Dir, s.Name, s.ports, time.Now()); err != nil {
		return err
	}
	kwok, err := stage.Config{
		PodCIDR: plane.PodCIDR, Port: s.ports.Kwok, CertFile: s.Dir.ServerCert(), KeyFile: s.Dir.ServerKey(),
	}.Render()
	if err != nil {
		return err
	}
	if err := plane.WriteFile(s.Dir.KwokConfig(), kwok); err != nil {
		return err
	}
	s.client, err = s.clientOf(s.ports.Server())
	return err
}

// start brings up the components in the order of their needs, and everything that `up` promises.
func (s *supervisor) start(ctx context.Context) error {
	definitions, err := newDefinitions(s.CRDs, s.MetricsServer == "")
	if err != nil {
		return err
	}
	if err := s.spawn(plane.Etcd); err != nil {
		return err
	}
	if err := s.restore(ctx, definitions); err != nil {
		return err
	}
	if err := s.spawn(plane.APIServer); err != nil {
		return err
	}
	if err := s.await(ctx, "API server", healthy(s.client, "/readyz")); err != nil {
		return err
	}
	if err := s.spawn(plane.ControllerManager, plane.Scheduler); err != nil {
		return err
	}
	// kwok watches its own resources from the start and cannot do without them.
	if err := s.install(ctx, definitions, definitions.kwok); err != nil {
		return err
	}
	if err := s.spawn(plane.Kwok); err != nil {
		return err
	}
	if err := s.furnish(ctx, definitions); err != nil || s.MetricsServer == "" {
		return err
	}
	return s.measure(ctx)
}

// spawn starts components by executing this very program under their names.
func (s *supervisor) spawn(components ...string) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	for _, name := range components {
		if err := s.launch(name, program, name); err != nil {
			return err
		}
	}
	return s.state.write(s.Dir)
}

// launch starts a component: a program with its first arguments, before those of the component.
func (s *supervisor) launch(name, program string, first ...string) error {
	args, err := plane.Args(name, s.Dir, s.ports)
	if err != nil {
		return err
	}
	// Nothing of the user's environment: a proxy, a KUBECONFIG or a ~/.kwok would change what runs.
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + string(s.Dir), "KWOK_WORKDIR=" + string(s.Dir)}
	child, err := proc.Start(name, s.Dir.Log(name), env, program, append(first, args...)...)
	if err != nil {
		return err
	}
	go func() { <-child.Done(); s.fail(child.Err()) }()
	s.children = append(s.children, child)
	s.state.Components = append(s.state.Components, Component{Name: name, Pid: child.Pid(), Log: child.Log})
	return nil
}

// stop ends all components. None of them has anything to save.
func (s *supervisor) stop() {
	for _, child := range s.children {
		child.Kill()
	}
}
