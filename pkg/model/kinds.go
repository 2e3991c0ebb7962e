// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	istionetv1 "istio.io/client-go/pkg/apis/networking/v1"
	istiosecv1 "istio.io/client-go/pkg/apis/security/v1"
	telemetryv1 "istio.io/client-go/pkg/apis/telemetry/v1"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
	gatewayv1beta1 "sigs.k8s.io/gateway-api/apis/v1beta1"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// The groups of the kinds that are not Kubernetes' own.
const (
	IstioNetworking  = "networking.istio.io"
	IstioSecurity    = "security.istio.io"
	IstioTelemetry   = "telemetry.istio.io"
	GatewayAPI       = "gateway.networking.k8s.io"
	Monitoring       = "monitoring.coreos.com"
	NetworkPolicyAPI = "policy.networking.k8s.io"
)

// object is what every API type is: *T implements runtime.Object.
type object[T any] interface {
	*T
	runtime.Object
}

var kinds = map[ref.GroupKind]*Kind{}

func kind[T any, P object[T]](group, name, resource string, namespaced bool, versions ...string) KindOf[T] {
	k := &Kind{
		GroupKind: ref.GroupKind{Group: group, Kind: name}, Resource: resource,
		Namespaced: namespaced, Versions: versions,
		New: func() runtime.Object { return P(new(T)) },
	}
	kinds[k.GroupKind] = k
	return KindOf[T]{k}
}

func builtIn[T, L any, P object[T], PL object[L]](group, name, resource string, namespaced bool, versions ...string) KindOf[T] {
	k := kind[T, P](group, name, resource, namespaced, versions...)
	k.NewList = func() runtime.Object { return PL(new(L)) }
	return k
}

// The built-in kinds.
var (
	Namespaces = builtIn[corev1.Namespace, corev1.NamespaceList]("", "Namespace", "namespaces", false, "v1")
	Nodes      = builtIn[corev1.Node, corev1.NodeList]("", "Node", "nodes", false, "v1")
	Pods       = builtIn[corev1.Pod, corev1.PodList]("", "Pod", "pods", true, "v1")
	Services   = builtIn[corev1.Service, corev1.ServiceList]("", "Service", "services", true, "v1")
	//lint:ignore SA1019 old files still hold them
	Endpoints              = builtIn[corev1.Endpoints, corev1.EndpointsList]("", "Endpoints", "endpoints", true, "v1")
	ConfigMaps             = builtIn[corev1.ConfigMap, corev1.ConfigMapList]("", "ConfigMap", "configmaps", true, "v1")
	Secrets                = builtIn[corev1.Secret, corev1.SecretList]("", "Secret", "secrets", true, "v1")
	ServiceAccounts        = builtIn[corev1.ServiceAccount, corev1.ServiceAccountList]("", "ServiceAccount", "serviceaccounts", true, "v1")
	Events                 = builtIn[corev1.Event, corev1.EventList]("", "Event", "events", true, "v1")
	PersistentVolumes      = builtIn[corev1.PersistentVolume, corev1.PersistentVolumeList]("", "PersistentVolume", "persistentvolumes", false, "v1")
	PersistentVolumeClaims = builtIn[corev1.PersistentVolumeClaim, corev1.PersistentVolumeClaimList]("", "PersistentVolumeClaim", "persistentvolumeclaims", true, "v1")
	ResourceQuotas         = builtIn[corev1.ResourceQuota, corev1.ResourceQuotaList]("", "ResourceQuota", "resourcequotas", true, "v1")
	LimitRanges            = builtIn[corev1.LimitRange, corev1.LimitRangeList]("", "LimitRange", "limitranges", true, "v1")

	Deployments  = builtIn[appsv1.Deployment, appsv1.DeploymentList]("apps", "Deployment", "deployments", true, "v1")
	ReplicaSets  = builtIn[appsv1.ReplicaSet, appsv1.ReplicaSetList]("apps", "ReplicaSet", "replicasets", true, "v1")
	StatefulSets = builtIn[appsv1.StatefulSet, appsv1.StatefulSetList]("apps", "StatefulSet", "statefulsets", true, "v1")
	DaemonSets   = builtIn[appsv1.DaemonSet, appsv1.DaemonSetList]("apps", "DaemonSet", "daemonsets", true, "v1")
	Jobs         = builtIn[batchv1.Job, batchv1.JobList]("batch", "Job", "jobs", true, "v1")
	CronJobs     = builtIn[batchv1.CronJob, batchv1.CronJobList]("batch", "CronJob", "cronjobs", true, "v1")

	HorizontalPodAutoscalers = builtIn[autoscalingv2.HorizontalPodAutoscaler, autoscalingv2.HorizontalPodAutoscalerList]("autoscaling", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true, "v2")
	PodDisruptionBudgets     = builtIn[policyv1.PodDisruptionBudget, policyv1.PodDisruptionBudgetList]("policy", "PodDisruptionBudget", "poddisruptionbudgets", true, "v1")
	Ingresses                = builtIn[networkingv1.Ingress, networkingv1.IngressList]("networking.k8s.io", "Ingress", "ingresses", true, "v1")
	IngressClasses           = builtIn[networkingv1.IngressClass, networkingv1.IngressClassList]("networking.k8s.io", "IngressClass", "ingressclasses", false, "v1")
	NetworkPolicies          = builtIn[networkingv1.NetworkPolicy, networkingv1.NetworkPolicyList]("networking.k8s.io", "NetworkPolicy", "networkpolicies", true, "v1")
	EndpointSlices           = builtIn[discoveryv1.EndpointSlice, discoveryv1.EndpointSliceList]("discovery.k8s.io", "EndpointSlice", "endpointslices", true, "v1")

	Roles               = builtIn[rbacv1.Role, rbacv1.RoleList]("rbac.authorization.k8s.io", "Role", "roles", true, "v1")
	RoleBindings        = builtIn[rbacv1.RoleBinding, rbacv1.RoleBindingList]("rbac.authorization.k8s.io", "RoleBinding", "rolebindings", true, "v1")
	ClusterRoles        = builtIn[rbacv1.ClusterRole, rbacv1.ClusterRoleList]("rbac.authorization.k8s.io", "ClusterRole", "clusterroles", false, "v1")
	ClusterRoleBindings = builtIn[rbacv1.ClusterRoleBinding, rbacv1.ClusterRoleBindingList]("rbac.authorization.k8s.io", "ClusterRoleBinding", "clusterrolebindings", false, "v1")
)

