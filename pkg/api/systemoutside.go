// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package api

// External is outside of the cluster.
type External struct {
	Host string `json:"host"`
	Port int32  `json:"port"`
	// Protocol is https (the default), http, grpc, tls or tcp.
	Protocol string `json:"protocol,omitempty"`
	// Addresses are where the host is, as IP addresses or CIDRs. Without them pods that
	// depend on it may reach any public address at its port.
	Addresses []string `json:"addresses,omitempty"`
}

// Backing is a store in the cluster.
type Backing struct {
	// Host is that of its Service: NAME.NAMESPACE.svc, which .cluster.local may follow.
	Host string `json:"host"`
	Port int32  `json:"port"`
	// Target is the port of its pods; Port by default.
	Target int32 `json:"target,omitempty"`
	// Protocol is tcp (the default), postgres, mysql, redis, mongo and so on.
	Protocol string `json:"protocol,omitempty"`
	// Labels are those of its pods; every pod of its namespace by default.
	Labels map[string]string `json:"labels,omitempty"`
}
