// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// suggested is a line that ends in a command: alone, or after words and a colon. What
// has a pipe, a comment or more words behind it is no command up to its end.
var suggested = regexp.MustCompile(`(?:^|: )(kubectl [^;,|>#]+)$`)

// spelt are flags by the ways to write them; a world that is named once is not named
// again in another way.
var spelt = map[string]*regexp.Regexp{
	"namespace": regexp.MustCompile(` (-n|-A|--namespace|--all-namespaces)\b`),
	"filename":  regexp.MustCompile(` (-f|-k|--filename|--kustomize|--snapshot)\b`),
}

// worldly are the flags that say, besides those of the connection, what is looked at,
// in the order in which they are repeated.
var worldly = []string{"namespace", "base", "filename", "kustomize", "recursive", "overlay", "source", "prometheus"}

// Again completes the commands that text suggests, one a line, by the flags of the one
// that runs: what is pasted is to see the same cluster or the same files. Flags
// that a line has already stay as they are, and so do commands that see neither.
func (f *Factory) Again(text string) string {
	if f.typed == nil {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		found := suggested.FindStringSubmatch(line)
		if found == nil || strings.Contains(line, " --help") {
			continue
		}
		for _, flag := range lacking(f.typed, found[1]) {
			lines[i] += " " + worded(flag)
		}
	}
	return strings.Join(lines, "\n")
}

// lacking are the flags of typed that a suggested command takes, and does not have.
func lacking(typed *cobra.Command, command string) []*pflag.Flag {
	names, has := connection, func(string) bool { return true }
	words := strings.Fields(command)
	switch {
	case len(words) > 1 && words[1] == "config":
		names = []string{"kubeconfig"} // of contexts, it shows all
	case strings.HasPrefix(command, Name+" "):
		to, _, err := typed.Root().Find(words[2:])
		if err != nil || to.Flag("timeout") == nil {
			return nil // whatever asks a cluster can give up
		}
		names = slices.Concat(worldly, repeated)
		// Without -R, -f is something else; with --base, what is laid over it.
		manifests := typed.Flag("recursive") != nil && to.Flag("recursive") != nil && (typed.Flag("base") == nil) == (to.Flag("base") == nil)
		has = func(name string) bool {
			return to.Flag(name) != nil && (manifests || name != "filename")
		}
	}
	var out []*pflag.Flag
	for _, name := range names {
		flag := typed.Flag(name)
		if flag == nil || !flag.Changed || !has(name) {
			continue
		}
		by := spelt[name]
		if name == "kustomize" || name == "recursive" || name == "overlay" {
			by = spelt["filename"]
		}
		if by != nil && by.MatchString(command) || strings.Contains(command, " --"+name) {
			continue
		}
		out = append(out, flag)
	}
	return out
}

// worded is a flag as it is typed.
func worded(flag *pflag.Flag) string {
	switch values, many := flag.Value.(pflag.SliceValue); {
	case flag.Name == "recursive":
		return "-R"
	case flag.Value.Type() == "bool" && flag.Value.String() == "true":
		return "--" + flag.Name
	case flag.Name == "namespace", flag.Name == "kustomize":
		return "-" + flag.Shorthand + " " + Quote(flag.Value.String())
	case many:
		var out []string
		for _, value := range values.GetSlice() {
			if flag.Shorthand != "" {
				out = append(out, "-"+flag.Shorthand+" "+Quote(value))
			} else {
				out = append(out, "--"+flag.Name+"="+Quote(value))
			}
		}
		return strings.Join(out, " ")
	}
	return "--" + flag.Name + "=" + Quote(flag.Value.String())
}
