// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"cmp"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/checkup"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// serviceFlags are those of "scaffold NAME": a System of one service.
type serviceFlags struct {
	outputFlags
	of                                api.System
	one                               api.SystemService
	ports, calls, externals           []string
	env, configFiles, secrets, claims []string
	replicas                          int32
	scale, health, expose, metrics    string
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
	s.addPodFlags(flags)
	s.addNetworkFlags(flags)
	s.addSystemFlags(flags)
	_ = cmd.RegisterFlagCompletionFunc("kubernetes-version", checkup.CompleteKubernetes)
}

// addPodFlags adds those about what runs, and what it is given.
func (s *serviceFlags) addPodFlags(flags *pflag.FlagSet) {
	flags.StringVar(&s.one.Image, "image", "", "Image to run, best with a tag and a digest (required)")
	cli.EnumVar(flags, &s.one.Kind, "kind", "", "What it is", "service", "worker", "job", "cronjob", "stateful")
	flags.StringVar(&s.one.Schedule, "schedule", "", "When a cronjob runs, such as '0 3 * * *'")
	flags.Int32Var(&s.replicas, "replicas", s.replicas, "Number of pods; 1 with --profile dev")
	flags.StringVar(&s.scale, "hpa", "", "Scale as MIN..MAX[:cpu=PERCENT], such as 3..10:cpu=70, instead of a number of pods")
	flags.StringVar(&s.one.Resources.CPU, "cpu", "", "CPU to request and to be limited to; 100m by default")
	flags.StringVar(&s.one.Resources.CPULimit, "cpu-limit", "", "CPU to be limited to, or none; that of --cpu by default")
	cli.Offer(flags, "cpu-limit", "none")
	flags.StringVar(&s.one.Resources.Memory, "memory", "", "Memory to request and to be limited to; 128Mi by default")
	flags.StringArrayVarP(&s.env, "env", "e", nil, "Variable as NAME=VALUE, which may not be a secret; may be repeated")
	flags.StringArrayVar(&s.configFiles, "config-file", nil, "File to mount in /etc/NAME, as [NAME=]PATH; may be repeated")
	_ = cobra.MarkFlagFilename(flags, "config-file")
	flags.StringArrayVar(&s.secrets, "secret-file", nil, "Secret to mount as files, as SECRET=DIRECTORY, or SECRET=DIRECTORY@STORE/KEY for the External Secrets Operator to make it; may be repeated")
	flags.StringArrayVar(&s.claims, "volume", nil, "Volume of each pod of --kind stateful, as NAME=DIRECTORY:SIZE[:CLASS], such as data=/var/lib/data:10Gi; may be repeated")
	flags.StringVar(&s.health, "health", "", "How to ask for health, as LIVE[,READY]: a path, grpc, tcp or exec:COMMAND; what fits the port by default")
	cli.Offer(flags, "health", "/", "grpc", "tcp", "exec:")
}

// addNetworkFlags adds those about who calls it, and whom it calls.
func (s *serviceFlags) addNetworkFlags(flags *pflag.FlagSet) {
	flags.StringArrayVar(&s.ports, "port", nil, "Port as [NAME=]PORT[:TARGET][/PROTO], such as 8080, http=80:8080, grpc=9000 or 53/udp; may be repeated")
	flags.StringVar(&s.metrics, "metrics", "", "Where --with monitoring reads, as PORT-NAME[:PATH]; the port http-metrics or metrics, at /metrics, by default")
	flags.StringArrayVar(&s.calls, "depends-on", nil, "Service that it calls, as NAME[.NAMESPACE]:PORT[/PROTO], such as users:8080/http or redis.data:6379/redis; NAME_URL tells where; may be repeated")
	flags.StringArrayVar(&s.externals, "external", nil, "What it calls outside of the cluster, as NAME=HOST:PORT[/PROTO], such as pay=api.pay.example.com:443; NAME_URL tells where; may be repeated")
	flags.StringVar(&s.expose, "expose", "", "Host, or HOST/PATH, to reach it under from outside of the cluster")
	cli.EnumVar(flags, &s.of.Platform.Ingress.API, "ingress-api", "", "How --expose is written: as an HTTPRoute, as an Ingress, or as Istio's Gateway and VirtualService", "gateway", "ingress", "istio")
	cli.EnumVar(flags, &s.one.ServiceType, "service-type", "", "Type of the Service", "ClusterIP", "NodePort", "LoadBalancer")
	flags.BoolVar(&s.one.Headless, "headless", false, "Give the Service no address of its own")
}

