# Every target says what it does; `make help` lists them.
SHELL         := /bin/bash
.SHELLFLAGS   := -euo pipefail -c
.DEFAULT_GOAL := help

CACHE  ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/platform
PINNED := 3.257.0
# An installed Pulumi is used; else the pinned one is built once from its module.
PULUMI ?= $(or $(shell command -v pulumi 2>/dev/null),$(CACHE)/pulumi-$(PINNED)/pulumi)
export PULUMI_SKIP_UPDATE_CHECK := true

.PHONY: help pulumi test check

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{printf "  %-20s %s\n", $$1, $$2}'

pulumi: $(PULUMI) ## Find the Pulumi command, or build the pinned one once

$(CACHE)/pulumi-$(PINNED)/pulumi:
	@echo "Pulumi is not installed: building the pinned $(PINNED) from its module (once; about five minutes and 2 GB)"
	@mkdir -p $(@D)
	@cd tests/tools && go build -ldflags "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$(PINNED)" \
		-o $@.tmp github.com/pulumi/pulumi/pkg/v3/cmd/pulumi || \
		{ echo "the Pulumi command did not build: check that the module proxy answers (go env GOPROXY) and that 2 GB are free" >&2; exit 1; }
	@mv $@.tmp $@

test: $(PULUMI) ## Run every test
	@echo "running the tests with $(PULUMI) (a cold compile of the SDKs takes some minutes)"
	@PLATFORM_PULUMI=$(PULUMI) go test -timeout 60m ./... || \
		{ echo "a test failed: its name and message are above; run it alone with PLATFORM_PULUMI=$(PULUMI) go test ./<package> -run <name>" >&2; exit 1; }

check: ## Format, vet and lint
	@test -z "$$(gofmt -l .)" || { gofmt -d . ; echo "run gofmt -w ." >&2; exit 1; }
	@go vet ./...
