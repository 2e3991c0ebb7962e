// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package checkup

import (
	"context"
	"slices"
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
	tailLines = 50
	tailBytes = 8 << 10
)

// The requests that a diagnosis of one object, and of one namespace, may make.
const (
	budgetOne       = 20
	budgetNamespace = 45
)

// logged are the rules whose findings a container's last words explain.
var logged = map[string]bool{"KM1001": true, "KM1002": true, "KM1004": true, "KM1014": true}

// tails adds the end of a container's log to the first causes that it may
// explain: one request a cause, however many pods there are. A log that cannot
// be read is left out, it is evidence and not the diagnosis.
func (o *options) tails(ctx context.Context, found *diagnosis) {
	if _, _, asked := o.world.Requests(); !asked {
		return
	}
	var fetch sync.WaitGroup
	n := 0
	most := min(o.flags.maxLogs, o.left())
	for _, c := range found.Causes {
		if !logged[c.ID] || len(c.Pods) == 0 || n >= most {
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
	container, previous := failing(pod.Value)
	client, err := o.world.Client()
	if err != nil {
		return
	}
	text, err := client.Logs(ctx, pod.Ref.Namespace, pod.Ref.Name, container, previous, tailLines, tailBytes)
	if text = strings.TrimSpace(text); err != nil || text == "" {
		return
	}
	of := ref.Ref{Kind: "Pod", Namespace: pod.Ref.Namespace, Name: pod.Ref.Name}.String() + " container " + container
	c.Evidence = append(c.Evidence, finding.Evidence{Kind: "log", Of: of, Value: redact.Text(text)})
}

// left is how many requests may still be made.
func (o *options) left() int {
	made, _, _ := o.world.Requests()
	switch {
	case o.target.narrow():
		return max(0, budgetOne-made)
	case o.world.Namespace != "":
		return max(0, budgetNamespace-made)
	}
	return o.flags.maxLogs
}

// failing is the container whose last words matter: one that is not running,
// init containers first, whose log is that of its last run; or one that runs
// again, whose log before is what matters (previous); else the first.
func failing(p *corev1.Pod) (name string, previous bool) {
	all := slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses)
	for _, s := range all {
		if s.State.Waiting != nil && s.RestartCount > 0 || s.State.Terminated != nil && s.State.Terminated.ExitCode != 0 {
			return s.Name, false
		}
	}
	for _, s := range all {
		if t := s.LastTerminationState.Terminated; t != nil && t.ExitCode != 0 {
			return s.Name, true
		}
	}
	if len(p.Spec.Containers) == 0 {
		return "", false
	}
	return p.Spec.Containers[0].Name, false
}
