// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"fmt"

	"github.com/kubectl-micro/kubectl-micro/pkg/schema"
)

// oldestMinor is the first Kubernetes 1.N that serves all kinds that are
// generated: HorizontalPodAutoscalers of autoscaling/v2 are younger than the rest.
const oldestMinor = 23

// feature is a field that older API servers drop or refuse.
type feature struct {
	// field is what is left out, instead what is so then.
	field, instead string
	// minor is the first Kubernetes 1.N in which it is on without being asked for,
	// kep the enhancement that says so.
	minor int
	kep   string
}

// The features that are used, with the KEP of each in kubernetes/enhancements.
var (
	grpcProbes        = feature{"grpc of probes", "connections are tried instead", 24, "KEP-2727"}
	revisionSpread    = feature{"matchLabelKeys of topologySpreadConstraints", "pods that are about to go count too", 27, "KEP-3243"}
	unhealthyEviction = feature{"unhealthyPodEvictionPolicy of PodDisruptionBudgets", "pods that are not ready can block a drain", 27, "KEP-3017"}
	containerMetrics  = feature{"containerResource of HorizontalPodAutoscalers", "the proxy's use of CPU counts too", 27, "KEP-1610"}
	sleepHook         = feature{"sleep of preStop", "requests can still come to a pod that has ended", 30, "KEP-3960"}
	userNamespaces    = feature{"hostUsers", "pods share the users of their node", 33, "KEP-127"}
)

// has reports whether the cluster knows a feature, and warns where not.
func (y *system) has(f feature) bool {
	minor, said := schema.Minor(y.Platform.KubernetesVersion)
	if !said || minor >= f.minor {
		return true
	}
	y.warn("/platform/kubernetesVersion", fmt.Sprintf(`kubernetesVersion: "1.%d"`, f.minor),
		"%s is left out, which Kubernetes has from 1.%d on (%s): %s", f.field, f.minor, f.kep, f.instead)
	return false
}

// kubernetesVersion checks the version that objects must work on.
func (c *checker) kubernetesVersion() {
	const at = "/platform/kubernetesVersion"
	version := c.Platform.KubernetesVersion
	if version == "" {
		return
	}
	minor, ok := schema.Minor(version)
	switch {
	case !ok:
		c.fail(at, `"1.30"`, "expected a version of Kubernetes, found %q", version)
	case minor < oldestMinor:
		hint := oldestMinor
		if minor < 10 && minor*10 > oldestMinor { // without quotes 1.30 is a number, which is 1.3
			hint = minor * 10
		}
		c.fail(at, fmt.Sprintf(`"1.%d"`, hint), "expected a version of Kubernetes from 1.%d on, which serves autoscaling/v2, found %q", oldestMinor, version)
	}
}
