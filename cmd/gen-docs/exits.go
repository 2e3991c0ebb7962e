// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// answers are what exit codes mean for one command, where that is more than they mean
// for all, by the words of the command.
var answers = map[string]map[int]string{
	"canary":                    {6: "the new version is not ready for the share, or somebody else drives the route"},
	"canary abort":              {5: "somebody has written the weights since", 6: "the version that gets the traffic back is not ready for it"},
	"canary plan":               {6: "the shift would be refused"},
	"completion install":        {5: "a file of somebody else has the name of the helper"},
	"diagnose":                  {1: "something is wrong, at --fail-on or above"},
	"diagnose path":             {1: "denied", 4: "unknown"},
	"monitor check":             {1: "a criterion is not met", 4: "there is too little to decide on"},
	"monitor compare":           {1: "worse", 4: "there is too little to decide on"},
	"monitor doctor":            {1: "a chain is broken", 4: "a link is unknown, and none is broken"},
	"monitor logs":              {4: "there are no pods, or no logs yet"},
	"monitor query":             {4: "no series"},
	"monitor stat":              {4: "nothing at all was measured"},
	"scaffold detect":           {4: "with --strict: something is ambiguous, or there is no service"},
	"scaffold diff":             {1: "there is a difference"},
	"scaffold generate":         {5: "another run is writing into the folder", 6: "the folder holds what was not generated, or an object would be refused"},
	"scaffold import cluster":   {6: "there is an app file, which is not written over"},
	"scaffold import compose":   {6: "there is an app file, which is not written over"},
	"scaffold import manifests": {6: "there is an app file, which is not written over"},
	"scaffold init":             {4: "something is ambiguous", 6: "there is an app file, which is not written over"},
	"scaffold lint":             {1: "something was found"},
	"scaffold update":           {5: "changes by hand and generated ones meet; the rest is written", 6: "the lock cannot be trusted"},
	"secure allow":              {6: "somebody who has to get through would be cut off"},
	"secure audit":              {1: "something was found, at --fail-on or above"},
	"secure check":              {1: "denied", 4: "unknown"},
	"secure deny-by-default":    {6: "somebody who has to get through would be cut off"},
	"secure diff":               {1: "connections would be lost or gained", 4: "whether they would is unknown"},
	"secure lint":               {1: "something was found, at --fail-on or above"},
	"secure map":                {4: "manifests could not be read, and may hold a policy"},
	"secure mtls":               {1: "client and server of a connection do not agree", 4: "manifests could not be read, and may hold a policy", 6: "somebody would be locked out"},
	"secure plan":               {4: "with --from: manifests could not be read, and may hold a policy", 6: "somebody who has to get through would be cut off"},
}

// exits are the exit codes that matter for a command, besides those that every command
// has: what its flags bring with them, and what it answers.
func exits(c *cobra.Command) map[int]string {
	out := map[int]string{}
	has := func(flag string) bool { return c.Flags().Lookup(flag) != nil }
	if f := c.Flags().Lookup("field-manager"); f != nil && !f.Hidden { // others write files
		out[5] = "somebody else wrote the same meanwhile"
		out[6] = "a check refuses it, or nobody confirmed"
	}
	if has("diff") {
		out[1] = "--diff found a difference"
	}
	if has("fail-on") {
		out[1] = "something was found, at --fail-on or above"
	}
	if has("output-dir") && has("force") {
		out[6] = "a file in --output-dir says something else; --force writes over it"
	}
	if has("timeout") {
		out[124] = "--timeout ran out"
	}
	for code, text := range answers[words(c)] {
		if before := out[code]; before != "" && code == 1 && has("diff") {
			text = before + "; " + text
		}
		out[code] = text
	}
	return out
}

// exitCodePage is docs/exit-codes.md.
func exitCodePage(commands []*cobra.Command) tree {
	var b bytes.Buffer
	b.WriteString(comment)
	b.WriteString("# Exit codes\n\nEvery command has the same codes, whatever `-o` says. `kubectl micro help exit-codes` tells the same in a terminal.\n\n")
	b.WriteString("| code | meaning | what to do |\n|---|---|---|\n")
	for _, c := range cli.ExitCodes() {
		fmt.Fprintf(&b, "| %d | %s | %s |\n", c.Number, prose(cell(c.Meaning)), prose(cell(c.Next)))
	}
	b.WriteString(`
Standard output holds the answer, for 1 too; errors, hints and progress are on standard
error. With ` + "`--warnings-as-errors`" + `, warnings of the API server make a 0 a 1.

In a script, tell "no" from "could not say":

` + "```sh" + `
kubectl micro monitor check user-service --success '>=99'
case $? in
  0) echo "go on" ;;
  1) kubectl micro canary abort user-service ;;
  4) echo "too little traffic to decide" ;;
  *) exit 1 ;;
esac
` + "```" + `

## By command

Besides 0, 2 and 3, which every command has, 124 of those with ` + "`--timeout`" + `, and signals:

| command | code | means |
|---|---|---|
`)
	for _, c := range commands {
		codes := exits(c)
		delete(codes, int(fault.Timeout))
		for _, code := range slices.Sorted(maps.Keys(codes)) {
			fmt.Fprintf(&b, "| [%s](%s) | %d | %s |\n", words(c), strings.TrimPrefix(pageOf(c), "docs/"), code, prose(cell(codes[code])))
		}
	}
	return tree{"docs/exit-codes.md": b.Bytes()}
}
