// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package cli is what the commands of the suite have in common: streams,
// groups of flags, the connection to a cluster, exit codes and the way errors
// are told. A command is built from a [Factory] and returns errors; [Main]
// turns them into sentences on stderr and one exit code, for every command
// and every output format alike.
//
// Nothing is touched before it is asked for: a command that never asks the
// Factory for a connection works without a kubeconfig, and with a broken one.
//
// Output to a pipe that was closed early ("| head") ends the process the way it
// ends kubectl: by SIGPIPE, which a shell reports as 141. Go does that itself
// for file descriptors 1 and 2; where there is no such signal, the write error
// becomes the same code, without a word.
package cli
