// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// `sketching kernel`: exact kernel matrices, tile by tile to disk.

import ArgumentParser
import Foundation
import Sketching

struct KernelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernel",
    abstract: "Write the exact kernel matrix of points.",
    discussion: """
      EXAMPLE
        printf '1,2\\n3,4\\n5,7\\n' > X.csv
        sketching kernel --kernel gaussian:lengthScale=2 --x X.csv --output K.npy

      Memory holds a few hundred rows of the matrix at a time. Without --y the
      matrix is that of X with itself, and known to be symmetric.
      """)

  @OptionGroup(title: "Kernel") var kernel: KernelOptions

  @Option(help: ArgumentHelp("The points of the rows.", valueName: "file"))
  var x: String

  @Option(help: ArgumentHelp("The points of the columns. (default: those of X)", valueName: "file"))
  var y: String?

  @Option(help: ArgumentHelp("The matrix, as .npy.", valueName: "file"))
  var output: String

  @Flag(help: "Write the diagonal alone, k(x, x) for every point.")
  var diagonal = false

  @OptionGroup(title: "Common") var common: CommonOptions

  private struct Summary: Codable {
    var output: String
    var shape: [Int]
    var precision: Precision
    var seconds: Double
  }

  func run() throws {
    try FileArgument.check(
      reading: kernel.networkArgument, FileArgument("--x", x), FileArgument("--y", y),
      writing: [FileArgument("--output", output)])
    guard !diagonal || y == nil else {
      throw InvalidInput("--y", found: "one beside --diagonal", expected: "--x alone")
    }
    let specification = try kernel.specification()
    let kernel = try specification.kernel()
    let points = try Points(path: x, columnCount: kernel.inputDimension)
    let others = try y.map { try Points(path: $0, columnCount: points.columnCount) }
    let shape = diagonal ? [points.rowCount] : [points.rowCount, (others ?? points).rowCount]
    let precision = common.precision ?? .double
    let bytes = Double(try Check.count(shape, "shape of the output")) * Double(precision.size)
    try OutputFile.check(output, bytes: bytes)
    let extents = shape.map(String.init).joined(separator: " × ")
    common.console.note(
      "\(output): \(extents) numbers in \(precision) precision, \(byteCount(bytes))")
    let (_, seconds) = try timed {
      let writer = try NumPyWriter(path: output, shape: shape, precision: precision)
      try common.execute { execution in
        let execution = execution.stage("kernel rows")
        try naming(x) {
          switch precision {
          case .single: try write(kernel, points, others, as: Float.self, to: writer, on: execution)
          case .double:
            try write(kernel, points, others, as: Double.self, to: writer, on: execution)
          }
        }
      }
      try writer.finish()
    }
    try common.console.result(
      Summary(output: output, shape: shape, precision: precision, seconds: seconds),
      "\(output): \(extents) in \(duration(seconds))")
  }

  private func write<Scalar: RealScalar>(
    _ kernel: some Kernel, _ points: Points, _ others: Points?, as type: Scalar.Type,
    to writer: NumPyWriter, on execution: Execution
  ) throws {
    if diagonal {
      for range in points.tiles() {
        let values = try kernel.diagonal(points.rows(range, as: type), on: execution.silent)
        try writer.append(Matrix(rowCount: values.count, columnCount: 1, elements: values))
        execution.report(range.upperBound, of: points.rowCount)
      }
    } else if let others {
      try kernel.forEachTile(points, others, as: type, on: execution) { try writer.append($1) }
    } else {
      try kernel.forEachTile(points, as: type, on: execution) { try writer.append($1) }
    }
  }
}
