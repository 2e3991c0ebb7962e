// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package roles holds the smallest rights with which the commands of each plugin say
// all they can say. The YAML files are the source of the help topic and of docs/rbac.md;
// test/e2e proves on an API server that they are enough, and that none is too many.
package roles

import (
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

//go:embed *.yaml
var files embed.FS

// Prefix starts the names of all ClusterRoles; Role.Name goes without it.
const Prefix = "kubectl-micro-"

// Role is one ClusterRole. What it is bound with decides where it holds.
type Role struct {
	// Name is that of the ClusterRole without Prefix: "canary-read".
	Name string
	// Use is what the role is for, besides which others, and how to bind it, in lines
	// of prose.
	Use string
	// YAML is the object with Use as its comment.
	YAML string
}

// Plugins are the plugins with roles, in the order in which the suite lists them.
func Plugins() []string { return []string{"scaffold", "canary", "diagnose", "secure", "monitor"} }

// File is the YAML of all roles of a plugin, as kubectl apply takes it; empty for
// plugins that Plugins does not have.
func File(plugin string) string {
	if !slices.Contains(Plugins(), plugin) {
		return ""
	}
	text, _ := files.ReadFile(plugin + ".yaml") // embedded: a test reads each
	_, body, _ := strings.Cut(string(text), "\n\n")
	return body
}

var named = regexp.MustCompile(`(?m)^  name: ` + Prefix + `(\S+)$`)

// Of returns the roles of a plugin, in the order of its file.
func Of(plugin string) []Role {
	var out []Role
	for _, text := range strings.Split(File(plugin), "---\n") {
		name := named.FindStringSubmatch(text)
		if name == nil {
			continue
		}
		var use []string
		for line := range strings.Lines(text) {
			if comment, found := strings.CutPrefix(line, "# "); found {
				use = append(use, strings.TrimSpace(comment))
			}
		}
		out = append(out, Role{Name: name[1], Use: strings.Join(use, "\n"), YAML: text})
	}
	return out
}

// Page is docs/rbac.md, without the comment that says who wrote it.
func Page() string {
	var b strings.Builder
	b.WriteString(`# Rights

The smallest roles of each plugin: a test takes each right away in turn, and sees that a
command fails, names what it could not look at, or answers otherwise.
` + "`kubectl micro help rbac canary`" + ` prints the YAML of a plugin:

` + "```sh" + `
kubectl micro help rbac canary | kubectl apply -f -
kubectl create clusterrolebinding canary-cluster --clusterrole=kubectl-micro-canary-cluster --group=developers
kubectl create rolebinding canary-read -n shop --clusterrole=kubectl-micro-canary-read --group=developers
` + "```" + `

To ask Prometheus or the proxies of pods takes other rights, in other namespaces:
` + "`kubectl micro monitor generate rbac`" + ` writes the Roles for one Prometheus.
`)
	for _, plugin := range Plugins() {
		fmt.Fprintf(&b, "\n## %s\n", plugin)
		for _, r := range Of(plugin) {
			_, object, _ := strings.Cut(r.YAML, "\napiVersion:")
			fmt.Fprintf(&b, "\n### %s\n\n%s\n\n```yaml\napiVersion:%s```\n", r.Name, r.Use, object)
		}
	}
	return b.String()
}
