// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/detect"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/lift"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
	"github.com/kubectl-micro/kubectl-micro/pkg/update"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// importFlags are those of all that is imported.
type importFlags struct {
	name   string
	dryRun bool
}

func (i *importFlags) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&i.name, "name", "", "Name of the system; what the objects or the file say by default")
	cli.PreviewVar(cmd.Flags(), &i.dryRun, "Print the app file, and write nothing")
}

func newImport(f *cli.Factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import compose|manifests|cluster",
		Short: "Write the app file of what runs already, with all that will change",
		Long: cli.Doc(`
			Make an app file, micro.yaml, of a compose file, of manifests, or of a namespace of
			the cluster. What an app file cannot say is told as "not carried", with the reason.
			What will be different from what there is now is told as "will change": it is found
			by generating from the file and comparing. Both stand in the file as comments too.

			Values that look like secrets are never written; what to do instead is told. No file
			is written over, and nothing is asked.`),
		Example: "kubectl micro scaffold import manifests -f k8s/ -R --dry-run",
	}
	cmd.AddCommand(newImportManifests(f), newImportCluster(f), newImportCompose(f))
	return cmd
}

func newImportManifests(f *cli.Factory) *cobra.Command {
	flags, look := &importFlags{}, &world.Flags{}
	cmd := &cobra.Command{
		Use:   "manifests -f FILE",
		Short: "Write the app file of manifests",
		Long: cli.Doc(`
			Make an app file in the current folder of the workloads in manifests, and of the
			Services, policies, routes and configuration that belong to them. No cluster is asked.`),
		Example: `
			kubectl micro scaffold import manifests -f k8s/ -R --dry-run
			kubectl micro scaffold import manifests -k overlays/prod`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !look.Files.Given() {
				return fault.Usagef("expected manifests, found neither -f nor -k").Try("%s -f k8s/", cmd.CommandPath())
			}
			return flags.objects(f, cmd, look, nil)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	look.Files.AddFlags(cmd.Flags(), "import")
	defaults(look)
	flags.addFlags(cmd)
	return cmd
}

func newImportCluster(f *cli.Factory) *cobra.Command {
	flags, look := &importFlags{}, &world.Flags{}
	cmd := &cobra.Command{
		Use:   "cluster [TYPE/NAME...]",
		Short: "Write the app file of a namespace of the cluster",
		Long: cli.Doc(`
			Make an app file in the current folder of the workloads in a namespace, or of those
			that are named, and of what belongs to them. The cluster is only read, and Secrets are
			not: the workloads that use them say their names.`),
		Example: `
			kubectl micro scaffold import cluster -n shop --dry-run
			kubectl micro scaffold import cluster -n shop deploy/web sts/cart`,
		RunE: func(cmd *cobra.Command, args []string) error {
			only, err := workloads(args)
			if err != nil {
				return err
			}
			return flags.objects(f, cmd, look, only)
		},
		ValidArgsFunction: completeWorkloads(f),
	}
	defaults(look)
	look.Timeout.AddFlags(cmd.Flags(), "look")
	flags.addFlags(cmd)
	return cmd
}

// defaults are those of flags that importing does not have.
func defaults(look *world.Flags) {
	from := world.Flags{}
	from.AddFlags(&cobra.Command{}, "import")
	look.Domain, look.Root, look.Timeout = from.Domain, from.Root, from.Timeout
}

// workloads are those that are named.
func workloads(args []string) ([]ref.Ref, error) {
	var out []ref.Ref
	for _, arg := range args {
		kind, name, both := strings.Cut(arg, "/")
		k, known := model.KindNamed(kind)
		if !both || name == "" || !known || !slices.Contains(model.WorkloadKinds, k) {
			return nil, fault.Usagef("expected a workload as TYPE/NAME, found %q", arg).Try("deploy/web | sts/cart | cronjob/clean | job/load")
		}
		out = append(out, ref.Ref{Group: k.Group, Kind: k.Kind, Name: name})
	}
	return out, nil
}

// lifted are the kinds that an app file is made of.
var lifted = []*model.Kind{
	model.Namespaces.Kind, model.Deployments.Kind, model.StatefulSets.Kind, model.DaemonSets.Kind, model.Jobs.Kind, model.CronJobs.Kind, model.Services.Kind,
	model.ConfigMaps.Kind, model.ServiceAccounts.Kind, model.HorizontalPodAutoscalers.Kind, model.PodDisruptionBudgets.Kind,
	model.NetworkPolicies.Kind, model.Ingresses.Kind, model.HTTPRoutes.Kind, model.VirtualServices.Kind, model.DestinationRules.Kind, model.IstioGateways.Kind,
	model.ServiceEntries.Kind, model.AuthorizationPolicies.Kind, model.PeerAuthentications.Kind, model.Sidecars.Kind, model.Roles.Kind, model.RoleBindings.Kind, model.PersistentVolumeClaims.Kind,
	model.ServiceMonitors.Kind, model.PodMonitors.Kind, model.PrometheusRules.Kind,
}

// objects imports what a world holds.
func (i *importFlags) objects(f *cli.Factory, cmd *cobra.Command, look *world.Flags, only []ref.Ref) error {
	if err := look.Validate(); err != nil {
		return err
	}
	w, err := world.New(f, cmd, look, false)
	if err != nil {
		return err
	}
	return look.Timeout.Run(cmd.Context(), func(ctx context.Context) error {
		want := source.Want{Kinds: lifted, Namespace: w.Namespace, Tolerant: true, Slim: true}
		seen, err := w.Load(ctx, world.Request{Want: want})
		if err != nil {
			return err
		}
		if err := w.Exists(seen.Snapshot); err != nil {
			return err
		}
		warn(f, seen)
		home := w.Home(seen.Snapshot)
		if home == "" && len(seen.Workloads("")) > 0 {
			return fault.Usagef("expected workloads of one namespace, found several: an app file is of one").Try("-n NAMESPACE")
		}
		for _, r := range only {
			if r.Namespace = home; !exists(seen.Snapshot, r) {
				return fault.Usagef("expected %s/%s in namespace %s, found none", r.Kind, r.Name, home).Try("kubectl get %s -n %s", strings.ToLower(r.Kind), home)
			}
		}
		result, err := lift.Objects(seen.Snapshot, lift.Options{Name: i.name, Namespace: home, Only: only})
		if err != nil {
			return err
		}
		return i.write(f, ".", result)
	})
}

// warn says what could not be read: what the app file lacks may be there.
func warn(f *cli.Factory, seen *world.Seen) {
	for _, e := range seen.Unread {
		fmt.Fprintf(f.Streams.ErrOut, "warning: %s\n", render.Sanitise(e.Error()))
	}
	for _, g := range seen.Gaps() {
		if !g.Missing && !g.Unasked && g.Reason != "" {
			fmt.Fprintf(f.Streams.ErrOut, "warning: %s: the app file may lack what these say\n", render.Sanitise(g.Reason))
		}
	}
}

func exists(s *model.Snapshot, r ref.Ref) bool {
	_, found := s.Object(r)
	return found
}

// write writes the app file into a folder that has none, and tells the notes.
func (i *importFlags) write(f *cli.Factory, dir string, result lift.Result) error {
	if i.name != "" && i.name != detect.Label(i.name) {
		return fault.Usagef("expected a name of lower-case letters, digits and -, a letter first, found %q", i.name).At("--name").Try("--name %s", detect.Label(i.name))
	}
	data, err := result.File()
	if err != nil {
		return err
	}
	out := string(data)
	if !i.dryRun {
		d, err := openDisk(dir)
		if err != nil {
			return err
		}
		defer d.Close()
		if err := absent(d); err != nil {
			return err
		}
		if err := d.Write([]update.Change{{Path: appFile, After: data}}); err != nil {
			return err
		}
		_ = d.root.Remove(path.Dir(stageFolder)) // a folder that is in use stays
		out = render.Sanitise(d.name(appFile)) + " created\n"
		defer fmt.Fprintf(f.Streams.ErrOut, "next: kubectl micro scaffold generate -f %s\n", cli.Quote(d.name(appFile)))
	}
	for _, n := range result.Left {
		fmt.Fprintf(f.Streams.ErrOut, "not carried: %s\n", render.Sanitise(n.String()))
	}
	for _, n := range result.Changes {
		fmt.Fprintf(f.Streams.ErrOut, "will change: %s\n", render.Sanitise(n.String()))
	}
	_, err = io.WriteString(f.Streams.Out, out)
	return fault.Wrap(fault.Failed, err, "write what was done")
}

// absent is an error where there is an app file already.
func absent(d *disk) error {
	for _, name := range []string{appFile, "micro.yml"} {
		switch _, err := d.look(name); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		default:
			return fault.Refusedf("expected a folder without an app file, found one: it is not written over").At(d.name(name)).
				Try("add --dry-run to see what it would be\nkubectl micro scaffold generate -f %s", cli.Quote(d.name(name)))
		}
	}
	return nil
}
