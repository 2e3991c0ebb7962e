// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/roles"
)

// The topic lists all roles; below it is YAML and nothing else, for kubectl apply.
func TestRights(t *testing.T) {
	list := call(t, cli.Streams{}, nil, "help", "rbac")
	for _, plugin := range roles.Plugins() {
		for _, r := range roles.Of(plugin) {
			if !strings.Contains(list.out, "  "+roles.Prefix+r.Name+"\n    ") {
				t.Errorf("%s is not in\n%s", r.Name, list.out)
			}
		}
		if got := call(t, cli.Streams{}, nil, "help", "rbac", plugin); got.out != roles.File(plugin) || got.errOut != "" {
			t.Errorf("help rbac %s: got %q and %q, want %q", plugin, got.out, got.errOut, roles.File(plugin))
		}
	}
	const hint = "kubectl micro help rbac canary\n"
	if got := call(t, cli.Streams{}, nil, "help", "rbac", "canari"); got.code != 2 || !strings.HasSuffix(got.errOut, hint) {
		t.Errorf("exit code %d, %q: want 2 and %q", got.code, got.errOut, hint)
	}
}
