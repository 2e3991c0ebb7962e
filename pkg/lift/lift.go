// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package lift makes an app file of what is there: of the objects of a namespace
// ([Objects]) or of a compose project ([Compose]). What an app file cannot say is
// told, each with the reason; what generating from it would make different from
// what is there now is computed by generating ([Compare]).
//
// No value that looks like a secret is ever taken over.
package lift

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/draft"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Options say what is taken.
type Options struct {
	// Name is that of the system, a DNS label; the label app.kubernetes.io/part-of
	// that all workloads share, else the namespace, if empty.
	Name string
	// Namespace is where objects are taken from.
	Namespace string
	// Only are the workloads that are taken; all if empty.
	Only []ref.Ref
}

// Note is a remark on one field of an object.
type Note struct {
	// Service is the one that the remark belongs to; empty for the system's.
	Service string
	// Object and Field say what it is about: Deployment/web, initContainers. Field
	// may be empty.
	Object, Field string
	Text          string
}

// String is the note on one line.
func (n Note) String() string {
	if n.Field == "" {
		return n.Object + ": " + n.Text
	}
	return n.Object + " " + n.Field + ": " + n.Text
}

// Result is what came of lifting.
type Result struct {
	System api.System
	// Left are what could not be carried over, or not as it was.
	Left []Note
	// Changes are what generating makes different; see Compare.
	Changes []Note
	// from are the workloads that each service was made of, by service and version.
	from map[edition]*model.Workload
}

// edition is one version of a service; the version is empty where there is one.
type edition struct{ service, version string }

const head = `Made of what was there. Above each service stands what could not be carried over,
and what generating from this file makes different from that.`

// File writes the app file, with the notes as comments.
func (r Result) File() ([]byte, error) {
	top, above := head, map[string]string{}
	for _, group := range []struct {
		word  string
		notes []Note
	}{{"not carried", r.Left}, {"will change", r.Changes}} {
		for _, n := range group.notes {
			line := "\n" + wrap(group.word+": "+n.String())
			if _, known := r.System.Services[n.Service]; known {
				above[n.Service] += line
			} else {
				top += line
			}
		}
	}
	for name, text := range above {
		above[name] = strings.TrimPrefix(text, "\n")
	}
	return draft.Write(r.System, top, above)
}

// wide is how long a line of a comment gets, in bytes.
const wide = 110

// wrap breaks a text into lines, those after the first indented.
func wrap(text string) string {
	out, length := "", 0
	for i, word := range strings.Fields(text) {
		switch {
		case i > 0 && length+len(word) >= wide:
			out, length = out+"\n  ", 2
		case i > 0:
			out, length = out+" ", length+1
		}
		out, length = out+word, length+len(word)
	}
	return out
}

// lifter is one run over objects.
type lifter struct {
	*model.Snapshot
	Options
	Result
	// services are what is made, by name, with the Service in front of each.
	services map[string]*service
	// composed are the services of a compose file, by name; nil for objects.
	composed map[string]*composed
}

func (l *lifter) note(service, object, field, format string, args ...any) {
	n := Note{service, object, field, fmt.Sprintf(format, args...)}
	if !slices.Contains(l.Left, n) {
		l.Left = append(l.Left, n)
	}
}

// Objects makes a System of the workloads of a namespace and of what belongs to
// them. The error is of kind Undecided where there is no workload to take.
func Objects(s *model.Snapshot, o Options) (Result, error) {
	l := &lifter{Snapshot: s, Options: o}
	return l.lift()
}

// lift makes the System of the snapshot.
func (l *lifter) lift() (Result, error) {
	l.services = map[string]*service{}
	l.from = map[edition]*model.Workload{}
	l.System.APIVersion, l.System.Kind = api.Version, api.KindSystem
	l.group()
	if len(l.services) == 0 && l.composed != nil {
		return Result{}, fault.New(fault.Undecided, "expected a service that is no store, found none").Try("kubectl micro scaffold NAME --image IMAGE --port 8080")
	}
	if len(l.services) == 0 {
		return Result{}, l.nothing()
	}
	for _, name := range l.names() {
		l.services[name].lift()
	}
	l.platform()
	for _, name := range l.names() {
		l.services[name].calls()
	}
	l.dependencies()
	l.routes()
	l.hints()
	l.rest()
	l.System.Services = map[string]api.SystemService{}
	for name, svc := range l.services {
		l.System.Services[name] = svc.SystemService
	}
	if l.composed == nil {
		l.compare()
	}
	slices.SortStableFunc(l.Left, func(a, b Note) int { return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Object, b.Object)) })
	return l.Result, nil
}

// nothing is the error where no workload can be taken, with what was not.
func (l *lifter) nothing() error {
	err := fault.New(fault.Undecided, "expected a Deployment, StatefulSet, Job or CronJob%s, found none", in(l.Options))
	for i, n := range l.Left {
		if i == 0 {
			err.Message += " to take:"
		}
		err.Message += "\n  " + n.String()
	}
	if l.Offline {
		return err.Try("kubectl micro scaffold import manifests -f FILE, with the workloads in it")
	}
	return err.Try("kubectl get deployments,statefulsets,jobs,cronjobs%s", strings.Replace(in(l.Options), " in namespace", " -n", 1))
}

func in(o Options) string {
	if o.Namespace == "" {
		return ""
	}
	return " in namespace " + o.Namespace
}

func (l *lifter) names() []string { return slices.Sorted(maps.Keys(l.services)) }

// short is an object within the namespace: Deployment/web.
func short(r ref.Ref) string { return r.Kind + "/" + r.Name }
