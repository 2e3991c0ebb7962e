// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// plugin is a network plugin that runs as a DaemonSet.
type plugin struct {
	on   *model.Object
	name string
	// enforces says whether it carries NetworkPolicies out; maybe for what is no
	// plugin or one that is not known.
	enforces verdict
	seen     string
	hint     string
}

// enforcers are words in the images of containers that enforce policies.
var enforcers = []string{
	"calico/node", "calico-node", "cilium/cilium", "cilium-agent", "antrea/antrea", "antrea-agent", "weave-npc", "weaveworks/weave", "kube-router",
	"ovn-kubernetes", "ovnkube", "kube-ovn", "azure-npm", "kube-network-policies", "romana",
}

// enforcerNames are the DaemonSets whose images tell less than their names.
var enforcerNames = []string{"calico-node", "canal", "cilium", "antrea-agent", "weave-net", "kube-router", "ovnkube-node", "kube-ovn-cni", "anetd", "azure-npm", "kube-network-policies"}

// pluginOf recognises the plugin that a DaemonSet runs.
func pluginOf(on *model.Object, spec *corev1.PodSpec) plugin {
	if slices.Contains(enforcerNames, on.Ref.Name) {
		return plugin{on: on, name: on.Ref.Name, enforces: yes}
	}
	out := plugin{enforces: maybe}
	for _, c := range spec.Containers {
		if slices.ContainsFunc(enforcers, func(word string) bool { return strings.Contains(c.Image, word) }) {
			return plugin{on: on, name: c.Name, enforces: yes}
		}
		switch {
		case strings.Contains(c.Image, "aws-network-policy-agent"):
			return agentOf(on, c)
		case strings.Contains(c.Image, "flannel") && !strings.Contains(c.Image, "flannel-cni-plugin"):
			out = plugin{on: on, name: "flannel", enforces: no, seen: "image: " + c.Image, hint: "flannel's chart can add a controller that does (netpol.enabled), or run Calico for policies beside it"}
		case strings.Contains(c.Image, "kindnetd") && olderKindnet(c.Image):
			out = plugin{on: on, name: "kindnet of this version", enforces: no, seen: "image: " + c.Image, hint: "make the cluster anew with kind v0.24 or later"}
		}
	}
	return out
}

// agentOf judges the network policy agent of the Amazon VPC CNI, which is always
// there and has to be turned on.
func agentOf(on *model.Object, c corev1.Container) plugin {
	const flag = "--enable-network-policy="
	for _, a := range slices.Concat(c.Command, c.Args) {
		switch a {
		case flag + "true":
			return plugin{on: on, name: c.Name, enforces: yes}
		case flag + "false":
			return plugin{on: on, name: "the Amazon VPC CNI", enforces: no, seen: a, hint: "set enableNetworkPolicy of the add-on vpc-cni to true"}
		}
	}
	return plugin{enforces: maybe}
}

// olderKindnet reports whether an image of kindnet, tagged v20240513-cd2ac642, is
// from before policies: kind v0.24 brought them in August 2024.
func olderKindnet(image string) bool {
	_, tag, found := strings.Cut(image, "kindnetd:v")
	day, _, _ := strings.Cut(tag, "-")
	return found && len(day) == len("20240513") && day < "20240701"
}
