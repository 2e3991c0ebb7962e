// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package trace asks the connectivity engine about one request and shows the
// answer: the one definition of `secure check` and `diagnose path`.
package trace

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// Flags are those of a question about one request.
type Flags struct {
	World   world.Flags
	Engine  EngineFlags
	report  *cli.ReportFlags
	explain Explain
	quiet   bool

	method, path, host, protocol, fromIP string
	headers, claims                      []string
	port                                 int32
	plaintext                            bool
}

// NewFlags returns the flags; explain is how much text shows by itself.
func NewFlags(explain Explain) *Flags {
	return &Flags{report: cli.NewReportFlags("text", "json", "yaml"), explain: explain}
}

// AddFlags adds the flags.
func (f *Flags) AddFlags(cmd *cobra.Command) {
	f.World.AddFlags(cmd, "look at")
	f.Engine.AddFlags(cmd.Flags())
	f.report.AddFlags(cmd.Flags())
	flags := cmd.Flags()
	flags.StringVar(&f.method, "method", "", "HTTP method of the request, GET and so on")
	flags.StringVar(&f.path, "path", "", "Path of the request; of gRPC /package.Service/Method")
	flags.StringVar(&f.host, "host", "", "Host header (authority) of the request; the name of the target by default")
	flags.StringArrayVar(&f.headers, "header", nil, "Header of the request, name=value; may be given several times")
	flags.StringArrayVar(&f.claims, "claims", nil, "Claims of the request's valid token, name=value: iss=https://id.example,sub=alice; none means no token")
	flags.StringVar(&f.fromIP, "from-ip", "", "Address of the first client, as X-Forwarded-For has it")
	flags.StringVar(&f.protocol, "protocol", "TCP", "Protocol of the connection: TCP, UDP or SCTP")
	flags.Int32Var(&f.port, "port", 0, "Port of the target; that behind its colon, or its first, by default")
	flags.BoolVar(&f.plaintext, "plaintext", false, "The caller sends past its proxy, as an init container does")
	cli.EnumVar(flags, &f.explain, "explain", "", "What text shows: the layers of security and what is not well, every hop, or the verdict alone", Short, Full, None)
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "Print nothing: the exit code is the answer")
	cli.Offer(flags, "method", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
	cli.Offer(flags, "protocol", "TCP", "UDP", "SCTP")
}

// Args accepts two ends: "A B", "A to B", or both in one quoted argument.
func Args(cmd *cobra.Command, args []string) error {
	_, _, err := Ends(cmd, args)
	return err
}

// Ends splits the arguments. An arrow without quotes is a redirect in a shell.
func Ends(cmd *cobra.Command, args []string) (from, to string, err error) {
	for _, arg := range args {
		if arg == "-" {
			return "", "", fault.Usagef(`found "-" as an argument: a shell takes "->" without quotes for a redirect and writes to the file behind it`).
				Try("%s A B, or in quotes: %s 'A -> B'", cmd.CommandPath(), cmd.CommandPath())
		}
	}
	switch {
	case len(args) == 1 && strings.Contains(args[0], "->"):
		from, to, _ = strings.Cut(args[0], "->")
	case len(args) == 2:
		from, to = args[0], args[1]
	case len(args) == 3 && args[1] == "to":
		from, to = args[0], args[2]
	case len(args) == 0:
		return "", "", fault.Usagef("expected two ends, who calls and what is called, found none").
			Try("%s deploy/frontend svc/backend", cmd.CommandPath())
	case len(args) == 1:
		return "", "", fault.Usagef("expected two ends, who calls and what is called, found one: %q", args[0]).
			Try("%s %s svc/backend", cmd.CommandPath(), cli.Quote(args[0]))
	default:
		return "", "", fault.Usagef("expected two ends, who calls and what is called, found %d: %q", len(args), args).
			Try("%s deploy/frontend svc/backend", cmd.CommandPath())
	}
	from, to = strings.TrimSpace(from), strings.TrimSpace(to)
	if from == "" || to == "" {
		return "", "", fault.Usagef("expected two ends, found %q and %q", from, to).Try("%s deploy/frontend svc/backend", cmd.CommandPath())
	}
	return from, to, nil
}

