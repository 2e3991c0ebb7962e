// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// completionBudget is how long a shell waits for an answer, all in all.
const completionBudget = 2 * time.Second

// namespacesAnnotation marks a flag whose value is a namespace.
const namespacesAnnotation = "kubectl-micro.dev/namespaces"

// InTime reads what a completion offers. What takes longer than a person waits
// for TAB is nothing, whatever it is that hangs: a server, or the program that
// a kubeconfig has for credentials, which no context ends.
func InTime[T any](f *Factory, cmd *cobra.Command, read func(context.Context) T) T {
	ctx, cancel := context.WithTimeout(cmd.Context(), completionBudget)
	defer cancel()
	done := make(chan T, 1)
	go func() {
		// What the user has set counts here too; if it cannot be read, a run will say so.
		_ = f.settle(cmd)
		done <- read(ctx)
	}()
	select {
	case out := <-done:
		return out
	case <-ctx.Done():
		var none T
		return none
	}
}

// Matching keeps the offers that begin with what is typed, and tells the shell
// to go on right after those that want more: "svc/", "jsonpath=", "exec:".
func Matching(offers []cobra.Completion, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	directive := cobra.ShellCompDirectiveNoFileComp
	var out []cobra.Completion
	for _, offer := range offers {
		if !strings.HasPrefix(offer, typed) && !strings.HasPrefix(offer, activeHelp) {
			continue
		}
		out = append(out, offer)
		if word := Word(offer); strings.HasSuffix(word, "/") || strings.HasSuffix(word, "=") || strings.HasSuffix(word, ":") {
			directive |= cobra.ShellCompDirectiveNoSpace
		}
	}
	return out, directive
}

// Word is what is offered, without what it means.
func Word(offer cobra.Completion) string {
	word, _, _ := strings.Cut(offer, "\t")
	return word
}

// activeHelp is how cobra tells its hints from offers.
var activeHelp = strings.TrimSuffix(cobra.AppendActiveHelp(nil, "x")[0], "x")

// OfferNamespaces completes a flag's value as that of -n.
func OfferNamespaces(flags *pflag.FlagSet, names ...string) {
	for _, name := range names {
		annotate(flags.Lookup(name), namespacesAnnotation, "true")
	}
}

// OfferList turns offers for one element into offers for the last element of a
// list with commas; elements that were typed before are left out.
func OfferList(one func(typed string) []cobra.Completion, typed string) []cobra.Completion {
	i := strings.LastIndexByte(typed, ',')
	if i < 0 {
		return one(typed)
	}
	before := strings.Split(typed[:i], ",")
	var out []cobra.Completion
	for _, offer := range one(typed[i+1:]) {
		if !slices.Contains(before, Word(offer)) {
			out = append(out, typed[:i+1]+offer)
		}
	}
	return out
}

// completeFlag registers the completion of a flag that has none of its own.
// Files are only offered where a flag asks for them: a flag whose value only the
// user knows tells what it is, in the words of the help.
func (f *Factory) completeFlag(c *cobra.Command, flag *pflag.Flag) {
	known := flag.Annotations
	_, file := known[cobra.BashCompFilenameExt]
	_, dir := known[cobra.BashCompSubdirsInDir]
	values := known[valuesAnnotation]
	_, list := flag.Value.(pflag.SliceValue)
	switch {
	case file || dir || flag.Value.Type() == "bool":
	case known[namespacesAnnotation] != nil:
		offerValues(c, flag, f.offerNamespaces)
	case len(values) > 0 && list:
		offerValues(c, flag, func(_ *cobra.Command, typed string) []cobra.Completion {
			return OfferList(func(string) []cobra.Completion { return values }, typed)
		})
	case len(values) > 0:
		if flag.Name == "output" {
			values = described(values)
		}
		offerValues(c, flag, func(*cobra.Command, string) []cobra.Completion { return values })
	default:
		offerValues(c, flag, func(_ *cobra.Command, typed string) []cobra.Completion {
			if typed != "" {
				return nil
			}
			return cobra.AppendActiveHelp(nil, "--"+flag.Name+": "+flag.Usage)
		})
	}
}

