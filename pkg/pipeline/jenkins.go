// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"fmt"
	"strings"
)

const jenkinsHead = `// Checks, builds and deploys NAME. Needed before the first run:
// - an agent with the label docker, which has docker with buildx, kubectl, kustomize
//   and kubectl-micro;
// - the credentials kubeconfig (a secret file) and registry (a user with a password).
pipeline {
  agent { label 'docker' }
  options {
    disableConcurrentBuilds()
    timeout(time: 2, unit: 'HOURS')
  }
  stages {
    stage('Check') {
      steps {
CHECK      }
    }
`

// Jenkins is the Jenkinsfile of a multibranch pipeline.
func Jenkins(s System) []byte {
	s = s.sorted()
	var out strings.Builder
	out.WriteString(strings.NewReplacer("NAME", s.Name, "CHECK", jenkinsShell(check)).Replace(jenkinsHead))
	for _, b := range s.Builds {
		fmt.Fprintf(&out, `    stage('Build %s') {
      when { branch 'main' }
      environment {
        REGISTRY = credentials('registry')
        CONTEXT = %s
        DOCKERFILE = %s
        IMAGE = %s
        DOCKER_CONFIG = "${WORKSPACE_TMP}/docker"
      }
      steps {
%s      }
    }
`, b.Name, groovy(b.Context), groovy(b.Dockerfile), groovy(b.Image), jenkinsShell(jenkinsLogin+login(b.Registry())+then(build)+fmt.Sprintf("printf '%%s' \"$digest\" > digest-%s\n", b.Name)))
	}
	out.WriteString(`    stage('Deploy') {
      when { branch 'main' }
      environment { KUBECONFIG = credentials('kubeconfig') }
      steps {
`)
	if len(s.Builds) > 0 {
		out.WriteString(jenkinsShell(s.pin(func(b Build) string { return `$(cat "$WORKSPACE/digest-` + b.Name + `")` })))
	}
	out.WriteString(jenkinsShell(s.diff()) + jenkinsShell(s.deploy()))
	if script := s.canaries(); script != "" {
		out.WriteString(jenkinsShell(script))
	}
	out.WriteString(`      }
    }
  }
  post {
    always { sh 'rm -rf "$WORKSPACE_TMP/docker"' }
  }
}
`)
	return []byte(out.String())
}

const jenkinsLogin = `set +x -eu
REGISTRY_USER=$REGISTRY_USR
REGISTRY_PASSWORD=$REGISTRY_PSW
REVISION=$GIT_COMMIT
`

// jenkinsShell is a step. Between three quotes Groovy takes backslashes for its
// own, and nothing else.
func jenkinsShell(script string) string {
	return "        sh '''\n" + indent(strings.ReplaceAll(script, `\`, `\\`), 10) + "        '''\n"
}

// groovy makes one literal of a text.
func groovy(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}
