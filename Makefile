# The two commands: `make profile` and `make test`. Both do all the set-up on Debian 12 with Swift 6.3.

PACKAGES := libxml2-dev libdnnl-dev libpapi-dev libcurl4-openssl-dev valgrind graphviz libjs-chart.js
SWIFT ?= swift
SCRATCH ?= .build
BUILD := $(SWIFT) build
NTPROF := $(SCRATCH)/release/ntprof
SOURCES := Package.swift Sources Tests
VENV := .build-benchmarks/venv

# oneDNN 3.2, as PyPI numbers it, beside Debian's 2.6.3.
ONEDNN3_VERSION := 2023.2.0
ONEDNN3 := .build-onednn3-lib
ONEDNN3_ENV := DNNL_PKG_CONFIG=onednn3 PKG_CONFIG_PATH='$(CURDIR)/$(ONEDNN3)/pkgconfig'
ONEDNN3_FLAGS := --scratch-path .build-onednn3 -Xlinker -rpath -Xlinker '$(CURDIR)/$(ONEDNN3)/venv/lib'

# Where `make install` puts things; a package is made of what it puts below DESTDIR.
PREFIX ?= /usr/local
DESTDIR ?=
ZSH_FUNCTIONS ?= $(PREFIX)/share/zsh/site-functions
VERSION := $(shell sed -n 's/.*name: "ntprof", version: "\(.*\)".*/\1/p' Sources/Session/Words/Tool+Ntprof.swift)
COMMIT ?= $(shell git describe --always --dirty --exclude '*' 2>/dev/null)
MANUAL := .build-install
PACKAGE_FOLDER ?= .build-deb/packages
DEBIAN_RELEASES ?= bookworm trixie

.PHONY: install install-files uninstall manual deb test-deb
.PHONY: fuzz sanitize sanitize-threads memcheck torture schema documentation faults long-run memory
.PHONY: library-records library-versions
.PHONY: check-aarch64 conformance profile test test-under-load test-debian13 test-onednn3 test-slurm check build setup reports bench bench-scale compare check-pages format lint clean help

profile: build ## profile topologies/deepspeech.xml: table, record and HTML page under reports/
	$(NTPROF) profile topologies/deepspeech.xml

# Threads that wait for others of their team spin, where nothing is said, for milliseconds: with several
# tests at once, each with a team, that was four fifths of their CPU time.
test test-onednn3 test-under-load sanitize: export OMP_WAIT_POLICY = passive

# Tests of the command after the others: what keeps both cores busy in one process would starve them,
# and they signal, time out and measure.
test: setup ## build and run all tests
	$(BUILD) --scratch-path $(SCRATCH) --build-tests
	$(SWIFT) test --scratch-path $(SCRATCH) --skip-build --skip '^CommandTests\.'
	$(SWIFT) test --scratch-path $(SCRATCH) --skip-build --filter '^CommandTests\.'

RUNS ?= 5
test-under-load: setup ## run all tests RUNS=5 times beside a program that never rests on every core
	$(BUILD) --scratch-path $(SCRATCH) --build-tests
	Tests/under-load.sh $(RUNS) $(SWIFT) test --scratch-path $(SCRATCH) --skip-build

test-onednn3: setup $(ONEDNN3)/$(ONEDNN3_VERSION) ## the same against oneDNN 3.2 instead of Debian's 2.6.3
	$(ONEDNN3_ENV) $(BUILD) $(ONEDNN3_FLAGS) --build-tests
	$(ONEDNN3_ENV) $(SWIFT) test $(ONEDNN3_FLAGS) --skip-build --skip '^CommandTests\.'
	$(ONEDNN3_ENV) $(SWIFT) test $(ONEDNN3_FLAGS) --skip-build --filter '^CommandTests\.'

test-debian13: ## run all tests in a Debian 13 root, against its oneDNN 3.7 and PAPI 7.1; TARGET=bench (as root)
	@$(MAKE) --no-print-directory setup PACKAGES=debootstrap
	packaging/test-debian.sh .build-deb trixie $(or $(TARGET),test) $(if $(BENCH),BENCH='$(BENCH)')

