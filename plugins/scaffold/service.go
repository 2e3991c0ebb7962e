// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// serviceFlags are those of "scaffold NAME": a System of one service.
type serviceFlags struct {
	outputFlags
	of                       api.System
	one                      api.SystemService
	ports, env               []string
	configFiles, secretFiles []string
	replicas                 int32
	scale, health, expose    string
}

func newServiceFlags() *serviceFlags {
	s := &serviceFlags{outputFlags: newOutputFlags(), replicas: 3}
	s.of.Profile, s.of.Platform.Mesh, s.of.Platform.Ingress.API = "standard", "none", "gateway"
	s.one.Kind, s.one.ServiceType = "service", "ClusterIP"
	return s
}

func (s *serviceFlags) addFlags(cmd *cobra.Command) {
	s.outputFlags.addFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&s.one.Image, "image", "", "Image to run, best with a tag and a digest (required)")
	flags.StringArrayVar(&s.ports, "port", nil, "Port as [NAME=]PORT[:TARGET][/PROTO], such as 8080, http=80:8080, grpc=9000 or 53/udp; may be repeated")
	cli.EnumVar(flags, &s.one.Kind, "kind", "", "What it is", "service", "worker", "job", "cronjob", "stateful")
	flags.StringVar(&s.one.Schedule, "schedule", "", "When a cronjob runs, such as '0 3 * * *'")
	flags.Int32Var(&s.replicas, "replicas", s.replicas, "Number of pods; 1 with --profile dev")
	flags.StringVar(&s.scale, "hpa", "", "Scale as MIN..MAX[:cpu=PERCENT], such as 3..10:cpu=70, instead of a number of pods")
	flags.StringVar(&s.one.Resources.CPU, "cpu", "", "CPU to request and to be limited to; 100m by default")
	flags.StringVar(&s.one.Resources.Memory, "memory", "", "Memory to request and to be limited to; 128Mi by default")
	flags.StringArrayVarP(&s.env, "env", "e", nil, "Variable as NAME=VALUE, which may not be a secret; may be repeated")
	flags.StringArrayVar(&s.configFiles, "config-file", nil, "File to mount in /etc/NAME, as [NAME=]PATH; may be repeated")
	flags.StringArrayVar(&s.secretFiles, "secret-file", nil, "Secret to mount as files, as SECRET=DIRECTORY; may be repeated")
	flags.StringVar(&s.health, "health", "", "How to ask for health, as LIVE[,READY]: a path, grpc, tcp or exec:COMMAND; what fits the port by default")
	flags.StringVar(&s.expose, "expose", "", "Host, or HOST/PATH, to reach it under from outside of the cluster")
	cli.EnumVar(flags, &s.of.Platform.Ingress.API, "ingress-api", "", "How --expose is written: as an HTTPRoute or as an Ingress", "gateway", "ingress")
	cli.EnumVar(flags, &s.one.ServiceType, "service-type", "", "Type of the Service", "ClusterIP", "NodePort", "LoadBalancer")
	flags.BoolVar(&s.one.Headless, "headless", false, "Give the Service no address of its own")
	flags.StringVar(&s.of.Metadata.Owner, "owner", "", "Value of the label owner; that of --part-of by default")
	flags.StringVar(&s.of.Metadata.Email, "email", "", "Value of the annotation email")
	flags.StringVar(&s.of.Metadata.Name, "part-of", "", "System that it is a part of; NAME by default, and the namespace without -n")
	cli.EnumVar(flags, &s.of.Profile, "profile", "", "How much is asked of it", "dev", "standard", "hardened")
	cli.EnumVar(flags, &s.of.Platform.Mesh, "mesh", "", "Istio's data plane", "none", "sidecar", "ambient")
	flags.StringSliceVar(&s.of.With, "with", nil, "Addons, as NAME or NAME=VARIANT; help lists them")
	cli.Offer(flags, "with", addonWords()...)
}

// system is the System that the flags say. Its places are the flags.
func (s *serviceFlags) system(cmd *cobra.Command, name string) (api.System, error) {
	at := patch.Join("/services", name)
	out, one, places := s.of, s.one, map[string]string{at: name, at + "/image": "--image"}
	out.TypeMeta = api.Type(api.KindSystem)
	out.Metadata.Namespace = namespace(cmd)
	if out.Metadata.Name == "" {
		out.Metadata.Name = name
	}
	s.place(cmd.Flags(), at, places)
	if cmd.Flags().Changed("replicas") {
		one.Replicas = &s.replicas
	}
	for _, read := range []func(*api.SystemService, string, map[string]string) error{s.readPorts, s.readShort, s.readEnv, s.readFiles} {
		if err := read(&one, at, places); err != nil {
			return api.System{}, err
		}
	}
	if one.ServiceType == "ClusterIP" {
		one.ServiceType = "" // the default; what has no port has no Service
	}
	// Who calls a service that stands alone is not known. Its neighbours may, unless
	// it is there for those outside.
	one.Open = one.Expose == nil && one.ServiceType == "" && one.Kind != "worker" && len(one.Ports) > 0
	out.Services, out.Places = map[string]api.SystemService{name: one}, places
	return out, nil
}

