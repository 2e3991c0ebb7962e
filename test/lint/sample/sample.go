// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package sample has kubectl-micro generate what linters then judge: every kind of
// service in every mesh and profile, with what flags may add, and whole systems.
package sample

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Set is what one call of kubectl-micro wrote.
type Set struct {
	// Name is SERVICE/MESH/PROFILE, or the file of a system.
	Name string
	// Stream are its YAML documents.
	Stream []byte
}

// Meshed tells whether its pods are in a mesh.
func (s Set) Meshed() bool {
	return bytes.Contains(s.Stream, []byte("istio-injection: enabled")) || bytes.Contains(s.Stream, []byte("istio.io/dataplane-mode: ambient"))
}

const image = "registry.example.com/shop/a:1.0.0@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

// services are the flags of each service; what is in common stands in call.
var services = map[string]string{
	"service":      "--port 8080 --health /livez,/readyz",
	"scaled":       "--port 8080 --health /livez,/readyz --hpa 3..10:cpu=70",
	"monitored":    "--port http=80:8080 --port http-metrics=9090 --health /livez,/readyz --with monitoring",
	"secured":      "--port 8080 --health /livez,/readyz --with security",
	"fluentbit":    "--port 8080 --health /livez,/readyz --with logging=fluentbit",
	"fluentd":      "--port 8080 --health /livez,/readyz --with logging=fluentd",
	"otel":         "--port 8080 --health /livez,/readyz --with logging=otel",
	"routed":       "--port 8080 --health /livez,/readyz --expose a.example.com/api --ingress-api gateway",
	"ingress":      "--port 8080 --health /livez,/readyz --expose a.example.com/api --ingress-api ingress",
	"istio":        "--port 8080 --health /livez,/readyz --expose a.example.com/api --ingress-api istio",
	"calling":      "--port 8080 --health /livez,/readyz --depends-on users.people:8080/http --depends-on redis.data:6379/redis --external pay=api.pay.example.com:443",
	"unlimited":    "--port 8080 --health /livez,/readyz --cpu-limit none",
	"older":        "--port 8080 --health /livez,/readyz --kubernetes-version 1.26",
	"configured":   "--port 8080 --health /livez,/readyz -e LOG_LEVEL=info -e TOKEN_TTL=5m --config-file app.conf=" + os.DevNull + " --secret-file a-creds=/var/run/a",
	"fetched":      "--port 8080 --health /livez,/readyz --secret-file a-creds=/var/run/a@vault/a",
	"one-path":     "--port 8080 --health /healthz",
	"grpc":         "--port grpc=9000",
	"tcp":          "--port redis=6379",
	"udp":          "--port 53/udp",
	"headless":     "--port postgres=5432 --headless",
	"nodeport":     "--port 8080 --health /livez,/readyz --service-type NodePort",
	"loadbalancer": "--port 8080 --health /livez,/readyz --service-type LoadBalancer",
	"worker":       "--kind worker",
	"worker-exec":  "--kind worker --health exec:/bin/alive",
	"worker-seen":  "--kind worker --port http-metrics=9090 --with monitoring",
	"job":          "--kind job",
	"cronjob":      "--kind cronjob --schedule @daily",
	"stateful":     "--kind stateful --port redis=6379",
	"stored":       "--kind stateful --port redis=6379 --volume data=/data:10Gi:fast",
}

var (
	meshes   = []string{"none", "sidecar", "ambient"}
	profiles = []string{"standard", "hardened"}
)

// call is one call of kubectl-micro.
type call struct {
	name  string
	dir   string
	args  []string
	stdin string
}

// All generates every set, for the repository in a folder. The program is
// bin/kubectl-micro there, or what MICRO_BIN names.
func All(ctx context.Context, repository string) ([]Set, error) {
	repository, err := filepath.Abs(repository)
	if err != nil {
		return nil, err
	}
	program := os.Getenv("MICRO_BIN")
	if program == "" {
		program = filepath.Join(repository, "bin", "kubectl-micro")
	}
	if _, err := os.Stat(program); err != nil {
		return nil, fmt.Errorf("expected the program to try (make build, or MICRO_BIN): %w", err)
	}
	calls, err := all(repository)
	if err != nil {
		return nil, err
	}
	sets, errs := make([]Set, len(calls)), make([]error, len(calls))
	var group sync.WaitGroup
	slots := make(chan struct{}, 4)
	for i, c := range calls {
		group.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			sets[i], errs[i] = c.run(ctx, program)
		})
	}
	group.Wait()
	return sets, errors.Join(errs...)
}

func all(repository string) ([]call, error) {
	var calls []call
	for _, mesh := range meshes {
		for _, profile := range profiles {
			for name, flags := range services {
				args := []string{"scaffold", "a", "--image", image, "--owner", "team-a", "--email", "a@example.com", "--mesh", mesh, "--profile", profile}
				calls = append(calls, call{name: name + "/" + mesh + "/" + profile, args: append(args, strings.Fields(flags)...)})
			}
			calls = append(calls, call{name: "system/" + mesh + "/" + profile, args: []string{"scaffold", "generate", "-f", "-"}, stdin: systemIn(mesh, profile)})
		}
	}
	for _, pattern := range []string{"plugins/scaffold/testdata/*.yaml", "examples/*/micro.yaml"} {
		files, err := filepath.Glob(filepath.Join(repository, filepath.FromSlash(pattern)))
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			name, err := filepath.Rel(repository, f)
			if err != nil {
				return nil, err
			}
			calls = append(calls, call{name: filepath.ToSlash(name), dir: filepath.Dir(f), args: []string{"scaffold", "generate", "-f", filepath.Base(f)}})
		}
	}
	slices.SortFunc(calls, func(a, b call) int { return strings.Compare(a.name, b.name) })
	return calls, nil
}

func (c call) run(ctx context.Context, program string) (Set, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, program, c.args...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = c.dir, strings.NewReader(c.stdin), &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return Set{}, fmt.Errorf("%s: kubectl-micro %s: %w\n%s", c.name, strings.Join(c.args, " "), err, stderr.String())
	}
	return Set{c.name, stdout.Bytes()}, nil
}