# Daemons of one machine, in a folder of their own; nothing of them stays.
SLURM_PACKAGES := slurm-wlm munge
test-slurm: setup ## run sweeps and bricks on a real Slurm on the loopback interface, and kill a node meanwhile
	@$(MAKE) --no-print-directory setup PACKAGES='$(SLURM_PACKAGES)'
	$(BUILD) --product ntprof
	Tests/Slurm/test-slurm.sh .build/debug/ntprof

# libxml2's description here is Debian's without the folder of all libraries, which the linker would
# search for oneDNN, too, and before the one that is meant.
$(ONEDNN3)/$(ONEDNN3_VERSION): | setup
	@python3 -c 'import ensurepip' 2>/dev/null || $(MAKE) setup PACKAGES=python3-venv
	python3 -m venv $(@D)/venv
	$(@D)/venv/bin/pip install --quiet --disable-pip-version-check \
	  onednn-cpu-gomp==$(@F) onednn-devel-cpu-gomp==$(@F)
	mkdir -p $(@D)/pkgconfig
	printf '%s\n' 'Name: oneDNN' 'Description: oneDNN 3.2' 'Version: 3.2.0' \
	  'Cflags: -I$(CURDIR)/$(@D)/venv/include' 'Libs: -L$(CURDIR)/$(@D)/venv/lib -ldnnl' \
	  >$(@D)/pkgconfig/onednn3.pc
	sed 's/-L[^ ]*//' /usr/lib/*/pkgconfig/libxml-2.0.pc >$(@D)/pkgconfig/libxml-2.0.pc
	touch $@

# The tests are Debian's: a model, inputs and outputs for each of ONNX's operators.
ONNX_TESTS := /usr/share/libonnx-testdata/data/node
conformance: setup ## run ONNX's node tests: what passes, what is unsupported and why
	@test -d $(ONNX_TESTS) || $(MAKE) setup PACKAGES=libonnx-testdata
	$(BUILD) --scratch-path $(SCRATCH) --product conformance
	$(SCRATCH)/debug/conformance Tests/Fixtures/onnx-conformance-1.12.0.txt $(ONNX_TESTS) 305

# Linked statically, so that the emulator needs no root of that architecture.
AARCH64 := .build-aarch64
check-aarch64: setup ## compile CMachine's part for aarch64 and run its loops under an emulator
	@$(MAKE) --no-print-directory setup PACKAGES='gcc-aarch64-linux-gnu qemu-user'
	@mkdir -p $(AARCH64)
	aarch64-linux-gnu-gcc -static -std=gnu11 -O1 -Wall -Werror -Wno-unused-function \
	  -Wno-format-extra-args -ISources/CMachine Tests/ShimProbe/machine.c -o $(AARCH64)/machine
	qemu-aarch64 $(AARCH64)/machine

documentation: setup ## the library's documentation, whose example a test compiles, as a DocC archive
	$(SWIFT) package --scratch-path $(SCRATCH) generate-documentation --target Session --warnings-as-errors

schema: setup ## write topologies/topology.xsd and the guide's tables anew from the layer kinds
	$(BUILD) --scratch-path .build-schema --product schema-writer
	.build-schema/debug/schema-writer .

check: setup lint ## format lint, warnings as errors, the architecture test
	$(BUILD) --build-tests
	$(SWIFT) test --skip-build --filter ArchitectureTests

# Coverage-guided by libFuzzer where the toolchain has it, else by the program's own changes alone. Every reader
# has its share of the time, whatever crashes another.
SECONDS ?= 60
READER ?=
FUZZ := --scratch-path .build-fuzz -c release --product ntprof-fuzz
FUZZER := .build-fuzz/release/ntprof-fuzz
fuzz: setup ## change documents and have every reader read them; SECONDS=60, shared by the readers; READER="onnx task"
	@mkdir -p .build-fuzz/crashes .build-fuzz/logs
	@if ls "$$(dirname "$$(command -v $(SWIFT))")"/../lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a >/dev/null 2>&1; then \
	  $(BUILD) $(FUZZ) -Xswiftc -sanitize=fuzzer,address -Xswiftc -DNTPROF_LIBFUZZER \
	    -Xswiftc -parse-as-library || exit 1; \
	  export ASAN_OPTIONS=detect_leaks=0 SWIFT_BACKTRACE=enable=no; \
	  readers='$(READER)'; [ -n "$$readers" ] || readers=$$($(FUZZER) --list) || exit 1; \
	  $(FUZZER) --seeds .build-fuzz/corpus $$readers || exit 1; \
	  share=$$(($(SECONDS) / $$(echo $$readers | wc -w) + 1)); crashed=; all=0; \
	  for reader in $$readers; do \
	    log=.build-fuzz/logs/$$reader; \
	    NTPROF_FUZZ_TARGET=$$reader $(FUZZER) .build-fuzz/corpus/$$reader -print_final_stats=1 \
	      -max_total_time=$$share -timeout=20 -rss_limit_mb=4096 -max_len=65536 -detect_leaks=0 \
	      -artifact_prefix=.build-fuzz/crashes/$$reader- >$$log 2>&1 || crashed="$$crashed $$reader"; \
	    ran=$$(sed -n 's/^stat::number_of_executed_units: *//p' $$log | tail -n 1); \
	    echo "$$reader: $${ran:-0} documents"; all=$$((all + $${ran:-0})); \
	  done; \
	  echo "$$(echo $$readers | wc -w) readers: $$all documents"; \
	  [ -z "$$crashed" ] || { echo "not clean:$$crashed" >&2; \
	    echo "documents lie in .build-fuzz/crashes, what was said of them in .build-fuzz/logs" >&2; exit 1; }; \
	else $(BUILD) $(FUZZ) && $(FUZZER) $(SECONDS) $(READER); fi

