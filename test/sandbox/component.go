// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kwokcmd "sigs.k8s.io/kwok/pkg/kwok/cmd"

	kwokconfig "sigs.k8s.io/kwok/pkg/config"
	kwoklog "sigs.k8s.io/kwok/pkg/log"
	kwoksignals "sigs.k8s.io/kwok/pkg/utils/signals"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/plane"
)

// components are the main functions of the programs inside this binary; each takes its arguments without a program name
// and returns an exit code.
var components = map[string]func([]string) int{
	plane.Etcd: func(args []string) int {
		etcdmain.Main(append([]string{plane.Etcd}, args...))
		return 0
	},
	plane.APIServer:         func(args []string) int { return run(apiserver.NewAPIServerCommand(), args) },
	plane.ControllerManager: func(args []string) int { return run(controllermanager.NewControllerManagerCommand(), args) },
	plane.Scheduler:         func(args []string) int { return run(scheduler.NewSchedulerCommand(), args) },
	plane.Kwok:              kwok,
}

func run(command *cobra.Command, args []string) int {
	command.SetArgs(args)
	return cli.Run(command)
}

// kwok reads its configuration out of the process's own arguments before its command exists, and needs both in a context.
func kwok(args []string) int {
	flags := pflag.NewFlagSet("global", pflag.ContinueOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	flags.Usage = func() {}
	ctx, _ := kwoklog.InitFlags(kwoksignals.SetupSignalContext(), flags)
	ctx, err := kwokconfig.InitFlags(ctx, flags)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	command := kwokcmd.NewCommand(ctx)
	// Kubernetes has declared a global --version of another type, which cobra would mistake for its own.
	command.Version = ""
	command.SetArgs(args)
	command.PersistentFlags().AddFlagSet(flags)
	if err := command.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