// The built-in kinds that stand behind others: storage, admission, aggregation.
var (
	StorageClasses                  = builtIn[storagev1.StorageClass, storagev1.StorageClassList]("storage.k8s.io", "StorageClass", "storageclasses", false, "v1")
	MutatingWebhookConfigurations   = builtIn[admissionv1.MutatingWebhookConfiguration, admissionv1.MutatingWebhookConfigurationList]("admissionregistration.k8s.io", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", false, "v1")
	ValidatingWebhookConfigurations = builtIn[admissionv1.ValidatingWebhookConfiguration, admissionv1.ValidatingWebhookConfigurationList]("admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", false, "v1")
	APIServices                     = kind[APIService]("apiregistration.k8s.io", "APIService", "apiservices", false, "v1")
)

// The kinds of Istio. Its versions share one schema, so that one Go type reads all.
var (
	VirtualServices  = kind[istionetv1.VirtualService](IstioNetworking, "VirtualService", "virtualservices", true, "v1", "v1beta1", "v1alpha3")
	DestinationRules = kind[istionetv1.DestinationRule](IstioNetworking, "DestinationRule", "destinationrules", true, "v1", "v1beta1", "v1alpha3")
	IstioGateways    = kind[istionetv1.Gateway](IstioNetworking, "Gateway", "gateways", true, "v1", "v1beta1", "v1alpha3")
	ServiceEntries   = kind[istionetv1.ServiceEntry](IstioNetworking, "ServiceEntry", "serviceentries", true, "v1", "v1beta1", "v1alpha3")
	WorkloadEntries  = kind[istionetv1.WorkloadEntry](IstioNetworking, "WorkloadEntry", "workloadentries", true, "v1", "v1beta1", "v1alpha3")
	Sidecars         = kind[istionetv1.Sidecar](IstioNetworking, "Sidecar", "sidecars", true, "v1", "v1beta1", "v1alpha3")

	AuthorizationPolicies  = kind[istiosecv1.AuthorizationPolicy](IstioSecurity, "AuthorizationPolicy", "authorizationpolicies", true, "v1", "v1beta1")
	PeerAuthentications    = kind[istiosecv1.PeerAuthentication](IstioSecurity, "PeerAuthentication", "peerauthentications", true, "v1", "v1beta1")
	RequestAuthentications = kind[istiosecv1.RequestAuthentication](IstioSecurity, "RequestAuthentication", "requestauthentications", true, "v1", "v1beta1")
	Telemetries            = kind[telemetryv1.Telemetry](IstioTelemetry, "Telemetry", "telemetries", true, "v1", "v1alpha1")
)

// The cluster-wide network policies of SIG Network. ClusterNetworkPolicy took
// the place of the other two.
var (
	AdminNetworkPolicies         = kind[AdminNetworkPolicy](NetworkPolicyAPI, "AdminNetworkPolicy", "adminnetworkpolicies", false, "v1alpha1")
	BaselineAdminNetworkPolicies = kind[BaselineAdminNetworkPolicy](NetworkPolicyAPI, "BaselineAdminNetworkPolicy", "baselineadminnetworkpolicies", false, "v1alpha1")
	ClusterNetworkPolicies       = kind[ClusterNetworkPolicy](NetworkPolicyAPI, "ClusterNetworkPolicy", "clusternetworkpolicies", false, "v1alpha2", "v1beta1")
)

// The kinds of the Gateway API and of the Prometheus Operator.
var (
	Gateways        = kind[gatewayv1.Gateway](GatewayAPI, "Gateway", "gateways", true, "v1", "v1beta1")
	GatewayClasses  = kind[gatewayv1.GatewayClass](GatewayAPI, "GatewayClass", "gatewayclasses", false, "v1", "v1beta1")
	HTTPRoutes      = kind[gatewayv1.HTTPRoute](GatewayAPI, "HTTPRoute", "httproutes", true, "v1", "v1beta1")
	GRPCRoutes      = kind[gatewayv1.GRPCRoute](GatewayAPI, "GRPCRoute", "grpcroutes", true, "v1")
	ReferenceGrants = kind[gatewayv1beta1.ReferenceGrant](GatewayAPI, "ReferenceGrant", "referencegrants", true, "v1", "v1beta1")

	ServiceMonitors = kind[monitoringv1.ServiceMonitor](Monitoring, "ServiceMonitor", "servicemonitors", true, "v1")
	PodMonitors     = kind[monitoringv1.PodMonitor](Monitoring, "PodMonitor", "podmonitors", true, "v1")
	PrometheusRules = kind[monitoringv1.PrometheusRule](Monitoring, "PrometheusRule", "prometheusrules", true, "v1")

	Prometheuses     = kind[Scraper](Monitoring, "Prometheus", "prometheuses", true, "v1")
	PrometheusAgents = kind[Scraper](Monitoring, "PrometheusAgent", "prometheusagents", true, "v1alpha1")
	ThanosRulers     = kind[Scraper](Monitoring, "ThanosRuler", "thanosrulers", true, "v1")
)

// shortNames are the abbreviations kubectl and the CRDs define.
var shortNames = map[string]string{
	"svc": "service", "po": "pod", "deploy": "deployment", "rs": "replicaset", "sts": "statefulset",
	"ds": "daemonset", "cm": "configmap", "ns": "namespace", "sa": "serviceaccount", "ing": "ingress",
	"netpol": "networkpolicy", "hpa": "horizontalpodautoscaler", "pdb": "poddisruptionbudget",
	"ep": "endpoints", "no": "node", "pvc": "persistentvolumeclaim", "cj": "cronjob",
	"vs": "virtualservice", "dr": "destinationrule", "se": "serviceentry", "ap": "authorizationpolicy",
	"pa": "peerauthentication", "ra": "requestauthentication", "sc": "storageclass", "pv": "persistentvolume", "gw": "gateway", "smon": "servicemonitor", "pmon": "podmonitor",
	"anp": "adminnetworkpolicy", "banp": "baselineadminnetworkpolicy", "cnp": "clusternetworkpolicy",
}