# ONNX Runtime takes part where NTPROF_ENGINE_PYTHON names a Python that has it.
SEED ?= $(shell date +%s)
torture: setup ## run random networks every way, against naive loops and ONNX Runtime; SECONDS=60 SEED=
	@mkdir -p .build-torture/failures
	$(BUILD) --scratch-path $(SCRATCH) --product ntprof-torture
	$(SCRATCH)/debug/ntprof-torture $(SECONDS) $(SEED)

# CALL= and COMMAND= choose what fails and under what, EVENTS= what happens besides; all of it as it stands.
CALL ?=
COMMAND ?= all
EVENTS ?= all
FAULTS := .build-faults
faults: setup ## fail C calls one by one and have things happen to runs; SECONDS=60 CALL=write COMMAND=diff EVENTS=disk
	$(BUILD) --scratch-path $(SCRATCH) --product ntprof
	@mkdir -p $(FAULTS)
	status=0; \
	Tests/Faults/inject.py $(SCRATCH)/debug/ntprof --seconds $(SECONDS) --calls '$(CALL)' --commands $(COMMAND) \
	  --results $(FAULTS)/results.jsonl || status=1; \
	[ -z '$(EVENTS)' ] || Tests/Faults/events.py $(SCRATCH)/debug/ntprof --seconds $$(($(SECONDS) / 4)) \
	  --events '$(EVENTS)' --results $(FAULTS)/events.jsonl || status=1; \
	Tests/Faults/table.py --calls $(FAULTS)/results.jsonl --events $(FAULTS)/events.jsonl -o docs/faults.md; \
	exit $$status

long-run: build ## a sweep of SECONDS=60 whose memory and descriptors must stay flat
	Benchmarks/long-run.py $(SECONDS) --ntprof $(NTPROF)

memory: build ## what runs take against the memory predicted for them; MEMORY='--models FOLDER'
	Benchmarks/memory-prediction.py $(NTPROF) $(MEMORY)

# Suites that a sanitizer cannot run stand with their reason in Tests/Sanitizers; all others run. Crashes that tests bring about stay
# the signals that they are, and memory that nobody has stays null.
SANITIZE := --sanitize=address --sanitize=undefined
SANITIZER_OPTIONS := UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
  ASAN_OPTIONS=detect_leaks=0:abort_on_error=1:allocator_may_return_null=1:handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0
