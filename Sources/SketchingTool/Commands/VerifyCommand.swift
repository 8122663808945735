// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// `sketching verify`: how far features are from their kernel.

import ArgumentParser
import Foundation
import Sketching

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Measure how far features are from a kernel, as JSON.",
    discussion: """
      EXAMPLE
        printf '1,2\\n3,4\\n5,7\\n' > X.csv
        sketching features --kernel polynomial:degree=2 --dimension 64 --x X.csv \\
          --output Z.npy
        sketching verify --features Z.npy --kernel polynomial:degree=2 --x X.csv \\
          --ridge 10

      epsilon is the smallest ε for which, with K the exact matrix and λ the ridge,
      (K + λI)/(1 + ε) ⪯ ZZᵀ + λI ⪯ (1 + ε)(K + λI). statisticalDimension is
      tr K(K + λI)⁻¹; relativeFrobenius, centredFrobenius (of HKH, H = I − 11ᵀ/n)
      and relativeSpectral are norms of ZZᵀ − K over norms of K.
      """)

  @Option(help: ArgumentHelp("The features Z.", valueName: "file"))
  var features: String

  @Option(help: ArgumentHelp("The exact kernel matrix K.", valueName: "file"))
  var exact: String?

  @OptionGroup(title: "Kernel, in place of --exact") var kernel: KernelOptions

  @Option(help: ArgumentHelp("The points, for a kernel.", valueName: "file"))
  var x: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("λ, total as in K + λI.", valueName: "λ"),
    transform: positiveNumber)
  var ridge: Double

  @OptionGroup(title: "Common") var common: CommonOptions

  /// The errors under their contracted names; null where one does not exist.
  private struct Summary: Encodable {
    var n: Int
    var dimension: Int
    var ridge: Double
    var statisticalDimension: Double
    var epsilon: Double
    var relativeFrobenius: Double
    @Nullable var centredFrobenius: Double?
    var relativeSpectral: Double
  }

  func run() throws {
    try FileArgument.check(
      reading: kernel.networkArgument, FileArgument("--features", features),
      FileArgument("--exact", exact), FileArgument("--x", x), writing: [])
    let source = try Points(path: features)
    let n = source.rowCount
    let specification = try kernelSpecification()
    try MemoryBudget.require(
      Double(n) * (6 * Double(n) + Double(source.columnCount)) * 8, "rows of \(features)",
      found: "\(n)")
    try common.execute { execution in
      let matrix = try exactMatrix(specification, count: n, on: execution)
      let rows = try source.allRows(as: Double.self).dense
      execution.stage("spectra of \(n) × \(n) matrices").report(0, of: 1)
      let error = try namingFiles {
        try SpectralError(features: rows, exact: matrix, ridge: ridge, on: execution)
      }
      print(
        try Console.json(
          Summary(
            n: error.n, dimension: rows.columnCount, ridge: error.ridge,
            statisticalDimension: error.statisticalDimension, epsilon: error.epsilon,
            relativeFrobenius: error.relativeFrobenius, centredFrobenius: error.centredFrobenius,
            relativeSpectral: error.relativeSpectral)))
    }
  }

  /// Runs `body`; its errors name the file or argument at fault.
  private func namingFiles<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as InvalidInput {
      guard error.name != "ridge" else {
        throw InvalidInput("--ridge", found: error.found, expected: error.expected)
      }
      let path = error.name.contains("exact kernel matrix") ? exact ?? x ?? "" : features
      throw FileError(path, at: error.name, found: error.found, expected: error.expected)
    }
  }

  /// The kernel, unless the exact matrix is given.
  private func kernelSpecification() throws -> KernelSpecification? {
    guard exact == nil else {
      guard !kernel.isGiven, x == nil else {
        throw InvalidInput(
          "--exact", found: "a kernel or --x beside it", expected: "one of the two")
      }
      return nil
    }
    let specification = try kernel.specification()
    guard x != nil else {
      throw InvalidInput("--x", found: "none", expected: "the points of the features")
    }
    return specification
  }

  private func exactMatrix(
    _ specification: KernelSpecification?, count: Int, on execution: Execution
  ) throws -> Matrix<Double> {
    guard let specification, let x else {
      let path = exact ?? ""
      let file = try Points(path: path)
      guard file.rowCount == count, file.columnCount == count else {
        throw FileError(
          path, found: "\(file.rowCount) × \(file.columnCount)",
          expected: "\(count) × \(count), as \(features) has \(count) rows")
      }
      return try file.allRows(as: Double.self).dense
    }
    let kernel = try specification.kernel()
    let points = try Points(path: x, for: kernel)
    guard points.rowCount == count else {
      throw FileError(
        x, found: "\(points.rowCount) rows", expected: "\(count), as \(features) has")
    }
    let stage = execution.stage("exact kernel matrix")
    switch common.precision ?? .double {
    case .single:
      return try kernel.matrix(points.allRows(as: Float.self), on: stage).converted(to: Double.self)
    case .double:
      return try kernel.matrix(points.allRows(as: Double.self), on: stage)
    }
  }
}

/// A value that is written as null, not left out, where there is none.
@propertyWrapper
struct Nullable<Value: Encodable>: Encodable {
  let wrappedValue: Value?

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
  }
}
