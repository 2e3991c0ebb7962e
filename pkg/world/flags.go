// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// patient bounds a command that reads a world: long enough for a cluster of ten
// thousand pods, short enough for a person.
const patient = 30 * time.Second

// Flags say which world is looked at; those of every command that reads one.
type Flags struct {
	Files    cli.FileFlags
	Snapshot string
	// Overlay lays the files over a cluster.
	Overlay bool
	// Complete says that the files are all there is.
	Complete bool
	// Domain is the cluster's DNS suffix, Root Istio's root namespace.
	Domain, Root string
	Timeout      cli.TimeoutFlag
	// Chunk is how many objects one answer of the API server holds.
	Chunk int
}

// AddFlags adds the flags; verb says what happens to the files ("check").
func (f *Flags) AddFlags(cmd *cobra.Command, verb string) {
	flags := cmd.Flags()
	f.Files.AddFlags(flags, verb)
	cli.SnapshotVar(cmd, &f.Snapshot)
	flags.BoolVar(&f.Overlay, "overlay", false, "Lay the manifests of -f over the cluster")
	flags.BoolVar(&f.Complete, "complete", false, "The manifests of -f are all there is: what is not in them does not exist")
	flags.StringVar(&f.Domain, "cluster-domain", model.DefaultClusterDomain, "DNS suffix of the cluster's services")
	flags.StringVar(&f.Root, "root-namespace", model.DefaultRootNamespace, "Istio's root namespace")
	cli.OfferNamespaces(flags, "root-namespace")
	flags.IntVar(&f.Chunk, "chunk-size", 0, "Objects in one answer of the API server; 0 chooses, negative asks for all at once")
	f.Timeout.Timeout = patient
	f.Timeout.AddFlags(flags, "look")
}

// Validate reports flags that exclude each other.
func (f *Flags) Validate() error {
	if err := f.Files.Validate(); err != nil {
		return err
	}
	switch {
	case f.Snapshot != "" && f.Files.Given():
		return fault.Usagef("--snapshot and -f or -k are two worlds: expected one of them")
	case f.Overlay && !f.Files.Given():
		return fault.Usagef("--overlay needs the manifests to lay over the cluster").Try("add -f FILE")
	case f.Complete && (!f.Files.Given() || f.Overlay):
		return fault.Usagef("--complete is about the manifests of -f, without a cluster")
	}
	return nil
}
