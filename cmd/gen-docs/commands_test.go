// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
)

// TestCommandsSayWhatTheyDo holds all commands to the rules that kubectl's own have to
// keep (k8s.io/kubectl/pkg/cmd/util/sanity), and to a few more. Digits are allowed: --p99.
func TestCommandsSayWhatTheyDo(t *testing.T) {
	for _, c := range known() {
		if c.Short == "" || c.Long == "" || c.Example == "" {
			t.Errorf("%s: expected Short, Long and Example, found %q, %q, %q", c.CommandPath(), c.Short, c.Long, c.Example)
		}
		if strings.TrimSpace(c.Long) != c.Long {
			t.Errorf("%s: Long has blanks around it: use cli.Doc", c.CommandPath())
		}
		if strings.HasSuffix(c.Short, ".") || strings.Contains(c.Short, "\n") {
			t.Errorf("%s: expected Short on one line and without a full stop, found %q", c.CommandPath(), c.Short)
		}
		for line := range strings.Lines(c.Example) {
			if strings.HasPrefix(strings.TrimSpace(line), "//") {
				t.Errorf("%s: comments of examples begin with #, found %q", c.CommandPath(), line)
			}
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !regexp.MustCompile(`^[a-z]+[a-z0-9-]*$`).MatchString(f.Name) {
				t.Errorf("%s: the name of --%s has more than small letters, digits and dashes", c.CommandPath(), f.Name)
			}
			if f.Usage == "" {
				t.Errorf("%s: --%s has no usage", c.CommandPath(), f.Name)
			}
		})
	}
	pflag.CommandLine.VisitAll(func(f *pflag.Flag) { t.Errorf("--%s is a flag of the process", f.Name) })
}

// TestExamplesParse finds the command of each example, and has its flags and arguments
// taken as they would be when it runs.
func TestExamplesParse(t *testing.T) {
	for _, c := range known() {
		calls := 0
		for _, line := range strings.Split(cli.Doc(c.Example), "\n") {
			for _, args := range callsIn(t, line) {
				calls++
				if err := parses(args); err != nil {
					t.Errorf("%s: %s: %v", c.CommandPath(), line, err)
				}
			}
		}
		if script := regexp.MustCompile(`completion (bash|zsh|fish|powershell)$`); calls == 0 && !script.MatchString(c.CommandPath()) {
			t.Errorf("%s: no example calls %s", c.CommandPath(), cli.Name)
		}
	}
}

// parses takes a command line as cobra does, but for running it.
func parses(args []string) error {
	root := newRoot()
	c, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	if err := c.ParseFlags(rest); err != nil {
		return err
	}
	if !c.Runnable() {
		return fmt.Errorf("%s is nothing to run", c.CommandPath())
	}
	return c.ValidateArgs(c.Flags().Args())
}

// callsIn are the arguments of the calls of the suite in a line of shell.
func callsIn(t *testing.T, line string) [][]string {
	t.Helper()
	if strings.HasPrefix(strings.TrimSpace(line), "#") {
		return nil
	}
	var out [][]string
	for _, part := range shellWords(line) {
		if len(part) > 1 && part[0] == "kubectl" && part[1] == "micro" {
			out = append(out, part[2:])
		}
	}
	return out
}

// shellWords splits a line of shell into commands and those into words. Redirections
// end a command; quotes are taken off.
func shellWords(line string) [][]string {
	var out [][]string
	var command []string
	word, quote, begun := "", rune(0), false
	endWord := func() {
		if begun {
			command = append(command, word)
		}
		word, begun = "", false
	}
	for _, r := range line + ";" {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word += string(r)
		case r == '\'' || r == '"':
			quote, begun = r, true
		case r == ' ' || r == '\t':
			endWord()
		case strings.ContainsRune("|;&><()", r):
			endWord()
			out, command = append(out, command), nil
		case r == '#' && !begun:
			return append(out, command)
		default:
			word, begun = word+string(r), true
		}
	}
	return out
}

func TestShellWords(t *testing.T) {
	got := shellWords(`A=1; kubectl micro x 'a b' --c="d|e" | head >f # why`)
	want := [][]string{{"A=1"}, {"kubectl", "micro", "x", "a b", "--c=d|e"}, {"head"}, {"f"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestPagesAreComplete looks for every flag and every exit code in both kinds of pages.
func TestPagesAreComplete(t *testing.T) {
	commands := known()
	pages, err := commandPages(commands)
	if err != nil {
		t.Fatal(err)
	}
	man, err := manPages(commands)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range commands {
		page, manual := string(pages[pageOf(c)]), string(man[manFolder+"/"+manName(c)+".1"])
		for _, f := range own(c) {
			if !strings.Contains(page, "`--"+f.Name+"`") || !strings.Contains(manual, roff("--"+f.Name)+"=") {
				t.Errorf("%s: --%s is not in both pages", c.CommandPath(), f.Name)
			}
		}
		for code := range exits(c) {
			if !strings.Contains(page, fmt.Sprintf("\n- %d: ", code)) || !strings.Contains(manual, fmt.Sprintf("\n.B %d\n", code)) {
				t.Errorf("%s: exit code %d is not in both pages", c.CommandPath(), code)
			}
		}
	}
}

// TestAnswersAreOfCommands refuses exit codes of commands that are gone, and codes that
// do not exist.
func TestAnswersAreOfCommands(t *testing.T) {
	names := map[string]*cobra.Command{}
	for _, c := range known() {
		names[words(c)] = c
	}
	for name, codes := range answers {
		if names[name] == nil {
			t.Errorf("there is no command %q", name)
		}
		for code := range codes {
			if !slices.ContainsFunc(cli.ExitCodes(), func(c cli.Code) bool { return c.Number == code }) {
				t.Errorf("%s: there is no exit code %d", name, code)
			}
		}
	}
}

// TestStatedCodes holds the codes that a long text speaks of against those of the page.
func TestStatedCodes(t *testing.T) {
	said := regexp.MustCompile(`exit\s+code(?:\s+is)?\s+(\d+)`)
	for _, c := range known() {
		for _, m := range said.FindAllStringSubmatch(c.Long, -1) {
			code, err := strconv.Atoi(m[1])
			if err != nil {
				t.Fatal(err)
			}
			if code == 0 || code == 2 || code == 3 {
				continue
			}
			if c.HasSubCommands() && answers[words(c)] == nil {
				continue // it speaks of those below it
			}
			if exits(c)[code] == "" {
				t.Errorf("%s speaks of exit code %d, its page does not", c.CommandPath(), code)
			}
		}
	}
}

func TestParagraphs(t *testing.T) {
	got := paragraphs("one\ntwo\n\nthree:\n  a  b\n    c\n\n  d\n\nfour")
	want := []paragraph{{false, []string{"one", "two"}}, {false, []string{"three:"}}, {true, []string{"a  b", "  c", "", "d"}}, {false, []string{"four"}}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(paragraph{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
