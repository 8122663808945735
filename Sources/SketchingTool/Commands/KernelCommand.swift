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

      Memory holds a block of at most 1024 × 1024 numbers at a time and its points.
      Without --y the matrix is that of X with itself: blocks below the diagonal are
      copies of those above, so that the work is half. (A pipe or device gets the
      rows in order, at the whole work.)

      With --resume an interrupted run leaves OUTPUT.partial and goes on from there
      when it is run again, to the same bytes; it loses the work of some seconds.
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

  @Flag(help: "Go on where an interrupted run with the same arguments stopped.")
  var resume = false

  @OptionGroup(title: "Common") var common: CommonOptions

  private struct Summary: Codable {
    var output: String
    var shape: [Int]
    var precision: Precision
    /// How many numbers an interrupted run had left.
    var resumedNumbers: Int
    var seconds: Double
  }

  func run() throws {
    let destination = FileArgument("--output", output)
    try FileArgument.check(
      reading: kernel.networkArgument, FileArgument("--x", x), FileArgument("--y", y),
      writing: [destination]
        + (resume ? FileArgument.partial("--output with --resume", output) : []))
    guard !diagonal || y == nil else {
      throw InvalidInput("--y", found: "one beside --diagonal", expected: "--x alone")
    }
    let specification = try kernel.specification()
    let kernel = try specification.kernel()
    let points = try Points(path: x, for: kernel)
    let others = try y.map { try Points(path: $0, for: kernel, columnCount: points.columnCount) }
    let shape = diagonal ? [points.rowCount] : [points.rowCount, (others ?? points).rowCount]
    let precision = common.precision ?? .double
    let bytes = Double(try Check.count(shape, "shape of the output")) * Double(precision.size)
    try OutputFile.check(output, bytes: bytes)
    let extents = shape.map(String.init).joined(separator: " × ")
    common.console.note(
      "\(output): \(extents) numbers in \(precision) precision, \(byteCount(bytes))")
    let (resumed, seconds) = try timed {
      let work = "kernel\(diagonal ? " diagonal" : "") " + (try Console.json(specification))
      let partial =
        resume
        ? try PartialOutput(
          output, of: work, [points.file] + (others.map { [$0.file] } ?? []), shape, precision)
        : nil
      let matrix = KernelOutput(
        path: output, points: points, others: others, precision: precision, partial: partial)
      return try common.execute { execution in
        switch precision {
        case .single:
          try write(kernel, to: matrix, destination, as: Float.self, on: execution)
        case .double:
          try write(kernel, to: matrix, destination, as: Double.self, on: execution)
        }
      }
    }
    try common.console.result(
      Summary(
        output: output, shape: shape, precision: precision, resumedNumbers: resumed,
        seconds: seconds),
      "\(output): \(extents) in \(duration(seconds))"
        + (resumed > 0 ? ", \(resumed) numbers from an earlier run" : ""))
  }

  private func write<Scalar: RealScalar>(
    _ kernel: some Kernel, to output: KernelOutput, _ destination: FileArgument?,
    as type: Scalar.Type, on execution: Execution
  ) throws -> Int {
    try naming(x) {
      if diagonal { return try output.writeDiagonal(kernel, as: type, on: execution) }
      if destination?.isDevice == true {
        return try output.writeRows(kernel, as: type, on: execution)
      }
      return try output.writeBlocks(kernel, as: type, on: execution)
    }
  }
}