// Run asks and prints; the exit code is 0 for allowed, 1 for denied and 4 for
// unknown.
func (f *Flags) Run(factory *cli.Factory, cmd *cobra.Command, args []string) error {
	from, to, err := Ends(cmd, args)
	if err != nil {
		return err
	}
	request, err := f.request()
	if err != nil {
		return err
	}
	if err := f.report.Validate(); err != nil {
		return err
	}
	if err := f.World.Validate(); err != nil {
		return err
	}
	w, err := world.New(factory, cmd, &f.World, false)
	if err != nil {
		return err
	}
	return f.World.Timeout.Run(cmd.Context(), func(ctx context.Context) error {
		seen, err := See(ctx, w, around(w.Namespace, from, to))
		if err != nil {
			return err
		}
		if w.Named {
			if err := w.Exists(seen.Snapshot); err != nil {
				return err
			}
		}
		answer, err := f.ask(reach.New(seen.Snapshot, f.Engine.Options()), w.Home(seen.Snapshot), from, to, request)
		if err != nil {
			return err
		}
		Unread(factory, seen.Unread)
		doubt(&answer, seen.Unread)
		return f.tell(factory, answer, Remedy(answer, cli.Repeat(cmd, f.World.Files)))
	})
}

// doubt takes back that something is allowed where documents were not read: one of them
// may be the policy that denies it.
func doubt(a *reach.Answer, unread []error) {
	if len(unread) > 0 && a.Verdict == verdict.Allow {
		a.Verdict = verdict.Unknown
		a.Unknowns = append(a.Unknowns, Doubt(unread))
	}
}

// Doubt says why verdicts are not known, empty if all was read.
func Doubt(unread []error) string {
	if len(unread) == 0 {
		return ""
	}
	return cli.Plural(len(unread), "document") + " could not be read, and may hold a policy"
}

func (f *Flags) ask(e *reach.Engine, namespace, from, to string, r reach.Request) (reach.Answer, error) {
	caller, err := e.End(from, namespace)
	if err != nil {
		return reach.Answer{}, err
	}
	target, err := e.End(to, namespace)
	if err != nil {
		return reach.Answer{}, err
	}
	return e.Check(caller, target, r), nil
}

// request is what the flags describe.
func (f *Flags) request() (reach.Request, error) {
	r := reach.Request{
		Method: f.method, Path: f.path, Host: f.host, FromIP: f.fromIP, Port: f.port, Plaintext: f.plaintext,
		Protocol: corev1.Protocol(strings.ToUpper(f.protocol)),
	}
	switch r.Protocol {
	case corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP:
	default:
		return r, fault.Usagef("--protocol %q: expected TCP, UDP or SCTP", f.protocol)
	}
	if f.port < 0 || f.port > 65535 {
		return r, fault.Usagef("--port %d: expected 1 to 65535", f.port)
	}
	if f.path != "" && !strings.HasPrefix(f.path, "/") {
		return r, fault.Usagef("--path %q: expected a path that begins with /", f.path)
	}
	for _, h := range f.headers {
		name, value, ok := strings.Cut(h, "=")
		if !ok || name == "" {
			return r, fault.Usagef("--header %q: expected name=value", h)
		}
		if r.Headers == nil {
			r.Headers = map[string]string{}
		}
		r.Headers[name] = value
	}
	for _, list := range f.claims {
		for _, c := range strings.Split(list, ",") {
			name, value, ok := strings.Cut(c, "=")
			if !ok || name == "" {
				return r, fault.Usagef("--claims %q: expected name=value", c).Try("--claims iss=https://id.example,sub=alice")
			}
			if r.Claims == nil {
				r.Claims = map[string][]string{}
			}
			r.Claims[name] = append(r.Claims[name], value)
		}
	}
	return r, nil
}

// tell prints the answer and turns it into the exit code.
func (f *Flags) tell(factory *cli.Factory, a reach.Answer, remedy string) error {
	var err error
	switch {
	case f.quiet:
	case f.report.Output == "text":
		err = Text(factory.Streams.Out, a, Style{Explain: f.explain, Palette: factory.Colors(), Remedy: remedy})
	default:
		err = render.Report(factory.Streams.Out, f.report.Output, Path(a))
	}
	if err != nil {
		return err
	}
	if !f.quiet && f.report.Output == "text" && f.explain == None { // else the hops say so
		for _, u := range a.Unknowns {
			fmt.Fprintf(factory.Streams.ErrOut, "unknown: %s\n", render.Sanitise(u))
		}
	}
	switch a.Verdict {
	case verdict.Deny:
		return fault.Silently(fault.Negative)
	case verdict.Unknown:
		return fault.Silently(fault.Undecided)
	}
	return nil
}

// Unread says what of a world could not be read.
func Unread(f *cli.Factory, errs []error) {
	for _, err := range errs {
		fmt.Fprintf(f.Streams.ErrOut, "not read: %s\n", render.Sanitise(err.Error()))
	}
}
