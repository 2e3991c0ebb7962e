// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// endKind says what an end of an intent names.
type endKind int

const (
	workloadEnd endKind = iota + 1
	accountEnd
	gatewayEnd
	prometheusEnd
	kubeletEnd
	internetEnd
	serviceEnd
	externalEnd
)

// words are the ends that are one word.
var words = map[string]endKind{"prometheus": prometheusEnd, "kubelet": kubeletEnd, "internet": internetEnd}

// shortKinds are what workload kinds are called in intents.
var shortKinds = map[string]string{
	"Deployment": "deploy", "StatefulSet": "sts", "DaemonSet": "ds", "ReplicaSet": "rs", "Job": "job", "CronJob": "cronjob", "Pod": "pod",
}

// end is who calls or is called.
type end struct {
	kind endKind
	// resource is the kind of a workload.
	resource *model.Kind
	// namespace and name are those of the object; name is the host of an external end.
	namespace, name string
	// port is the number or name of the port of a Service or a host; may be empty.
	port string
}

// text writes an end as intents of a namespace do.
func (e end) text(own string) string {
	suffix := ""
	if e.port != "" {
		suffix = ":" + e.port
	}
	switch e.kind {
	case workloadEnd:
		return scoped(e.namespace, own) + shortKinds[e.resource.Kind] + "/" + e.name
	case serviceEnd:
		return scoped(e.namespace, own) + "svc/" + e.name + suffix
	case accountEnd:
		return "sa/" + e.namespace + "/" + e.name
	case gatewayEnd:
		return "gateway/" + e.namespace + "/" + e.name
	case externalEnd:
		return "external/" + e.name + suffix
	}
	for word, k := range words {
		if k == e.kind {
			return word
		}
	}
	return ""
}

func scoped(namespace, own string) string {
	if namespace == own {
		return ""
	}
	return namespace + "/"
}

// number is the port as a number, 0 for a name or none.
func (e end) number() int32 {
	n, err := strconv.ParseInt(e.port, 10, 32)
	if err != nil {
		return 0
	}
	return int32(n)
}

// means reports whether an end names a caller, by itself or by the account of
// what sends.
func (e end) means(from end, sender *model.Workload) bool {
	return e == from || sender != nil && (e == endOf(sender) || e.kind == accountEnd && sender.Account() == e.name && sender.Ref.Namespace == e.namespace)
}

// endOf is the end that a workload is.
func endOf(w *model.Workload) end {
	k, known := model.KindFor(w.Ref.GroupKind())
	if !known || shortKinds[k.Kind] == "" {
		k = model.Pods.Kind
	}
	return end{kind: workloadEnd, resource: k, namespace: w.Ref.Namespace, name: w.Ref.Name}
}

const callerForms = "write deploy/NAME, NAMESPACE/deploy/NAME, sa/NAMESPACE/NAME, gateway/NAMESPACE/NAME, prometheus, kubelet or internet"

const callForms = "write svc/NAME:PORT, NAMESPACE/svc/NAME:PORT or external/HOST:PORT"

// parseCaller reads who calls, in an intent of a namespace.
func parseCaller(text, namespace string) (end, error) {
	if k, is := words[text]; is {
		return end{kind: k}, nil
	}
	parts := strings.Split(text, "/")
	if len(parts) == 1 {
		err := fault.Usagef("expected a caller, found %q", text).Try("%s", callerForms)
		if near := ref.Closest(text, []string{"prometheus", "kubelet", "internet"}); len(near) > 0 {
			err.Hint = "did you mean " + near[0] + "?"
		}
		return end{}, err
	}
	switch parts[0] {
	case "sa", "serviceaccount":
		return objectEnd(accountEnd, parts[1:], namespace, text)
	case "gateway", "gw":
		return objectEnd(gatewayEnd, parts[1:], namespace, text)
	case "svc", "service", "external":
		return end{}, fault.Usagef("expected a caller, found %q, which is only ever called", text).Try("%s", callerForms)
	}
	return parseWorkload(text, namespace)
}

