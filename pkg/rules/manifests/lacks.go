// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifests

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/schema"
)

// lack is something that an object needs and does not have.
type lack struct {
	// at is the JSON Pointer of the mapping that lacks it, name the field.
	at, name string
	// what completes "spec.containers": "is missing", "is empty".
	what string
}

func (l lack) String() string { return field(l.at, l.name) + " " + l.what }

// lacksOf lists what an object lacks: what the schema requires, then what the API
// server asks for beyond it.
func lacksOf(w *rules.World, o *model.Object) []lack {
	var out []lack
	problems := problemsOf(w, o)
	meant := map[string]bool{} // fields that are there under a misspelt name
	for _, p := range problems {
		if p.Fault == schema.Unknown && p.Suggest != "" {
			parent, _ := patch.Split(p.Pointer)
			meant[patch.Join(parent, p.Suggest)] = true
		}
	}
	for _, p := range problems {
		if p.Fault == schema.Missing && !meant[patch.Join(p.Pointer, p.Field)] {
			out = append(out, lack{p.Pointer, p.Field, "is missing"})
		}
	}
	if at, makesPods := templates[o.Ref.GroupKind()]; makesPods {
		out = append(out, templateLacks(o, at)...)
	}
	switch o.Ref.GroupKind() {
	case model.Services.GroupKind:
		out = append(out, serviceLacks(o.Raw())...)
	case model.Ingresses.GroupKind:
		spec := mapping(o.Raw(), "/spec")
		if spec["rules"] == nil && spec["defaultBackend"] == nil && spec["backend"] == nil {
			out = append(out, lack{"/spec", "rules", "is missing, and so is defaultBackend: one of them is needed"})
		}
	}
	return out
}

// serviceLacks: only a headless Service, and an alias of another name, can do
// without ports.
func serviceLacks(raw map[string]any) []lack {
	spec := mapping(raw, "/spec")
	if spec["type"] == "ExternalName" {
		if name, isText := spec["externalName"].(string); spec["externalName"] == nil || isText && name == "" {
			return []lack{{"/spec", "externalName", "is missing"}}
		}
		return nil
	}
	ports, isList := spec["ports"].([]any)
	if spec["clusterIP"] == "None" || spec["ports"] != nil && (!isList || len(ports) > 0) {
		return nil
	}
	return []lack{{"/spec", "ports", "is missing"}}
}

// templateLacks looks at a pod template. What is of the wrong type is left to
// another rule.
func templateLacks(o *model.Object, at string) []lack {
	var out []lack
	raw := o.Raw()
	template := mapping(raw, at)
	if selects(o.Ref.GroupKind()) && template != nil {
		out = append(out, selectorLacks(raw, at)...)
	}
	spec := mapping(raw, at+"/spec")
	if list, isList := spec["containers"].([]any); isList && len(list) == 0 {
		out = append(out, lack{at + "/spec", "containers", "is empty"})
	}
	for _, name := range []string{"initContainers", "containers"} {
		items(spec[name], at+"/spec/"+name, func(c map[string]any, at string) {
			out = append(out, containerLacks(c, at)...)
		})
	}
	items(spec["volumes"], at+"/spec/volumes", func(v map[string]any, at string) {
		if _, named := v["name"]; named && len(v) == 1 {
			out = append(out, lack{at, "emptyDir", "is missing, and so is any other source of the volume"})
		}
	})
	return out
}

// selectorLacks: a selector that is there has to say something, and the template
// needs labels for it to match.
func selectorLacks(raw map[string]any, at string) []lack {
	var out []lack
	spec := mapping(raw, "/spec")
	if selector, isMap := spec["selector"].(map[string]any); isMap && len(selector) == 0 {
		out = append(out, lack{"/spec", "selector", "is empty"})
	}
	meta := mapping(raw, at+"/metadata")
	if set, isMap := meta["labels"].(map[string]any); meta["labels"] == nil || isMap && len(set) == 0 {
		if meta == nil {
			return append(out, lack{at, "metadata", "is missing, and with it the labels that the selector has to match"})
		}
		out = append(out, lack{at + "/metadata", "labels", "is missing"})
	}
	return out
}

func containerLacks(c map[string]any, at string) []lack {
	var out []lack
	if c["name"] == "" {
		out = append(out, lack{at, "name", "is empty"})
	}
	if c["image"] == nil || c["image"] == "" {
		out = append(out, lack{at, "image", "is missing"})
	}
	for _, name := range []string{"livenessProbe", "readinessProbe", "startupProbe"} {
		probe, isMap := c[name].(map[string]any)
		if isMap && probe["httpGet"] == nil && probe["tcpSocket"] == nil && probe["exec"] == nil && probe["grpc"] == nil {
			out = append(out, lack{patch.Join(at, name), "httpGet", "is missing, and so are tcpSocket, exec and grpc: a probe needs one of them"})
		}
	}
	return out
}
