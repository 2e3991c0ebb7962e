// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"k8s.io/apimachinery/pkg/util/wait"
)

// unserveCommand is the script command of TestAlone that takes every version
// but v1beta1 of an Istio CRD away, and waits until the API server has noticed.
func unserveCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: unserve PLURAL")
	}
	ts.Check(serve(args[0], false))
}

// serve sets whether the versions v1 and v1alpha3 of an Istio CRD are served.
func serve(plural string, on bool) error {
	kubeconfig := filepath.Join(theBox.dir, "kubeconfig")
	crd := plural + ".networking.istio.io"
	names, err := output("kubectl", "--kubeconfig", kubeconfig, "get", "crd", crd, "-o", "jsonpath={.spec.versions[*].name}")
	if err != nil {
		return err
	}
	var ops []string
	for i, name := range strings.Fields(names) {
		if name != "v1beta1" {
			ops = append(ops, fmt.Sprintf(`{"op":"replace","path":"/spec/versions/%d/served","value":%t}`, i, on))
		}
	}
	patch := "[" + strings.Join(ops, ",") + "]"
	if _, err := output("kubectl", "--kubeconfig", kubeconfig, "patch", "crd", crd, "--type=json", "-p", patch); err != nil {
		return err
	}
	return wait.PollUntilContextTimeout(context.Background(), 50*time.Millisecond, patience, true, func(context.Context) (bool, error) {
		served, err := output("kubectl", "--kubeconfig", kubeconfig, "api-resources", "--cached=false", "--no-headers",
			"--api-group=networking.istio.io", "-o", "wide")
		if err != nil {
			return false, err
		}
		now := slices.ContainsFunc(strings.Split(served, "\n"), func(line string) bool {
			return strings.HasPrefix(line, plural+" ") && strings.Contains(line, "networking.istio.io/v1 ")
		})
		return now == on, nil
	})
}
