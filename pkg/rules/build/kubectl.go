// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// kubectl is a command of that name: its words without flags, and the flags.
type kubectl struct {
	words []string
	flags map[string]string
}

// takesValue are the flags whose value is the next word. Of others nobody needs
// to know.
var takesValue = []string{
	"-n", "--namespace", "-f", "--filename", "-k", "--kustomize", "-l", "--selector", "-o", "--output", "-c", "--container", "-p", "--patch",
	"--context", "--cluster", "--kubeconfig", "--user", "--token", "--server", "-s", "--timeout", "--type", "--replicas", "--image", "--as",
}

// asKubectl reads a command, if it is one of kubectl's.
func (c command) asKubectl() (kubectl, bool) {
	given, is := c.program("kubectl")
	if !is {
		return kubectl{}, false
	}
	k := kubectl{flags: map[string]string{}}
	for i := 0; i < len(given); i++ {
		word := given[i]
		name, value, joined := strings.Cut(word, "=")
		switch {
		case !strings.HasPrefix(word, "-") || word == "-":
			k.words = append(k.words, word)
		case joined:
			k.flags[name] = value
		case slices.Contains(takesValue, word) && i+1 < len(given):
			i++
			k.flags[word] = given[i]
		default:
			k.flags[word] = "true"
		}
	}
	return k, true
}

// does reports whether it begins with some words.
func (k kubectl) does(words ...string) bool {
	return len(k.words) >= len(words) && slices.Equal(k.words[:len(words)], words)
}

// workload is a workload as a command names it.
type workload struct {
	kind            *model.Kind
	namespace, name string
}

var workloadWords = map[string]*model.Kind{
	"deployment": model.Deployments.Kind, "deployments": model.Deployments.Kind, "deploy": model.Deployments.Kind, "deployment.apps": model.Deployments.Kind,
	"statefulset": model.StatefulSets.Kind, "statefulsets": model.StatefulSets.Kind, "sts": model.StatefulSets.Kind,
	"daemonset": model.DaemonSets.Kind, "daemonsets": model.DaemonSets.Kind, "ds": model.DaemonSets.Kind,
}

// targets are the workloads that a command names as TYPE/NAME or TYPE NAME after
// some words, as far as their names are written out.
func (k kubectl) targets(after ...string) []workload {
	if !k.does(after...) {
		return nil
	}
	var out []workload
	rest := k.words[len(after):]
	for i, word := range rest {
		kind, name, joined := strings.Cut(word, "/")
		if !joined && i == 0 && len(rest) > 1 {
			name = rest[1]
		}
		if of := workloadWords[strings.ToLower(kind)]; of != nil && literal(name) && !strings.ContainsAny(name, "=/:") {
			out = append(out, workload{of, k.namespace(), name})
		}
		if !joined {
			break
		}
	}
	return out
}

func (k kubectl) namespace() string {
	if ns, long := k.flags["--namespace"]; long {
		return ns
	}
	return k.flags["-n"]
}

// images are those that "set image" sets: CONTAINER=IMAGE.
func (k kubectl) images() []string {
	var out []string
	if k.does("set", "image") {
		for _, word := range k.words[2:] {
			if _, image, is := strings.Cut(word, "="); is {
				out = append(out, image)
			}
		}
	}
	return out
}
