{{- /* Put before the status template of every fault, which is executed with the pod as its data. */ -}}
{{- define "started" -}}
{{- or .status.startTime .metadata.creationTimestamp | Quote -}}
{{- end -}}

{{- /* Conditions of a pod whose sandbox runs and whose containers named in .unready do not. */ -}}
{{- define "conditions" }}
conditions:
- {type: PodReadyToStartContainers, status: {{ .sandbox | Quote }}, lastTransitionTime: {{ .now | Quote }}}
- {type: Initialized, status: "True", lastTransitionTime: {{ .now | Quote }}}
{{- range list "Ready" "ContainersReady" }}
- type: {{ . }}
  status: "False"
  reason: ContainersNotReady
  message: {{ printf "containers with unready status: [%s]" $.unready | Quote }}
  lastTransitionTime: {{ $.now | Quote }}
{{- end }}
{{- end -}}

{{- /* A pod keeps the address that it has; kwok would give out another one. */ -}}
{{- define "addresses" }}
{{- if not .status.podIP }}
{{- with NodeIPsWith .spec.nodeName }}
hostIP: {{ index . 0 | Quote }}
hostIPs:
{{- range . }}
- ip: {{ . | Quote }}
{{- end }}
{{- end }}
{{- with PodIPsWith .spec.nodeName (or .spec.hostNetwork false) (or .metadata.uid "") (or .metadata.name "") (or .metadata.namespace "") }}
podIP: {{ index . 0 | Quote }}
podIPs:
{{- range . }}
- ip: {{ . | Quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* Init containers have done their work; those that restart always are sidecars and run on. */ -}}
{{- define "inits" }}
{{- with .spec.initContainers }}
initContainerStatuses:
{{- range . }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: {{ .image | Quote }}
  ready: true
  restartCount: 0
  {{- if eq (or .restartPolicy "") "Always" }}
  started: true
  state: {running: {startedAt: {{ template "started" $ }}}}
  {{- else }}
  started: false
  state: {terminated: {exitCode: 0, reason: Completed, startedAt: {{ template "started" $ }}, finishedAt: {{ template "started" $ }}}}
  {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* A healthy neighbour: .container of .pod. */ -}}
{{- define "running" }}
- name: {{ .container.name | Quote }}
  image: {{ .container.image | Quote }}
  imageID: {{ .container.image | Quote }}
  ready: true
  started: true
  restartCount: 0
  state: {running: {startedAt: {{ template "started" .pod }}}}
{{- end -}}

{{- /* .container of .pod has died .restarts times, the last time with .code for .reason, and the kubelet backs off. */ -}}
{{- define "backoff" }}
- name: {{ .container.name | Quote }}
  image: {{ .container.image | Quote }}
  imageID: {{ .container.image | Quote }}
  ready: false
  started: false
  restartCount: {{ .restarts }}
  state:
    waiting:
      reason: CrashLoopBackOff
      message: {{ printf "back-off %s restarting failed container=%s pod=%s_%s(%s)" .wait .container.name .pod.metadata.name .pod.metadata.namespace .pod.metadata.uid | Quote }}
  lastState:
    terminated:
      exitCode: {{ .code }}
      reason: {{ .reason }}
      startedAt: {{ template "started" .pod }}
      finishedAt: {{ .now | Quote }}
{{- end -}}

{{- /* .container cannot start for .reason. */ -}}
{{- define "waiting" }}
- name: {{ .container.name | Quote }}
  image: {{ .container.image | Quote }}
  imageID: ""
  ready: false
  started: false
  restartCount: 0
  state: {waiting: {reason: {{ .reason }}{{ with .message }}, message: {{ . | Quote }}{{ end }}}}
{{- end -}}
{{- /* One instant for the whole status, and the name of the container that fails. */ -}}
{{- $pod := . -}}
{{- $now := Now -}}
{{- $target := or (index (or .metadata.annotations dict) "sandbox.kubectl-micro.dev/fault-container") (index .spec.containers 0).name -}}
