# SPDX-FileCopyrightText: The kubectl micro authors
# SPDX-License-Identifier: Apache-2.0

SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS := -s -w -X main.version=$(VERSION)
BIN     := $(CURDIR)/bin
PREFIX  ?= $(shell go env GOPATH)/bin
PLUGINS := canary diagnose
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

# The control plane for tests reports the version it was built from.
SANDBOX_VERSION := v1.36.3
SANDBOX := $(BIN)/sandbox
export PATH := $(BIN):$(PATH)
export SANDBOX_BIN := $(SANDBOX)

.PHONY: help
help: ## Show the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build bin/kubectl-micro with its links
	@mkdir -p $(BIN)
	go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/kubectl-micro ./cmd/kubectl-micro
	@ln -sf kubectl-micro $(BIN)/kubectl_complete-micro

.PHONY: install
install: build ## Put kubectl-micro, its completion helper and the plugin links into PREFIX
	@mkdir -p $(PREFIX)
	install -m 0755 $(BIN)/kubectl-micro $(PREFIX)/kubectl-micro
	@# kubectl-micro_NAME answers to "kubectl micro-NAME". A file called
	@# kubectl-micro-NAME would hide the sub-command from kubectl.
	@ln -sf kubectl-micro $(PREFIX)/kubectl_complete-micro
	@for p in $(PLUGINS); do \
	  ln -sf kubectl-micro $(PREFIX)/kubectl-micro_$$p; \
	  ln -sf kubectl-micro $(PREFIX)/kubectl_complete-micro_$$p; \
	done
	@echo "installed in $(PREFIX); try: kubectl micro version --client"

.PHONY: test
test: lint test-unit test-lint test-e2e ## Everything: lint, unit, architecture, scripts, documentation, linters of others, end to end

.PHONY: test-unit
test-unit: build ## Tests that need no control plane
	go test -timeout 20m ./cmd/... ./pkg/... ./plugins/...

.PHONY: test-lint
test-lint: build ## The linters of others on what the scaffold writes (up to 10 minutes the first time on 2 cores)
	cd test/lint && go test -vet=off -timeout 20m -count=1 ./...
	cd test/lint/dockerfile && go test -vet=off -timeout 20m -count=1 ./...
	cd test/lint/promql && go test -vet=off -timeout 20m -count=1 ./...
	cd test/analyze && go test -vet=off -timeout 20m -count=1 ./...

.PHONY: test-e2e
test-e2e: build sandbox ## Tests against the sandbox's control plane
	cd test/sandbox && go test -vet=off -timeout 20m ./internal/...
	go test -timeout 30m -count=1 ./test/e2e/...

.PHONY: lint
lint: ## Formatting, go vet, staticcheck, module files
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt would change:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go mod verify
	go mod tidy -diff
	cd test/sandbox && go mod tidy -diff
	cd test/lint && go mod tidy -diff
	cd test/lint/dockerfile && go mod tidy -diff
	cd test/lint/promql && go mod tidy -diff
	cd test/analyze && go mod tidy -diff
	go vet ./...
	go run $(STATICCHECK) ./...

.PHONY: fmt
fmt: ## Format the Go files
	gofmt -w $$(git ls-files '*.go')

.PHONY: generate
generate: golden ## Write everything that is generated
	go run ./cmd/gen-schema
	go run ./cmd/gen-docs

.PHONY: golden
golden: build sandbox ## Accept the present output of tests as the expected one
	@# Only packages that have goldens know the flag.
	go test $$(git grep -lE 'flag\.Bool\("update"|clitest\.Main|rulestest\.' -- 'cmd/*_test.go' 'pkg/*_test.go' 'plugins/*_test.go' | xargs -n1 dirname | sort -u | sed 's|^|./|') -update
	go test -count=1 ./test/e2e -update

.PHONY: sandbox
sandbox: ## Build the control plane for tests (7 to 9 minutes the first time on 2 cores)
	@mkdir -p $(BIN)
	@hack/build-sandbox.sh $(SANDBOX) $(SANDBOX_VERSION)

.PHONY: sandbox-up
sandbox-up: sandbox ## Start a control plane; prints the kubeconfig
	@$(SANDBOX) up

.PHONY: sandbox-down
sandbox-down: ## Stop it
	@$(SANDBOX) down

.PHONY: demo
demo: build sandbox ## Shift traffic in examples/shop-by-hand: as a filter, then on a live control plane
	@hack/demo.sh

.PHONY: bench
bench: build sandbox ## Measure against kubectl; writes docs/performance.md
	go run ./test/bench -binary $(BIN)/kubectl-micro -sandbox $(SANDBOX) -output docs/performance.md

.PHONY: clean
clean: ## Remove what was built
	rm -rf $(BIN)
