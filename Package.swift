// swift-tools-version: 6.1
// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception

import PackageDescription

/// A room of the library: one module, which imports only the rooms named here.
func room(_ name: String, _ imports: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: imports)
}

/// The tests of a room, with the generators and suites that all rooms share.
func tests(of room: String, _ imports: [Target.Dependency] = []) -> Target {
  .testTarget(name: room + "Tests", dependencies: [.byName(name: room), "TestSupport"] + imports)
}

/// A C library of Debian's, seen through a module map and nothing else.
func debian(_ name: String, pkgConfig: String, package: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

let numerics = Target.Dependency.product(name: "RealModule", package: "swift-numerics")

let package = Package(
  name: "swift-sketching",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Sketching", targets: ["Sketching"]),
    .executable(name: "sketching", targets: ["SketchingTool"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.0.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
  ],
  targets: [
    debian("COpenBLAS", pkgConfig: "openblas", package: "libopenblas-dev"),
    debian("CLAPACKE", pkgConfig: "lapacke", package: "liblapacke-dev"),
    debian("CFFTW", pkgConfig: "fftw3", package: "libfftw3-dev"),
    debian("CZlib", pkgConfig: "zlib", package: "zlib1g-dev"),
    .target(name: "CInnerLoops"),

    room("Validation"),
    room("Randomness", ["CInnerLoops", "Validation"]),
    room("LinearAlgebra", ["COpenBLAS", "CLAPACKE", "Randomness", "Validation", numerics]),
    room("Transforms", ["CFFTW", "CInnerLoops", "LinearAlgebra", "Validation"]),
    room(
      "Sketches", ["CInnerLoops", "Randomness", "LinearAlgebra", "Transforms", "Validation"]),
    room(
      "TensorSketches", ["Randomness", "LinearAlgebra", "Transforms", "Sketches", "Validation"]),
    room("Kernels", ["LinearAlgebra", "CInnerLoops", "Validation"]),
    room(
      "NeuralKernels",
      [
        "CInnerLoops", "Randomness", "LinearAlgebra", "Kernels", "Validation",
        .product(name: "Yams", package: "Yams"),
      ]),
    room(
      "LeverageScores",
      [
        "CInnerLoops", "Randomness", "LinearAlgebra", "Sketches", "TensorSketches", "Kernels",
        "Validation",
      ]),
    room(
      "FeatureMaps",
      [
        "Randomness", "LinearAlgebra", "Transforms", "Sketches", "TensorSketches", "Kernels",
        "NeuralKernels", "LeverageScores", "Validation",
      ]),
    room("SpectralChecks", ["LinearAlgebra", "Kernels", "Validation"]),
    room("Regression", ["Randomness", "LinearAlgebra", "Kernels", "FeatureMaps", "Validation"]),
    room("DataFormats", ["CZlib", "LinearAlgebra", "Validation"]),
    room(
      "Sketching",
      [
        "Validation", "Randomness", "LinearAlgebra", "Sketches", "TensorSketches",
        "Kernels", "NeuralKernels", "LeverageScores", "FeatureMaps", "SpectralChecks", "Regression",
        "DataFormats",
      ]),
    .executableTarget(
      name: "SketchingTool",
      dependencies: [
        "Sketching", "Transforms",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    .target(
      name: "TestSupport",
      dependencies: [
        "Validation", "Randomness", "LinearAlgebra", "DataFormats", numerics,
      ],
      path: "Tests/TestSupport"),
    tests(of: "Randomness", ["CInnerLoops"]),
    tests(of: "LinearAlgebra"),
    tests(of: "Transforms", ["CInnerLoops", "LinearAlgebra"]),
    tests(of: "Sketches"),
    tests(of: "TensorSketches"),
    tests(of: "Kernels"),
    tests(of: "NeuralKernels"),
    tests(of: "LeverageScores", ["CInnerLoops", "SpectralChecks"]),
    tests(of: "FeatureMaps", ["SpectralChecks"]),
    tests(of: "SpectralChecks"),
    tests(of: "Regression"),
    tests(of: "DataFormats"),
    tests(of: "Sketching"),
    tests(of: "SketchingTool", ["Sketching"]),
  ],
  swiftLanguageModes: [.v6]
)
