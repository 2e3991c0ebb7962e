// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/api"
	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/crd"
	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/plane"
	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/supervisor"
	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/world"
)

func kubeconfig(flags *flag.FlagSet) func(context.Context, env) error {
	var t target
	t.declare(flags)
	user := flags.String("user", "", "make a kubeconfig for user `NAME` (default: the administrator's)")
	groups := flags.String("groups", "", "comma separated `GROUPS` of the user")
	expired := flags.Bool("expired", false, "make the user's certificate an expired one")
	return func(_ context.Context, e env) error {
		if *user == "" && (*groups != "" || *expired) {
			return usagef("--groups and --expired need --user")
		}
		d, err := t.resolve()
		if err != nil {
			return err
		}
		state, _, err := supervisor.Read(d)
		if err != nil {
			return notFound(d, err)
		}
		data, err := kubeconfigOf(d, state, *user, *groups, *expired)
		if err != nil {
			return err
		}
		_, err = e.out.Write(data)
		return err
	}
}

func kubeconfigOf(d plane.Dir, state supervisor.State, user, groups string, expired bool) ([]byte, error) {
	if user == "" {
		return os.ReadFile(d.Kubeconfig())
	}
	authority, err := plane.ReadAuthority(d)
	if err != nil {
		return nil, err
	}
	sign := authority.Access
	if expired {
		sign = authority.ExpiredAccess
	}
	access, err := sign(state.Name, state.Server, user, split(groups), time.Now())
	if err != nil {
		return nil, err
	}
	return access.Kubeconfig()
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}

func load(flags *flag.FlagSet) func(context.Context, env) error {
	var t target
	t.declare(flags)
	var w world.World
	flags.StringVar(&w.Prefix, "prefix", "world", "`PREFIX` of the namespaces' names")
	flags.IntVar(&w.Namespaces, "namespaces", 2, "`NUMBER` of namespaces")
	flags.IntVar(&w.Services, "services", 5, "`NUMBER` of services in each namespace")
	flags.IntVar(&w.Pods, "pods", 2, "`NUMBER` of pods in each of a service's two deployments")
	flags.BoolVar(&w.Policies, "policies", false, "put each service into the mesh, with policies of its own")
	workers := flags.Int("workers", 8, "`NUMBER` of requests in flight")
	wait := flags.Bool("wait", true, "wait until all pods are Ready")
	timeout := flags.Duration("timeout", 10*time.Minute, "how long all of it may take")
	return func(ctx context.Context, e env) error {
		if !nameSyntax.MatchString(w.Prefix) {
			return usagef("expected a prefix of lower case letters, digits and dashes, found %q", w.Prefix)
		}
		if min(w.Namespaces, w.Services, w.Pods) < 0 || *workers < 1 {
			return usagef("expected numbers that are not negative, and at least one worker")
		}
		client, err := operator(t)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, *timeout)
		defer cancel()
		began := time.Now()
		loader := world.Loader{Client: client, Workers: *workers, Progress: e.progress}
		if err := loader.Load(ctx, w); err != nil {
			return err
		}
		fmt.Fprintf(e.progress, "created %d objects in %.1f s\n", w.ObjectCount(), time.Since(began).Seconds())
		if !*wait {
			return nil
		}
		if err := loader.Wait(ctx, w); err != nil {
			return err
		}
		fmt.Fprintf(e.progress, "%d pods ready after %.1f s\n", w.PodCount(), time.Since(began).Seconds())
		return nil
	}
}

// operator is a client that acts as the sandbox itself.
func operator(t target) (*api.Client, error) {
	d, err := t.resolve()
	if err != nil {
		return nil, err
	}
	state, running, err := supervisor.Read(d)
	if err != nil {
		return nil, notFound(d, err)
	}
	if !running {
		return nil, fmt.Errorf("the sandbox in %s is not running, start it with `sandbox up`", d)
	}
	authority, err := plane.ReadAuthority(d)
	if err != nil {
		return nil, err
	}
	access, err := authority.Access(state.Name, state.Server, plane.Operator, []string{plane.Masters}, time.Now())
	if err != nil {
		return nil, err
	}
	return api.New(access)
}

func crds(flags *flag.FlagSet) func(context.Context, env) error {
	output := flags.String("output", "", "write to `FILE` (default: the user's cache, where `up` looks)")
	return func(ctx context.Context, e env) error {
		file := *output
		if file == "" {
			var err error
			if file, err = crd.CacheFile(); err != nil {
				return err
			}
		}
		if err := collect(ctx, file, e); err != nil {
			return err
		}
		_, err := fmt.Fprintln(e.out, file)
		return err
	}
}

func collect(ctx context.Context, file string, e env) error {
	fmt.Fprintf(e.progress, "collecting CRDs into %s\n", file)
	return crd.Save(ctx, file, crd.Sources)
}
