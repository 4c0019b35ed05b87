# What people type. Each verb works alone from a clean clone; `make` lists them.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:

# node, npm and every Python tool come from the project's own environment.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

PYTHON_CODE := matteweb datasets_app inference_app tests benchmarks scripts manage.py

# A stamp carries the checksum of what it stands for, so that a second call does nothing, and a
# changed requirement, a removed .venv or another branch installs again.
RUN_STAMP := .venv/.stamp-run-$(shell cat requirements.txt | cksum | cut -d' ' -f1)
DEV_STAMP := .venv/.stamp-dev-$(shell cat requirements.txt requirements-dev.txt | cksum | cut -d' ' -f1)
RENDER_STAMP := .venv-render/.stamp-$(shell cat requirements-render.txt | cksum | cut -d' ' -f1)
NODE_STAMP := .venv/.stamp-node-$(shell cat frontend/package-lock.json | cksum | cut -d' ' -f1)

# The preflight asks for everything that the verbs on this command line need, so that it stops once.
NEEDS := $(if $(filter check test soak bench setup-%,$(MAKECMDGOALS)),dev,run)

.PHONY: help setup setup-dev setup-node setup-chromium render-setup render-offer run check test bench soak

help: ## list these verbs
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile

setup: $(RUN_STAMP) ## make .venv with everything that running needs
setup-dev: $(DEV_STAMP)
setup-node: $(DEV_STAMP) $(NODE_STAMP)
setup-chromium: $(DEV_STAMP)
	@sh scripts/chromium.sh

render-setup: $(RENDER_STAMP) ## the renderer of scenes (Blender), in an environment of its own
render-offer:
	@[ -e $(RENDER_STAMP) ] || sh scripts/render_setup.sh $(RENDER_STAMP) offered
$(RENDER_STAMP):
	@sh scripts/render_setup.sh $@

$(RUN_STAMP):
	@sh scripts/install.sh $(NEEDS) requirements.txt $@
$(DEV_STAMP): $(RUN_STAMP)
	@sh scripts/install.sh dev requirements-dev.txt $@
$(NODE_STAMP): $(DEV_STAMP)
	@echo "setup: installing what frontend/package-lock.json pins"
	@cd frontend && npm ci --no-fund --no-audit
	@rm -f .venv/.stamp-node-* && touch $@

run: setup ## migrate, then the web server and the workers in this terminal; Ctrl-C stops them
	@[ -e $(RENDER_STAMP) ] || echo "run: rendered scenes need Blender, which make render-setup fetches (0.4 GB)"
	@exec .venv/bin/python manage.py up

check: setup-node ## format, lint, types, direction of imports; the same for the ES modules
	ruff format --check .
	ruff check .
	mypy $(PYTHON_CODE)
	lint-imports
	cd frontend && npx --no-install tsc --project tsconfig.json
	node --test "frontend/static/mw/**/*.test.js"

test: setup-node setup-chromium render-offer ## every test: side by side what can be, then browsers and processes
	@failed=0; set -x; \
	pytest -q -n 2 --dist loadfile -m "not (browser or processes)" || failed=1; \
	pytest -q -m "browser or processes" || failed=1; \
	exit $$failed

soak: setup-node setup-chromium render-offer ## the same tests at full size
	MATTEWEB_TEST_SCALE=soak pytest -q

bench: setup-dev ## recipes against plain baselines on the same clips; masks by hand; matting networks
	python -m benchmarks
