// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package version

import (
	"context"
	"errors"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/discovery"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// groups are the API groups, besides Kubernetes' own, that the suite uses.
var groups = []string{model.IstioNetworking, model.IstioSecurity, model.IstioTelemetry, model.GatewayAPI, model.Monitoring}

// askCluster fills in what the server knows. An unreachable server is an error;
// a right that is lacking is a note.
func askCluster(ctx context.Context, f *cli.Factory, out *api.VersionReport) error {
	config, err := f.RESTConfig()
	if err != nil {
		return err
	}
	client, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return err
	}
	info, err := client.ServerVersionWithContext(ctx)
	if err != nil {
		return err
	}
	out.Server = &api.ServerVersion{Version: info.GitVersion, Platform: info.Platform}
	if served, err := client.ServerGroupsWithContext(ctx); err != nil {
		out.Notes = append(out.Notes, "APIs: unknown: "+err.Error())
	} else {
		out.APIs = servedGroups(served)
	}
	reader, err := cluster.New(config)
	if err != nil {
		return err
	}
	planes, err := reader.List(ctx, model.Deployments.Kind, cluster.ListOptions{
		Labels: labels.SelectorFromSet(labels.Set{"app": "istiod"}),
	})
	switch {
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return err
	case err != nil:
		out.Notes = append(out.Notes, "Istio Version: unknown: "+err.Error())
	default:
		out.Istio = controlPlanes(planes)
	}
	return nil
}

func servedGroups(served *metav1.APIGroupList) []api.ServedGroup {
	var out []api.ServedGroup
	for _, name := range groups {
		group := api.ServedGroup{Group: name, Versions: []string{}}
		for _, g := range served.Groups {
			if g.Name != name {
				continue
			}
			for _, v := range g.Versions {
				group.Versions = append(group.Versions, v.Version)
			}
		}
		out = append(out, group)
	}
	return out
}

// controlPlanes reads revision and version off istiod's Deployments: the image
// tag is what runs, whatever the labels of the installer say.
func controlPlanes(deployments []*model.Object) []api.IstioVersion {
	out := []api.IstioVersion{}
	for _, o := range deployments {
		d, ok := model.Deployments.Of(o)
		if !ok {
			continue
		}
		v := api.IstioVersion{Revision: d.Value.Labels["istio.io/rev"], Namespace: o.Ref.Namespace, Version: "unknown"}
		if v.Revision == "" {
			v.Revision = "default"
		}
		for _, c := range d.Value.Spec.Template.Spec.Containers {
			if image, _, _ := strings.Cut(c.Image, "@"); strings.Contains(image, "pilot") {
				if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
					v.Version = image[i+1:]
				}
			}
		}
		out = append(out, v)
	}
	return out
}
