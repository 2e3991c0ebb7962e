// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pods

import (
	"fmt"
	"regexp"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1002", Slug: "cannot-start", Severity: finding.Error,
	Short: "Container cannot be started: its command cannot be executed",
	Why: `The container runtime could not create the container or execute its command (RunContainerError,
CreateContainerError, StartError), or a shell in it did not find what it should run (exit code 127) or
may not execute it (126). No line of the program itself has run, so that its logs are empty.

` + "`command` replaces the entrypoint of the image and `args` its arguments; neither is given to a shell.",
	Fix: `Compare command, args and workingDir with what is in the image: spelling, path, the executable
bit, the interpreter in the first line of a script, the CPU architecture.`,
	Reference: "https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/",
	Needs:     append([]*model.Kind{model.Events.Kind}, model.WorkloadKinds...),
	Live:      true,
	Explains:  []string{"KM1014", "KM2001", "KM2015", "KM3002"},
	Check:     checkStarts,
})

// starts are what container runtimes say, the more exact first. A name of what
// should have run is the first group.
var starts = []struct {
	says        *regexp.Regexp
	means, hint string
	// fields are the JSON Pointers below the container that may be at fault.
	fields []string
}{
	{
		regexp.MustCompile(`exec: "([^"]*)": executable file not found`), "%s is not in the PATH of the image",
		"if it is a command line, write its words as items of a list, or run it with a shell", []string{"/command", "/args"},
	},
	{
		regexp.MustCompile(`exec:? "?([^":]*)"?: .*permission denied`), "%s may not be executed (permission denied)",
		"set the executable bit in the image (chmod +x), and look at securityContext.runAsUser", []string{"/command", "/args"},
	},
	{
		regexp.MustCompile(`exec:? "?([^":]*)"?: exec format error`), "%s is not made for the CPU of the node, or is a script without a first line #!",
		"build the image for the node's architecture, or pin the pods with nodeSelector kubernetes.io/arch", []string{"/image"},
	},
	{
		regexp.MustCompile(`(?:chdir to cwd|working directory) \(?"([^"]*)"`), "its working directory %s does not exist or may not be entered", "", []string{"/workingDir"},
	},
	{
		regexp.MustCompile(`exec:? "?([^":]*)"?: .*no such file or directory`), "%s is not in the image",
		"the file may be there and the interpreter in its first line, or its dynamic linker (glibc on alpine), not", []string{"/command", "/args"},
	},
	{
		regexp.MustCompile(`(?i)mount[^"]*"[^"]*" to rootfs at "([^"]*)".*not a directory`), "a file is mounted over a directory at %s, or the reverse",
		"mount single files with subPath", []string{"/volumeMounts"},
	},
	{regexp.MustCompile(`(?i)no command specified`), "neither the image nor the container says what to run", "set command", nil},
	{
		regexp.MustCompile(`(?i)failed to reserve container name|context deadline exceeded`), "the container runtime of the node is too slow or stuck",
		"look at the node: disk and CPU pressure, the logs of the runtime", nil,
	},
}

func checkStarts(w *rules.World, emit rules.Emit) {
	var all []sighting
	for _, d := range deaths(w, unstartable) {
		s := d.sighting()
		if d.message != "" && d.message != d.end.Message {
			s.evidence = append(s.evidence, d.statusOf(d.message, d.end.FinishedAt.Time))
		}
		var why string
		why, s.hint, s.at = d.start()
		s.reason = fmt.Sprintf("%s cannot be started: %s", d.word(), why)
		all = append(all, s)
	}
	report(w, emit, all)
}

// start says why the container did not start, what to do, and the field at fault.
func (d death) start() (why, hint, at string) {
	for _, s := range starts {
		m := s.says.FindStringSubmatch(d.message)
		switch {
		case m == nil:
			continue
		case len(m) > 1:
			why = fmt.Sprintf(s.means, m[1])
		default:
			why = s.means
		}
		return why, s.hint, d.field(append(s.fields, "/image")...)
	}
	at = d.field("/command", "/args", "/image")
	switch d.end.ExitCode {
	case 126:
		return "what it is to run may not be executed (exit code 126)", "set the executable bit in the image, and look for a script of another system", at
	case 127:
		return "a command in it was not found (exit code 127)", "output of the last run: " + d.logs(), at
	}
	return "the container runtime refuses it", "", at
}
