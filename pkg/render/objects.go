// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/printers"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
)

// PatchFormat is the output format that prints JSON Patches instead of objects.
const PatchFormat = "patch"

// ObjectFormats are the values of -o for objects, kubectl's and [PatchFormat],
// in the order they are offered to a person.
func ObjectFormats() []string {
	return []string{"yaml", "json", "kyaml", "name", PatchFormat, "jsonpath=", "jsonpath-as-json=", "jsonpath-file=", "go-template=", "go-template-file="}
}

// Objects prints Kubernetes objects in one of kubectl's output formats.
type Objects struct {
	// Format is the value of -o; empty prints "kind.group/name operation", as
	// kubectl's writing commands do.
	Format string
	// Template is the value of --template: a Go template, or its file with
	// go-template-file; it implies go-template when Format is empty.
	Template string
	// StrictTemplate makes a key missing in an object an error of a template or
	// JSONPath, as --allow-missing-template-keys=false does.
	StrictTemplate bool
	// ShowManagedFields keeps metadata.managedFields.
	ShowManagedFields bool
	// Operation is what happened to the objects ("patched", "created (server
	// dry run)"); only the empty Format shows it.
	Operation string
	// Many wraps even a single object into a List where kubectl would, so that
	// the shape of the output does not depend on how many there happen to be.
	Many bool
}

// Validate reports an unknown format or a broken template, a usage error.
func (o Objects) Validate() error {
	if o.Format == PatchFormat {
		return nil
	}
	_, err := o.printer()
	return err
}

// Print writes objects, in their order. Several become a stream of YAML
// documents or one List, as format has it: yaml, kyaml and name print one
// after the other; json, JSONPath and templates see a v1 List. The patch
// format needs the changes: see [Objects.PrintPlan].
func (o Objects) Print(w io.Writer, objects ...map[string]any) error {
	printer, err := o.printer()
	if err != nil {
		return err
	}
	if len(objects) == 1 && !o.Many || o.streams() {
		for _, object := range objects {
			if err := printTo(w, printer, o.prune(object)); err != nil {
				return fault.Wrap(fault.Failed, err, "print %v %v", object["kind"], nameOf(object))
			}
		}
		return nil
	}
	items := make([]any, len(objects))
	for i, object := range objects {
		items[i] = o.prune(object).Object
	}
	list := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "List", "metadata": map[string]any{"resourceVersion": ""}, "items": items,
	}}
	return fault.Wrap(fault.Failed, printTo(w, printer, list), "print a list of %d objects", len(items))
}

// printTo writes an object at once: cli-runtime's printer of names, the default, tells
// nobody that it could not write.
func printTo(w io.Writer, printer printers.ResourcePrinter, object runtime.Object) error {
	var b bytes.Buffer
	if err := printer.PrintObj(object, &b); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// PrintPlan writes what a plan leads to: the objects as they will be, or in
// the patch format the way there. Deleted objects appear in name and patch only.
func (o Objects) PrintPlan(w io.Writer, p plan.Plan) error {
	if o.Format == PatchFormat {
		return Patches(w, p)
	}
	var objects []map[string]any
	for _, change := range p.Changes {
		switch {
		case change.After != nil:
			objects = append(objects, change.After)
		case o.Format == "name" || o.Format == "":
			objects = append(objects, change.Before)
		}
	}
	return o.Print(w, objects...)
}

// streams reports whether several objects are printed one after the other.
func (o Objects) streams() bool {
	switch strings.ToLower(o.Format) {
	case "yaml", "kyaml", "name":
		return true
	}
	return o.Format == "" && o.Template == ""
}

// prune returns the object without managedFields unless they are wanted.
// cli-runtime does the same for json and yaml only, and in place: the object
// belongs to the caller, so the way down to the field is copied.
func (o Objects) prune(object map[string]any) *unstructured.Unstructured {
	if o.ShowManagedFields {
		return &unstructured.Unstructured{Object: object}
	}
	return &unstructured.Unstructured{Object: withoutManagedFields(object)}
}

func (o Objects) printer() (printers.ResourcePrinter, error) {
	format, template, allowMissing := o.Format, o.Template, !o.StrictTemplate
	operation := o.Operation
	if operation == "" && format == "" && template == "" {
		format = "name" // there is nothing to say about the object but its name
	}
	flags := genericclioptions.NewPrintFlags(operation)
	flags.OutputFormat = &format
	flags.OutputFlagSpecified = func() bool { return format != "" }
	flags.JSONYamlPrintFlags.ShowManagedFields = true // pruned here, without touching the caller's object
	*flags.TemplatePrinterFlags.TemplateArgument = template
	*flags.TemplatePrinterFlags.AllowMissingKeys = allowMissing

	printer, err := flags.ToPrinter()
	var unknown genericclioptions.NoCompatiblePrinterError
	switch {
	case errors.As(err, &unknown):
		return nil, fault.Usagef("output format %q is not known", format).
			Try("-o %s", strings.Join(ObjectFormats(), " | "))
	case err != nil:
		return nil, fault.Usagef("output format %q", format).Because(err)
	}
	return printer, nil
}

func nameOf(object map[string]any) string {
	return (&unstructured.Unstructured{Object: object}).GetName()
}

// withoutManagedFields returns object without metadata.managedFields, sharing
// everything else with it.
func withoutManagedFields(object map[string]any) map[string]any {
	metadata, ok := object["metadata"].(map[string]any)
	if !ok || metadata["managedFields"] == nil {
		return object
	}
	return with(object, "metadata", without(metadata, "managedFields"))
}