LEFT_OUT := sed -e 's/ *\#.*//' -e '/^$$/d' -e 's/^/--skip /'
sanitize: setup ## all tests under the address and undefined-behaviour sanitizers, but for Tests/Sanitizers/address.txt
	$(BUILD) --scratch-path .build-sanitize --build-tests $(SANITIZE)
	set -f; left=$$($(LEFT_OUT) Tests/Sanitizers/address.txt); \
	for part in --skip --filter; do \
	  $(SANITIZER_OPTIONS) $(SWIFT) test --scratch-path .build-sanitize --skip-build $(SANITIZE) \
	    $$part '^CommandTests\.' $$left || exit 1; \
	done

sanitize-threads: setup ## all tests without OpenMP under the thread sanitizer
	$(BUILD) --scratch-path .build-sanitize-threads --build-tests --sanitize=thread
	set -f; TSAN_OPTIONS=halt_on_error=1 $(SWIFT) test --scratch-path .build-sanitize-threads --skip-build \
	  --sanitize=thread $$($(LEFT_OUT) Tests/Sanitizers/thread.txt)

memcheck: build ## a small profile, a run and the readers under valgrind's memcheck
	Tests/Sanitizers/memcheck.sh $(NTPROF)

build: setup ## build the command in release mode; it needs no Swift where it runs
	NTPROF_COMMIT='$(COMMIT)' $(BUILD) --scratch-path $(SCRATCH) -c release \
	  --static-swift-stdlib --disable-local-rpath --product ntprof

# `sudo make install` after `make build` finds no Swift on root's PATH, and needs none.
install: ## install the command, topologies, man pages and completions; PREFIX=/usr/local DESTDIR=
	@if command -v $(SWIFT) >/dev/null; then $(MAKE) --no-print-directory build; \
	elif [ -x $(NTPROF) ]; then echo 'installing what is built: no $(SWIFT) on PATH'; \
	else echo "make: no '$(SWIFT)' on PATH and nothing is built: run make build first" >&2; exit 1; fi
	@$(MAKE) --no-print-directory install-files

