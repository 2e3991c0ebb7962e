// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// at is the value at a pointer; nil where there is none.
func at(o map[string]any, pointer string) any {
	v, err := patch.Get(o, pointer)
	if err != nil {
		return nil
	}
	return v
}

// TestInvariants holds what no variant may break: a drain is never blocked, an
// autoscaler is alone in counting pods, being alive is not being ready, and what
// may be written fits.
func TestInvariants(t *testing.T) {
	for _, c := range variants() {
		t.Run(c.name, func(t *testing.T) {
			byKind := map[string]map[string]any{}
			for _, o := range generate(t, c.system, c.options).Objects {
				byKind[o["kind"].(string)] = o
			}
			workload := byKind["Deployment"]
			if workload == nil {
				workload = byKind["StatefulSet"]
			}
			if workload == nil { // a job
				if byKind["PodDisruptionBudget"] != nil || byKind["Service"] != nil {
					t.Error("a job has a PodDisruptionBudget or a Service")
				}
				return
			}
			least := at(workload, "/spec/replicas")
			if hpa := byKind["HorizontalPodAutoscaler"]; hpa != nil {
				if least != nil {
					t.Error("the workload and the autoscaler both say how many pods there are")
				}
				least = at(hpa, "/spec/minReplicas")
			}
			if guarded := byKind["PodDisruptionBudget"] != nil; guarded != (least.(int64) > 1) {
				t.Errorf("of at least %v pods, guarded: %t", least, guarded)
			}
			const container = "/spec/template/spec/containers/0"
			live, ready := at(workload, container+"/livenessProbe"), at(workload, container+"/readinessProbe")
			for _, kind := range []string{"httpGet", "tcpSocket", "grpc", "exec"} {
				l, r := patchGet(live, kind), patchGet(ready, kind)
				if l != nil && cmp.Equal(l, r) {
					t.Errorf("live and ready ask the same: %v", l)
				}
			}
			room := resource.MustParse(at(workload, container+"/resources/requests/ephemeral-storage").(string))
			for _, v := range at(workload, "/spec/template/spec/volumes").([]any) {
				if limit, ok := at(v.(map[string]any), "/emptyDir/sizeLimit").(string); ok {
					room.Sub(resource.MustParse(limit))
				}
			}
			if room.Sign() < 0 {
				t.Errorf("directories are larger than the storage by %s", room.String())
			}
		})
	}
}

func patchGet(v any, key string) any {
	m, _ := v.(map[string]any)
	return m[key]
}

// TestSecretNames refuses the values of secrets, and only those.
func TestSecretNames(t *testing.T) {
	for name, refused := range map[string]bool{
		"DB_PASSWORD": true, "API_KEY": true, "APIKEY": true, "GITHUB_TOKEN": true, "CLIENT_SECRET": true, "KEY": true, "pgpwd_PWD": true,
		"DB_SECRET_NAME": false, "TOKEN_TTL": false, "KEYCLOAK_URL": false, "PUBLIC_KEY": false, "PARTITION_KEY": false, "MONKEY": false, "LOG_LEVEL": false,
	} {
		_, err := app.Generate(api.System{Metadata: api.SystemMeta{Name: "s"}, Services: map[string]api.SystemService{
			"a": {Kind: "worker", Image: "a:1", Env: map[string]string{name: "x"}},
		}}, app.Options{})
		if (err != nil) != refused {
			t.Errorf("%s: %v, want it refused: %t", name, err, refused)
		}
	}
}