// addSystemFlags adds those about where it runs, and what is asked of it.
func (s *serviceFlags) addSystemFlags(flags *pflag.FlagSet) {
	flags.StringVar(&s.of.Metadata.Owner, "owner", "", "Value of the label owner; that of --part-of by default")
	flags.StringVar(&s.of.Metadata.Email, "email", "", "Value of the annotation email")
	flags.StringVar(&s.of.Metadata.Name, "part-of", "", "System that it is a part of; NAME by default, and the namespace without -n")
	cli.EnumVar(flags, &s.of.Profile, "profile", "", "How much is asked of it", "dev", "standard", "hardened")
	cli.Written(flags, "profile")
	cli.EnumVar(flags, &s.of.Platform.Mesh, "mesh", "", "Istio's data plane", "none", "sidecar", "ambient")
	flags.StringVar(&s.of.Platform.KubernetesVersion, "kubernetes-version", "", "Oldest version that it must run on, such as 1.30; the newest that is known by default")
	flags.StringSliceVar(&s.of.With, "with", nil, "Addons, as NAME or NAME=VARIANT; help lists them")
	cli.Offer(flags, "with", addonWords()...)
}

// reading is the System that flags say, in the making.
type reading struct {
	*serviceFlags
	out api.System
	one api.SystemService
	at  string // of the service in it
}

// said notes which flag said the value at a pointer.
func (r *reading) said(pointer, flag string) { r.out.Places[pointer] = flag }

// system is the System that the flags say. Its places are the flags.
func (s *serviceFlags) system(cmd *cobra.Command, name string) (api.System, error) {
	r := reading{serviceFlags: s, out: s.of, one: s.one, at: patch.Join("/services", name)}
	r.out.Places = map[string]string{r.at: name, r.at + "/image": "--image"}
	r.out.TypeMeta = api.Type(api.KindSystem)
	r.out.Metadata.Name = cmp.Or(s.of.Metadata.Name, name)
	r.out.Metadata.Namespace = namespace(cmd)
	r.place(cmd.Flags())
	if cmd.Flags().Changed("replicas") {
		r.one.Replicas = &s.replicas
	}
	for _, read := range []func() error{r.readPorts, r.readCalls, r.readExternals, r.readShort, r.readEnv, r.readConfigFiles, r.readSecrets, r.readClaims} {
		if err := read(); err != nil {
			return api.System{}, err
		}
	}
	one := &r.one
	if one.ServiceType == "ClusterIP" {
		one.ServiceType = "" // the default; what has no port has no Service
	}
	// Who calls a service that stands alone is not known. Its neighbours may, unless
	// it is there for those outside.
	one.Open = one.Expose == nil && one.ServiceType == "" && one.Kind != "worker" && len(one.Ports) > 0
	r.out.Services = map[string]api.SystemService{name: *one}
	return r.out, nil
}

// place notes which flag said what.
func (r *reading) place(flags *pflag.FlagSet) {
	for flag, pointer := range map[string]string{
		"schedule": r.at + "/schedule", "replicas": r.at + "/replicas", "hpa": r.at + "/scale", "cpu": r.at + "/resources/cpu", "cpu-limit": r.at + "/resources/cpuLimit",
		"memory": r.at + "/resources/memory", "health": r.at + "/health", "expose": r.at + "/expose", "service-type": r.at + "/serviceType",
		"headless": r.at + "/headless", "metrics": r.at + "/metrics", "volume": r.at + "/volumes", "owner": "/metadata/owner", "email": "/metadata/email", "part-of": "/metadata/name",
		"namespace": "/metadata/namespace", "with": "/with", "ingress-api": "/platform/ingress", "kubernetes-version": "/platform/kubernetesVersion",
	} {
		if f := flags.Lookup(flag); f != nil && f.Changed {
			r.said(pointer, "--"+flag)
		}
	}
}

// readShort reads what flags say once, in a short form.
func (r *reading) readShort() error {
	if r.scale != "" {
		scale, err := app.ParseScale(r.scale)
		if err != nil {
			return under(err, "--hpa")
		}
		r.one.Scale = &scale
	}
	if r.metrics != "" {
		metrics, err := app.ParseMetrics(r.metrics)
		if err != nil {
			return under(err, "--metrics")
		}
		r.one.Metrics = metrics
	}
	r.one.Health = app.ParseHealth(r.health)
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