install-files: manual
	install -D -m 755 $(NTPROF) $(DESTDIR)$(PREFIX)/bin/ntprof
	install -d $(DESTDIR)$(PREFIX)/share/ntprof/topologies $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 topologies/*.xml topologies/topology.xsd $(DESTDIR)$(PREFIX)/share/ntprof/topologies
	install -m 644 $(MANUAL)/man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -D -m 644 $(MANUAL)/ntprof.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/ntprof
	install -D -m 644 $(MANUAL)/_ntprof $(DESTDIR)$(ZSH_FUNCTIONS)/_ntprof
	install -D -m 644 $(MANUAL)/ntprof.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/ntprof.fish
	@rm -rf $(MANUAL)

uninstall: ## remove what `make install` put there; the same PREFIX and DESTDIR
	rm -f $(DESTDIR)$(PREFIX)/bin/ntprof $(DESTDIR)$(ZSH_FUNCTIONS)/_ntprof \
	  $(DESTDIR)$(PREFIX)/share/man/man1/ntprof.1 $(DESTDIR)$(PREFIX)/share/man/man1/ntprof-*.1 \
	  $(DESTDIR)$(PREFIX)/share/bash-completion/completions/ntprof \
	  $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/ntprof.fish
	rm -rf $(DESTDIR)$(PREFIX)/share/ntprof

# Man pages and completions, from the help of the command that was built.
manual: ## man pages and completions from the command that is built, in .build-install
	@mkdir -p $(MANUAL)
	packaging/man.py $(NTPROF) $(MANUAL)/man
	$(NTPROF) --generate-completion-script bash | sed '1{/^#!/d;}' >$(MANUAL)/ntprof.bash
	$(NTPROF) --generate-completion-script zsh >$(MANUAL)/_ntprof
	$(NTPROF) --generate-completion-script fish >$(MANUAL)/ntprof.fish

deb: export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || date +%s)
deb: build ## a Debian package for the release this is, in .build-deb/packages
	@command -v dpkg-shlibdeps >/dev/null || $(MAKE) setup PACKAGES=dpkg-dev
	rm -rf .build-deb/stage
	mkdir -p $(PACKAGE_FOLDER)
	$(MAKE) --no-print-directory install-files DESTDIR=$(CURDIR)/.build-deb/stage PREFIX=/usr \
	  ZSH_FUNCTIONS=/usr/share/zsh/vendor-completions
	packaging/deb.sh .build-deb/stage $(VERSION) $(PACKAGE_FOLDER)

test-deb: ## build packages for Debian 12 and 13, install and use each in a fresh root (as root)
	@$(MAKE) --no-print-directory setup PACKAGES='debootstrap lintian'
	packaging/test-deb.sh .build-deb $(DEBIAN_RELEASES)

reports: build ## regenerate the committed examples in reports/examples
	./reports/regenerate.sh $(NTPROF)

bench: build $(VENV)/installed ## time ntprof against ONNX Runtime and OpenVINO; BENCH="--threads 2 ..."
	$(VENV)/bin/python Benchmarks/bench.py --ntprof $(NTPROF) $(BENCH)

# Records of the twelve networks with the oneDNN of the system it runs on.
LIBRARIES := .build-libraries
RECORDS ?= $(LIBRARIES)/here
library-records: build ## profile the networks of `make bench` into RECORDS=, to compare versions of oneDNN
	Benchmarks/library-versions.py --record $(RECORDS) --ntprof $(NTPROF)

library-versions: build ## docs/library-versions.md: oneDNN of Debian 12 against that of Debian 13, in a root of each (as root)
	@$(MAKE) --no-print-directory setup PACKAGES=debootstrap
	packaging/test-debian.sh .build-deb bookworm library-records RECORDS=$(LIBRARIES)/debian12
	packaging/test-debian.sh .build-deb trixie library-records RECORDS=$(LIBRARIES)/debian13
	Benchmarks/library-versions.py $(LIBRARIES)/debian12 $(LIBRARIES)/debian13 -o docs/library-versions.md \
	  --ntprof $(NTPROF)

bench-scale: build ## time and memory at 500, 5,000 and 50,000 generated layers; SCALE="--networks flat"
	Benchmarks/scale.py --ntprof $(NTPROF) $(SCALE)

compare: build $(VENV)/installed ## compare the bundled topologies' outputs with ONNX Runtime's
	$(VENV)/bin/python Benchmarks/compare-outputs.py --ntprof $(NTPROF) $(COMPARE)

check-pages: build ## open every kind of page in headless Chromium; CHECK_PAGES="--screenshots DIR ..."
	python3 Benchmarks/check-pages.py --ntprof $(NTPROF) $(CHECK_PAGES)

$(VENV)/installed: Benchmarks/requirements.txt
	@python3 -c 'import ensurepip' 2>/dev/null || $(MAKE) setup PACKAGES=python3-venv
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@

format: ## rewrite the sources in the project's format
	$(SWIFT) format format --in-place --parallel --recursive $(SOURCES)

lint:
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)

clean: ## remove what was built
	$(SWIFT) package clean
	rm -rf .build-onednn3 .build-bookworm .build-trixie .build-libraries .build-deb-* .build-install .build-fuzz \
	  .build-sanitize .build-sanitize-threads .build-torture .build-faults .build-under-load

setup: ## install the Debian packages that are missing (with sudo when not root)
	@command -v $(SWIFT) >/dev/null || { \
	  echo "make: no '$(SWIFT)' on PATH; install Swift 6.3 from https://www.swift.org/install" >&2; exit 1; }
	@command -v dpkg-query >/dev/null || { \
	  echo "make: no dpkg here; install these by hand: $(PACKAGES)" >&2; exit 0; }; \
	missing=; for package in $(PACKAGES); do \
	  dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' \
	    || missing="$$missing $$package"; \
	done; \
	[ -n "$$missing" ] || exit 0; \
	echo "installing:$$missing"; \
	sudo=; if [ "$$(id -u)" != 0 ]; then sudo=sudo; command -v sudo >/dev/null || { \
	  echo "make: not root and no sudo; install these by hand:$$missing" >&2; exit 1; }; fi; \
	$$sudo apt-get update -qq && \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
