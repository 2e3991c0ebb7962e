// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import "github.com/kubectl-micro/kubectl-micro/pkg/api"

// adviseMesh warns of what a mesh does in another way than one may think.
func (y *system) adviseMesh() {
	in := y.Platform.Ingress
	for _, s := range y.services {
		if s.Expose == nil {
			continue
		}
		if in.API == edgeIngress && s.Traffic != (api.Traffic{}) {
			y.warn(s.at+"/traffic", "platform: {ingress: {api: gateway}}", "requests that an Ingress lets in do not pass the mesh's rules: traffic of %s is not for them", s.name)
		}
	}
	if in.API != edgeIstio {
		return
	}
	for host, services := range y.hosts() {
		if secret := tlsSecret(services); secret == services[0].name+"-tls" {
			y.warn(services[0].at+"/expose", "tlsSecret: NAME", "the certificate of %s is Secret %s of namespace %s, where the gateway is", host, secret, y.gatewayNS)
		}
	}
}
