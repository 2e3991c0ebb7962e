// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package explain

import "slices"

// Any is the Kind of fields that many kinds have, Workload that of what makes pods.
const (
	Any      = "any"
	Workload = "workload"
)

var fields = slices.Concat(common, workload, pods, containers, others)

// common are the fields of all objects.
var common = []Field{
	{
		Kind: Any, Path: "metadata.labels", Writes: "app, owner, version and Kubernetes' common labels under app.kubernetes.io, the instance being the name.",
		Why:   "Selectors, dashboards and bills go by labels. Istio names a service in its metrics by them, and linters want each of several families.",
		Rules: []string{"KM2513", "KM2514", "KM2516", "KM2517"}, Flags: []string{"owner", "part-of"}, File: []string{"metadata.owner", "metadata.name", "services.NAME.component", "services.NAME.version"},
	},
	{
		Kind: Any, Path: "metadata.annotations", Writes: "The address of the owners, and the exemptions of linters, each with its reason.",
		Why:   "What a linter asks for in vain is answered in its own annotation, so that nobody has to ask again.",
		Rules: []string{"KM2515", "KM2503"}, Flags: []string{"email"}, File: []string{"metadata.email"},
	},
}

// workload are the fields of what makes pods.
var workload = []Field{
	{
		Kind: Workload, Path: "spec.replicas", Writes: "3; nothing where an autoscaler decides; 1 with the profile dev.",
		Why:   "Of three pods one may go while another is being replaced. With an autoscaler a number would be set back at each apply.",
		Rules: []string{"KM2501", "KM2502", "KM2503", "KM2009"}, Flags: []string{"replicas", "hpa"}, File: []string{"services.NAME.replicas", "services.NAME.scale"},
	},
	{
		Kind: Workload, Path: "spec.strategy", Writes: "RollingUpdate with maxSurge 1 and maxUnavailable 0.",
		Why:   "A new pod has to be ready before an old one goes: a rollout takes nothing away.",
		Rules: []string{"KM2504"}, File: []string{"patches"},
	},
	{
		Kind: Workload, Path: "spec.minReadySeconds", Writes: "10.", Why: "A pod that is ready for a moment and then crashes stops the rollout, in place of being counted.",
		File: []string{"patches"},
	},
	{
		Kind: Workload, Path: "spec.progressDeadlineSeconds", Writes: "300, or twice the time that a start may take.",
		Why:   "A rollout that makes no progress counts as failed by then, and not after ten minutes.",
		Rules: []string{"KM2520"}, File: []string{"services.NAME.health.startupSeconds"},
	},
	{
		Kind: Workload, Path: "spec.revisionHistoryLimit", Writes: "5.", Why: "As many versions can be gone back to; ten old ReplicaSets are more than anybody looks at.", File: []string{"patches"},
	},
	{
		Kind: Workload, Path: "spec.selector", Writes: "app.kubernetes.io/name and instance.",
		Why:   "It can never be changed. A version in it would make a second version of the service impossible.",
		Rules: []string{"KM2003"}, File: []string{"patches"},
	},
	{
		Kind: Workload, Path: "spec.template.metadata.labels", Writes: "The labels of the workload, with those that its selector asks for.", Why: "Services, policies and monitors find pods by them.",
		Rules: []string{"KM2516", "KM2517"}, Flags: []string{"owner"}, File: []string{"metadata.owner"},
	},
}

