// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package api

// ServiceVersion is one of the versions of a service that run side by side.
type ServiceVersion struct {
	// Image is that of the service by default.
	Image string `json:"image,omitempty"`
	// Replicas is that of the service by default.
	Replicas *int32 `json:"replicas,omitempty"`
	// Weight is the share of the calls in percent; all weights together make 100.
	Weight int32 `json:"weight"`
}

// Allow is what one caller may ask for.
type Allow struct {
	// From is the name of a service that depends on this one.
	From string `json:"from"`
	// Methods are in upper case; all of them by default.
	Methods []string `json:"methods,omitempty"`
	// Paths are as AuthorizationPolicies write them: /users, /users/*; all by default.
	Paths []string `json:"paths,omitempty"`
}

// Traffic is how calls to a service are made. Durations are those of Go: 15s.
type Traffic struct {
	Timeout string   `json:"timeout,omitempty"`
	Retries *Retries `json:"retries,omitempty"`
	// LoadBalancer is LEAST_REQUEST (the default), ROUND_ROBIN or RANDOM.
	LoadBalancer string `json:"loadBalancer,omitempty"`
	// Outlier takes pods that fail out for a while.
	Outlier *Outlier `json:"outlier,omitempty"`
	// MaxConnections bounds the TCP connections of each caller's pod.
	MaxConnections int32 `json:"maxConnections,omitempty"`
}

// Retries are tries after the first one, of calls that cannot have been answered.
type Retries struct {
	Attempts int32  `json:"attempts"`
	PerTry   string `json:"perTry,omitempty"`
}

// Outlier is when a pod is taken out.
type Outlier struct {
	// Errors are the server errors in a row; 5 by default.
	Errors int32 `json:"errors,omitempty"`
	// Interval and Eject are 30s by default, MaxPercent is 50.
	Interval   string `json:"interval,omitempty"`
	Eject      string `json:"eject,omitempty"`
	MaxPercent int32  `json:"maxPercent,omitempty"`
}
