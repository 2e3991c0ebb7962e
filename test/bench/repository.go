// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// oneService is what a repository holds for a service: seven documents of about
// 260 bytes each.
const oneService = `apiVersion: v1
kind: ServiceAccount
metadata: {name: NAME, namespace: SPACE}
---
apiVersion: v1
kind: Service
metadata: {name: NAME, namespace: SPACE, labels: {app: NAME}}
spec:
  selector: {app: NAME}
  ports:
  - {name: http, port: 80, targetPort: 8080}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: SPACE}
spec:
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME, version: v1, sidecar.istio.io/inject: "true"}}
    spec:
      serviceAccountName: NAME
      containers:
      - name: app
        image: registry.example.com/NAME:1.4.0
        ports: [{name: http, containerPort: 8080}]
        readinessProbe: {httpGet: {path: /ready, port: http}}
        resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 128Mi}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: NAME, namespace: SPACE}
spec:
  host: NAME
  subsets: [{name: v1, labels: {version: v1}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: NAME, namespace: SPACE}
spec:
  hosts: [NAME]
  http: [{route: [{destination: {host: NAME, subset: v1}}]}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: NAME, namespace: SPACE}
spec:
  selector: {matchLabels: {app: NAME}}
  rules: [{from: [{source: {principals: [cluster.local/ns/SPACE/sa/NAME]}}]}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: NAME, namespace: SPACE}
spec:
  podSelector: {matchLabels: {app: NAME}}
  policyTypes: [Ingress]
  ingress: [{from: [{podSelector: {}}]}]
---
`

// repository writes the manifests of n services in namespaces of 20, and
// returns the file and its size in bytes.
func (b *bench) repository(n int) (file string, size int, err error) {
	var out strings.Builder
	for i := range n {
		out.WriteString(strings.NewReplacer("NAME", fmt.Sprintf("svc-%d", i), "SPACE", fmt.Sprintf("team-%d", i/20)).Replace(oneService))
	}
	file = filepath.Join(b.dir, "repository.yaml")
	return file, out.Len(), os.WriteFile(file, []byte(out.String()), 0o600)
}
