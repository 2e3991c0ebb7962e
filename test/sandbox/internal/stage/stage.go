// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package stage builds kwok's configuration: how simulated nodes become Ready, how pods run, and how they fail when an
// annotation asks for it. A fault is one YAML file in this directory, called after the annotation's value; it says when
// the fault is already there (selector) and what the kubelet would report (steps). Everything that faults have in common
// is added here.
package stage

import (
	"bytes"
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"

	node "sigs.k8s.io/kwok/kustomize/stage/node/fast"
	heartbeat "sigs.k8s.io/kwok/kustomize/stage/node/heartbeat"
	pod "sigs.k8s.io/kwok/kustomize/stage/pod/fast"
	"sigs.k8s.io/yaml"
)

// Annotations of a pod, or of a workload's pod template.
const (
	// Fault names the fault: see Faults.
	Fault = "sandbox.kubectl-micro.dev/fault"
	// Delay is a Go duration: the pod is healthy first and fails after it. A pod of a controller that is to be evicted
	// is healthy for 10 seconds even without it, or else the controller would replace evicted pods without a pause.
	Delay = "sandbox.kubectl-micro.dev/fault-delay"
	// Container names the container that fails; the first one does without it.
	Container = "sandbox.kubectl-micro.dev/fault-container"
)

//go:embed faults/*.yaml
var faults embed.FS

// prelude holds named templates that the faults' status templates call.
//
//go:embed prelude.tpl
var prelude string

// healthyFirst is the jq condition under which a pod becomes Ready before its fault shows.
const healthyFirst = `((.metadata.annotations["` + Delay + `"] // "") != "" or ` +
	`(.metadata.annotations["` + Fault + `"] == "evicted" and ((.metadata.ownerReferences // []) | length) > 0))`

// Config is what kwok has to know of its sandbox.
type Config struct {
	// PodCIDR is the range of pod addresses.
	PodCIDR string
	// Port is the loopback port of the kubelet that kwok plays for all nodes.
	Port int
	// CertFile and KeyFile are the serving certificate of that kubelet.
	CertFile, KeyFile string
}

type object = map[string]any

// Faults lists the values of the annotation Fault.
func Faults() ([]string, error) {
	files, err := faults.ReadDir("faults")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(file.Name(), path.Ext(file.Name())))
	}
	slices.Sort(names)
	return names, nil
}

// Render is the content of kwok's configuration file: its options and all stages.
func (c Config) Render() ([]byte, error) {
	documents := []object{c.options()}
	for _, text := range []string{
		node.DefaultNodeInit, heartbeat.DefaultNodeHeartbeat, pod.DefaultPodReady, pod.DefaultPodComplete, pod.DefaultPodDelete,
	} {
		stage, err := parse([]byte(text))
		if err != nil {
			return nil, err
		}
		if text == pod.DefaultPodReady {
			expect(stage, `if (.metadata.annotations["`+Fault+`"] // "") == "" or `+healthyFirst+` then "ready" else "fault" end`, "ready")
		}
		documents = append(documents, stage)
	}
	names, err := Faults()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		stage, err := fault(name)
		if err != nil {
			return nil, fmt.Errorf("fault %s: %w", name, err)
		}
		documents = append(documents, stage)
	}
	return join(documents)
}

func (c Config) options() object {
	return object{
		"apiVersion": "config.kwok.x-k8s.io/v1alpha1",
		"kind":       "KwokConfiguration",
		"metadata":   object{"name": "sandbox"},
		"options": object{
			"cidr":                              c.PodCIDR,
			"nodeIP":                            "127.0.0.1",
			"nodePort":                          c.Port,
			"serverAddress":                     fmt.Sprintf("127.0.0.1:%d", c.Port),
			"tlsCertFile":                       c.CertFile,
			"tlsPrivateKeyFile":                 c.KeyFile,
			"manageAllNodes":                    false,
			"enableDebuggingHandlers":           true,
			"manageNodesWithAnnotationSelector": "kwok.x-k8s.io/node=fake",
			// Stages come from this file; the rest is for tests to create.
			"enableCRDs": []string{
				"Logs", "ClusterLogs", "Exec", "ClusterExec", "Attach", "ClusterAttach", "PortForward", "ClusterPortForward",
				"ResourceUsage", "ClusterResourceUsage", "Metric",
			},
			"podPlayStageParallelism":  8,
			"nodePlayStageParallelism": 4,
		},
	}
}

// fault reads one fault and completes it: it is a stage of pods that carry the annotation, are not being deleted and
// have been healthy first if they ought to.
func fault(name string) (object, error) {
	text, err := faults.ReadFile("faults/" + name + ".yaml")
	if err != nil {
		return nil, err
	}
	stage, err := parse(text)
	if err != nil {
		return nil, err
	}
	stage["apiVersion"], stage["kind"] = "kwok.x-k8s.io/v1alpha1", "Stage"
	stage["metadata"] = object{"name": "pod-fault-" + name}
	spec, steps := stage["spec"].(object), []any(nil)
	spec["resourceRef"] = object{"apiGroup": "v1", "kind": "Pod"}
	if spec["delay"] == nil {
		spec["delay"] = object{"durationFrom": object{"jq": object{"expression": `.metadata.annotations["` + Delay + `"] // "0s"`}}}
	}
	expect(stage, `.metadata.annotations["`+Fault+`"]`, name)
	expect(stage, `if .metadata.deletionTimestamp then "deleted" else "live" end`, "live")
	expect(stage, `if `+healthyFirst+` and .status.phase == "Pending" then "wait" else "now" end`, "now")
	for _, step := range spec["steps"].([]any) {
		if status, ok := step.(object)["status"].(string); ok {
			step = object{"patch": object{"subresource": "status", "root": "status", "template": prelude + status}}
		}
		steps = append(steps, step)
	}
	spec["steps"] = steps
	return stage, nil
}

// expect adds to a stage's selector that a jq expression yields value.
func expect(stage object, jq, value string) {
	selector := stage["spec"].(object)["selector"].(object)
	expressions, _ := selector["matchExpressions"].([]any)
	selector["matchExpressions"] = append(expressions, object{"jq": object{"key": jq, "operator": "In", "values": []string{value}}})
}

// parse reads a stage and checks the parts that this package goes on to touch.
func parse(text []byte) (object, error) {
	var stage object
	if err := yaml.Unmarshal(text, &stage); err != nil {
		return nil, err
	}
	spec, ok := stage["spec"].(object)
	if !ok {
		return nil, fmt.Errorf("expected a stage with a spec, found %.60q", text)
	}
	if _, ok := spec["selector"].(object); !ok {
		return nil, fmt.Errorf("expected a stage with a selector, found %.60q", text)
	}
	_, next := spec["next"].(object)
	_, steps := spec["steps"].([]any)
	if !next && !steps {
		return nil, fmt.Errorf("expected a stage with steps, found %.60q", text)
	}
	return stage, nil
}

func join(documents []object) ([]byte, error) {
	var out bytes.Buffer
	for _, document := range documents {
		data, err := yaml.Marshal(document)
		if err != nil {
			return nil, err
		}
		out.WriteString("---\n")
		out.Write(data)
	}
	return out.Bytes(), nil
}
