// swift-tools-version: 6.1
// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception

import PackageDescription

/// Speed, accuracy and variances at length, apart from the library so that its users never fetch what this needs.
let package = Package(
  name: "Benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "swift-sketching", path: ".."),
    .package(
      url: "https://github.com/ordo-one/benchmark", .upToNextMinor(from: "1.38.1"), traits: []),
  ],
  targets: [
    .target(name: "PlainLoops"),
    .executableTarget(
      name: "Speed",
      dependencies: ["PlainLoops", .product(name: "Sketching", package: "swift-sketching")]),
    .executableTarget(
      name: "Peers",
      dependencies: [.product(name: "Sketching", package: "swift-sketching")]),
    .executableTarget(
      name: "Accuracy",
      dependencies: [.product(name: "Sketching", package: "swift-sketching")]),
    .executableTarget(
      name: "Spectral",
      dependencies: [.product(name: "Sketching", package: "swift-sketching")]),
    .executableTarget(
      name: "Leverage",
      dependencies: [.product(name: "Sketching", package: "swift-sketching")]),
    .executableTarget(
      name: "Features",
      dependencies: [.product(name: "Sketching", package: "swift-sketching")]),
    .executableTarget(
      name: "Learning",
      dependencies: [.product(name: "Sketching", package: "swift-sketching")]),
    .executableTarget(
      name: "RealUse",
      dependencies: [.product(name: "Sketching", package: "swift-sketching")]),
    .executableTarget(
      name: "Variances",
      dependencies: [.product(name: "Sketching", package: "swift-sketching")]),
    .executableTarget(
      name: "Microbenchmarks",
      dependencies: [
        .product(name: "Benchmark", package: "benchmark"),
        .product(name: "Sketching", package: "swift-sketching"),
      ],
      path: "Microbenchmarks",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
  ],
  swiftLanguageModes: [.v6]
)
