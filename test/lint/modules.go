// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// module is a Go module whose schemas are read. Its version is that of another
// module that a go.mod of the repository requires: nothing is pinned twice.
type module struct {
	path string
	// root is the folder of the go.mod, from the top of the repository, and asked the
	// module that it requires.
	root, asked string
	// files is the folder in the module.
	files string
}

// kubernetes has the schemas of the built-in kinds, of the release that
// test/sandbox runs.
var kubernetes = module{"k8s.io/kubernetes", "test/sandbox", "k8s.io/kubernetes", "api/openapi-spec/v3"}

// definitions have the CRDs.
var definitions = []module{
	{"istio.io/api", ".", "istio.io/api", "kubernetes"},
	{"sigs.k8s.io/gateway-api", ".", "sigs.k8s.io/gateway-api", "config/crd/standard"},
	// The CRDs lie in the operator's main module, which is released together with the
	// module of its types.
	{"github.com/prometheus-operator/prometheus-operator", ".", "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring", "example/prometheus-operator-crd"},
}

// fetch has the go command find, and download where needed, the module. It returns
// the version and the folder with the files.
func (m module) fetch(ctx context.Context, repository string) (version, dir string, err error) {
	out, err := goCommand(ctx, filepath.Join(repository, m.root), "list", "-m", "-f", "{{.Version}}", m.asked)
	if err != nil {
		return "", "", err
	}
	version = strings.TrimSpace(string(out))
	// Outside of any module, so that no go.mod has a say.
	out, err = goCommand(ctx, os.TempDir(), "mod", "download", "-json", m.path+"@"+version)
	if err != nil {
		return "", "", err
	}
	var got struct{ Dir string }
	if err := json.Unmarshal(out, &got); err != nil {
		return "", "", fmt.Errorf("go mod download %s: %w", m.path, err)
	}
	return version, filepath.Join(got.Dir, filepath.FromSlash(m.files)), nil
}

func goCommand(ctx context.Context, dir string, args ...string) ([]byte, error) {
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Stderr = dir, &stderr
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s%s", strings.Join(args, " "), err, stderr.Bytes(), out)
	}
	return out, nil
}
