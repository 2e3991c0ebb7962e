// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"cmp"
	"context"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"unicode/utf8"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/detect"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/lift"
)

// composeFiles are the names that compose itself looks for, in order.
var composeFiles = []string{"compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"}

// smallFile is how large files of the host may be that go into a ConfigMap, in bytes.
const smallFile = 64 << 10

// composeFlags are those of "scaffold import compose".
type composeFlags struct {
	importFlags
	profiles    []string
	environment bool
	// unset are variables that have neither a value nor a default.
	unset map[string]bool
}

func newImportCompose(f *cli.Factory) *cobra.Command {
	flags := &composeFlags{unset: map[string]bool{}}
	cmd := &cobra.Command{
		Use:   "compose [FILE]",
		Short: "Write the app file of a compose file",
		Long: cli.Doc(`
			Make an app file beside a compose file, by default that of the current folder.
			depends_on becomes dependsOn, and health checks become probes. Databases and other
			stores become entries under backing: say there where they run.

			Variables have their defaults, and not the values of this machine's environment,
			unless --environment asks for them.`),
		Example: `
			kubectl micro scaffold import compose --dry-run
			kubectl micro scaffold import compose ./shop/compose.yaml --profile web`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeFile("yaml", "yml"),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := composeFile(args)
			if err != nil {
				return err
			}
			return flags.run(cmd.Context(), f, file)
		},
	}
	flags.addFlags(cmd)
	cmd.Flags().StringSliceVar(&flags.profiles, "profile", nil, "Profiles whose services are taken too")
	cli.Written(cmd.Flags(), "profile")
	cmd.Flags().BoolVar(&flags.environment, "environment", false, "Take values of variables from the environment")
	return cmd
}

// composeFile is the file that is meant.
func composeFile(args []string) (string, error) {
	if len(args) == 1 {
		return args[0], nil
	}
	for _, name := range composeFiles {
		if _, err := os.Stat(name); err == nil {
			return name, nil
		}
	}
	return "", fault.Usagef("expected a compose file, found none of %v here", composeFiles).Try("kubectl micro scaffold import compose FILE")
}

func (c *composeFlags) run(ctx context.Context, f *cli.Factory, file string) error {
	data, err := read(f, file)
	if err != nil {
		return err
	}
	dir, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return fault.Wrap(fault.Failed, err, "find the folder of the compose file")
	}
	project, err := c.load(ctx, dir, file, data)
	if err != nil {
		return err
	}
	for name, s := range project.Services {
		if s.Build == nil {
			continue
		}
		if rel, err := filepath.Rel(dir, s.Build.Context); err == nil {
			s.Build.Context = filepath.ToSlash(rel)
			project.Services[name] = s
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fault.Wrap(fault.Failed, err, "open the folder of the compose file")
	}
	defer root.Close()
	result, err := lift.Compose(project, lift.Options{Name: project.Name}, func(path string) (string, error) { return small(root, dir, path) })
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(c.unset)) {
		result.Left = append(result.Left, lift.Note{Object: "variable", Field: name, Text: "it has no default, and was taken to be empty: have it in the environment, and add --environment"})
	}
	return c.write(f, filepath.Dir(file), result)
}

// load reads the project. Nothing of the machine gets in but the files it names.
func (c *composeFlags) load(ctx context.Context, dir, file string, data []byte) (*types.Project, error) {
	environment := types.Mapping{}
	if c.environment {
		environment = types.NewMapping(os.Environ())
	}
	details := types.ConfigDetails{WorkingDir: dir, Environment: environment, ConfigFiles: []types.ConfigFile{{Filename: file, Content: data}}}
	project, err := loader.LoadWithContext(ctx, details, func(o *loader.Options) {
		o.SetProjectName(detect.Label(cmp.Or(c.name, filepath.Base(dir))), true)
		o.Profiles = c.profiles
		o.Interpolate.Substitute = func(text string, lookup template.Mapping) (string, error) {
			for name, v := range template.ExtractVariables(map[string]any{"": text}, template.DefaultPattern) {
				if _, set := lookup(name); !set && v.DefaultValue == "" && v.PresenceValue == "" {
					c.unset[name] = true
				}
			}
			return template.SubstituteWithOptions(text, lookup, template.WithoutLogging)
		}
	})
	if err != nil {
		return nil, fault.Wrap(fault.Usage, err, "expected a compose file, found a mistake in %s", file)
	}
	return project, nil
}

// small reads a text file below the folder of the compose file.
func small(root *os.Root, dir, path string) (string, error) {
	rel, err := filepath.Rel(dir, path)
	if err != nil {
		return "", err
	}
	info, err := root.Stat(rel)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() || info.Size() > smallFile {
		return "", fault.Usagef("expected a small file, found another")
	}
	file, err := root.Open(rel)
	if err != nil {
		return "", err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, smallFile+1))
	if err == nil && (len(data) > smallFile || !utf8.Valid(data)) {
		err = fault.Usagef("expected a small text file, found another")
	}
	return string(data), err
}
