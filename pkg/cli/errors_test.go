// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

var (
	pods            = schema.GroupResource{Resource: "pods"}
	virtualServices = schema.GroupResource{Group: "networking.istio.io", Resource: "virtualservices"}
)

// request is the error of a request that got no answer.
func request(err error) error {
	return &url.Error{Op: "Get", URL: "https://10.0.0.1:6443/api/v1/pods", Err: err}
}

func dial(err error) error {
	return &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 6443}, Err: err}
}

// told is what a person and a script learn from an error.
type told struct {
	Code int
	Text string
}

func tell(err error) told {
	var b bytes.Buffer
	(&cli.Factory{Streams: cli.Streams{ErrOut: &b}}).Report(err)
	return told{cli.ExitCode(err), b.String()}
}

func check(t *testing.T, cases map[string]struct {
	err  error
	want told
}) {
	t.Helper()
	for name, tc := range cases {
		if diff := cmp.Diff(tc.want, tell(tc.err)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestErrorsOfTheSuite(t *testing.T) {
	check(t, map[string]struct {
		err  error
		want told
	}{
		"none": {nil, told{0, ""}},
		"kind, place and hint": {
			fault.Usagef("field %q is unknown", "prot").At("web.yaml:3:5").Try("port"),
			told{2, "error: web.yaml:3:5: field \"prot\" is unknown\ntry: port\n"},
		},
		"several hints": {fault.Usagef("no service %q", "x").Try("a\nb"), told{2, "error: no service \"x\"\ntry: a\n     b\n"}},
		"silent":        {fault.Silently(fault.Negative), told{1, ""}},
		"untyped":       {errors.New("disk full"), told{3, "error: disk full\n"}},
		"wrapped":       {fmt.Errorf("save: %w", fault.Conflictf("locked").Try("wait")), told{5, "error: save: locked\ntry: wait\n"}},
		"joined: all told, the first decides": {
			errors.Join(fault.Refusedf("a"), errors.Join(fault.Usagef("b").Try("c"), errors.New("d"))),
			told{6, "error: a\nerror: b\ntry: c\nerror: d\n"},
		},
		"many lines":   {errors.New("first\nsecond\n"), told{3, "error: first\n       second\n"}},
		"escape codes": {errors.New("evil \x1b[2J"), told{3, "error: evil ^[[2J\n"}},
		"undecided":    {fault.New(fault.Undecided, "no data"), told{4, "error: no data\n"}},
		"interrupted":  {fault.New(fault.Interrupted, "stopped at 40 %%").Try("resume"), told{130, "error: stopped at 40 %\ntry: resume\n"}},
		"deadline":     {fmt.Errorf("list pods: %w", context.DeadlineExceeded), told{124, "error: list pods: the time ran out\n"}},
		"cancelled":    {context.Canceled, told{130, "error: interrupted\n"}},
		"stdout gone":  {fmt.Errorf("print: %w", &fs.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.EPIPE}), told{141, ""}},
	})
}

func TestErrorsOfTheServer(t *testing.T) {
	forbidden := func(g schema.GroupResource, message string) error {
		return apierrors.NewForbidden(g, "", errors.New(message))
	}
	invalid := apierrors.NewInvalid(schema.GroupKind{Group: "apps", Kind: "Deployment"}, "web", field.ErrorList{
		field.Required(field.NewPath("spec", "selector"), ""), field.Invalid(field.NewPath("spec", "replicas"), -1, "must not be negative"),
	})
	owned := apierrors.NewApplyConflict([]metav1.StatusCause{{Type: metav1.CauseTypeFieldManagerConflict, Message: `conflict with "helm"`, Field: ".spec.replicas"}}, "Apply failed with 1 conflict")
	check(t, map[string]struct {
		err  error
		want told
	}{
		"unauthorized": {apierrors.NewUnauthorized("Unauthorized"), told{3, "error: the API server does not accept the credentials (Unauthorized)\ntry: log in again, then: kubectl auth whoami\n"}},
		"forbidden in a namespace": {
			fmt.Errorf("read: %w", forbidden(virtualServices, `User "jane" cannot list resource "virtualservices" in API group "networking.istio.io" in the namespace "shop"`)),
			told{3, "error: read: forbidden: jane may not list virtualservices.networking.istio.io in namespace shop\n" +
				"try: ask for the right, then check it: kubectl auth can-i list virtualservices.networking.istio.io -n shop\n"},
		},
		"forbidden in the cluster": {
			forbidden(pods, `User "jane" cannot list resource "pods" in API group "" at the cluster scope`),
			told{3, "error: forbidden: jane may not list pods in the whole cluster\ntry: ask for the right, then check it: kubectl auth can-i list pods -A\n"},
		},
		"forbidden sub-resource": {
			forbidden(schema.GroupResource{Group: "apps", Resource: "deployments"}, `User "jane" cannot patch resource "deployments/scale" in API group "apps" in the namespace "shop"`),
			told{3, "error: forbidden: jane may not patch deployments.apps/scale in namespace shop\ntry: ask for the right, then check it: kubectl auth can-i patch deployments.apps/scale -n shop\n"},
		},
		"forbidden by an admission plugin": {forbidden(pods, "exceeded quota"), told{3, "error: pods is forbidden: exceeded quota\n"}},
		"conflict": {
			apierrors.NewConflict(virtualServices, "reviews", errors.New("the object has been modified")),
			told{5, "error: Operation cannot be fulfilled on virtualservices.networking.istio.io \"reviews\": the object has been modified\ntry: run the command again, it reads the object anew\n"},
		},
		"owned by another manager": {owned, told{5, "error: Apply failed with 1 conflict\n"}},
		"exists":                   {apierrors.NewAlreadyExists(pods, "web"), told{5, "error: pods \"web\" already exists\n"}},
		"not found":                {apierrors.NewNotFound(pods, "web"), told{3, "error: pods \"web\" not found\n"}},
		"throttled":                {apierrors.NewTooManyRequests("slow down", 7), told{3, "error: slow down\ntry: the same command again, in 7 s\n"}},
		"invalid": {
			invalid,
			told{3, "error: the server finds Deployment \"web\" invalid:\n       spec.selector: Required value\n       spec.replicas: Invalid value: -1: must not be negative\n"},
		},
		"unknown kind": {
			&meta.NoKindMatchError{GroupKind: schema.GroupKind{Group: "networking.istio.io", Kind: "VirtualService"}, SearchedVersions: []string{"v1"}},
			told{3, "error: the server does not know the kind VirtualService.networking.istio.io\ntry: kubectl api-resources --api-group=networking.istio.io\n"},
		},
		"typed by a lower layer: its kind and hint win, the words are ours": {
			fault.New(fault.Undecided, "read weights").Because(apierrors.NewUnauthorized("Unauthorized")).Try("whatever"),
			told{4, "error: read weights: the API server does not accept the credentials (Unauthorized)\ntry: whatever\n"},
		},
		"failed in a lower layer: a conflict stays one": {
			fault.Wrap(fault.Failed, apierrors.NewAlreadyExists(pods, "web"), "create"), told{5, "error: create: pods \"web\" already exists\n"},
		},
	})
}

func TestErrorsOfTheConnection(t *testing.T) {
	const look = "kubectl config view --minify (is this the right cluster?)\n"
	refused := dial(os.NewSyscallError("connect", syscall.ECONNREFUSED))
	expired := &x509.Certificate{NotBefore: time.Unix(0, 0), NotAfter: time.Date(2025, 1, 2, 0, 0, 0, 0, time.UTC)}
	check(t, map[string]struct {
		err  error
		want told
	}{
		"refused":             {fmt.Errorf("list: %w", request(refused)), told{3, "error: list: nobody listens at 10.0.0.1:6443 (connection refused)\ntry: " + look}},
		"refused, unwrapped":  {fmt.Errorf("list: %w", refused), told{3, "error: list: nobody listens at 10.0.0.1:6443 (connection refused)\ntry: " + look}},
		"unresolved":          {request(dial(&net.DNSError{Name: "api.example", Err: "no such host"})), told{3, "error: the name api.example cannot be resolved\ntry: " + look}},
		"dial timeout":        {request(dial(os.ErrDeadlineExceeded)), told{3, "error: 10.0.0.1:6443 does not answer\ntry: check the network or the VPN; " + look}},
		"no route":            {request(dial(os.NewSyscallError("connect", syscall.EHOSTUNREACH))), told{3, "error: there is no route to 10.0.0.1:6443\ntry: check the network or the VPN; " + look}},
		"reset":               {request(os.NewSyscallError("read", syscall.ECONNRESET)), told{3, "error: 10.0.0.1:6443 broke the connection off\ntry: the same command again\n"}},
		"broken socket":       {request(&net.OpError{Op: "write", Err: os.NewSyscallError("write", syscall.EPIPE)}), told{3, "error: no answer from 10.0.0.1:6443: write: write: broken pipe\n"}},
		"request timeout":     {request(context.DeadlineExceeded), told{124, "error: Get \"https://10.0.0.1:6443/api/v1/pods\": the time ran out\n"}},
		"unknown authority":   {request(x509.UnknownAuthorityError{}), told{3, "error: the certificate of 10.0.0.1:6443 is signed by an authority the kubeconfig does not name\ntry: kubectl config view --minify (look at certificate-authority), or --certificate-authority=FILE\n"}},
		"expired certificate": {request(x509.CertificateInvalidError{Cert: expired, Reason: x509.Expired}), told{3, "error: the certificate of 10.0.0.1:6443 is valid from 1970-01-01 to 2025-01-02 only\ntry: renew it, or check this machine's clock: date\n"}},
		"other name":          {request(x509.HostnameError{Certificate: &x509.Certificate{DNSNames: []string{"kubernetes"}}, Host: "api.example"}), told{3, "error: the certificate of 10.0.0.1:6443 is for another name: x509: certificate is valid for kubernetes, not api.example\ntry: --tls-server-name=NAME\n"}},
		"no TLS":              {request(errors.New("http: server gave HTTP response to HTTPS client")), told{3, "error: 10.0.0.1:6443 does not speak TLS\ntry: kubectl config view --minify (look at server: is it http?)\n"}},
		"credential plugin":   {request(errors.New("getting credentials: exec: executable gke-gcloud-auth-plugin not found")), told{3, "error: the credential plugin of the kubeconfig failed: exec: executable gke-gcloud-auth-plugin not found\ntry: kubectl config view --minify (look at users[].user.exec)\n"}},
	})
}
