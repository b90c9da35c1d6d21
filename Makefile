# `make run` and `make test` do all their own set-up; see CONTRIBUTING.md.

comma := ,

# In CI a warning in our own targets is an error; Package.swift reads this.
ifdef CI
export ANALYTICS_WARNINGS_AS_ERRORS = 1
# Where scripts/bootstrap puts what comes from PyPI.
export PATH := $(CURDIR)/.build/tools/bin:$(PATH)
endif

# Homebrew keeps libpq out of the way of the system's.
ifeq ($(shell uname),Darwin)
export PKG_CONFIG_PATH := $(shell brew --prefix)/opt/libpq/lib/pkgconfig:$(PKG_CONFIG_PATH)
endif

# Requests to this machine do not go through a proxy.
export no_proxy := $(addsuffix $(comma),$(or $(no_proxy),$(NO_PROXY)))127.0.0.1,localhost

SOURCES = $(wildcard Package.swift Sources Tests Tools Examples Benchmarks)

.PHONY: help run test test-timescale check-adopter check-traits build generate lint format bench bootstrap clean

help:
	@echo "make run     a private database with the sample and a simulated platform, and the dashboard"
	@echo "make test    check the format, build and run all tests; those of the store and of the"
	@echo "             commands once more on TimescaleDB, where it is installed"
	@echo "make test-timescale  only the tests on TimescaleDB"
	@echo "make check-adopter  build a service that only tracks, and count the packages it needs"
	@echo "make check-traits  also with each trait alone, and the commands with theirs"
	@echo "make build   build only"
	@echo "make generate  write the files made from the catalogue of events (Tools/EventCatalogue)"
	@echo "make lint    check the format only"
	@echo "make format  format the sources"
	@echo "make bench   measure (see docs/PERFORMANCE.md)"
	@echo "make clean   stop the private database and remove it and everything that was built"

run: bootstrap
	scripts/run

# Tests that run side by side have thousands of files open. Debian allows a process 1024 unless it asks for
# more. No more than needed: some programs close each descriptor up to the limit when they start another.
many_files = ulimit -Sn 16384 2>/dev/null || ulimit -Sn $$(ulimit -Hn)

# The tests run in several parts. In a single run, the servers and services of all tests would compete for the
# processor.
test: bootstrap lint build
	$(many_files); swift test --enable-all-traits --skip-build --skip 'AnalyticsCommandTests|AnalyticsFaultTests'
	$(many_files); swift test --enable-all-traits --skip-build --filter AnalyticsCommandTests --skip SchemathesisTests
	$(many_files); swift test --enable-all-traits --skip-build --filter SchemathesisTests
	$(many_files); swift test --enable-all-traits --skip-build --filter AnalyticsFaultTests
	$(many_files); scripts/test-timescale
	scripts/check-adopter

test-timescale: bootstrap build
	$(many_files); scripts/test-timescale

check-adopter: bootstrap
	scripts/check-adopter

check-traits: bootstrap
	scripts/check-adopter all

build: bootstrap
	swift build --enable-all-traits --build-tests

generate: bootstrap
	swift run --enable-all-traits WriteCatalogueFiles

lint: bootstrap
	swift format lint --strict --recursive $(SOURCES)

format: bootstrap
	swift format --in-place --recursive $(SOURCES)

bench: bootstrap
	scripts/bench

bootstrap:
	@scripts/bootstrap

clean:
	scripts/clean
