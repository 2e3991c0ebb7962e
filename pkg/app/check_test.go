// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

const head = "apiVersion: kubectl-micro.dev/v1alpha1\nkind: System\nmetadata: {name: shop}\n"

// TestErrors gives each thing that can be wrong its place and what to type next.
func TestErrors(t *testing.T) {
	one := func(fields string) string {
		return head + "services:\n  web:\n    image: web:1\n    ports: {http: 8080}\n" + fields
	}
	two := func(fields string) string {
		return one(fields) + "  users:\n    image: users:1\n    ports: {http: 8080, grpc: 9000}\n"
	}
	for _, c := range []struct{ name, text, want string }{
		{"kind", "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n", "m.yaml:2:1: expected apiVersion kubectl-micro.dev/v1alpha1 and kind System, found v1 and Pod | apiVersion: kubectl-micro.dev/v1alpha1\nkind: System"},
		{"nothing", "", "m.yaml:1:1: expected one System, found 0 | apiVersion: kubectl-micro.dev/v1alpha1\nkind: System\nmetadata:\n  name: shop"},
		{"syntax", head + "services: [\n", "m.yaml:4:1: expected a value, found punctuation | quote the text"},
		{"unknown field", one("    dependOn: [users]\n"), "m.yaml:8:5: expected a known field in services.web, found dependOn | did you mean dependsOn?"},
		{"type", one("    replicas: three\n"), `m.yaml:8:5: expected a whole number in services.web.replicas, found the text "three"`},
		{"quotes", one("    env: {DEBUG: true}\n"), "m.yaml:8:11: expected text in services.web.env.DEBUG, found true | write it in quotes: 'true'"},
		{"null", one("    env:\n"), "m.yaml:8:5: expected a mapping in services.web.env, found nothing | leave the field out"},
		{"no service", head, "m.yaml:1:1: expected a service, found none | services:\n  shop:\n    image: registry.example.com/shop:1.0.0"},
		{"name", head + "services:\n  Web_1: {image: web:1, ports: {http: 80}}\n", `m.yaml:5:3: expected a name of a service (at most 63 lower-case letters, digits and -, a letter first), found "Web_1" | web-1`},
		{"image", head + "services:\n  web: {image: '', ports: {http: 80}}\n", `m.yaml:5:9: expected an image, found "" | registry.example.com/web:1.0.0`},
		{"digest", "profile: hardened\n" + one(""), `m.yaml:7:5: expected an image with a digest, as the profile hardened demands, found "web:1" | web:1@sha256:DIGEST`},
		{"profile", "profile: standart\n" + one(""), `m.yaml:1:1: expected a profile (dev, standard, hardened), found "standart" | did you mean standard?`},
		{"port clash", head + "services:\n  web:\n    image: web:1\n    ports: {http: 80, admin: 80}\n", "m.yaml:7:13: expected each port of the Service once, found 80/TCP for admin and for http | give one of them another number"},
		{"target clash", head + "services:\n  web:\n    image: web:1\n    ports: {http: 80, admin: {port: 81, target: 80}}\n", "m.yaml:7:13: expected each port of the pods once, found 80/TCP for admin and for http | give one of them another number"},
		{"port", head + "services:\n  web:\n    image: web:1\n    ports: {http: 70000}\n", "m.yaml:7:13: expected a port from 1 to 65535, found 70000 | 8080"},
		{"no port", head + "services:\n  web: {image: 'web:1'}\n", "m.yaml:5:3: expected a port of a service, found none | --port 8080, or --kind worker; in a file, ports: {http: 8080} or kind: worker"},
		{"secret", one("    env: {DB_PASSWORD: x}\n"), "m.yaml:8:11: expected no secret among the values, found one of DB_PASSWORD | have it in a Secret that is mounted as files: secrets: [{name: db-password}], or --secret-file db-password=/var/run/db-password"},
		{"secret in URL", one("    config: {db-url: 'postgres://u:p@db/x'}\n"), "m.yaml:8:14: expected no password in a URL, found one in the value of db-url | have it in a Secret that is mounted as files: secrets: [{name: db-url}], or --secret-file db-url=/var/run/db-url"},
		{"twice", one("    config: {log-level: a}\n    env: {LOG_LEVEL: b}\n"), "m.yaml:8:14: expected one value of the variable LOG_LEVEL, found one of LOG_LEVEL and one of log-level | leave one of them out"},
		{"health", one("    health: {live: livez}\n"), `m.yaml:8:14: expected a path, grpc, tcp or exec:COMMAND, found "livez" | /livez`},
		{"scale", one("    scale: {min: 5, max: 3}\n"), "m.yaml:8:5: expected bounds of the number of pods from 1 on, found from 5 to 3 | from 3 to 10 pods, at 70 percent"},
		{"memory", one("    resources: {memory: 1GB}\n"), `m.yaml:8:17: expected an amount of memory, found "1GB" | 256Mi`},
		{"host", one("    expose: {host: 'a b'}\n"), `m.yaml:8:14: expected a host name, found "a b" | shop.example.com`},
		{"path", one("    expose: {host: a.b, paths: [/../x]}\n"), `m.yaml:8:33: expected a path that begins with /, found "/../x" | /api`},
		{"dependency", two("    dependsOn: [user]\n"), `m.yaml:8:17: expected a service, an external or a backing that web calls, found "user" | did you mean users?`},
		{"far dependency", two("    dependsOn: [payments]\n"), `m.yaml:8:17: expected a service, an external or a backing that web calls, found "payments" | there are users`},
		{"its port", two("    dependsOn: [{service: users, port: gprc}]\n"), `m.yaml:8:34: expected a port of users (grpc, http), found "gprc" | did you mean grpc?`},
		{"itself", two("    dependsOn: [web]\n"), "m.yaml:8:17: expected another service that web calls, found itself | leave it out"},
		{"traversal", one("    writablePaths: [/a/../../b]\n"), `m.yaml:8:21: expected an absolute directory without .., found "/a/../../b" | /var/run/web`},
		{"one directory", one("    writablePaths: [/tmp, /tmp/]\n"), "m.yaml:8:27: expected each directory once, found /tmp for tmp and tmp | name another directory"},
		{"schedule", one("    schedule: '@daily'\n"), `m.yaml:8:5: expected no schedule of a service, found "@daily" | kind: cronjob`},
		{"job", one("    kind: job\n"), "m.yaml:7:5: expected no port of a job, which nobody calls | leave the ports out, or kind: worker"},
		{"job's health", head + "services:\n  web: {image: 'web:1', kind: job, health: {live: tcp}}\n", "m.yaml:5:36: expected no health of a job, which ends by itself | leave it out\nm.yaml:5:45: expected a command that tells health, as there is no port to ask, found \"tcp\" | exec:COMMAND"},
		{"long name", head + "services:\n  a23456789a123456789a123456789a123456789a123456789a123: {image: 'web:1', kind: cronjob, schedule: '@daily'}\n", "m.yaml:5:3: expected a name of a cronjob of at most 52 characters, as its pods' names and labels have more in them, found 53 | a23456789a123456789a123456789a123456789a123456789a12"},
		{"exposed UDP", head + "services:\n  web: {image: 'web:1', ports: {dns: {port: 53, protocol: UDP}}, expose: {host: a.b}}\n", "m.yaml:5:66: expected a TCP port that requests from outside can go to, found none | ports: {http: 8080}"},
		{"mesh port", "platform: {mesh: sidecar}\n" + head + "services:\n  web:\n    image: web:1\n    ports: {http: 15001}\n", "m.yaml:8:13: expected a port that the sidecar leaves to the program, found 15001"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := app.Read("m.yaml", []byte(c.text))
			if err == nil {
				_, err = app.Generate(s, app.Options{})
			}
			if kind := fault.KindOf(err); kind != fault.Usage {
				t.Errorf("an error of kind %d, want one of kind %d", kind, fault.Usage)
			}
			if diff := cmp.Diff(c.want, joined(messages(err))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// errorCase is a file, after its head, and what is said of it; nothing where it is
// fine.
type errorCase struct{ name, text, want string }

func errorTable(t *testing.T, cases []errorCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, err := app.Read("m.yaml", []byte(head+c.text))
			if err == nil {
				_, err = app.Generate(s, app.Options{})
			}
			if kind := fault.KindOf(err); err != nil && kind != fault.Usage {
				t.Errorf("an error of kind %d, want one of kind %d", kind, fault.Usage)
			}
			if diff := cmp.Diff(c.want, joined(messages(err))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzRead never fails in another way than by an error with a place.
func FuzzRead(f *testing.F) {
	f.Add(head + "services: {web: {image: web:1, ports: {http: 8080}, dependsOn: [a]}}")
	f.Add(head + "services:\n  a: {image: a:1, ports: {x: {port: 1, target: -1}}, scale: {}, expose: {}}\n")
	f.Add(head + "services: {web: {image: &a x, env: {A: *a}}}\n---\n")
	f.Add(head + "services:\n  a: {image: a:1, kind: stateful, ports: {x: 1}, volumes: [{name: d, mount: /d, size: 1Gi}], dependsOn: [e, b], metrics: {port: x, path: /m}, secrets: [{name: s, external: v/k}]}\n" +
		"external: {e: {host: a.b, port: 1, addresses: [10.0.0.0/8]}}\nbacking: {b: {host: b.c.svc, port: 2}}\nplatform: {kubernetesVersion: '1.25'}\n" +
		"patches: [{kind: Service, name: a, merge: {spec: {ports: null}}}, {kind: StatefulSet, name: a, operations: [{op: add, path: /spec/replicas, value: 2}]}]\n")
	f.Add(head + "services:\n  a: {ports: {http: 1}, versions: {v1: {image: a:1, weight: 100}}, resources: {cpuLimit: none}}\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := app.Read("m.yaml", []byte(text))
		if err != nil {
			return
		}
		set, err := app.Generate(s, app.Options{})
		if err == nil && len(set.Objects) == 0 {
			t.Error("neither objects nor an error")
		}
		for _, one := range fault.All(err) {
			if typed, ok := one.(*fault.Error); !ok || typed.Where == "" {
				t.Errorf("%v has no place", one)
			}
		}
	})
}
