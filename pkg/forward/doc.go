// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package forward opens connections to ports of pods through the API server, as
// kubectl port-forward does, but without a port on this machine: what is dialled
// is a net.Conn, which an HTTP transport can use at once.
package forward
