// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package stage_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/stage"
)

func TestFaults(t *testing.T) {
	got, err := stage.Faults()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"config-missing", "crash-loop", "evicted", "image-pull", "oom", "pending", "unready"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRenderIsOneConfigurationAndAllStages(t *testing.T) {
	data, err := stage.Config{PodCIDR: "10.1.0.0/16", Port: 4711, CertFile: "/crt", KeyFile: "/key"}.Render()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for document := range strings.SplitSeq(strings.TrimPrefix(string(data), "---\n"), "\n---\n") {
		var object struct {
			Kind     string
			Metadata struct{ Name string }
			Options  struct {
				ServerAddress string
				NodePort      int
			}
		}
		if err := yaml.Unmarshal([]byte(document), &object); err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %s %s", object.Kind, object.Metadata.Name, object.Options.ServerAddress))
	}
	want := []string{
		"KwokConfiguration sandbox 127.0.0.1:4711",
		"Stage node-initialize ", "Stage node-heartbeat ", "Stage pod-ready ", "Stage pod-complete ", "Stage pod-delete ",
		"Stage pod-fault-config-missing ", "Stage pod-fault-crash-loop ", "Stage pod-fault-evicted ", "Stage pod-fault-image-pull ",
		"Stage pod-fault-oom ", "Stage pod-fault-pending ", "Stage pod-fault-unready ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
