// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// Code is one of the suite's exit codes.
type Code struct {
	Number int
	// Meaning is one line.
	Meaning string
	// Next is what somebody who gets it does, in full sentences.
	Next string
}

// ExitCodes returns all there are, ascending.
func ExitCodes() []Code {
	return []Code{
		{0, "done, clean, allowed, unchanged", "Go on."},
		{int(fault.Negative), "the answer is no: findings at --fail-on or above, a difference, denied, gate failed",
			"The command worked. Read the answer on standard output."},
		{int(fault.Usage), "usage: a bad flag, an unknown or ambiguous target",
			"Mend the command line; the hint below the error has candidates to paste. The same line fails again."},
		{int(fault.Failed), "could not do it: API, I/O, forbidden, data source unreachable",
			"Mend what the error names: a connection, a right, a file. Some of it passes by itself, so that trying again is sound."},
		{int(fault.Undecided), "undecided: paused, inconclusive, unknown verdict, no data",
			"Neither yes nor no. Wait for more data, or give the command what it says it could not see. Do not take it for a success."},
		{int(fault.Conflict), "conflict: another writer, a lock, a merge conflict",
			"Somebody else wrote the same. Nothing of theirs was overwritten. Look at it, then run the command again."},
		{int(fault.Refused), "refused by a preflight check or an invariant; nothing was written",
			"The error says what would have broken, and which flag goes on all the same."},
		{int(fault.Timeout), "the time given by --timeout ran out", "Give it more time, or look for what it waited for."},
		{int(fault.Interrupted), "interrupted (SIGINT)", "Somebody pressed Ctrl-C."},
		{int(brokenPipe), "the reader of the output went away (SIGPIPE)", "Usual before head and grep -q; nothing is said."},
		{int(fault.Terminated), "terminated (SIGTERM)", "Something ended the process: a pipeline's own timeout, say."},
	}
}

// Variable is an environment variable that the suite reads.
type Variable struct {
	Name string
	// Use says what it does, in one or two sentences.
	Use string
	// System marks those that are there for all programs.
	System bool
}

// flagVariable stands for the variables of flags, see settings.Variable.
const flagVariable = "KUBECTL_MICRO_FLAG"

// Environment returns the variables that the suite reads, ours first.
func Environment() []Variable {
	return []Variable{
		{Name: settingsVar, Use: "File with values for flags that are not given; ~/.kube/micro.yaml if not set"},
		{Name: flagVariable, Use: `Value of --flag where it is not given: KUBECTL_MICRO_TIMEOUT=1m. "kubectl micro config view --all" lists the flags that can be set, and where their values come from`},
		{Name: "KUBECONFIG", Use: "Files with the connections to clusters, as for kubectl"},
		{Name: "KUBECACHEDIR", Use: "Directory of the discovery cache, shared with kubectl"},
		{Name: render.ExternalDiffVar, Use: "Program that shows differences for --diff, as for kubectl diff"},
		{Name: commandHeaderVar, Use: "Set to false to leave the command's name out of API requests"},
		{Name: "NO_COLOR", Use: "Set to anything for output without colour; --color outranks it"},
		{Name: "HOME", System: true, Use: "Where ~/.kube is; USERPROFILE on Windows"},
		{Name: "USERPROFILE", System: true, Use: "Where ~/.kube is on Windows, if HOME is not set"},
		{Name: "USER", System: true, Use: "Who began a canary, as the route's annotation says; USERNAME on Windows"},
		{Name: "USERNAME", System: true, Use: "Who began a canary, on Windows, if USER is not set"},
		{Name: "PATH", System: true, Use: "Where version looks for programs that hide this one, and completion install for its own folder"},
		{Name: "TMPDIR", System: true, Use: "Where --diff puts the files that the external program compares"},
		{Name: "TERM", System: true, Use: "No colour if it is dumb"},
		{Name: "HTTPS_PROXY", System: true, Use: "Proxy to clusters, to Prometheus and to files with a URL; also HTTP_PROXY and NO_PROXY"},
		{Name: "KUBERNETES_SERVICE_HOST", System: true, Use: "Set in pods: without a kubeconfig, the pod's cluster and service account are used"},
		{Name: "KUBERNETES_MASTER", System: true, Use: "Address of the API server where no kubeconfig has one, as for kubectl"},
		{Name: "GOGC", System: true, Use: "Tuning of the Go runtime; if set, the commands do not tune memory themselves"},
		{Name: "GOMEMLIMIT", System: true, Use: "Like GOGC"},
	}
}

// exitCodes is the text of the topic.
func exitCodes() string {
	var b strings.Builder
	b.WriteString("Every command, whatever its output format, exits with\n\n")
	for _, c := range ExitCodes() {
		fmt.Fprintf(&b, "  %-4d %s\n", c.Number, c.Meaning)
	}
	return b.String()
}

// environment is the text of the topic.
func environment() string {
	var b strings.Builder
	for _, system := range []bool{false, true} {
		if system {
			b.WriteString("\nAnd what other programs read too:\n\n")
		}
		for _, v := range Environment() {
			if v.System == system {
				const column = 31
				use := wrap(v.Use, strings.Repeat(" ", column), 75)
				fmt.Fprintf(&b, "%-*s%s\n", column, v.Name, use[column:])
			}
		}
	}
	return b.String()
}
