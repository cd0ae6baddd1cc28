# A convenience: each target is `python3 -m deploy.local <target>`, which needs nothing but Python.
PYTHON ?= python3

.DEFAULT_GOAL := help
.PHONY: run stop reset doctor test test-slow test-all test-cluster lint schema manifests lock secrets manage seed token demo-failure backup restore traffic bench screenshots help

run stop reset doctor test test-slow test-all test-cluster lint schema manifests lock secrets manage seed token demo-failure backup restore traffic bench screenshots help:
	@$(PYTHON) -m deploy.local $@ $(ARGS)
