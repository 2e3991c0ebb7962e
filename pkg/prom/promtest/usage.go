// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package promtest

import "time"

// Usage is half an hour of what cAdvisor and kube-state-metrics say about
// namespace shop. Cores and MiB, of one pod each:
//
//	pod                               container    cpu    request limit  memory  request limit  throttled
//	api-gateway-6d4b75cb6d-hkxp4      app          0.15   0.1     0.2    96      128     128    25 %
//	                                  istio-proxy  0.05   0.1     2      64      128     1024   0 %  (a native sidecar)
//	order-service-79c8b6d4f5-mm9pl    app          0.4    0.2     -      192     256     256    no quota
//
// The counters of order-service were reset five minutes ago, after the last of
// its 3 restarts within the hour, an OOM kill. Rows of whole pods and of pause
// containers are there too, as cAdvisor has them: they must not be added up.
func Usage() History {
	h := NewHistory(lately, defaultInterval)
	gateway, orders := "api-gateway-6d4b75cb6d-hkxp4", "order-service-79c8b6d4f5-mm9pl"
	fell := Now.Add(-5 * time.Minute)
	container(h, gateway, "app", Steady(0.15), 96)
	container(h, gateway, "istio-proxy", Steady(0.05), 64)
	container(h, orders, "app", Steady(0.4).Restart(fell), 192)
	for pod, cpu := range map[string]float64{gateway: 0.2, orders: 0.4} {
		l := Labels{"namespace": "shop", "pod": pod, "node": "node-a"}
		h.Counter("container_cpu_usage_seconds_total", l, Steady(cpu))
		h.Counter("container_cpu_usage_seconds_total", l.With("container", "POD", "image", "pause"), Steady(0.001))
		h.Gauge("container_memory_working_set_bytes", l, 200<<20)
	}
	// Ten periods a second.
	for name, share := range map[string]float64{"app": 0.25, "istio-proxy": 0} {
		l := cadvisor(gateway, name)
		h.Counter("container_cpu_cfs_periods_total", l, Steady(10))
		h.Counter("container_cpu_cfs_throttled_periods_total", l, Steady(10*share))
	}
	state(h, "container", gateway, "app", amounts{0.1, 0.2, 128, 128})
	state(h, "init_container", gateway, "istio-proxy", amounts{0.1, 2, 128, 1024})
	state(h, "container", orders, "app", amounts{0.2, 0, 256, 256})
	restarts := kube(orders, "app")
	h.Func("kube_pod_container_status_restarts_total", restarts, func(at time.Time) float64 {
		n := 4.0 // from before our time
		for _, restart := range []time.Time{fell.Add(-20 * time.Minute), fell.Add(-10 * time.Minute), fell} {
			if !at.Before(restart) {
				n++
			}
		}
		return n
	})
	h.Gauge("kube_pod_container_status_last_terminated_reason", restarts.With("reason", "OOMKilled"), 1)
	return *h
}

func cadvisor(pod, container string) Labels {
	return Labels{"namespace": "shop", "pod": pod, "container": container, "image": "registry.example.com/" + container, "node": "node-a"}
}

func kube(pod, container string) Labels {
	return Labels{"namespace": "shop", "pod": pod, "container": container, "job": "kube-state-metrics"}
}

func container(h *History, pod, name string, cpu Flow, mebibytes float64) {
	l := cadvisor(pod, name)
	h.Counter("container_cpu_usage_seconds_total", l, cpu)
	h.Gauge("container_memory_working_set_bytes", l, mebibytes*(1<<20))
}

// amounts are in cores and MiB; 0 is none.
type amounts struct{ cpuRequest, cpuLimit, memoryRequest, memoryLimit float64 }

func state(h *History, kind, pod, name string, a amounts) {
	for _, r := range []struct {
		metric, resource, unit string
		value                  float64
	}{
		{"requests", "cpu", "core", a.cpuRequest},
		{"limits", "cpu", "core", a.cpuLimit},
		{"requests", "memory", "byte", a.memoryRequest * (1 << 20)},
		{"limits", "memory", "byte", a.memoryLimit * (1 << 20)},
	} {
		if r.value != 0 {
			h.Gauge("kube_pod_"+kind+"_resource_"+r.metric, kube(pod, name).With("resource", r.resource, "unit", r.unit, "node", "node-a"), r.value)
		}
	}
}
