// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Kind is what an End stands for.
type Kind int

// The kinds of ends.
const (
	// Pods are those of a workload, of several, or a single one.
	Pods Kind = iota
	// Service is a Service with the pods behind it.
	Service
	// External is a host outside of the cluster.
	External
	// Address is an IP address or a range of them.
	Address
	// Internet is every address that no pod has.
	Internet
	// Node is the node of the other end, where the kubelet probes from.
	Node
)

// End is one side of a question.
type End struct {
	// Text is the canonical spelling: "shop/deploy/frontend", "shop/svc/backend:80".
	Text string
	Kind Kind
	// Object is what the end names; the zero Ref of addresses, the internet and nodes.
	Object ref.Ref
	// Namespace is where names are looked up from; empty outside of the cluster.
	Namespace string
	// Peers are the pods, or the templates and addresses that stand in for them.
	// A Service without endpoints and a host outside may have none.
	Peers []model.Peer
	// Service is set for Kind Service.
	Service *model.Item[corev1.Service]
	// Host is the whole name that is called; empty of ends that have only addresses.
	Host string
	// Port is the one that was asked for: of the Service, else of the pod; 0 for none.
	Port int32
	// Notes say what should be known about the end, one sentence each.
	Notes []string
}

// End reads one side of a question: "pod/x", "deploy/x", "sts/x", "ds/x",
// "job/x", "cronjob/x", "svc/x", "sa/[NAMESPACE/]x", "gateway/[NAMESPACE/]x",
// "x" (a Service, else a workload), an IP address or a CIDR, a host outside,
// "internet", "prometheus", "kubelet". All but ranges take ":PORT" at the end, a
// number or, of a Service, a name, and objects take "NAMESPACE/" in front. The
// namespace is that of names without one. What is not known or ambiguous is a
// fault.Usage whose hint lists candidates ready to paste.
func (e *Engine) End(text, namespace string) (End, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return End{}, fault.Usagef("expected an end such as deploy/x or svc/x:80, found nothing")
	}
	if end, ok := e.addressEnd(text); ok {
		return end, nil
	}
	name, port, err := splitPort(text)
	if err != nil {
		return End{}, err
	}
	end, err := e.named(name, namespace)
	if err != nil {
		return End{}, err
	}
	if port != "" {
		if err := end.setPort(port); err != nil {
			return End{}, err
		}
	}
	return end, nil
}

// splitPort cuts ":80" or ":http" off.
func splitPort(text string) (name, port string, err error) {
	name, port, has := strings.Cut(text, ":")
	if has && (port == "" || strings.Contains(port, ":")) {
		return "", "", fault.Usagef("expected NAME or NAME:PORT, found %q", text)
	}
	return name, port, nil
}

// setPort takes a number, or the name of a port of the Service or of the pods.
func (x *End) setPort(text string) error {
	number, err := strconv.ParseInt(text, 10, 32)
	if err == nil && (number < 1 || number > 65535) {
		return fault.Usagef("expected a port between 1 and 65535 after %s, found %s", x.Text, text)
	}
	if err != nil {
		found, names := x.portNamed(text)
		if found == 0 {
			e := fault.Usagef("%s has no port named %q", x.Text, text)
			if len(names) > 0 {
				_ = e.Try("%s", pasteable(prefixed(x.Text+":", names)))
			}
			return e
		}
		number = int64(found)
	}
	x.Port = int32(number)
	x.Text += ":" + strconv.Itoa(int(number))
	return nil
}

// portNamed finds a named port, and the names there are.
func (x *End) portNamed(name string) (int32, []string) {
	var names []string
	if x.Service != nil {
		for _, p := range x.Service.Value.Spec.Ports {
			if p.Name == name {
				return p.Port, nil
			}
			names = append(names, strconv.Itoa(int(p.Port)))
		}
		return 0, names
	}
	for _, peer := range x.Peers {
		for _, p := range containerPorts(peer) {
			if p.Name == name {
				return p.ContainerPort, nil
			}
			names = append(names, strconv.Itoa(int(p.ContainerPort)))
		}
	}
	return 0, names
}

// containerPorts are the ports that the running containers of a pod declare.
func containerPorts(p model.Peer) []corev1.ContainerPort {
	if p.Spec == nil {
		return nil
	}
	var out []corev1.ContainerPort
	for _, c := range p.Spec.Containers {
		out = append(out, c.Ports...)
	}
	for i, c := range p.Spec.InitContainers {
		if model.Sidecar(&p.Spec.InitContainers[i]) {
			out = append(out, c.Ports...)
		}
	}
	return out
}
