// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// completionBudget is how long a shell waits for an answer of the API server.
const completionBudget = 2 * time.Second

// offerValues completes a flag's value from a list; values that end in "=" want
// more to be typed.
func offerValues(cmd *cobra.Command, flag string, values func(context.Context) []string) {
	// An error means that the command completes the flag itself, which is fine.
	_ = cmd.RegisterFlagCompletionFunc(flag, func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		directive := cobra.ShellCompDirectiveNoFileComp
		var matching []string
		for _, v := range values(cmd.Context()) {
			if strings.HasPrefix(v, typed) {
				matching = append(matching, v)
			}
		}
		if len(matching) == 1 && strings.HasSuffix(matching[0], "=") {
			directive |= cobra.ShellCompDirectiveNoSpace
		}
		return matching, directive
	})
}

// complete offers what the kubeconfig names, and the cluster's namespaces.
func (c *ConnectionFlags) complete(root *cobra.Command) {
	names := func(pick func() []string) func(context.Context) []string {
		return func(context.Context) []string { return pick() }
	}
	offerValues(root, "context", names(func() []string { return slices.Sorted(maps.Keys(c.raw().Contexts)) }))
	offerValues(root, "cluster", names(func() []string { return slices.Sorted(maps.Keys(c.raw().Clusters)) }))
	offerValues(root, "user", names(func() []string { return slices.Sorted(maps.Keys(c.raw().AuthInfos)) }))
	offerValues(root, "namespace", c.namespaces)
}

// namespaces returns the cluster's namespaces, or nothing when it does not
// answer in time: a completion has no place for errors.
func (c *ConnectionFlags) namespaces(ctx context.Context) []string {
	config, err := c.restConfig()
	if err != nil {
		return nil
	}
	config.Timeout = completionBudget
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil
	}
	defer client.CloseIdleConnections()
	base, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base.JoinPath("api/v1/namespaces").String()+"?limit=500", nil)
	if err != nil {
		return nil
	}
	request.Header.Set("Accept", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")
	response, err := client.Do(request)
	if err != nil {
		return nil
	}
	defer response.Body.Close()
	var list metav1.PartialObjectMetadataList
	if response.StatusCode != http.StatusOK || json.NewDecoder(response.Body).Decode(&list) != nil {
		return nil
	}
	var out []string
	for _, item := range list.Items {
		out = append(out, item.Name)
	}
	return out
}
