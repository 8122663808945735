// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// `sketching sketch`: random maps of the rows, streamed.

import ArgumentParser
import Foundation
import Sketching

struct SketchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sketch",
    abstract: "Write a linear or tensor sketch of points.",
    discussion: """
      EXAMPLE
        printf '1,2,0,1\\n3,4,1,0\\n5,7,2,1\\n' > X.csv
        sketching sketch --law tensorsketch:degree=2 --dimension 64 --x X.csv \\
          --output Z.npy

      Inner products of sketched rows estimate those of the rows, or for tensor
      sketches their powers, without bias.
      """)

  @Option(
    help: ArgumentHelp(
      "One of " + SketchLaws.all.examples.joined(separator: "; ") + ".",
      valueName: "name:key=value,…"))
  var law: String

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The columns of the sketch.", valueName: "m"),
    transform: wholeNumber(1...Check.largestDimension))
  var dimension: Int

  @Option(help: ArgumentHelp("The points.", valueName: "file"))
  var x: String

  @Option(help: ArgumentHelp("The sketch, as .npy, n × m.", valueName: "file"))
  var output: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Write r sketches, r × n × m, with the seeds from --seed on.", valueName: "r"),
    transform: wholeNumber(1...Check.largestDimension))
  var draws: Int?

  @OptionGroup(title: "Common") var common: CommonOptions

  private struct Summary: Codable {
    var output: String
    var law: String
    var shape: [Int]
    var precision: Precision
    var seconds: Double
  }

  func run() throws {
    try FileArgument.check(
      reading: FileArgument("--x", x), writing: [FileArgument("--output", output)])
    guard let last = UInt64(exactly: (draws ?? 1) - 1), common.seed <= .max - last else {
      throw InvalidInput(
        "--seed", found: "\(common.seed), with --draws \(draws ?? 1)",
        expected: "seeds up to \(UInt64.max)")
    }
    let make = try naming("--law") { try SketchLaws.all(law) }
    let points = try Points(path: x)
    let precision = common.precision ?? .single
    try MemoryBudget.require(
      1024 * Double(dimension) * Double(precision.size), "--dimension", found: "\(dimension)")
    let first = try naming("--law \(law)") {
      try make(points.columnCount, dimension, common.seed)
    }
    let shape = (draws.map { [$0] } ?? []) + [points.rowCount, first.outputDimension]
    let bytes = Double(try Check.count(shape, "shape of the output")) * Double(precision.size)
    try OutputFile.check(output, bytes: bytes)
    let (_, seconds) = try timed {
      let writer = try NumPyWriter(path: output, shape: shape, precision: precision)
      try common.execute { execution in
        for draw in 0..<(draws ?? 1) {
          let map =
            draw == 0 ? first : try make(points.columnCount, dimension, common.seed + UInt64(draw))
          let stage = execution.stage(draws.map { "draw \(draw + 1) of \($0)" } ?? "sketch")
          switch precision {
          case .single: try write(points, map, as: Float.self, to: writer, on: stage)
          case .double: try write(points, map, as: Double.self, to: writer, on: stage)
          }
        }
      }
      try writer.finish()
    }
    try common.console.result(
      Summary(output: output, law: law, shape: shape, precision: precision, seconds: seconds),
      "\(output): \(shape.map(String.init).joined(separator: " × ")) in \(duration(seconds))")
  }

  private func write<Scalar: RealScalar>(
    _ points: Points, _ map: some RowMap, as type: Scalar.Type, to writer: NumPyWriter,
    on execution: Execution
  ) throws {
    try forEachImage(of: points, under: map, as: type, on: execution) { try writer.append($1) }
  }
}