// offerValues completes a flag's value.
func offerValues(c *cobra.Command, flag *pflag.Flag, values func(cmd *cobra.Command, typed string) []cobra.Completion) {
	// An error means that the command completes the flag itself, which is fine.
	_ = c.RegisterFlagCompletionFunc(flag.Name, func(cmd *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return Matching(values(cmd, typed), typed)
	})
}

// formats says what the values of -o are, for those whom the name does not tell.
var formats = map[string]string{
	"table": "for people", "wide": "the table with more columns", "text": "for people",
	"json": "for programs", "yaml": "for programs and people", "kyaml": "YAML that every reader takes alike", "csv": "for spreadsheets",
	"jsonl": "one JSON object a line", "ndjson": "one JSON object a line", "name": "KIND/NAME, for other commands",
	"patch": "JSON Patches for kubectl patch --type=json", "jsonpath=": "a JSONPath of the objects", "jsonpath-as-json=": "a JSONPath, as JSON",
	"jsonpath-file=": "a file with a JSONPath", "go-template=": "a Go template", "go-template-file=": "a file with a Go template",
	"sarif": "for code scanning", "junit": "for CI servers", "github": "annotations of GitHub Actions", "gitlab": "GitLab's code quality report",
	"markdown": "for pull requests and pages", "html": "a page", "dot": "a graph for Graphviz", "mermaid": "a graph for Markdown", "tree": "a graph for a terminal",
	"openmetrics": "for Prometheus", "configmap": "a ConfigMap for Grafana's sidecar", "pretty": "for people", "raw": "lines as they were written",
}

// described adds to words what they mean.
func described(words []string) []cobra.Completion {
	var out []cobra.Completion
	for _, w := range words {
		if text := formats[w]; text != "" {
			w = cobra.CompletionWithDesc(w, text)
		}
		out = append(out, w)
	}
	return out
}

// complete offers what the kubeconfig names, and the cluster's namespaces.
func (c *connectionFlags) complete(root *cobra.Command) {
	flags := root.PersistentFlags()
	offer := func(name string, values func() []cobra.Completion) {
		offerValues(root, flags.Lookup(name), func(*cobra.Command, string) []cobra.Completion { return values() })
	}
	offer("context", func() (out []cobra.Completion) {
		raw := c.raw()
		for name, context := range raw.Contexts {
			text := "cluster " + context.Cluster + ", namespace " + cmp.Or(context.Namespace, metav1.NamespaceDefault)
			if name == raw.CurrentContext {
				text += " (the current one)"
			}
			out = append(out, cobra.CompletionWithDesc(name, text))
		}
		slices.Sort(out)
		return out
	})
	offer("cluster", func() (out []cobra.Completion) {
		for name, cluster := range c.raw().Clusters {
			out = append(out, cobra.CompletionWithDesc(name, cluster.Server))
		}
		slices.Sort(out)
		return out
	})
	offer("user", func() []cobra.Completion { return slices.Sorted(maps.Keys(c.raw().AuthInfos)) })
	OfferNamespaces(flags, "namespace")
	for _, name := range []string{"kubeconfig", "certificate-authority", "client-certificate", "client-key"} {
		_ = cobra.MarkFlagFilename(flags, name) // it exists
	}
	_ = root.MarkPersistentFlagDirname("cache-dir")
}

// offerNamespaces offers the cluster's namespaces.
func (f *Factory) offerNamespaces(cmd *cobra.Command, _ string) []cobra.Completion {
	return InTime(f, cmd, f.connection.namespaces)
}

// namespaces returns the cluster's namespaces, or nothing when it does not
// answer in time: a completion has no place for errors.
func (c *connectionFlags) namespaces(ctx context.Context) []cobra.Completion {
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