// pods are the fields of pods.
var pods = []Field{
	{
		Kind: Workload, Path: "podSpec.affinity.nodeAffinity", Writes: "Nodes with Linux, as a requirement.", Why: "On a node of another operating system the image cannot start.",
		Rules: []string{"KM1532"}, File: []string{"patches"},
	},
	{
		Kind: Workload, Path: "podSpec.affinity.podAntiAffinity", Writes: "A preference for nodes without a pod of the same service.",
		Why:   "kube-linter and kube-score ask for it by this name. The spread constraints do the same and more, and Polaris asks for those.",
		Rules: []string{"KM1533"}, File: []string{"patches"},
	},
	{
		Kind: Workload, Path: "podSpec.topologySpreadConstraints", Writes: "One each for zones and nodes: maxSkew 1, ScheduleAnyway, counting the pods of one revision. Hardened: DoNotSchedule for zones.",
		Why:   "Three pods in one zone are gone with it. Without matchLabelKeys the pods that are about to go would push the new ones together.",
		Rules: []string{"KM1534"}, Since: "1.27 for matchLabelKeys", Flags: []string{"profile"}, File: []string{"profile"},
	},
	{
		Kind: Workload, Path: "podSpec.automountServiceAccountToken", Writes: "false.", Why: "A service that does not call the API server has no use for a token; who breaks into it has.",
		Rules: []string{"KM1541", "KM1510"}, File: []string{"patches"},
	},
	{
		Kind: Workload, Path: "podSpec.serviceAccountName", Writes: "An account of the service's own.", Why: "In a mesh the account is the identity: policies tell callers apart by it.",
		Rules: []string{"KM6501", "KM6002"}, File: []string{"patches"},
	},
	{
		Kind: Workload, Path: "podSpec.dnsConfig", Writes: `ndots "2".`, Why: "With Kubernetes' 5 each name outside of the cluster costs several questions that have the answer no.",
		Rules: []string{"KM1531"}, File: []string{"patches"},
	},
	{
		Kind: Workload, Path: "podSpec.enableServiceLinks", Writes: "false.", Why: "Otherwise each pod gets variables for each Service of its namespace, and a program may take CART_PORT for its own.",
		File: []string{"patches"},
	},
	{
		Kind: Workload, Path: "podSpec.priorityClassName", Writes: "The PriorityClass of the system.", Why: "When there is no room, something has to say who goes. Classes of the cluster itself are not for applications.",
		Rules: []string{"KM1529"}, Flags: []string{"skip-cluster-scoped"}, File: []string{"patches"},
	},
	{
		Kind: Workload, Path: "podSpec.restartPolicy", Writes: "Always; OnFailure for jobs.", Why: "It holds anyhow. kube-linter wants it written.", Rules: []string{"KM1530"}, Flags: []string{"kind"}, File: []string{"services.NAME.kind"},
	},
	{
		Kind: Workload, Path: "podSpec.securityContext", Writes: "User and group 65532, no root, fsGroup with OnRootMismatch, the runtime's seccomp profile.",
		Why:   "65532 is nobody, on the node too; volumes are readable for its group, without being walked at each start.",
		Rules: []string{"KM1503", "KM1505", "KM1523", "KM1542"}, Flags: []string{"profile"}, File: []string{"profile"},
	},
	{
		Kind: Workload, Path: "podSpec.terminationGracePeriodSeconds", Writes: "45: 10 for preStop, 30 for what is being answered, and 5 to spare.",
		Why: "The clock runs during preStop as well. What is left at its end is killed.", Rules: []string{"KM1545"}, File: []string{"patches"},
	},
	{
		Kind: Workload, Path: "podSpec.volumes", Writes: "An emptyDir with a size limit for each directory that may be written, Secrets and files of configuration, read-only.",
		Why:   "The root file system is read-only. All limits together fit into the limit of ephemeral-storage, or the pod would be evicted.",
		Rules: []string{"KM1544", "KM5501", "KM5502"}, Flags: []string{"secret-file", "config-file"}, File: []string{"services.NAME.writablePaths", "services.NAME.secrets", "services.NAME.configFiles"},
	},
}

