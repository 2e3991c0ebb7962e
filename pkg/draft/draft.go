// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package draft writes the first app file of a source tree: what was detected, as
// a System, each value with its evidence in a comment. What is ambiguous or not
// known is a comment too, and never a value that was guessed.
package draft

import (
	"bytes"
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// Options are what the sources do not say.
type Options struct {
	// Name is that of the system, a DNS label.
	Name string
	// Registry is where images are pushed to; registry.example.com/NAME if empty.
	Registry string
}

// File is a first app file.
type File struct {
	Data []byte
	// Open are what a person has to fill in or to decide, each as FIELD: TEXT.
	Open []string
}

// tag is what images are called until a build says better. A fixed one, as a tag
// that moves is not what was tested.
const tag = "v0.1.0"

const head = `The system as its sources say it. Comments name the evidence: file, line, what
stands there, and how sure that is. What is above a service is not decided.`

// System drafts the app file of a tree. The error is of kind Undecided when there
// is no service in it.
func System(d api.Detection, o Options) (File, error) {
	if len(d.Services) == 0 {
		return File{}, fault.New(fault.Undecided, "expected sources of a service, found none").
			Try("kubectl micro scaffold NAME --image IMAGE --port 8080")
	}
	w := &writer{Detection: d, names: names(d)}
	top := mapping()
	top.add("apiVersion", text(api.Version))
	top.add("kind", text(api.KindSystem))
	top.keys()[0].HeadComment = comment(head)
	top.add("metadata", mapping().add("name", text(o.Name)))
	registry := text(cmp.Or(o.Registry, "registry.example.com/"+o.Name))
	if o.Registry == "" {
		registry.LineComment = comment("where your builds push to")
		w.open("platform.registry", "where your builds push to")
	}
	top.add("platform", mapping().add("registry", registry))
	services := mapping()
	for _, s := range d.Services {
		one, undecided := w.service(s)
		services.add(s.Name, one)
		keys := services.keys()
		keys[len(keys)-1].HeadComment = comment(strings.Join(undecided, "\n"))
	}
	top.add("services", services)
	if stores := w.stores(); len(stores.Content) > 0 {
		top.add("backing", stores)
	}
	data, err := encode(top)
	if err != nil {
		return File{}, err
	}
	return File{Data: data, Open: w.todo}, nil
}

// writer is a draft in the making.
type writer struct {
	api.Detection
	names map[string]string // of backing stores, by what was detected
	todo  []string
}

func (w *writer) open(field, format string, args ...any) {
	w.todo = append(w.todo, field+": "+fmt.Sprintf(format, args...))
}

// names are those of backing stores, which share them with services.
func names(d api.Detection) map[string]string {
	services := map[string]bool{}
	for _, s := range d.Services {
		services[s.Name] = true
	}
	out := map[string]string{}
	for _, b := range d.Backing {
		out[b.Name] = b.Name
		if services[b.Name] {
			out[b.Name] = b.Name + "-store"
		}
	}
	return out
}

// stores are the backing stores that somebody depends on. Where they run in the
// cluster is in no source tree.
func (w *writer) stores() *node {
	out := mapping()
	for _, b := range w.Backing {
		if b.Port == 0 {
			continue
		}
		name := w.names[b.Name]
		one := mapping()
		host := text(name + ".data.svc")
		host.LineComment = comment("NAME.NAMESPACE.svc of who runs it; here it is " + b.Image + ", " + place(b.Evidence))
		one.add("host", host)
		one.add("port", number(b.Port))
		if protocol := protocols[b.Store]; protocol != "" {
			one.add("protocol", text(protocol))
		}
		out.add(name, one)
		w.open("backing."+name+".host", "the Service of %s in the cluster", b.Store)
	}
	return out
}

// protocols are how URLs begin, by the kind of store.
var protocols = map[string]string{"postgres": "postgres", "mysql": "mysql", "redis": "redis", "mongodb": "mongodb", "rabbitmq": "amqp", "nats": "nats", "kafka": "kafka"}

// place is where the best observation stands, with what stands there.
func place(list []api.DetectedEvidence) string {
	if len(list) == 0 {
		return ""
	}
	return said(list[0])
}

// said is an observation in a comment.
func said(e api.DetectedEvidence) string {
	at := e.File
	if e.Line > 0 {
		at += ":" + strconv.Itoa(e.Line)
	}
	return fmt.Sprintf("%s %s (%d %%)", at, cmp.Or(e.Quote, e.Source), e.Confidence)
}

// node is a YAML node that is put together.
type node yaml.Node

func mapping() *node { return &node{Kind: yaml.MappingNode} }

// add appends a key with its value: a node of this package or of yaml.
func (n *node) add(key string, value interface{ yaml() *yaml.Node }) *node {
	n.Content = append(n.Content, text(key).yaml(), value.yaml())
	return n
}

func (n *node) yaml() *yaml.Node { return (*yaml.Node)(n) }

// keys are the nodes of the keys of a mapping.
func (n *node) keys() []*yaml.Node {
	var out []*yaml.Node
	for i := 0; i < len(n.Content); i += 2 {
		out = append(out, n.Content[i])
	}
	return out
}

func text(s string) *node { return &node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }
func number[T int | int32](i T) *node {
	return &node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(int(i))}
}

// list is a sequence, one item a line.
func list(items ...*node) *node {
	out := &node{Kind: yaml.SequenceNode}
	for _, i := range items {
		out.Content = append(out.Content, i.yaml())
	}
	return out
}

func encode(n *node) ([]byte, error) {
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	enc.CompactSeqIndent()
	if err := enc.Encode(n.yaml()); err != nil {
		return nil, fault.Wrap(fault.Failed, err, "write the app file")
	}
	if err := enc.Close(); err != nil {
		return nil, fault.Wrap(fault.Failed, err, "write the app file")
	}
	return out.Bytes(), nil
}
