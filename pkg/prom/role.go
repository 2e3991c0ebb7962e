// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom

import (
	"fmt"
	"regexp"
)

var user = regexp.MustCompile(`User "([^"]+)" cannot`)

// userOf returns who was refused, as the API server has it.
func userOf(message string) string {
	if m := user.FindStringSubmatch(message); m != nil {
		return m[1]
	}
	return "USER" // kubectl auth whoami
}

// Role returns, as YAML, the smallest right with which a user reaches the Service
// through the API server. An empty user stands for a name to fill in.
func (s Service) Role(user string) string {
	note := ""
	if user == "" || user == "USER" {
		user, note = "USER", " # kubectl auth whoami"
	}
	return fmt.Sprintf(`apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: kubectl-micro-prometheus
  namespace: %[1]s
rules:
- apiGroups: [""]
  resources: [services/proxy]
  resourceNames: [%[2]q]
  verbs: [get]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: kubectl-micro-prometheus
  namespace: %[1]s
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: kubectl-micro-prometheus
subjects:
- apiGroup: rbac.authorization.k8s.io
  kind: User
  name: %[3]q%[4]s`, s.Namespace, s.proxied(), user, note)
}
