// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package tail reads the logs of many containers at once: those of the pods that
// there are, in the order in which they were written, or those and whatever pods
// appear later, as it is written. There is no limit to the number of containers.
// What cannot be read of one is told and does not end the others.
package tail

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/logs"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// DefaultStarts is how many streams are opened at the same time. It bounds the
// load on the API server, not the number of streams that are open.
const DefaultStarts = 64

// Target is some pods.
type Target struct {
	// Name is for people: "svc/reviews", "-l app=web"; empty for a whole namespace.
	Name string
	// Namespace is empty for all.
	Namespace string
	// Pod is the name of one pod, Selector what the labels of several match; with
	// neither it is all of the namespace.
	Pod      string
	Selector labels.Selector
}

// options narrow a list or a watch to the target.
func (t Target) options() cluster.ListOptions {
	o := cluster.ListOptions{Namespace: t.Namespace, Labels: t.Selector}
	if t.Pod != "" {
		o.Fields = fields.OneTermEqualSelector("metadata.name", t.Pod)
	}
	return o
}

// takes checks what the server was asked for: a watch may tell of an object that
// has just stopped to match.
func (t Target) takes(p *corev1.Pod) bool {
	return (t.Pod == "" || t.Pod == p.Name) && (t.Selector == nil || t.Selector.Matches(labels.Set(p.Labels)))
}

// Options say what of the logs is read.
type Options struct {
	// Containers are those whose names match; nil is all.
	Containers *regexp.Regexp
	// Previous reads the runs before the last restarts.
	Previous bool
	// Since leaves out what is older; zero takes all.
	Since time.Time
	// Tail is how many of the last lines of each container are read; negative is all.
	Tail int64
	// Keep returns what chooses the lines of one container; nil takes all.
	Keep func() func(logs.Piece) bool
	// Trouble hears what could not be read, each thing once; nil does not. It is
	// called by one goroutine at a time.
	Trouble func(error)
	// Starts is how many streams are opened at the same time; 0 is DefaultStarts.
	Starts int
	// Pause waits before a stream is opened again; nil is cluster.Pause.
	Pause func(ctx context.Context, attempt int) error
}

// Tailer reads logs.
type Tailer struct {
	client  *cluster.Client
	options Options
	slots   chan struct{}
	counts  struct{ containers, failed, read, kept atomic.Int64 }

	mu   sync.Mutex
	told map[string]bool
}

// New returns a Tailer for one run.
func New(client *cluster.Client, o Options) *Tailer {
	if o.Keep == nil {
		o.Keep = func() func(logs.Piece) bool { return func(logs.Piece) bool { return true } }
	}
	if o.Pause == nil {
		o.Pause = cluster.Pause
	}
	return &Tailer{client: client, options: o, slots: make(chan struct{}, cmp.Or(o.Starts, DefaultStarts)), told: map[string]bool{}}
}

// Counts are numbers of what was done so far.
type Counts struct {
	// Containers were opened, Failed could not be.
	Containers, Failed int
	// Read lines came from the server, Kept ones were chosen.
	Read, Kept int
}

// Counts returns them.
func (t *Tailer) Counts() Counts {
	c := &t.counts
	return Counts{int(c.containers.Load()), int(c.failed.Load()), int(c.read.Load()), int(c.kept.Load())}
}

// Pods lists the pods of the targets, each once, by namespace and name. What may
// not be listed is told; it is an error when that is true of all targets.
func (t *Tailer) Pods(ctx context.Context, targets []Target) ([]*corev1.Pod, error) {
	var out []*corev1.Pod
	var errs []error
	for _, target := range targets {
		objects, err := t.client.List(ctx, model.Pods.Kind, target.options())
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, o := range objects {
			if p, ok := model.Pods.Of(o); ok && target.takes(p.Value) {
				out = append(out, p.Value)
			}
		}
	}
	if len(errs) == len(targets) || ctx.Err() != nil {
		return nil, errors.Join(errs...)
	}
	for _, err := range errs {
		t.trouble(err.Error(), err)
	}
	slices.SortFunc(out, func(a, b *corev1.Pod) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return slices.CompactFunc(out, func(a, b *corev1.Pod) bool { return a.Namespace == b.Namespace && a.Name == b.Name }), nil
}

// trouble tells an error once for what it is about.
func (t *Tailer) trouble(about string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.told[about] || t.options.Trouble == nil {
		return
	}
	t.told[about] = true
	t.options.Trouble(err)
}

// unreadable tells that a container's log could not be read. Missing rights are
// the same for all containers of a namespace.
func (t *Tailer) unreadable(c container, err error) {
	about := c.String()
	if apierrors.IsForbidden(err) {
		about = "namespace " + c.namespace
	}
	t.trouble(about, err)
}