// containers are the fields of containers.
var containers = []Field{
	{Kind: Workload, Path: "container.name", Writes: "The name of the service.", Why: "kubectl logs and metrics show it.", File: []string{"services"}},
	{
		Kind: Workload, Path: "container.image", Writes: "What was asked for; best with a tag for people and a digest for machines.", Why: "A tag can be pushed again. A digest names what was reviewed and scanned.",
		Rules: []string{"KM1507", "KM1508"}, Flags: []string{"image"}, File: []string{"services.NAME.image"},
	},
	{
		Kind: Workload, Path: "container.imagePullPolicy", Writes: "Always.", Why: "The registry is asked at each start whether this pod may have the image. With a digest that is one small request.",
		Rules: []string{"KM1522"}, File: []string{"patches"},
	},
	{
		Kind: Workload, Path: "container.env", Writes: "PORT, what was asked for, and where the callees are; values that linters take for secrets by their name come from a ConfigMap.",
		Why:   "A secret is never a variable: variables are inherited and printed. Names such as DB_SECRET_NAME keep theirs, but not in the ConfigMap's key.",
		Rules: []string{"KM1509", "KM1525", "KM1526", "KM1527", "KM1528"}, Flags: []string{"env"}, File: []string{"services.NAME.env", "services.NAME.config", "services.NAME.dependsOn"},
	},
	{
		Kind: Workload, Path: "container.lifecycle.preStop", Writes: "sleep, 10 seconds, where there is a port.",
		Why:   "Proxies hear that a pod is going after it was told to end: it has to answer for some seconds more. The kubelet waits, so that the image needs no shell.",
		Rules: []string{"KM1545"}, Since: "1.30", File: []string{"patches"},
	},
	{
		Kind: Workload, Path: "container.livenessProbe", Writes: "The process alone, every 10 s, three times; another way to ask than for readiness.",
		Why:   "What hangs is restarted. What waits for somebody else must not be: that makes one fault a fault of all.",
		Rules: []string{"KM1513", "KM1515", "KM1516", "KM1546"}, Flags: []string{"health"}, File: []string{"services.NAME.health.live"},
	},
	{
		Kind: Workload, Path: "container.readinessProbe", Writes: "Every 5 s, three times.", Why: "Requests come only while it answers, and a rollout goes on only when it does.",
		Rules: []string{"KM1514", "KM1515", "KM1516", "KM1546"}, Flags: []string{"health"}, File: []string{"services.NAME.health.ready"},
	},
	{
		Kind: Workload, Path: "container.startupProbe", Writes: "Every 2 s, for 60 s.", Why: "The other two probes wait for it: a slow start is not killed, and a fast one is noticed at once.",
		Rules: []string{"KM1516", "KM2520"}, File: []string{"services.NAME.health.startupSeconds"},
	},
	{
		Kind: Workload, Path: "container.ports", Writes: "Each port with a name and its number.", Why: "Services and probes use the names, so that the number can change.",
		Rules: []string{"KM1535", "KM1536", "KM1539"}, Flags: []string{"port"}, File: []string{"services.NAME.ports"},
	},
	{
		Kind: Workload, Path: "container.resources", Writes: "Requests, and the same as limits: CPU, memory, ephemeral-storage. Dev: only memory is limited.",
		Why:   "What was measured with it holds everywhere. The numbers are a beginning: look at the metrics and change them.",
		Rules: []string{"KM1517", "KM1518", "KM1519", "KM1520", "KM1521"}, Flags: []string{"cpu", "memory"}, File: []string{"services.NAME.resources.cpu", "services.NAME.resources.memory", "services.NAME.resources.cpuLimit"},
	},
	{
		Kind: Workload, Path: "container.securityContext", Writes: "No root, no privileges to gain, no capabilities, a read-only root file system; user and group 65532.",
		Why:   "It is level restricted of the Pod Security Standards, and what four linters ask for.",
		Rules: []string{"KM1501", "KM1502", "KM1503", "KM1504", "KM1506", "KM1523"}, Flags: []string{"profile"}, File: []string{"profile"},
	},
	{
		Kind: Workload, Path: "container.volumeMounts", Writes: "The volumes, read-only but for directories that may be written.", Why: "/tmp can be written by default; any other place has to be named.",
		Rules: []string{"KM1506"}, Flags: []string{"secret-file", "config-file"}, File: []string{"services.NAME.writablePaths"},
	},
}
