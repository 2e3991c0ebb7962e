// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"fmt"
	"strconv"
)

// Names of the components, which are also the sub-commands under which the multi-call binary runs them.
const (
	Etcd              = "etcd"
	APIServer         = "kube-apiserver"
	ControllerManager = "kube-controller-manager"
	Scheduler         = "kube-scheduler"
	Kwok              = "kwok"
)

// MetricsServer is a component that only some sandboxes have, and a program of its own: it is built against other
// versions of the libraries that are in the binary.
const MetricsServer = "metrics-server"

// Components lists every component of the binary in the order in which they start.
var Components = []string{Etcd, APIServer, ControllerManager, Scheduler, Kwok}

// ServiceCIDR is the range of cluster IPs; its first address is that of the kubernetes Service.
const ServiceCIDR = "10.96.0.0/16"

// PodCIDR is the range from which kwok gives pods their addresses. Nothing listens there.
const PodCIDR = "10.244.0.0/16"

// Ports are the loopback ports of one sandbox.
type Ports struct {
	EtcdClient, EtcdPeer, APIServer, ControllerManager, Scheduler, Kwok, MetricsServer int
}

// PortCount is the number of ports that PortsFrom takes.
const PortCount = 7

// PortsFrom gives each component its port out of PortCount free ones.
func PortsFrom(free []int) (Ports, error) {
	if len(free) != PortCount {
		return Ports{}, fmt.Errorf("expected %d free ports, got %d", PortCount, len(free))
	}
	return Ports{free[0], free[1], free[2], free[3], free[4], free[5], free[6]}, nil
}

// Server is the URL of the API server.
func (p Ports) Server() string { return loopback("https", p.APIServer) }

// Etcd is the URL of etcd.
func (p Ports) Etcd() string { return loopback("http", p.EtcdClient) }

func loopback(scheme string, port int) string {
	return scheme + "://127.0.0.1:" + strconv.Itoa(port)
}

// Args are the command line arguments of a component, without its name.
func Args(component string, d Dir, p Ports) ([]string, error) {
	switch component {
	case Etcd:
		return etcdArgs(d, p), nil
	case APIServer:
		return apiServerArgs(d, p), nil
	case ControllerManager:
		return controllerManagerArgs(d, p), nil
	case Scheduler:
		return append([]string{"--config=" + d.schedulerConfig()}, serving(Scheduler, d, p.Scheduler)...), nil
	case Kwok:
		return []string{"--config=" + d.KwokConfig(), "--kubeconfig=" + d.componentKubeconfig(Kwok)}, nil
	case MetricsServer:
		return metricsServerArgs(d, p), nil
	}
	return nil, fmt.Errorf("unknown component %q, expected one of %v or %s", component, Components, MetricsServer)
}

func etcdArgs(d Dir, p Ports) []string {
	client, peer := p.Etcd(), loopback("http", p.EtcdPeer)
	return []string{
		"--name=sandbox",
		"--data-dir=" + d.etcdData(),
		"--listen-client-urls=" + client,
		"--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peer,
		"--initial-advertise-peer-urls=" + peer,
		"--initial-cluster=sandbox=" + peer,
		// The data never outlives the processes, so there is nothing to protect with fsync.
		"--unsafe-no-fsync=true",
		"--quota-backend-bytes=4294967296",
		"--log-level=warn",
	}
}

func apiServerArgs(d Dir, p Ports) []string {
	return []string{
		"--etcd-servers=" + p.Etcd(),
		"--bind-address=127.0.0.1",
		"--secure-port=" + strconv.Itoa(p.APIServer),
		// Without it the server looks for a default route, which an offline container does not have.
		"--advertise-address=127.0.0.1",
		"--endpoint-reconciler-type=none",
		"--tls-cert-file=" + d.ServerCert(),
		"--tls-private-key-file=" + d.ServerKey(),
		"--client-ca-file=" + d.caCert(),
		// How it tells an aggregated API who is asking.
		"--requestheader-client-ca-file=" + d.caCert(),
		"--requestheader-allowed-names=" + frontProxy,
		"--requestheader-username-headers=X-Remote-User",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file=" + d.frontProxyCert(),
		"--proxy-client-key-file=" + d.frontProxyKey(),
		"--token-auth-file=" + d.tokens(),
		"--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction",
		"--allow-privileged=true",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + d.saKey(),
		"--service-account-signing-key-file=" + d.saKey(),
		"--service-cluster-ip-range=" + ServiceCIDR,
		// Every node has the address 127.0.0.1: kwok is the kubelet of them all, and its name does not resolve.
		"--kubelet-preferred-address-types=InternalIP",
		"--kubelet-certificate-authority=" + d.caCert(),
		"--audit-policy-file=" + d.auditPolicy(),
		"--audit-log-path=" + d.AuditLog(),
		// No rotation: tests count the requests of a whole run in one file.
		"--audit-log-maxsize=0",
		"--delete-collection-workers=10",
		"--shutdown-delay-duration=0",
		"--profiling=false",
	}
}

func controllerManagerArgs(d Dir, p Ports) []string {
	return append([]string{
		"--kubeconfig=" + d.componentKubeconfig(ControllerManager),
		"--leader-elect=false",
		// kwok hands out pod addresses; node ranges would only cost requests.
		"--controllers=*,-nodeipam",
		"--service-account-private-key-file=" + d.saKey(),
		"--root-ca-file=" + d.caCert(),
		"--cluster-signing-cert-file=" + d.caCert(),
		"--cluster-signing-key-file=" + d.caKey(),
		"--kube-api-qps=500",
		"--kube-api-burst=1000",
		"--concurrent-deployment-syncs=10",
		"--concurrent-replicaset-syncs=10",
		"--concurrent-service-endpoint-syncs=10",
		// A test machine may stall for longer than the default of 50 seconds.
		"--node-monitor-grace-period=5m",
		"--profiling=false",
	}, serving(ControllerManager, d, p.ControllerManager)...)
}

func metricsServerArgs(d Dir, p Ports) []string {
	return append([]string{
		"--kubeconfig=" + d.componentKubeconfig(MetricsServer),
		"--kubelet-certificate-authority=" + d.caCert(),
		"--kubelet-preferred-address-types=InternalIP",
		"--kubelet-use-node-status-port",
		// The shortest that it accepts, and usage needs two looks. A look must not take as long as the time between two.
		"--metric-resolution=10s",
		"--kubelet-request-timeout=5s",
	}, serving(MetricsServer, d, p.MetricsServer)...)
}

// serving are the flags of a component that serves its health over HTTPS and asks the API server who is calling.
func serving(component string, d Dir, port int) []string {
	return []string{
		"--authentication-kubeconfig=" + d.componentKubeconfig(component),
		"--authorization-kubeconfig=" + d.componentKubeconfig(component),
		"--bind-address=127.0.0.1",
		"--secure-port=" + strconv.Itoa(port),
		"--tls-cert-file=" + d.ServerCert(),
		"--tls-private-key-file=" + d.ServerKey(),
	}
}
