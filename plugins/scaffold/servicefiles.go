// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

func (r *reading) readEnv() error {
	r.one.Env = map[string]string{}
	for _, text := range r.env {
		name, value, both := strings.Cut(text, "=")
		if !both {
			return fault.Usagef("--env: expected NAME=VALUE, found %q", text).Try("--env %s=VALUE", text)
		}
		if _, twice := r.one.Env[name]; twice {
			return fault.Usagef("--env: expected each variable once, found %s again", name)
		}
		r.one.Env[name] = value
		r.said(patch.Join(r.at+"/env", name), "--env "+name)
	}
	return nil
}

func (r *reading) readConfigFiles() error {
	r.one.ConfigFiles = map[string]string{}
	for _, text := range r.configFiles {
		name, path, named := strings.Cut(text, "=")
		if !named {
			name, path = filepath.Base(text), text
		}
		content, err := readConfig(path)
		if err != nil {
			return under(err, "--config-file")
		}
		if _, twice := r.one.ConfigFiles[name]; twice {
			return fault.Usagef("--config-file: expected each name once, found %s again", name).Try("--config-file NAME=%s", path)
		}
		r.one.ConfigFiles[name] = content
		r.said(patch.Join(r.at+"/configFiles", name), "--config-file "+text)
	}
	return nil
}

func (r *reading) readSecrets() error {
	for i, text := range r.secrets {
		secret, err := app.ParseSecret(text)
		if err != nil {
			return under(err, "--secret-file")
		}
		r.one.Secrets = append(r.one.Secrets, secret)
		r.said(fmt.Sprintf("%s/secrets/%d", r.at, i), "--secret-file "+text)
	}
	return nil
}

func (r *reading) readClaims() error {
	for i, text := range r.claims {
		volume, err := app.ParseVolume(text)
		if err != nil {
			return under(err, "--volume")
		}
		r.one.Volumes = append(r.one.Volumes, volume)
		r.said(fmt.Sprintf("%s/volumes/%d", r.at, i), "--volume "+text)
	}
	return nil
}
