// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// PrintFlags choose how Kubernetes objects are printed: kubectl's formats and
// "patch".
type PrintFlags struct {
	// Output is -o.
	Output string
	// Template is --template.
	Template string
	// AllowMissingKeys is --allow-missing-template-keys.
	AllowMissingKeys bool
	// ShowManagedFields is --show-managed-fields.
	ShowManagedFields bool
}

// NewPrintFlags returns the flags with kubectl's defaults.
func NewPrintFlags() *PrintFlags { return &PrintFlags{AllowMissingKeys: true} }

// AddFlags adds -o, --template, --allow-missing-template-keys and --show-managed-fields.
func (p *PrintFlags) AddFlags(flags *pflag.FlagSet) {
	flags.StringVarP(&p.Output, "output", "o", p.Output,
		"Output format. One of: ("+strings.Join(render.ObjectFormats(), ", ")+"); patch prints JSON Patches for kubectl patch --type=json")
	offer(flags.Lookup("output"), render.ObjectFormats()...)
	flags.StringVar(&p.Template, "template", p.Template,
		"Template string or path to template file to use when -o=go-template, -o=go-template-file (https://pkg.go.dev/text/template)")
	_ = cobra.MarkFlagFilename(flags, "template")
	flags.BoolVar(&p.AllowMissingKeys, "allow-missing-template-keys", p.AllowMissingKeys,
		"If true, ignore any errors in templates when a field or map key is missing in the template")
	flags.BoolVar(&p.ShowManagedFields, "show-managed-fields", p.ShowManagedFields,
		"If true, keep the managedFields when printing objects")
}

// Objects returns the printer. Operation is what the command does to objects,
// for the lines it prints without -o ("patched"); see [WriteFlags.Operation].
func (p *PrintFlags) Objects(operation string) (render.Objects, error) {
	o := render.Objects{
		Format: p.Output, Template: p.Template, StrictTemplate: !p.AllowMissingKeys,
		ShowManagedFields: p.ShowManagedFields, Operation: operation,
	}
	return o, o.Validate()
}

// ReportFlags choose how a report of the suite's own is printed.
type ReportFlags struct {
	// Output is -o, one of Formats.
	Output string
	// Formats are the report's formats; the first is the default.
	Formats []string
	// NoHeaders is --no-headers, for tables.
	NoHeaders bool
}

// NewReportFlags returns flags for a report that has these formats, the first
// being the default.
func NewReportFlags(formats ...string) *ReportFlags {
	return &ReportFlags{Output: formats[0], Formats: formats}
}

// AddFlags adds -o and, when there is a table, --no-headers.
func (r *ReportFlags) AddFlags(flags *pflag.FlagSet) {
	flags.StringVarP(&r.Output, "output", "o", r.Output, "Output format. One of: ("+strings.Join(r.Formats, ", ")+").")
	offer(flags.Lookup("output"), r.Formats...)
	if slices.Contains(r.Formats, "table") {
		flags.BoolVar(&r.NoHeaders, "no-headers", r.NoHeaders, "Leave the headers of the table out")
	}
}

// Validate reports a format the report does not have.
func (r *ReportFlags) Validate() error {
	if slices.Contains(r.Formats, r.Output) {
		return nil
	}
	offers := ref.Closest(r.Output, r.Formats)
	if len(offers) == 0 {
		offers = r.Formats
	}
	return fault.Usagef("output format %q is not known, expected one of %s", r.Output, strings.Join(r.Formats, ", ")).
		Try("-o %s", strings.Join(offers, " | "))
}
