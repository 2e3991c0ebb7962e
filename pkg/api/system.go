// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"encoding/json"
)

// KindSystem is the kind of System.
const KindSystem = "System"

// System is the app file, micro.yaml: the services of one namespace, what they
// need and who calls whom. Every field but the services' images may be left out.
type System struct {
	TypeMeta `json:",inline"`
	Metadata SystemMeta `json:"metadata"`
	// Platform is what the cluster has to offer.
	Platform Platform `json:"platform,omitzero"`
	// Profile is dev, standard (the default) or hardened.
	Profile string `json:"profile,omitempty"`
	// With are the addons, as NAME or NAME=VARIANT: monitoring, ci=github.
	With []string `json:"with,omitempty"`
	// Defaults hold for services that say nothing else.
	Defaults SystemDefaults `json:"defaults,omitzero"`
	// Services are by name, which is that of their objects.
	Services map[string]SystemService `json:"services"`
	// External are what services depend on outside of the cluster, by name.
	External map[string]External `json:"external,omitempty"`
	// Backing are the stores that services depend on in this cluster, by name, which
	// somebody else runs.
	Backing map[string]Backing `json:"backing,omitempty"`
	// Patches change what was generated, in this order.
	Patches []SystemPatch `json:"patches,omitempty"`

	// Places are where the values were said ("file:line:column", or a flag), by
	// JSON Pointer.
	Places map[string]string `json:"-"`
}

// SystemMeta names the system.
type SystemMeta struct {
	// Name is the value of the label app.kubernetes.io/part-of.
	Name string `json:"name"`
	// Namespace is Name by default.
	Namespace string `json:"namespace,omitempty"`
	// Owner is the value of the label owner; Name by default.
	Owner string `json:"owner,omitempty"`
	// Email is the value of the annotation email; there is no default.
	Email string `json:"email,omitempty"`
}

// Platform is what the cluster has to offer.
type Platform struct {
	// Mesh is none (the default), sidecar or ambient.
	Mesh string `json:"mesh,omitempty"`
	// TrustDomain is that of the mesh; cluster.local by default.
	TrustDomain string `json:"trustDomain,omitempty"`
	// KubernetesVersion is the oldest that the objects must work on, such as "1.30";
	// the newest that is known by default.
	KubernetesVersion string `json:"kubernetesVersion,omitempty"`
	// Registry is put in front of images that name none.
	Registry   string     `json:"registry,omitempty"`
	Ingress    Ingress    `json:"ingress,omitzero"`
	Monitoring Monitoring `json:"monitoring,omitzero"`
}

// Ingress is how requests come in from outside of the cluster.
type Ingress struct {
	// API is gateway (HTTPRoute, the default), ingress, or istio (Gateway and
	// VirtualService).
	API string `json:"api,omitempty"`
	// Gateway is NAMESPACE/NAME of the Gateway; istio-ingress/shared by default. Its
	// namespace is where requests come from, with the API ingress too. With the API
	// istio it is NAMESPACE/VALUE, of the label istio of the gateway's pods;
	// istio-system/ingressgateway by default.
	Gateway string `json:"gateway,omitempty"`
	// ServiceAccount is that of the Gateway's pods, for a mesh to know them by;
	// NAME-istio by default, as Istio names it. There is no default with the API istio:
	// every pod of the gateway's namespace is let in then.
	ServiceAccount string `json:"serviceAccount,omitempty"`
	// Class is the class of Ingresses; istio by default.
	Class string `json:"class,omitempty"`
	// Host is that of services that are exposed without one.
	Host string `json:"host,omitempty"`
	// TLSSecret is that of the host, for the APIs ingress and istio; SERVICE-tls by
	// default.
	TLSSecret string `json:"tlsSecret,omitempty"`
}

// Monitoring is where Prometheus is.
type Monitoring struct {
	// Namespace is monitoring by default.
	Namespace string `json:"namespace,omitempty"`
	// Labels are what Prometheus selects monitors by.
	Labels map[string]string `json:"selectorLabels,omitempty"`
}

