# Everything is installed in .venv, which the first target that needs it builds. `make` alone lists the targets.
SPRINT ?= define_by_run
PYTHON ?= python3
BIN := .venv/bin
ENV := .venv/.complete
# each test file runs in one process, so its fixtures are made once; the longest begin first (tests/support/costs.py);
# more processes than most machines have cores, because a test waits for other processes half of its time
PARALLEL := --numprocesses=4 --dist=loadfile --no-loadscope-reorder
# the tests start hundreds of processes: each would compile the platform anew where no bytecode may be written
FAST := PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -m "not slow"
# a busy machine can stop a test that waits for other processes: what failed is tried once more, alone, to be told apart
AGAIN := echo && echo "Tests failed, see above. Each is run again, alone: it must pass there." && \
	$(FAST) --last-failed --last-failed-no-failures=none --maxfail=1

.PHONY: help environment demo demo-git test lab release lint proofs audit facts conformance benchmark clean

help:
	@echo "make demo         a whole class end to end, with a table at the end (SPRINT=...; default: framework_survey, define_by_run)"
	@echo "make demo-git     a class over git: clone, push, collect, grade, feedback, pull; one student attacks, one is late"
	@echo "make test         lint, types and tests"
	@echo "make lab          JupyterLab on this course, with nbgrader's extensions"
	@echo "make release      build source/ from the script in reference/, and assignments/ from source/ (SPRINT=$(SPRINT))"
	@echo "make proofs       the slow tests"
	@echo "make audit        check every sprint's graders with right and wrong solutions and generated mutants"
	@echo "make facts        what the frameworks really do, with these versions or others (TENSORFLOW=2.20.0 TORCH=... WITH=NAME==VERSION)"
	@echo "make conformance  nbgrader's own tests of its commands and preprocessors, with this project's configuration and jail"
	@echo "make benchmark    time and memory for one notebook, compared with stock nbgrader"

$(ENV): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[course,dev,audit,postgres]'
	$(BIN)/jupyter kernelspec install --sys-prefix --name autograder-jail autograder/jail/kernelspec  # an editable install does not install it
	@touch $@

# for CI, where .venv comes from a cache and all files of the checkout are newer than it
environment:
	@if [ -f .venv/.constraints ] && ! $(BIN)/autograder --help >/dev/null 2>&1; then rm -rf .venv; fi
	@if cmp -s constraints.txt .venv/.constraints && cmp -s pyproject.toml .venv/.pyproject; then touch $(ENV); fi
	@$(MAKE) --no-print-directory $(ENV)
	@cp constraints.txt .venv/.constraints && cp pyproject.toml .venv/.pyproject

demo: $(ENV)
	$(BIN)/autograder demo $(if $(filter file,$(origin SPRINT)),,--sprint $(SPRINT))

demo-git: $(ENV)
	$(BIN)/python -m autograder.demo.over_git --sprint $(SPRINT)

test: $(ENV) lint
	$(FAST) $(PARALLEL) || { [ $$? -eq 1 ] && $(AGAIN); }

lint: $(ENV)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

proofs: $(ENV)
	$(BIN)/pytest -m slow

audit: $(ENV)
	$(BIN)/autograder audit

# a variable for each framework, WITH for any other package; without any of them the page is written anew
OTHER = $(if $(TENSORFLOW),tensorflow-cpu==$(TENSORFLOW)) $(if $(KERAS),keras==$(KERAS)) $(if $(TORCH),torch==$(TORCH)) \
	$(if $(NUMPY),numpy==$(NUMPY)) $(if $(LITERT),ai-edge-litert==$(LITERT)) $(if $(TENSORBOARD),tensorboard==$(TENSORBOARD)) \
	$(if $(NBGRADER),nbgrader==$(NBGRADER)) $(if $(JUPYTEXT),jupytext==$(JUPYTEXT)) $(WITH)

facts: $(ENV)
	@$(if $(strip $(OTHER)),,$(BIN)/python -m tests.facts.page)
	@$(BIN)/python -m tests.facts.versions $(OTHER)

lab: $(ENV)
	$(BIN)/python -m autograder.bridge.lab

release: $(ENV)
	$(BIN)/autograder release $(SPRINT)

# nbgrader's commands whose tests `make conformance` runs; some of them read USER
COMMANDS ?= autograde validate generate_assignment generate_feedback export zip_collect collect db update submit \
	fetch_assignment fetchfeedback list releaseassignment releasefeedback formgrade

conformance: $(ENV)
	AUTOGRADER_SANDBOX=required USER=$${USER:-$$(id -un)} \
	JUPYTER_CONFIG_PATH=$(CURDIR)/tests/conformance PATH=$(CURDIR)/$(BIN):$$PATH \
	$(BIN)/python -m pytest -c tests/conformance/pytest.ini -rs \
	    --pyargs $(addprefix nbgrader.tests.apps.test_nbgrader_,$(COMMANDS)) tests/conformance/was_active.py
	# test_instantiatetests reads a file of nbgrader's own repository, which its package does not have
	AUTOGRADER_SANDBOX=required PATH=$(CURDIR)/$(BIN):$$PATH \
	$(BIN)/python -m pytest -c tests/conformance/pytest.ini -rs -p tests.conformance.swapped \
	    --ignore-glob='*/test_instantiatetests.py' --pyargs nbgrader.tests.preprocessors tests/conformance/were_swapped.py

benchmark: $(ENV)
	$(BIN)/python benchmarks/one_notebook.py

clean:
	rm -rf .venv .environments build *.egg-info
