// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package shape

import (
	"reflect"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
)

var portNumber = map[string]any{"type": "integer", "minimum": 1, "maximum": 65535}

// words are the fields of app files that take one of a few, as pkg/app checks.
var words = map[string][]string{
	"System.Profile": {"dev", "standard", "hardened"}, "Platform.Mesh": {"none", "sidecar", "ambient"}, "Ingress.API": {"gateway", "ingress", "istio"},
	"SystemService.Kind": {"service", "worker", "job", "cronjob", "stateful"}, "SystemService.ServiceType": {"ClusterIP", "NodePort", "LoadBalancer"},
	"SystemPort.Protocol": {"TCP", "UDP", "SCTP"}, "Dependency.Format": {"url", "host", "hostport", "port"},
	"Traffic.LoadBalancer": {"LEAST_REQUEST", "ROUND_ROBIN", "RANDOM"}, "External.Protocol": {"https", "http", "grpc", "tls", "tcp"},
}

// App makes the schema of app files, api.System.
func App(c *Comments) *Maker {
	return &Maker{
		Comments: c,
		Short: map[reflect.Type]map[string]any{
			reflect.TypeFor[api.SystemPort](): portNumber, reflect.TypeFor[api.Dependency](): {"type": "string"},
		},
		// An image is not needed where each version has one.
		Optional: []string{"SystemService.Image"},
		Refine:   refineApp,
	}
}

func refineApp(id string, t reflect.Type, schema map[string]any) {
	if known := words[id]; known != nil {
		schema["enum"] = known
	}
	switch id {
	case "System.With":
		schema["items"] = map[string]any{"type": "string", "enum": addons()}
	case "SystemPort.Port", "SystemPort.Target", "External.Port", "Backing.Port", "Backing.Target":
		schema["minimum"], schema["maximum"] = portNumber["minimum"], portNumber["maximum"]
	}
}

// addons are what "with" may name.
func addons() []string {
	var out []string
	for _, a := range app.Addons() {
		out = append(out, a.Name)
		for _, v := range a.Variants {
			out = append(out, a.Name+"="+v)
		}
	}
	return out
}