// SystemDefaults hold for services that say nothing else.
type SystemDefaults struct {
	Replicas  *int32    `json:"replicas,omitempty"`
	Resources Resources `json:"resources,omitzero"`
}

// SystemService is one service: its pods, and how it is reached.
type SystemService struct {
	// Kind is service (the default), worker, job, cronjob or stateful.
	Kind string `json:"kind,omitempty"`
	// Image must be said, unless every one of Versions has its own; with Source it is
	// what the build of that is called.
	Image string `json:"image"`
	// Source is the folder that the image is built in, from that of the app file.
	Source string `json:"source,omitempty"`
	// Versions run side by side, one Deployment each, named SERVICE-VERSION; callers
	// are split between them by Weight. Instead of Version.
	Versions map[string]ServiceVersion `json:"versions,omitempty"`
	// Version is that of the traffic, not of the image; v1 by default.
	Version string `json:"version,omitempty"`
	// Component is the value of the label; what Kind suggests by default.
	Component string `json:"component,omitempty"`
	// Schedule is when a cronjob runs, as cron writes it.
	Schedule string                `json:"schedule,omitempty"`
	Ports    map[string]SystemPort `json:"ports,omitempty"`
	Health   Health                `json:"health,omitzero"`
	Replicas *int32                `json:"replicas,omitempty"`
	// Scale replaces Replicas by a HorizontalPodAutoscaler.
	Scale     *Scale    `json:"scale,omitempty"`
	Resources Resources `json:"resources,omitzero"`
	// Env are variables by name.
	Env map[string]string `json:"env,omitempty"`
	// Config are the keys of a ConfigMap; the variable of log-level is LOG_LEVEL.
	Config map[string]string `json:"config,omitempty"`
	// ConfigFiles are the contents of files in /etc/SERVICE, by name.
	ConfigFiles map[string]string `json:"configFiles,omitempty"`
	// Secrets are mounted as files; the Secrets themselves come from elsewhere.
	Secrets []SecretFiles `json:"secrets,omitempty"`
	// Volumes are claimed for each pod of a stateful service.
	Volumes []Volume `json:"volumes,omitempty"`
	// WritablePaths are directories that the program writes to; /tmp by default.
	WritablePaths []string `json:"writablePaths,omitempty"`
	// Expose lets requests in from outside of the cluster.
	Expose *Expose `json:"expose,omitempty"`
	// ServiceType is ClusterIP (the default), NodePort or LoadBalancer.
	ServiceType string `json:"serviceType,omitempty"`
	// Headless gives the Service no address of its own.
	Headless bool `json:"headless,omitempty"`
	// Open lets every pod of the namespace call, not only those that depend on it.
	Open bool `json:"open,omitempty"`
	// DependsOn are the services, external services and backing stores that this one
	// calls. Nowhere else is a call said.
	DependsOn []Dependency `json:"dependsOn,omitempty"`
	// Allow narrows calls that services depend on to what is asked by HTTP. Callers
	// that it does not name may ask for anything.
	Allow []Allow `json:"allow,omitempty"`
	// Traffic is how calls to this service are made, in a mesh.
	Traffic Traffic `json:"traffic,omitzero"`
	// Metrics is where Prometheus reads; the port http-metrics or metrics, at /metrics,
	// by default.
	Metrics Metrics `json:"metrics,omitzero"`
}

// Metrics is where Prometheus reads.
type Metrics struct {
	Port string `json:"port,omitempty"`
	Path string `json:"path,omitempty"`
}

// Volume is claimed for each pod.
type Volume struct {
	Name string `json:"name"`
	// Mount is the directory.
	Mount string `json:"mount"`
	// Size is a quantity: 10Gi.
	Size string `json:"size"`
	// Class is the storage class; that of the cluster by default.
	Class string `json:"class,omitempty"`
}

