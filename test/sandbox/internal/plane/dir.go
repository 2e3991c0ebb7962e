// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package plane describes one sandbox control plane as data: where its files lie, which ports and identities it has, and
// with which arguments each component runs. It starts nothing.
package plane

import (
	"fmt"
	"os"
	"path/filepath"
)

// Dir is the directory that holds everything of one sandbox. Its methods name the files in it.
type Dir string

// DefaultDir is the directory of the sandbox called name when no directory is given: one folder a user in the system's
// temporary directory, so that a reboot cleans up after a machine that lost its power.
func DefaultDir(name string) Dir {
	return Dir(filepath.Join(os.TempDir(), fmt.Sprintf("kubectl-micro-sandbox-%d", os.Getuid()), name))
}

func (d Dir) path(elem ...string) string {
	return filepath.Join(append([]string{string(d)}, elem...)...)
}

// Lock is held (flock) by the supervisor for as long as the sandbox runs.
func (d Dir) Lock() string { return d.path("lock") }

// State is the JSON file in which the supervisor keeps process ids, ports and the phase.
func (d Dir) State() string { return d.path("state.json") }

// Kubeconfig is the administrator's kubeconfig.
func (d Dir) Kubeconfig() string { return d.path("kubeconfig") }

// AuditLog is the API server's audit log, one JSON event a line.
func (d Dir) AuditLog() string { return d.path("audit.log") }

// SupervisorLog is the output of the supervisor, which says why a sandbox ended.
func (d Dir) SupervisorLog() string { return d.path("supervisor.log") }

// Log is the combined output of a component.
func (d Dir) Log(component string) string { return d.path("logs", component+".log") }

func (d Dir) etcdData() string        { return d.path("etcd") }
func (d Dir) auditPolicy() string     { return d.path("audit-policy.yaml") }
func (d Dir) schedulerConfig() string { return d.path("scheduler.yaml") }
func (d Dir) tokens() string          { return d.path("pki", "tokens.csv") }
func (d Dir) caCert() string          { return d.path("pki", "ca.crt") }
func (d Dir) caKey() string           { return d.path("pki", "ca.key") }
func (d Dir) saKey() string           { return d.path("pki", "service-account.key") }
func (d Dir) frontProxyCert() string  { return d.path("pki", "front-proxy.crt") }
func (d Dir) frontProxyKey() string   { return d.path("pki", "front-proxy.key") }

// KwokConfig is the kwok configuration with the stages in it.
func (d Dir) KwokConfig() string { return d.path("kwok.yaml") }

// ServerCert is the serving certificate shared by all components; all of them listen on loopback only.
func (d Dir) ServerCert() string { return d.path("pki", "server.crt") }

// ServerKey is the private key of ServerCert.
func (d Dir) ServerKey() string { return d.path("pki", "server.key") }

func (d Dir) componentKubeconfig(component string) string {
	return d.path("pki", component+".kubeconfig")
}
