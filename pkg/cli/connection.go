// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/rest"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// unthrottled switches client-go's own rate limit off.
const unthrottled = -1

// The headers by which an API server's audit log tells commands apart (KEP-859),
// and kubectl's switch for them.
const (
	commandHeader    = "Kubectl-Command"
	sessionHeader    = "Kubectl-Session"
	commandHeaderVar = "KUBECTL_COMMAND_HEADERS"
)

// connectionFlags are kubectl's global flags: which cluster, as whom, in which
// namespace; plus --warnings-as-errors.
type connectionFlags struct {
	*genericclioptions.ConfigFlags
	// WarningsAsErrors makes a warning of the API server fail the command.
	WarningsAsErrors bool

	factory  *Factory
	warnings *warnings
	session  string
}

func newConnectionFlags(f *Factory) *connectionFlags {
	c := &connectionFlags{factory: f, warnings: newWarnings(f), session: uuid.NewString()}
	c.ConfigFlags = genericclioptions.NewConfigFlags(true).
		WithDiscoveryBurst(0).WithDiscoveryQPS(unthrottled).
		WithWarningPrinter(genericiooptions.IOStreams{In: f.Streams.In, Out: f.Streams.Out, ErrOut: f.Streams.ErrOut}).
		WithWrapConfigFn(c.wrap)
	return c
}

// AddFlags adds kubectl's flags, unchanged, and --warnings-as-errors.
func (c *connectionFlags) AddFlags(flags *pflag.FlagSet) {
	c.ConfigFlags.AddFlags(flags)
	flags.Lookup("cache-dir").DefValue = "$HOME/.kube/cache" // help and generated pages are the same on every machine
	flags.BoolVar(&c.WarningsAsErrors, "warnings-as-errors", c.WarningsAsErrors,
		"Treat warnings received from the server as errors and exit with a non-zero exit code")
}

// restConfig refuses to fall back to localhost:8080, which is what client-go
// does when nobody has told it about any cluster.
func (c *connectionFlags) restConfig() (*rest.Config, error) {
	loader := c.ToRawKubeConfigLoader()
	raw, err := loader.RawConfig()
	if err != nil {
		return nil, fault.New(fault.Failed, "read the kubeconfig").Because(err).Try("kubectl config view")
	}
	if name := *c.Context; name != "" && raw.Contexts[name] == nil {
		return nil, noContext(name, slices.Sorted(maps.Keys(raw.Contexts)))
	}
	getenv := c.factory.Getenv
	told := len(raw.Clusters) > 0 || *c.APIServer != "" ||
		getenv("KUBERNETES_MASTER") != "" || getenv("KUBERNETES_SERVICE_HOST") != ""
	if !told {
		return nil, noCluster(loader.ConfigAccess().GetLoadingPrecedence(), instead(c.factory.typed))
	}
	return c.ToRESTConfig()
}

// wrap completes a connection before its first use.
func (c *connectionFlags) wrap(config *rest.Config) *rest.Config {
	config.QPS, config.Burst = unthrottled, 0
	config.UserAgent = c.factory.Build.UserAgent()
	config.WarningHandler = c.warnings
	if on, err := strconv.ParseBool(c.factory.Getenv(commandHeaderVar)); err == nil && !on {
		return config
	}
	command := c.factory.command
	if command == "" {
		command = Name // completion: no command is running
	}
	headers := map[string]string{commandHeader: command, sessionHeader: c.session}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return &genericclioptions.CommandHeaderRoundTripper{Delegate: next, Headers: headers}
	})
	return config
}

// raw returns the kubeconfig, an empty one when it cannot be read.
func (c *connectionFlags) raw() clientcmdapi.Config {
	config, err := c.ToRawKubeConfigLoader().RawConfig()
	if err != nil {
		return clientcmdapi.Config{}
	}
	return config
}

// verdict fails a command that worked but was warned, when that is wanted.
func (c *connectionFlags) verdict() error {
	count := c.warnings.WarningCount()
	if !c.WarningsAsErrors || count == 0 {
		return nil
	}
	noun := "warnings"
	if count == 1 {
		noun = "warning"
	}
	return fault.New(fault.Negative, "%d %s received", count, noun)
}
