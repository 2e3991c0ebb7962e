// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package shape

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/app"
)

const head = "apiVersion: kubectl-micro.dev/v1alpha1\nkind: System\nmetadata: {name: shop}\n"

// TestSystemWords holds the words of the schema against those that pkg/app tells of
// where it finds another.
func TestSystemWords(t *testing.T) {
	const service = "services:\n  web: {image: 'web:1', ports: {http: 8080}, %s}\n  users: {image: 'users:1', ports: {http: 80}}\n"
	places := map[string]string{
		"System.Profile": "profile: nonsense\n" + fmt.Sprintf(service, "open: true"), "Platform.Mesh": "platform: {mesh: nonsense}\n" + fmt.Sprintf(service, "open: true"),
		"Ingress.API": "platform: {ingress: {api: nonsense}}\n" + fmt.Sprintf(service, "open: true"), "SystemService.Kind": fmt.Sprintf(service, "kind: nonsense"),
		"SystemService.ServiceType": fmt.Sprintf(service, "serviceType: nonsense"), "SystemPort.Protocol": "services: {web: {image: 'web:1', ports: {http: {port: 80, protocol: nonsense}}}}\n",
		"Dependency.Format":    fmt.Sprintf(service, "dependsOn: [{service: users, format: nonsense}]"),
		"Traffic.LoadBalancer": "platform: {mesh: sidecar}\n" + fmt.Sprintf(service, "traffic: {loadBalancer: nonsense}"),
		"External.Protocol":    "external: {pay: {host: a.b, port: 1, protocol: nonsense}}\n" + fmt.Sprintf(service, "open: true"),
	}
	for id, want := range words {
		s, err := app.Read("m.yaml", []byte(head+places[id]))
		if err == nil {
			_, err = app.Generate(s, app.Options{})
		}
		if err == nil {
			t.Errorf("%s: nonsense is taken", id)
			continue
		}
		found := regexp.MustCompile(`\(([^)]*)\), found "nonsense"`).FindStringSubmatch(err.Error())
		if found == nil || found[1] != strings.Join(want, ", ") {
			t.Errorf("%s: the schema has %s, and the error is: %v", id, strings.Join(want, ", "), err)
		}
	}
}
