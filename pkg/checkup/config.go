// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package checkup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/suppress"
)

// configName is the file that a team keeps its suppressions in.
const configName = ".kubectl-micro.yaml"

// findConfig reads the config that was named, else that of the working
// directory or the nearest directory above it. It returns nil if there is none.
func findConfig(named string) (*api.Config, error) {
	if named != "" {
		data, err := os.ReadFile(named)
		if err != nil {
			return nil, fault.Unreadable(named, err)
		}
		return suppress.ReadConfig(named, data)
	}
	from, err := os.Getwd()
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "looking for %s", configName)
	}
	for _, dir := range configFolders(from) {
		name := filepath.Join(dir, configName)
		if shown, err := filepath.Rel(from, name); err == nil {
			name = shown
		}
		data, err := os.ReadFile(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, fault.Wrap(fault.Failed, err, "looking for %s", configName)
		}
		return suppress.ReadConfig(name, data)
	}
	return nil, nil
}

// configFolders lists the directories that a config may be in: the working
// directory and those above it up to the root of the git checkout or the home
// directory. Outside both it is only the working directory: what lies further
// up, as in /tmp, may be anybody's.
func configFolders(from string) []string {
	home, _ := os.UserHomeDir() // without one only a checkout counts
	var out []string
	for dir := from; ; dir = filepath.Dir(dir) {
		out = append(out, dir)
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil || dir == home {
			return out
		}
		if dir == filepath.Dir(dir) {
			return []string{from}
		}
	}
}
