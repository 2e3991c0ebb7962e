// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package usage

// Place is where a container is. Names alone would not do: pod web-0 of team/api
// and pod api/web-0 of team are two.
type Place struct{ Namespace, Pod, Container string }

// Throttle notes the shares of periods in which CPU was held back, which no API
// object tells but a Prometheus does. Pods and containers that it does not know
// stay unknown.
func Throttle(pods []Pod, shares map[Place]float64) {
	for i := range pods {
		p := &pods[i]
		for j := range p.Containers {
			c := &p.Containers[j]
			if share, ok := shares[Place{p.Ref.Namespace, p.Ref.Name, c.Name}]; ok && !p.Template {
				c.Throttled = &share
				p.Throttled = greater(p.Throttled, c.Throttled)
			}
		}
	}
}
