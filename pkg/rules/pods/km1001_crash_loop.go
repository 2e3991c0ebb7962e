// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pods

import (
	"fmt"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1001", Slug: "crash-loop", Severity: finding.Error,
	Short: "Container crashes again and again",
	Why: `The program in the container ends, the kubelet starts it again, and waits longer each time
(CrashLoopBackOff, up to five minutes). The exit code says which kind of end it was: an error of the
program itself, a signal (128 and its number), or an end without an error of a program that is
expected to stay.

Ends that have a cause outside of the program are reported by other rules: memory (KM1003), the
liveness probe (KM1004), a command that cannot be executed (KM1002).`,
	Fix: `Read the output of the run before (` + "`kubectl logs --previous`" + `). If only the newest revision
crashes, compare it with the one before, or roll back.`,
	Reference: "https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/#my-pod-is-crashing-or-otherwise-unhealthy",
	Needs:     append([]*model.Kind{model.Events.Kind}, model.WorkloadKinds...),
	Live:      true,
	Explains:  []string{"KM2001", "KM2015", "KM3002"},
	Check:     checkCrashes,
})

// exits are what the exit codes mean that programs agree on; above 128 it is the
// number of a signal.
var exits = map[int32]struct{ means, hint string }{
	0:   {"it completed", "a container that is to stay needs a process in the foreground; what is meant to end belongs in a Job"},
	1:   {"an error of the program", ""},
	2:   {"an error of the program: wrong usage, or a panic in Go", ""},
	126: {"what it was to run may not be executed", ""},
	130: {"SIGINT", ""},
	132: {"SIGILL: an instruction that the CPU does not have", "the image may be built for a newer CPU than that of the node"},
	134: {"SIGABRT: the program gave up, as on a failed assertion", ""},
	135: {"SIGBUS: bad access to memory", "a memory-mapped file that is cut short, or a full /dev/shm, ends programs so"},
	136: {"SIGFPE: an arithmetic error", ""},
	137: {"SIGKILL from an unknown sender", "neither the memory limit nor a probe shows as the cause; a program in the container may have sent it, or the kernel for want of memory in a child process"},
	139: {"SIGSEGV: bad access to memory", "with musl (alpine) images look for binaries built for glibc"},
	143: {"SIGTERM: something asked it to end", "the program may have ended itself or been told to by another in the pod"},
	159: {"SIGSYS: a system call that seccomp forbids", "compare the profile in securityContext.seccompProfile with what the program calls"},
	255: {"an exit status out of range, often -1", ""},
}

func checkCrashes(w *rules.World, emit rules.Emit) {
	var all []sighting
	for _, d := range deaths(w, crashed) {
		s := d.sighting()
		s.at = d.field("/command", "/args", "/image")
		s.hint = "output of the last run: " + d.logs()
		means, hint := explain(d.end.ExitCode)
		switch {
		case d.waiting().Reason == "PostStartHookError":
			s.at = d.field("/lifecycle/postStart", "/lifecycle")
			s.reason = d.word() + " is ended at each start because its postStart hook fails"
			hint = ""
		case !d.recorded:
			s.reason = d.word() + " crashes again and again; how it ended is not recorded"
			hint = ""
		case d.status.RestartCount == 0:
			s.reason = fmt.Sprintf("%s ended with exit code %d (%s)", d.word(), d.end.ExitCode, means)
		default:
			s.reason = fmt.Sprintf("%s ends again and again with exit code %d (%s)", d.word(), d.end.ExitCode, means)
		}
		if d.guessed {
			s.reason += " and happens to run just now"
		}
		if hint != "" {
			s.hint = hint + "\n" + s.hint
		}
		all = append(all, s)
	}
	report(w, emit, all)
}

// explain says what an exit code means and what to look for.
func explain(code int32) (means, hint string) {
	if known, ok := exits[code]; ok {
		return known.means, known.hint
	}
	if code > 128 && code <= 128+64 {
		return fmt.Sprintf("signal %d", code-128), ""
	}
	return "the program's own code", ""
}
