// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	"context"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/diagnose"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/redact"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// What is fetched of a log.
const (
	tailLines = 10
	tailBytes = 4 << 10
)

// logged are the rules whose findings a container's last words explain.
var logged = map[string]bool{"KM1001": true, "KM1002": true, "KM1004": true, "KM1014": true}

// tails adds the end of a container's log to the first causes that it may
// explain: one request a cause, however many pods there are. A log that cannot
// be read is left out, it is evidence and not the diagnosis.
func (o *options) tails(ctx context.Context, found *diagnosis) {
	if o.world.client == nil {
		return
	}
	var fetch sync.WaitGroup
	n := 0
	for _, c := range found.Causes {
		if !logged[c.ID] || len(c.Pods) == 0 || n >= o.flags.maxLogs {
			continue
		}
		n++
		fetch.Go(func() { o.tail(ctx, found, c) })
	}
	fetch.Wait()
}

func (o *options) tail(ctx context.Context, found *diagnosis, c *diagnose.Cause) {
	pod, ok := model.Pods.Get(found.world.Snapshot, c.Object.Namespace, c.Pods[0])
	if !ok {
		return
	}
	container := failing(pod.Value)
	for _, previous := range []bool{true, false} {
		text, err := o.world.client.Logs(ctx, pod.Ref.Namespace, pod.Ref.Name, container, previous, tailLines, tailBytes)
		if text = strings.TrimSpace(text); err != nil || text == "" {
			continue
		}
		of := ref.Ref{Kind: "Pod", Namespace: pod.Ref.Namespace, Name: pod.Ref.Name}.String() + " container " + container
		c.Evidence = append(c.Evidence, finding.Evidence{Kind: "log", Of: of, Value: redact.Text(text)})
		return
	}
}

// failing is the container that is not running, init containers first; the
// first container if all are.
func failing(p *corev1.Pod) string {
	for _, statuses := range [][]corev1.ContainerStatus{p.Status.InitContainerStatuses, p.Status.ContainerStatuses} {
		for _, s := range statuses {
			if s.State.Waiting != nil && s.RestartCount > 0 || s.State.Terminated != nil && s.State.Terminated.ExitCode != 0 {
				return s.Name
			}
		}
	}
	if len(p.Spec.Containers) == 0 {
		return ""
	}
	return p.Spec.Containers[0].Name
}
