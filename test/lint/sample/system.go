// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"slices"
	"strings"
)

// systemIn is the app file for a mesh and a profile, without the lines that say that
// they need another mesh.
func systemIn(mesh, profile string) string {
	lines := strings.Split(strings.NewReplacer("mesh: none", "mesh: "+mesh, "profile: standard", "profile: "+profile).Replace(system), "\n")
	lines = slices.DeleteFunc(lines, func(l string) bool {
		return mesh == "none" && strings.HasSuffix(l, "# in a mesh") || mesh != "sidecar" && strings.HasSuffix(l, "# with sidecars")
	})
	return strings.Join(lines, "\n")
}

// system is an app file that says what flags cannot.
const system = `apiVersion: kubectl-micro.dev/v1alpha1
kind: System
metadata: {name: shop, owner: team-shop, email: team-shop@example.com}
profile: standard
platform:
  mesh: none
  registry: registry.example.com/shop
  ingress: {host: shop.example.com}
with: [monitoring, security]
defaults:
  resources: {cpu: 100m, memory: 128Mi}
services:
  gateway:
    image: gateway:1.0.0@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    ports: {http: 8080}
    health: {live: /livez, ready: /readyz}
    expose: {paths: [/]}
    dependsOn: [users, {service: orders, env: ORDERS, format: hostport}]
    writablePaths: [/tmp, /var/cache/nginx]
  users:
    image: users:1.0.0@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    ports: {http: {port: 80, target: 8080}, http-metrics: 9090}
    health: {live: /health, ready: /ready}
    config: {log-level: info}
    dependsOn: [users-db, payments]
    allow: [{from: gateway, methods: [GET, POST], paths: [/users, /users/*]}] # in a mesh
    secrets: [{name: users-db}]
    scale: {min: 3, max: 10}
  orders:
    image: orders:1.0.0@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    ports: {grpc: 9000}
    traffic: # in a mesh
      timeout: 5s # in a mesh
      outlier: {} # in a mesh
      maxConnections: 100 # in a mesh
      retries: {attempts: 2, perTry: 1s} # with sidecars
    dependsOn: [{service: users, port: http}, queue]
  queue:
    kind: stateful
    image: queue:1.0.0@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    ports: {redis: 6379}
    volumes: [{name: data, mount: /data, size: 1Gi}]
  web:
    image: web:1.0.0@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    ports: {http: 8080}
    health: {live: /livez, ready: /readyz}
    expose: {host: www.example.com}
    versions: {v1: {weight: 90}, v2: {image: 'web:2.0.0@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', weight: 10}}
  mailer:
    kind: worker
    image: mailer:1.0.0@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    health: {live: 'exec:/bin/alive'}
    dependsOn: [queue]
  report:
    kind: cronjob
    schedule: '0 3 * * *'
    image: report:1.0.0@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    dependsOn: [orders]
external:
  payments: {host: api.payments.example.com, port: 443}
backing:
  users-db: {host: users-db.data.svc, port: 5432, protocol: postgres, labels: {app: users-db}}
`
