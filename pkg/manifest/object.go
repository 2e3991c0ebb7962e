// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// ErrNotObject is wrapped by the errors of documents that can be read but are no
// Kubernetes objects: Helm values, kustomizations, lists at the top level.
var ErrNotObject = errors.New("not a Kubernetes object")

// ErrForeign is the ErrNotObject of documents that have nothing of an object:
// neither kind nor metadata, or a list. They are files of other programs (Helm
// values, package.json, playbooks), while others are objects gone wrong.
var ErrForeign = fmt.Errorf("%w", ErrNotObject)

// Unnamed is the ErrNotObject of a document with an apiVersion and a kind but
// without a name. It may be a file of another program: kustomize, kind, skaffold,
// the kubelet. Which API groups are those of Kubernetes is not known here.
type Unnamed struct{ APIVersion, Kind string }

// Error returns the text of ErrNotObject.
func (Unnamed) Error() string { return ErrNotObject.Error() }

// Unwrap returns ErrNotObject.
func (Unnamed) Unwrap() error { return ErrNotObject }

// Object is one Kubernetes object of a document.
type Object struct {
	// Doc is the document it is in.
	Doc *Document
	// Pointer is the JSON Pointer of the object in the document: "" or "/items/3".
	Pointer string
	// Value is the object: map[string]any, []any, string, int64, float64, bool and
	// nil, with aliases expanded. Items of a typed list that leave out apiVersion
	// and kind have them filled in. It must not be modified.
	Value map[string]any
	// Repeats are the keys that are in a mapping of the object more than once, in
	// the order of the document. Only Document.Tolerant lets such objects through.
	Repeats []Repeat

	tolerant bool // read by Tolerant; its edits are checked in the same way
}

// collector finds the objects of a decoded document.
type collector struct {
	doc      *Document
	broken   map[int]*problem // of the items of the outermost list
	tolerant bool
	foreign  bool // nothing at the root is of an object
	objects  []*Object
	errs     []error
}

func (c *collector) root(value any) {
	if value == nil {
		return
	}
	m, ok := value.(map[string]any)
	_, list := value.([]any)
	c.foreign = list || ok && m["kind"] == nil && m["metadata"] == nil
	if !ok {
		hint := ""
		if list {
			hint = "write the items as documents separated by ---, or as the items of an object of kind List"
		}
		c.fail("", hint, "expected an object with apiVersion, kind and metadata.name, found %s", describe(value))
		return
	}
	c.object("", m)
}

func (c *collector) object(pointer string, m map[string]any) {
	kind, ok := c.text(pointer, m, "kind")
	if !ok {
		return
	}
	if items, has := m["items"]; has && isListKind(kind) || kind == "List" {
		switch items := items.(type) {
		case []any:
			c.items(pointer, m, items)
			return
		case nil:
			return
		}
		c.fail(patch.Join(pointer, "items"), "", "expected a list of objects in items, found %s", describe(items))
		return
	}
	apiVersion, ok := c.text(pointer, m, "apiVersion")
	if !ok || !c.named(pointer, m, Unnamed{apiVersion, kind}) {
		return
	}
	c.objects = append(c.objects, &Object{Doc: c.doc, Pointer: pointer, Value: m, tolerant: c.tolerant})
}

func isListKind(kind string) bool { return strings.HasSuffix(kind, "List") }

func (c *collector) items(pointer string, list map[string]any, items []any) {
	for i, item := range items {
		at := fmt.Sprintf("%s/items/%d", pointer, i)
		if p := c.broken[i]; p != nil && pointer == "" {
			c.errs = append(c.errs, c.doc.fault(p))
			continue
		}
		m, ok := item.(map[string]any)
		if !ok {
			c.fail(at, "", "expected an object with apiVersion, kind and metadata.name, found %s", describe(item))
			continue
		}
		c.object(at, typed(m, list))
	}
}

// typed fills in what the API server leaves out of the items of a typed list.
func typed(item, list map[string]any) map[string]any {
	kind, _ := list["kind"].(string)
	if item["kind"] != nil || item["apiVersion"] != nil || kind == "List" {
		return item
	}
	item = maps.Clone(item)
	item["kind"], item["apiVersion"] = strings.TrimSuffix(kind, "List"), list["apiVersion"]
	return item
}

// text returns a required top-level string.
func (c *collector) text(pointer string, m map[string]any, field string) (string, bool) {
	v, has := m[field]
	if s, ok := v.(string); ok && s != "" {
		return s, true
	}
	if has {
		c.fail(patch.Join(pointer, field), "", "expected a name in %s, found %s", field, describe(v))
		return "", false
	}
	c.fail(pointer, c.templateHint(), "expected an object with apiVersion, kind and metadata.name, found no %s but %s", field, describe(m))
	return "", false
}

func (c *collector) named(pointer string, m map[string]any, of Unnamed) bool {
	meta, has := m["metadata"]
	if !has {
		c.fail(pointer, "", "expected an object with apiVersion, kind and metadata.name, found no metadata but %s", describe(m)).Cause = of
		return false
	}
	at := patch.Join(pointer, "metadata")
	fields, ok := meta.(map[string]any)
	if !ok {
		c.fail(at, "", "expected a mapping in metadata, found %s", describe(meta))
		return false
	}
	name, has := fields["name"]
	if s, ok := name.(string); ok && s != "" {
		return true
	}
	if s, ok := fields["generateName"].(string); ok && s != "" && !has {
		return true
	}
	if has {
		c.fail(patch.Join(at, "name"), "", "expected a name in metadata.name, found %s", describe(name))
	} else {
		c.fail(at, "", "expected metadata.name, found %s", describe(fields)).Cause = of
	}
	return false
}

func (c *collector) templateHint() string {
	if strings.Contains(string(c.doc.raw()), "{{") {
		return hintTemplate
	}
	return ""
}

func (c *collector) fail(pointer, hint, format string, args ...any) *fault.Error {
	o := Object{Doc: c.doc}
	e := fault.Failedf(format, args...).At(o.Where(pointer)).Because(ErrNotObject)
	if c.foreign {
		e.Cause = ErrForeign
	}
	e.Hint = hint
	c.errs = append(c.errs, e)
	return e
}

// describe names a value for people: its type, and enough of it to find it.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case map[string]any:
		if len(v) == 0 {
			return "an empty mapping"
		}
		keys := slices.Sorted(maps.Keys(v))
		if len(keys) > 5 {
			return fmt.Sprintf("the keys %s and %d more", strings.Join(keys[:5], ", "), len(keys)-5)
		}
		return "the keys " + strings.Join(keys, ", ")
	case []any:
		return fmt.Sprintf("a list of %d", len(v))
	case string:
		if len(v) > 40 {
			return fmt.Sprintf("the text %.40q...", v)
		}
		return fmt.Sprintf("the text %q", v)
	case bool:
		return fmt.Sprintf("the boolean %t", v)
	}
	return fmt.Sprintf("the number %v", v)
}