// SystemPatch changes one object, as kustomize does: by what to merge into it, or
// by the operations of a JSON Patch.
type SystemPatch struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Merge is a strategic merge patch, Operations are those of RFC 6902; one of both.
	Merge      map[string]any   `json:"merge,omitempty"`
	Operations []map[string]any `json:"operations,omitempty"`
}

// SystemPort is a port of a Service. In a file it may be the number alone.
type SystemPort struct {
	// Port is that of the Service.
	Port int32 `json:"port"`
	// Target is that of the pods; Port by default.
	Target int32 `json:"target,omitempty"`
	// Protocol is TCP (the default), UDP or SCTP.
	Protocol string `json:"protocol,omitempty"`
	// AppProtocol is what is spoken; the port's name tells by default.
	AppProtocol string `json:"appProtocol,omitempty"`
}

// UnmarshalJSON reads a number or a mapping.
func (p *SystemPort) UnmarshalJSON(data []byte) error {
	if !bytes.HasPrefix(data, []byte("{")) {
		return json.Unmarshal(data, &p.Port)
	}
	type plain SystemPort // without this method
	return json.Unmarshal(data, (*plain)(p))
}

// Health is how to ask a service whether it is well: /path, "grpc", "tcp" or
// "exec:COMMAND ARG...".
type Health struct {
	// Live says that the process need not be restarted.
	Live string `json:"live,omitempty"`
	// Ready says that requests may come; Live by default.
	Ready string `json:"ready,omitempty"`
	// StartupSeconds are how long starting may take; 60 by default.
	StartupSeconds int32 `json:"startupSeconds,omitempty"`
}

// Scale bounds the number of pods.
type Scale struct {
	Min int32 `json:"min"`
	Max int32 `json:"max"`
	// CPU is the use to aim for, in percent of what is requested; 70 by default.
	CPU int32 `json:"cpu,omitempty"`
}

// Resources are requests and limits at once, as Kubernetes quantities.
type Resources struct {
	CPU    string `json:"cpu,omitempty"`
	Memory string `json:"memory,omitempty"`
	// CPULimit is CPU by default; none leaves it out.
	CPULimit string `json:"cpuLimit,omitempty"`
}

// SecretFiles mounts a Secret.
type SecretFiles struct {
	// Name is that of the Secret.
	Name string `json:"name"`
	// Files are the keys to mount; all by default.
	Files []string `json:"files,omitempty"`
	// Mount is the directory; /var/run/NAME by default.
	Mount string `json:"mount,omitempty"`
	// Optional lets pods start without the Secret.
	Optional bool `json:"optional,omitempty"`
	// External is STORE/KEY: a key of a ClusterSecretStore, of which the External
	// Secrets Operator then makes the Secret.
	External string `json:"external,omitempty"`
}

// Expose is under which host and paths a service is reached from outside.
type Expose struct {
	Host string `json:"host,omitempty"`
	// Paths are prefixes; / by default.
	Paths []string `json:"paths,omitempty"`
	// TLSSecret is for the APIs ingress and istio; SERVICE-tls by default.
	TLSSecret string `json:"tlsSecret,omitempty"`
}

// Dependency is what is called. In a file it may be the name alone.
type Dependency struct {
	Service string `json:"service"`
	// Port is the name of the called port; http, or the only one, by default.
	Port string `json:"port,omitempty"`
	// Env is the variable that tells the caller; SERVICE_URL by default.
	Env string `json:"env,omitempty"`
	// Format is what the variable holds: url (the default), host, hostport or port.
	Format string `json:"format,omitempty"`
}

// UnmarshalJSON reads a name or a mapping.
func (d *Dependency) UnmarshalJSON(data []byte) error {
	if !bytes.HasPrefix(data, []byte("{")) {
		return json.Unmarshal(data, &d.Service)
	}
	type plain Dependency // without this method
	return json.Unmarshal(data, (*plain)(d))
}
