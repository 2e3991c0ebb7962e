// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// translateConnection words the ways in which no answer came from the server.
func translateConnection(err error) (said, bool) {
	if clientcmd.IsConfigurationInvalid(err) {
		return said{err, fault.Failed, err.Error(), "kubectl config view"}, true
	}
	// The request, or what is left of it when somebody has unwrapped it, is
	// what the words replace: it repeats the URL and what went wrong inside.
	var (
		request *url.Error
		network *net.OpError
	)
	leaf, host := err, "the server"
	switch {
	case errors.As(err, &request):
		leaf, host = request, hostOf(request.URL)
	case errors.As(err, &network):
		leaf = network
		if network.Addr != nil {
			host = network.Addr.String()
		}
	}
	text, hint := certificate(err, host)
	if text == "" && (request != nil || network != nil) {
		text, hint = unreachable(err, host)
	}
	if text == "" && request != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		text = "no answer from " + host + ": " + request.Err.Error()
	}
	return said{leaf, fault.Failed, text, hint}, text != ""
}

func hostOf(address string) string {
	if server, err := url.Parse(address); err == nil && server.Host != "" {
		return server.Host
	}
	return "the server"
}

// certificate words what is wrong with a certificate, the server's or ours; an
// empty text means nothing is.
func certificate(err error, host string) (text, hint string) {
	var (
		unknown  x509.UnknownAuthorityError
		invalid  x509.CertificateInvalidError
		name     x509.HostnameError
		notTLS   tls.RecordHeaderError
		rejected tls.AlertError
	)
	switch {
	case errors.As(err, &unknown):
		return "the certificate of " + host + " is signed by an authority the kubeconfig does not name",
			"kubectl config view --minify (look at certificate-authority), or --certificate-authority=FILE"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && invalid.Cert != nil:
		return "the certificate of " + host + " is valid from " + day(invalid.Cert.NotBefore) + " to " + day(invalid.Cert.NotAfter) + " only",
			"renew it, or check this machine's clock: date"
	case errors.As(err, &name):
		return "the certificate of " + host + " is for another name: " + name.Error(), "--tls-server-name=NAME"
	case errors.As(err, &notTLS), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return host + " does not speak TLS", "kubectl config view --minify (look at server: is it http?)"
	case errors.As(err, &rejected):
		return host + " does not accept the client certificate (" + rejected.Error() + ")", "log in again, then: kubectl auth whoami"
	}
	return "", ""
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// unreachable words a request that got no answer; an empty text means that it
// is none of these.
func unreachable(err error, host string) (text, hint string) {
	const look = "kubectl config view --minify (is this the right cluster?)"
	var (
		dns  *net.DNSError
		dial *net.OpError
	)
	switch {
	case errors.As(err, &dns):
		return "the name " + dns.Name + " cannot be resolved", look
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nobody listens at " + host + " (connection refused)", look
	case errors.As(err, &dial) && dial.Op == "dial" && dial.Timeout():
		return host + " does not answer", "check the network or the VPN; " + look
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "there is no route to " + host, "check the network or the VPN; " + look
	case strings.Contains(err.Error(), "getting credentials: "):
		_, reason, _ := strings.Cut(err.Error(), "getting credentials: ")
		return "the credential plugin of the kubeconfig failed: " + strings.TrimSpace(reason), "kubectl config view --minify (look at users[].user.exec)"
	case errors.Is(err, syscall.ECONNRESET):
		return host + " broke the connection off", "the same command again"
	}
	return "", ""
}

// noCluster is the answer to a command that needs a cluster where none is
// configured, in these files or because there are none. Instead is what else it takes.
func noCluster(files []string, instead string) error {
	var found []string
	for _, file := range files {
		if _, err := os.Stat(file); err == nil {
			found = append(found, file)
		}
	}
	if len(found) > 0 {
		return fault.Failedf("no cluster is configured: the kubeconfig exists and defines none: %s", strings.Join(found, ", ")).
			Try("kubectl config view, then --kubeconfig=FILE%s", instead)
	}
	return fault.Failedf("no cluster is configured: no kubeconfig at %s", strings.Join(files, ", ")).
		Try("--kubeconfig=FILE%s", instead)
}

// instead is what a command takes in the place of a cluster, to go on a hint.
func instead(cmd *cobra.Command) string {
	switch {
	case cmd == nil:
		return ""
	case cmd.Flag("base") != nil:
		return ", or manifests instead of a cluster: --base FILE"
	case cmd.Flag("overlay") != nil && cmd.Flag("overlay").Changed:
		return ", or leave --overlay out"
	case cmd.Flag("recursive") != nil:
		return ", or manifests instead of a cluster: -f FILE"
	}
	return ""
}

// noContext is the answer to a --context that the kubeconfig does not have.
func noContext(name string, contexts []string) error {
	if near := ref.Closest(name, contexts); len(near) > 0 {
		contexts = near
	}
	e := fault.Usagef("the kubeconfig has no context %q", name)
	if len(contexts) == 0 {
		return e.Try("kubectl config get-contexts")
	}
	return e.Try("--context=%s", strings.Join(contexts, "\n--context="))
}
