// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package api

// VersionReport says which versions meet: ours, the server's, Istio's and those
// of the APIs the suite uses.
type VersionReport struct {
	TypeMeta
	Client ClientVersion `json:"client"`
	// Server is null when no cluster was asked or none answered.
	Server *ServerVersion `json:"server"`
	// Istio lists the control planes found; null when unknown.
	Istio []IstioVersion `json:"istio"`
	// APIs lists the groups the suite uses with the versions served; null when unknown.
	APIs []ServedGroup `json:"apis"`
	// Notes say what could not be found out and why.
	Notes []string `json:"notes,omitempty"`
}

// ClientVersion is this build.
type ClientVersion struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Go       string `json:"goVersion"`
	Platform string `json:"platform"`
}

// ServerVersion is the API server's.
type ServerVersion struct {
	Version  string `json:"version"`
	Platform string `json:"platform"`
}

// IstioVersion is one revision of istiod.
type IstioVersion struct {
	Revision  string `json:"revision"`
	Version   string `json:"version"`
	Namespace string `json:"namespace"`
}

// ServedGroup is an API group with its served versions, the preferred one first;
// no versions means that it is not installed.
type ServedGroup struct {
	Group    string   `json:"group"`
	Versions []string `json:"versions"`
}
