// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The options that say what features to make of a kernel.

import ArgumentParser
import Sketching

extension FeatureMethod: ExpressibleByArgument {}
extension LandmarkChoice: ExpressibleByArgument {}

struct FeatureOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The most columns of the features.", valueName: "d"),
    transform: wholeNumber(1...Check.largestDimension))
  var dimension: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      In place of --dimension: as few columns as bring epsilon of `verify` to this, at --ridge, on up \
      to 2,000 points.
      """, valueName: "ε"),
    transform: positiveNumber)
  var targetEpsilon: Double?

  @Option(
    help: """
      How landmarks are chosen. (default: uniform; for auto the better of uniform and kmeans; of \
      networks on images, the patches of each layer: kmeans)
      """)
  var landmarks: LandmarkChoice?

  @Option(
    help: ArgumentHelp(
      """
      The direction of the data that sketches, and random features of networks layer by layer, keep \
      exact: none; that of the sample; or that of the point in a file of one row. Gaussian sketches \
      subtract it. (default: sample)
      """, valueName: "none|sample|file"))
  var center: String?

  @Option(
    help: ArgumentHelp(
      "Points from which the map learns what data look like. (default: X)", valueName: "file"))
  var fitX: String?

  var fitArgument: FileArgument? { FileArgument("--fit-x", fitX) }

  var centerArgument: FileArgument? { FileArgument("--center", centerFile) }

  /// The file that holds the centre, if there is one; others are named as `./none` may be.
  private var centerFile: String? {
    center.flatMap { ["none", "sample"].contains($0) ? nil : $0 }
  }

  /// The options given.
  var given: [String] {
    [
      dimension.map { _ in "--dimension" }, targetEpsilon.map { _ in "--target-epsilon" },
      landmarks.map { _ in "--landmarks" }, center.map { _ in "--center" },
      fitX.map { _ in "--fit-x" },
    ].compactMap { $0 }
  }

  /// Throws `InvalidInput` unless they say how many columns, and fit the method.
  func check(_ method: FeatureMethod, ridge: Double?) throws {
    switch (dimension, targetEpsilon) {
    case (nil, nil):
      throw InvalidInput(
        "--dimension", found: "none",
        expected: "the most columns that the features may have, or --target-epsilon")
    case (_?, _?):
      throw InvalidInput(
        "--target-epsilon", found: "--dimension beside it", expected: "one of the two")
    case (nil, _?) where ridge == nil:
      throw InvalidInput(
        "--target-epsilon", found: "no --ridge", expected: "the λ for which epsilon is wanted")
    default: break
    }
    if let landmarks, [.sketch, .random, .leverage].contains(method) {
      throw InvalidInput(
        "--landmarks", found: "\(landmarks.rawValue) with --method \(method.rawValue)",
        expected: "none, as that method has no landmarks")
    }
    if let center, center != "sample", [.nystrom, .hybrid, .leverage].contains(method) {
      throw InvalidInput(
        "--center", found: "\(center) with --method \(method.rawValue)",
        expected: "sample, as that method knows the data by its points")
    }
  }

  /// The centring asked for, of maps of the kernel for points of so many features.
  ///
  /// - Throws: `FileError` if the file of the centre cannot be read, or is not one such point.
  func centring(for kernel: any Kernel, columnCount: Int) throws -> Centring {
    guard let centerFile else { return center == "none" ? .none : .sample }
    let points = try Points(path: centerFile, for: kernel, columnCount: columnCount)
    guard points.rowCount == 1 else {
      throw FileError(
        centerFile, found: "\(points.rowCount) rows", expected: "1 row, the point of --center")
    }
    return .vector(Array(try points.sample(1).dense.elements))
  }
}
