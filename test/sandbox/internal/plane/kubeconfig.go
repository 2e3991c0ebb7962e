// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"fmt"

	"sigs.k8s.io/yaml"
)

// Access is what a kubeconfig is made of: a server, the authority that vouches for it, and one user with either a
// token or a client certificate.
type Access struct {
	// Cluster is the name of the sandbox; cluster and context are called sandbox-<Cluster>.
	Cluster string
	// Server is the URL of the API server.
	Server string
	// CA is the PEM certificate that signed the serving certificate.
	CA []byte
	// User is the name of the entry under users; the API server does not look at it.
	User string
	// Token is a bearer token; Pair is used when it is empty.
	Token string
	Pair  *KeyPair
}

type kubeconfig struct {
	APIVersion     string         `json:"apiVersion"`
	Kind           string         `json:"kind"`
	Clusters       []namedCluster `json:"clusters"`
	Contexts       []namedContext `json:"contexts"`
	CurrentContext string         `json:"current-context"`
	Users          []namedUser    `json:"users"`
}

type namedCluster struct {
	Name    string `json:"name"`
	Cluster struct {
		Server string `json:"server"`
		CA     []byte `json:"certificate-authority-data"`
	} `json:"cluster"`
}

type namedContext struct {
	Name    string `json:"name"`
	Context struct {
		Cluster string `json:"cluster"`
		User    string `json:"user"`
	} `json:"context"`
}

type namedUser struct {
	Name string `json:"name"`
	User struct {
		Token string `json:"token,omitempty"`
		Cert  []byte `json:"client-certificate-data,omitempty"`
		Key   []byte `json:"client-key-data,omitempty"`
	} `json:"user"`
}

// Kubeconfig renders the access as a kubeconfig file (YAML) with one context, which is the current one.
func (a Access) Kubeconfig() ([]byte, error) {
	if a.Token == "" && a.Pair == nil {
		return nil, fmt.Errorf("expected a token or a client certificate for user %q, found neither", a.User)
	}
	name := "sandbox-" + a.Cluster
	var cluster namedCluster
	cluster.Name, cluster.Cluster.Server, cluster.Cluster.CA = name, a.Server, a.CA
	var user namedUser
	user.Name, user.User.Token = a.User, a.Token
	if a.Token == "" {
		user.User.Cert, user.User.Key = a.Pair.Cert, a.Pair.Key
	}
	var context namedContext
	context.Name, context.Context.Cluster, context.Context.User = name, name, a.User
	return yaml.Marshal(kubeconfig{
		APIVersion:     "v1",
		Kind:           "Config",
		Clusters:       []namedCluster{cluster},
		Contexts:       []namedContext{context},
		CurrentContext: name,
		Users:          []namedUser{user},
	})
}
