# Everything a newcomer needs: `make demo` and `make test` install what is missing by themselves.

LIBRARIES := libopenblas-dev liblapacke-dev libfftw3-dev zlib1g-dev pkg-config
DEMO      := dataset-fashion-mnist gnuplot-nox
TOOL      := .build/release/sketching
# The rooms whose tests are quick enough with overflow and bounds checks in every loop.
CHECKED   := RandomnessTests|DataFormatsTests|TransformsTests

.PHONY: help demo test lint build bench proofs docs clean libraries

help:
	@echo "make demo     sketched and exact NTK on Fashion-MNIST: a table and results/demo/report.html"
	@echo "make test     all tests, optimised, and a part of them with all checks"
	@echo "make lint     formatting and leftovers"
	@echo "make build    the command at $(TOOL)"
	@echo "make bench    the speed of inner loops against the machine's ceilings"
	@echo "make proofs   comes with the machine-checked proofs"
	@echo "make docs     comes with the documentation catalogue"
	@echo "make clean    removes what was built"

libraries:
	@.ci/install $(LIBRARIES)

build: libraries
	swift build -c release --product sketching

demo: build
	@.ci/install $(DEMO)
	$(TOOL) demo

test: libraries
	swift test -c release -Xswiftc -enable-testing --scratch-path .build/tests
	swift test --filter '$(CHECKED)'

lint:
	swift format lint --strict -r Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources
	.ci/readme --check
	@! git grep -nE 'TODO|FIXME|XXX|fatalError\(|try!' -- Sources

bench: libraries
	@.ci/install $(DEMO)
	swift run -c release --package-path Benchmarks Speed results/bench

proofs:
	@echo "There are no proofs yet: they come with the issue that brings Proofs/."

docs:
	@echo "There is no documentation catalogue yet; each public symbol is documented in Sources/."

clean:
	rm -rf .build Benchmarks/.build