// parseWorkload reads "deploy/x" or "NAMESPACE/deploy/x".
func parseWorkload(text, namespace string) (end, error) {
	parts := strings.Split(text, "/")
	if len(parts) < 2 || len(parts) > 3 {
		return end{}, fault.Usagef("expected a workload, found %q", text).Try("write deploy/NAME, sts/NAME, ds/NAME, job/NAME, cronjob/NAME or pod/NAME")
	}
	if len(parts) == 3 {
		namespace, parts = parts[0], parts[1:]
	}
	k, known := kindNamed(parts[0])
	if !known {
		err := fault.Usagef("expected a kind of workload, found %q in %q", parts[0], text).Try("%s", callerForms)
		if near := ref.Closest(parts[0], kindWords()); len(near) > 0 {
			err.Hint = "did you mean " + near[0] + "/" + parts[1] + "?"
		}
		return end{}, err
	}
	out := end{kind: workloadEnd, resource: k, namespace: namespace, name: parts[1]}
	return out, named(out, text)
}

// kindNamed is the kind of workload of a word.
func kindNamed(word string) (*model.Kind, bool) {
	for _, k := range model.WorkloadKinds {
		if word == shortKinds[k.Kind] || strings.EqualFold(word, k.Kind) || strings.EqualFold(word, k.Resource) {
			return k, true
		}
	}
	k, known := model.KindNamed(word)
	return k, known && slices.Contains(model.WorkloadKinds, k)
}

func kindWords() []string {
	out := []string{"sa", "gateway"}
	for _, short := range shortKinds {
		out = append(out, short)
	}
	slices.Sort(out)
	return out
}

func objectEnd(kind endKind, parts []string, namespace, text string) (end, error) {
	out := end{kind: kind, namespace: namespace}
	switch len(parts) {
	case 1:
		out.name = parts[0]
	case 2:
		out.namespace, out.name = parts[0], parts[1]
	default:
		return end{}, fault.Usagef("expected a namespace and a name, found %q", text).Try("%s", callerForms)
	}
	return out, named(out, text)
}

// named checks the names of an object's end.
func named(e end, text string) error {
	if problems := validation.IsDNS1123Subdomain(e.name); len(problems) > 0 {
		return fault.Usagef("expected a name of an object in %q, found %q", text, e.name).Try("names are lower case letters, digits, - and .")
	}
	if problems := validation.IsDNS1123Label(e.namespace); e.namespace != "" && len(problems) > 0 {
		return fault.Usagef("expected a name of a namespace in %q, found %q", text, e.namespace).Try("names are lower case letters, digits and -")
	}
	return nil
}

// parseCall reads what is called.
func parseCall(text, namespace string) (end, error) {
	if rest, is := strings.CutPrefix(text, "external/"); is {
		return parseExternal(rest, text)
	}
	path, port, hasPort := strings.Cut(text, ":")
	parts := strings.Split(path, "/")
	if len(parts) == 3 {
		namespace, parts = parts[0], parts[1:]
	}
	if len(parts) != 2 || parts[0] != "svc" && parts[0] != "service" {
		return end{}, fault.Usagef("expected a Service or a host, found %q", text).Try("%s", callForms)
	}
	if hasPort && !portNumber(port) && len(validation.IsValidPortName(port)) > 0 {
		return end{}, fault.Usagef("expected the number or name of a port in %q, found %q", text, port).Try("%s", callForms)
	}
	out := end{kind: serviceEnd, namespace: namespace, name: parts[1], port: port}
	return out, named(out, text)
}

func parseExternal(rest, text string) (end, error) {
	i := strings.LastIndex(rest, ":")
	if i < 0 || !portNumber(rest[i+1:]) {
		return end{}, fault.Usagef("expected a host and a port, found %q", text).Try("write external/HOST:443")
	}
	host := strings.TrimSuffix(strings.TrimPrefix(rest[:i], "["), "]")
	_, err := netip.ParseAddr(host)
	if err != nil && len(validation.IsDNS1123Subdomain(strings.TrimPrefix(host, "*."))) > 0 {
		return end{}, fault.Usagef("expected the name or the address of a host in %q, found %q", text, host).Try("write external/HOST:443")
	}
	return end{kind: externalEnd, name: host, port: rest[i+1:]}, nil
}

func portNumber(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n > 0 && n <= 65535
}
