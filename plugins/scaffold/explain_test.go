// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/explain"
	"github.com/kubectl-micro/kubectl-micro/plugins/scaffold"
)

// The flags that are said to change a field are flags of "scaffold NAME".
func TestExplainedFlagsExist(t *testing.T) {
	flags := scaffold.NewCommand(cli.NewFactory(cli.System(), cli.ReadBuild("v0.0.0"))).Flags()
	for _, f := range explain.Fields() {
		for _, name := range f.Flags {
			if flags.Lookup(name) == nil {
				t.Errorf("%s: there is no flag --%s", f.Path, name)
			}
		}
	}
}
