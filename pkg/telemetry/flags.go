// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/prom"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// The values of --source, beside file:PATH[,PATH].
const (
	Auto       = "auto"
	Prometheus = "prometheus"
	Envoy      = "envoy"
	none       = "none"
	filePrefix = "file:"
)

// Flags say where golden signals come from. The zero value is not valid: see
// AddFlags for the defaults.
type Flags struct {
	// Source is --source: auto, prometheus, envoy or file:PATH[,PATH].
	Source string
	// Connection is which Prometheus, and how.
	Connection
	// Profile is --profile: auto or the name of one.
	Profile string
	// Window is what rates are taken over.
	Window time.Duration
	// At is --at: an instant or an age; empty is now.
	At string
	// GRPC says which gRPC statuses are failures; see [signals.ParsePolicy].
	GRPC string
	// Scrape is the time between the two scrapes of --source envoy.
	Scrape time.Duration

	// set is where the flags were added.
	set *pflag.FlagSet
}

// apart reports whether somebody said how far apart two scrapes are.
func (f *Flags) apart() bool { return f.set != nil && f.set.Changed("scrape-interval") }

// Connection says which Prometheus is asked, and how. A verb that needs nothing
// but Prometheus has these flags alone.
type Connection struct {
	// Prometheus is --prometheus: auto, none, a URL or [svc:]NS/NAME[:PORT].
	Prometheus string
	// ShowQueries prints what is asked, and whom, on stderr.
	ShowQueries bool

	TokenFile, CAFile string
	Insecure          bool
	Headers           []string
}

// AddFlags adds the flags.
func (c *Connection) AddFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	c.Prometheus = Auto
	flags.StringVar(&c.Prometheus, "prometheus", c.Prometheus,
		"Prometheus to ask: auto finds that of the cluster, none, a URL, or [svc:]NAMESPACE/NAME[:PORT][/PREFIX] of a Service")
	flags.StringVar(&c.TokenFile, "prometheus-token-file", "", "File with a bearer token for the URL of --prometheus")
	flags.StringVar(&c.CAFile, "prometheus-ca-file", "", "File with the certificates that sign that of the URL of --prometheus")
	_ = cobra.MarkFlagFilename(flags, "prometheus-token-file")
	_ = cobra.MarkFlagFilename(flags, "prometheus-ca-file", "pem", "crt", "cer")
	flags.BoolVar(&c.Insecure, "prometheus-insecure-skip-tls-verify", false, "Trust any certificate at the URL of --prometheus")
	flags.StringArrayVar(&c.Headers, "prometheus-header", nil, "Header for the URL of --prometheus, 'NAME: VALUE'; may be repeated")
	flags.BoolVar(&c.ShowQueries, "show-queries", false, "Print what is asked, and whom, on standard error")
	cli.Offer(flags, "prometheus", Auto, none)
}

// Named reports whether somebody has said which Prometheus is meant, or that none is.
func (c *Connection) Named() bool { return c.Prometheus != Auto && c.Prometheus != "" }

// Validate reports values that cannot be.
func (c *Connection) Validate() error {
	for _, h := range c.Headers {
		if _, _, err := prom.ParseHeader(h); err != nil {
			return err
		}
	}
	direct := c.TokenFile != "" || c.CAFile != "" || c.Insecure || len(c.Headers) > 0
	switch {
	case !c.Named() || strings.Contains(c.Prometheus, "://"):
		return nil
	case direct:
		return fault.Usagef("--prometheus-token-file, -ca-file, -insecure-skip-tls-verify and -header go with a URL, found --prometheus %s", c.Prometheus).
			Try("through the API server its own credentials are used: leave them out")
	case c.Prometheus == none:
		return nil
	}
	_, err := prom.ParseService(c.Prometheus)
	return err
}

// AddFlags adds the flags.
func (f *Flags) AddFlags(cmd *cobra.Command) {
	f.Connection.AddFlags(cmd)
	flags := cmd.Flags()
	f.set = flags
	f.Source, f.Profile, f.Window, f.GRPC, f.Scrape = Auto, Auto, 5*time.Minute, "server", 10*time.Second
	flags.StringVar(&f.Source, "source", f.Source,
		"Where requests are counted: prometheus, envoy (two scrapes of the sidecars), or file:PATH[,PATH] (two of them, saved; - is standard input); auto is prometheus")
	flags.StringVar(&f.Profile, "profile", f.Profile, "How metrics are named: "+strings.Join(profileNames(), ", ")+"; auto finds out")
	f.addTime(flags)
	flags.StringVar(&f.GRPC, "grpc-errors", f.GRPC, "gRPC statuses that are failures: server (2,4,13,14,15), all, or a list like 2,unavailable")
	flags.DurationVar(&f.Scrape, "scrape-interval", f.Scrape, "Time between the two scrapes of --source envoy, or of the files")
	cli.Offer(flags, "source", Auto, Prometheus, Envoy, filePrefix)
	cli.Offer(flags, "profile", append([]string{Auto}, profileNames()...)...)
	cli.Offer(flags, "grpc-errors", "server", "all")
}

func (f *Flags) addTime(flags *pflag.FlagSet) {
	flags.DurationVar(&f.Window, "window", f.Window, "Time that rates are taken over; four scrapes at least")
	flags.StringVar(&f.At, "at", f.At, "Instant to look at: RFC 3339, seconds since 1970, or an age like 10m; the default is now")
}

// Validate reports values that cannot be.
func (f *Flags) Validate() error {
	if err := f.Connection.Validate(); err != nil {
		return err
	}
	switch {
	case f.Source == Auto || f.Source == Prometheus || f.Source == Envoy:
	case strings.HasPrefix(f.Source, filePrefix) && f.files() != nil:
	default:
		return fault.Usagef("--source %q: expected auto, prometheus, envoy or file:PATH[,PATH]", f.Source)
	}
	if f.Profile != Auto {
		if _, err := signals.ProfileNamed(f.Profile); err != nil {
			return err
		}
	}
	if strings.HasPrefix(f.Source, filePrefix) && f.set != nil && f.set.Changed("prometheus") && f.Prometheus != none {
		return fault.Usagef("--source %s and --prometheus %s are two sources: expected one", f.Source, f.Prometheus).Try("leave one of them out")
	}
	if f.Source == Envoy && f.At != "" {
		return fault.Usagef("--at is about the past, --source envoy knows only now")
	}
	if f.Source == Envoy && f.Scrape < time.Second {
		return fault.Usagef("--scrape-interval %s: expected a second at least", f.Scrape)
	}
	if f.Window <= 0 {
		return fault.Usagef("--window %s: expected more than nothing", f.Window)
	}
	_, err := signals.ParsePolicy(f.GRPC)
	return err
}

// files are those of --source file:, nil if one has no name.
func (f *Flags) files() []string {
	paths := strings.Split(strings.TrimPrefix(f.Source, filePrefix), ",")
	if slices.Contains(paths, "") || len(paths) > 2 {
		return nil
	}
	return paths
}

func profileNames() []string {
	var out []string
	for _, p := range signals.Profiles() {
		out = append(out, p.Name)
	}
	return out
}
