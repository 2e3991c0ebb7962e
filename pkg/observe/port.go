// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package observe

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// The annotations by which pods ask to be scraped.
const (
	portNote   = "prometheus.io/port"
	pathNote   = "prometheus.io/path"
	schemeNote = "prometheus.io/scheme"
)

// named is the name that a port without one gets.
const named = "http-metrics"

// candidate is a port that may be where metrics are told.
type candidate struct {
	name string
	// number is that of the Service, or of the container.
	number int32
	// pods is the port of the pods, 0 where it is not known.
	pods int32
	// at is the JSON Pointer of the port in its object.
	at string
}

func (c candidate) String() string {
	if c.name == "" {
		return strconv.Itoa(int(c.number))
	}
	return c.name
}

// servicePorts are the ports of the Service that can speak HTTP.
func (t *Target) servicePorts() []candidate {
	var out []candidate
	for i, p := range t.Service.Value.Spec.Ports {
		if p.Protocol != "" && p.Protocol != corev1.ProtocolTCP {
			continue
		}
		c := candidate{name: p.Name, number: p.Port, at: fmt.Sprintf("/spec/ports/%d", i)}
		for _, w := range t.Workloads {
			if c.pods == 0 {
				c.pods, _ = w.TargetPort(&p)
			}
		}
		out = append(out, c)
	}
	return out
}

// podPorts are the ports that containers of the first workload list.
func (t *Target) podPorts() []candidate {
	var out []candidate
	if len(t.Workloads) == 0 {
		return nil
	}
	for at, c := range t.Workloads[0].Containers() {
		for i, p := range c.Ports {
			if p.Protocol == "" || p.Protocol == corev1.ProtocolTCP {
				out = append(out, candidate{p.Name, p.ContainerPort, p.ContainerPort, fmt.Sprintf("%s/ports/%d", at, i)})
			}
		}
	}
	return out
}

// choose finds the port of the metrics: the one that was asked for, one whose name says
// so, the one that the pods' annotation names, or the only one. It says which it was.
func (t *Target) choose(all []candidate, wanted, of string) (candidate, string, error) {
	var words []string
	for _, c := range all {
		words = append(words, c.String())
	}
	if wanted != "" {
		at := slices.IndexFunc(all, func(c candidate) bool { return c.name == wanted || strconv.Itoa(int(c.number)) == wanted })
		if at >= 0 {
			return all[at], "", nil
		}
		err := fault.Usagef("expected a port of %s, %s; found %q", of, strings.Join(words, ", "), wanted)
		if near := ref.Closest(wanted, words); len(near) > 0 {
			return candidate{}, "", err.Try("--port %s", near[0])
		}
		if len(words) > 0 {
			err = err.Try("--port %s", words[0])
		}
		return candidate{}, "", err
	}
	for _, c := range all {
		if strings.Contains(c.name, "metrics") || strings.Contains(c.name, "prom") {
			return c, "", nil
		}
	}
	if number := t.note(portNote); number != "" {
		for _, c := range all {
			if strconv.Itoa(int(c.pods)) == number {
				return c, fmt.Sprintf("port %s leads to port %s of the pods, which their annotation %s names", c, number, portNote), nil
			}
		}
	}
	switch len(all) {
	case 0:
		return candidate{}, "", fault.Usagef("expected a port of %s, found none", of).Try("add the port that tells the metrics, with a name")
	case 1:
		return all[0], fmt.Sprintf("port %s is the only one of %s: nothing says that metrics are told there", all[0], of), nil
	}
	return candidate{}, "", fault.Usagef("expected a port of %s that says it is for metrics, found %s", of, strings.Join(words, ", ")).Try("--port %s", words[0])
}

// nameless is the step that gives a port its name: monitors go by names.
func nameless(r ref.Ref, at string) Step {
	return Step{
		Why:     "the port has no name, and a monitor goes by names",
		Command: fmt.Sprintf("kubectl patch %s -n %s --type=json -p '[%s]'", r.Short(), r.Namespace, jsonOf(map[string]string{"op": "add", "path": at + "/name", "value": named})),
	}
}

func jsonOf(v any) string {
	out, _ := json.Marshal(v) // of texts alone
	return string(out)
}
