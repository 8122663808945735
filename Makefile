# Everything a newcomer needs: `make demo` and `make test` install what is missing by themselves.

LIBRARIES := libopenblas-dev liblapacke-dev libfftw3-dev zlib1g-dev pkg-config
PROVER    := coq libcoq-mathcomp-ssreflect libcoq-mathcomp-algebra
DEMO      := dataset-fashion-mnist gnuplot-nox
TOOL      := .build/release/sketching
BENCH     := Benchmarks/.build/release
# `make studies DATA=FOLDER` adds colour images, FOLDER/cifar10-jpeg-train-10k-X.npy, and regression sets,
# FOLDER/kin8nm-train-X.npy and the like.
DATA      :=
# `make studies POINTS=FILES` adds data sets of points to the study of leverage scores.
POINTS    :=
# The rooms whose tests are quick enough with overflow and bounds checks in every loop.
CHECKED   := RandomnessTests|DataFormatsTests|TransformsTests

.PHONY: help demo test lint build benchmarks bench bench-check bench-thresholds studies proofs clean libraries

help:
	@echo "make demo     NTK and CNTK on all of Fashion-MNIST: a table and results/demo/report.html"
	@echo "make test     all tests, optimised, and a part of them with all checks"
	@echo "make lint     formatting and leftovers"
	@echo "make build    the command at $(TOOL)"
	@echo "make bench    speed, accuracy beside exact, ceilings and Python libraries: tables and"
	@echo "              results/bench/report.html (less than an hour)"
	@echo "make studies  errors beside theory, networks of many kinds, leverage scores, accuracy of real use,"
	@echo "              learning from the exact kernel of all images: hours"
	@echo "make bench-check       whether an inner loop is slower than the recorded thresholds"
	@echo "make bench-thresholds  records them anew, on a quiet machine"
	@echo "make proofs   checks the proofs that sketches are unbiased and have the stated variance"
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
	swift format lint --strict -r Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources \
	  Benchmarks/Microbenchmarks
	.ci/readme --check
	@! git grep -nE 'TODO|FIXME|XXX|fatalError\(|try!' -- Sources

benchmarks: build
	@.ci/install $(DEMO)
	swift build -c release --package-path Benchmarks

bench: benchmarks
	@.ci/peers
	$(BENCH)/Speed results/bench
	$(BENCH)/Peers results/bench $(TOOL) Benchmarks/.venv/bin/python Benchmarks/peers
	$(TOOL) bench --output results/bench

studies: benchmarks
	$(BENCH)/Accuracy results/bench/accuracy.txt
	$(BENCH)/Spectral results/bench/spectral.txt
	$(BENCH)/Variances Tests/Goldens/variances.json results/bench/variances.txt
	$(BENCH)/Features results/bench --long $(DATA)
	$(BENCH)/Leverage results/bench/leverage $(POINTS)
	@.ci/peers
	$(BENCH)/RealUse results/bench --python Benchmarks/.venv/bin/python Benchmarks/peers $(DATA)
	$(BENCH)/Learning results/bench steps
	$(BENCH)/Learning results/bench whole
	$(BENCH)/Learning results/bench epsilon

# Better than the thresholds is no failure, though the tool ends as if it were one.
bench-check: libraries
	cd Benchmarks && mkdir -p .build && { swift package benchmark thresholds check --no-progress \
	  >.build/thresholds.log 2>&1; status=$$?; cat .build/thresholds.log; [ $$status -eq 0 ] || \
	  grep -q 'is BETTER than the defined thresholds' .build/thresholds.log; }

bench-thresholds: libraries
	cd Benchmarks && swift package --allow-writing-to-package-directory benchmark thresholds update \
	  --no-progress

proofs:
	@.ci/install $(PROVER)
	.ci/proofs

clean:
	rm -rf .build Benchmarks/.build Benchmarks/.venv