// place notes which flag said what.
func (s *serviceFlags) place(flags *pflag.FlagSet, at string, places map[string]string) {
	for flag, pointer := range map[string]string{
		"schedule": at + "/schedule", "replicas": at + "/replicas", "hpa": at + "/scale", "cpu": at + "/resources/cpu",
		"memory": at + "/resources/memory", "health": at + "/health", "expose": at + "/expose", "service-type": at + "/serviceType",
		"headless": at + "/headless", "owner": "/metadata/owner", "email": "/metadata/email", "part-of": "/metadata/name", "namespace": "/metadata/namespace",
		"with": "/with",
	} {
		if f := flags.Lookup(flag); f != nil && f.Changed {
			places[pointer] = "--" + flag
		}
	}
}

func (s *serviceFlags) readPorts(one *api.SystemService, at string, places map[string]string) error {
	one.Ports = map[string]api.SystemPort{}
	for _, text := range s.ports {
		name, p, err := app.ParsePort(text)
		if err != nil {
			return under(err, "--port")
		}
		if other, taken := one.Ports[name]; taken {
			return fault.Usagef("--port %s: expected a name for each port, found %s for %d too", text, name, other.Port).
				Try("--port NAME=%s", text[strings.IndexByte(text, '=')+1:])
		}
		one.Ports[name] = p
		places[patch.Join(at+"/ports", name)] = "--port " + text
	}
	return nil
}

// readShort reads what a flag says in a short form.
func (s *serviceFlags) readShort(one *api.SystemService, _ string, _ map[string]string) error {
	if s.scale != "" {
		scale, err := app.ParseScale(s.scale)
		if err != nil {
			return under(err, "--hpa")
		}
		one.Scale = &scale
	}
	one.Health = app.ParseHealth(s.health)
	if s.expose != "" {
		host, path, hasPath := strings.Cut(s.expose, "/")
		one.Expose = &api.Expose{Host: host}
		if hasPath {
			one.Expose.Paths = []string{"/" + path}
		}
	}
	return nil
}

func (s *serviceFlags) readEnv(one *api.SystemService, at string, places map[string]string) error {
	one.Env = map[string]string{}
	for _, text := range s.env {
		name, value, both := strings.Cut(text, "=")
		if !both {
			return fault.Usagef("--env: expected NAME=VALUE, found %q", text).Try("--env %s=VALUE", text)
		}
		if _, twice := one.Env[name]; twice {
			return fault.Usagef("--env: expected each variable once, found %s again", name)
		}
		one.Env[name] = value
		places[patch.Join(at+"/env", name)] = "--env " + name
	}
	return nil
}

func (s *serviceFlags) readFiles(one *api.SystemService, at string, places map[string]string) error {
	one.ConfigFiles = map[string]string{}
	for _, text := range s.configFiles {
		name, path, named := strings.Cut(text, "=")
		if !named {
			name, path = filepath.Base(text), text
		}
		content, err := readConfig(path)
		if err != nil {
			return under(err, "--config-file")
		}
		if _, twice := one.ConfigFiles[name]; twice {
			return fault.Usagef("--config-file: expected each name once, found %s again", name).Try("--config-file NAME=%s", path)
		}
		one.ConfigFiles[name] = content
		places[patch.Join(at+"/configFiles", name)] = "--config-file " + text
	}
	for i, text := range s.secretFiles {
		name, dir, both := strings.Cut(text, "=")
		if !both {
			return fault.Usagef("--secret-file: expected SECRET=DIRECTORY, found %q", text).Try("--secret-file %s=/var/run/%s", name, name)
		}
		one.Secrets = append(one.Secrets, api.SecretFiles{Name: name, Mount: dir})
		places[fmt.Sprintf("%s/secrets/%d", at, i)] = "--secret-file " + text
	}
	return nil
}

// under tells which flag an error is about.
func under(err error, flag string) error {
	for _, one := range fault.All(err) {
		if typed, ok := one.(*fault.Error); ok && typed.Where == "" {
			return typed.At(flag)
		}
	}
	return err
}
