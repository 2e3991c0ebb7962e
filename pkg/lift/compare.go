// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package lift

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/redact"
)

// compare generates, and notes how the pods and what is around them will differ
// from what runs. What generating refuses is noted as not carried.
func (l *lifter) compare() {
	set, err := app.Generate(l.System, app.Options{})
	if err != nil {
		for _, e := range fault.All(err) {
			l.note("", "generate", "", "refuses this file until it is changed: %s", e)
		}
		return
	}
	var fresh []string
	for _, raw := range set.Objects {
		o := model.FromRaw(raw, l.Namespace)
		// The PriorityClass is of no namespace, and there is one for each system.
		if _, there := l.Object(o.Ref); !there && o.Ref.Kind != "PriorityClass" {
			fresh = append(fresh, short(o.Ref))
		}
		if _, is := kinds[o.Ref.Kind]; is {
			l.compareWorkload(o)
		}
	}
	if len(fresh) > 0 {
		l.Changes = append(l.Changes, Note{Object: "namespace " + l.Namespace, Text: "gets " + strings.Join(fresh, ", ")})
	}
	for _, name := range l.names() {
		l.closed(name)
	}
}

// compareWorkload finds what a generated workload was made of.
func (l *lifter) compareWorkload(o *model.Object) {
	for _, e := range slices.SortedFunc(maps.Keys(l.from), func(a, b edition) int { return strings.Compare(a.service+"\x00"+a.version, b.service+"\x00"+b.version) }) {
		instance := e.service
		if e.version != "" {
			instance += "-" + e.version
		}
		w := l.from[e]
		if o.Ref.Name != instance || o.Ref.Kind != w.Ref.Kind {
			continue
		}
		path := []string{"spec", "template", "spec"}
		if o.Ref.Kind == "CronJob" {
			path = append([]string{"spec", "jobTemplate"}, path...)
		}
		after, _, _ := unstructured.NestedMap(o.Raw(), path...)
		d := differ{note: func(field, text string) {
			l.Changes = append(l.Changes, Note{Service: e.service, Object: short(w.Ref), Field: field, Text: text})
		}}
		d.pod(w, after)
	}
}

// closed notes whom the NetworkPolicy lets in and out, where there was none.
func (l *lifter) closed(name string) {
	s := l.services[name]
	for _, p := range model.NetworkPolicies.In(l.Snapshot, s.first().Ref.Namespace) {
		if by, err := l.Selector(&p.Value.Spec.PodSelector); err == nil && by.Matches(labels.Set(s.first().Template.Labels)) {
			return
		}
	}
	var callers, callees []string
	for _, d := range s.DependsOn {
		callees = append(callees, d.Service)
	}
	for _, other := range l.names() {
		for _, d := range l.services[other].DependsOn {
			if d.Service == name {
				callers = append(callers, other)
			}
		}
	}
	if s.Expose != nil {
		callers = append(callers, "the gateway")
	}
	l.Changes = append(l.Changes, Note{Service: name, Object: short(s.first().Ref), Field: "NetworkPolicy",
		Text: fmt.Sprintf("it may be called by %s only, and may call %s only", some(callers), some(append(slices.Compact(callees), "DNS")))})
}

func some(names []string) string {
	if len(names) == 0 {
		return "nobody"
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}

// differ tells how a pod will differ.
type differ struct{ note func(field, text string) }

// byDefault are values that an API server fills in, or that nothing depends on.
var byDefault = map[string]string{
	"restartPolicy": `"Always"`, "dnsPolicy": `"ClusterFirst"`, "schedulerName": `"default-scheduler"`, "terminationMessagePath": `"/dev/termination-log"`,
	"terminationMessagePolicy": `"File"`, "protocol": `"TCP"`, "successThreshold": "1", "timeoutSeconds": "1", "periodSeconds": "10", "failureThreshold": "3",
	"scheme": `"HTTP"`, "terminationGracePeriodSeconds": "30", "enableServiceLinks": "true", "preemptionPolicy": `"PreemptLowerPriority"`, "securityContext": "{}", "resources": "{}",
}

// elsewhere are fields that are told in other words, or that are nobody's wish.
var elsewhere = []string{"containers", "initContainers", "volumes", "volumeMounts", "env", "envFrom", "ports", "name", "serviceAccount", "nodeName", "tolerations", "priority"}

// pod compares a pod that is there with one that will be.
func (d differ) pod(w *model.Workload, after map[string]any) {
	d.fields("", plain(w.Spec()), after)
	list, _, _ := unstructured.NestedSlice(after, "containers")
	if len(list) == 0 {
		return
	}
	next, _ := list[0].(map[string]any)
	c := mainContainer(w)
	d.fields("container ", plain(c), next)
	var container corev1.Container
	if data, err := json.Marshal(next); err == nil && json.Unmarshal(data, &container) == nil {
		d.names("env", variables(c), variables(&container))
		d.names("directories", mounts(c), mounts(&container))
	}
}

// plain is a value as decoded JSON.
func plain(v any) map[string]any {
	out := map[string]any{}
	if data, err := json.Marshal(v); err == nil {
		_ = json.Unmarshal(data, &out) // it was JSON
	}
	return out
}

func variables(c *corev1.Container) []string {
	var out []string
	for _, e := range c.Env {
		out = append(out, e.Name)
	}
	return out
}

func mounts(c *corev1.Container) []string {
	var out []string
	for _, m := range c.VolumeMounts {
		if !strings.HasPrefix(m.MountPath, "/var/run/secrets/") {
			out = append(out, m.MountPath)
		}
	}
	return out
}

// names compares what there is by name.
func (d differ) names(field string, before, after []string) {
	only := func(a, b []string) []string {
		return slices.DeleteFunc(slices.Sorted(slices.Values(a)), func(n string) bool { return slices.Contains(b, n) })
	}
	if gone := only(before, after); len(gone) > 0 {
		d.note(field, "without "+strings.Join(gone, ", "))
	}
	if fresh := only(after, before); len(fresh) > 0 {
		d.note(field, "with "+strings.Join(fresh, ", ")+" too")
	}
}

// fields compares mappings, as deep as both have them.
func (d differ) fields(at string, before, after map[string]any) {
	keys := slices.Sorted(maps.Keys(before))
	for key := range after {
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	top := !strings.HasSuffix(at, ".")
	for _, key := range keys {
		old, had := before[key]
		fresh, has := after[key]
		a, isMap := old.(map[string]any)
		b, areMaps := fresh.(map[string]any)
		switch {
		case top && slices.Contains(elsewhere, key):
		case key == "port" && had && has: // by its name, that is
		case isMap && areMaps:
			d.fields(at+key+".", a, b)
		case text(old) == text(fresh), (!had || !has) && (text(old) == byDefault[key] || text(fresh) == byDefault[key]):
		default:
			d.note(at+key, say(old, had)+" -> "+say(fresh, has))
		}
	}
}

// longest is how much of a value is shown, in characters.
const longest = 200

func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(data)
}

func say(v any, there bool) string {
	if !there {
		return "nothing"
	}
	out := []rune(redact.Text(strings.ReplaceAll(text(v), `"`, "")))
	if len(out) > longest {
		return string(out[:longest]) + "..."
	}
	return string(out)
}
