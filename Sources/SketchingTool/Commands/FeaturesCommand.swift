// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// `sketching features`: approximate feature maps of the rows, streamed, stored and resumed.

import ArgumentParser
import Foundation
import Sketching

struct FeaturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract: "Write features whose inner products approximate a kernel.",
    discussion: """
      EXAMPLE
        printf '1,2\\n3,4\\n5,7\\n' > X.csv
        sketching features --kernel polynomial:degree=3,offset=1 --method sketch \\
          --dimension 256 --x X.csv --output Z.npy --save map.json
        sketching features --map map.json --x X.csv --output Z2.npy

      The features have at most --dimension columns. --method sketch stands for
      sketched power series: of polynomial kernels, of gaussian and exponentialDot
      where points lie within a few length scales of each other, and of the NTK and
      NNGP of fully connected ReLU networks; auto is the best known method, today the
      same.

      With --resume an interrupted run leaves OUTPUT.partial and goes on from there
      when it is run again, to the same bytes.
      """)

  @OptionGroup(title: "Kernel") var kernel: KernelOptions

  @Option(help: "How features are made. (default: auto)")
  var method: FeatureMethod?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The most columns of the features.", valueName: "d"),
    transform: wholeNumber(1...Check.largestDimension))
  var dimension: Int?

  @Option(help: ArgumentHelp("The points.", valueName: "file"))
  var x: String

  @Option(help: ArgumentHelp("The features, as .npy.", valueName: "file"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "Points from which the map learns what data look like. (default: X)",
      valueName: "file"))
  var fitX: String?

  @Option(help: ArgumentHelp("Store the map, as JSON.", valueName: "file"))
  var save: String?

  @Option(
    help: ArgumentHelp("Apply the map stored there, in place of a kernel.", valueName: "file"))
  var map: String?

  @Flag(help: "Go on where an interrupted run with the same arguments stopped.")
  var resume = false

  @OptionGroup(title: "Common") var common: CommonOptions

  private struct Summary: Codable {
    var output: String
    var shape: [Int]
    var precision: Precision
    /// How many rows an interrupted run had left.
    var resumedRows: Int
    var seconds: Double
  }

  func run() throws {
    try checkArguments()
    if let save { try OutputFile.check(save) }
    try common.execute { execution in
      let (stored, points) = try mapAndPoints()
      let map = stored.map
      let precision = common.precision ?? .single
      let shape = [points.rowCount, map.outputDimension]
      let bytes = Double(try Check.count(shape, "shape of the output")) * Double(precision.size)
      try OutputFile.check(output, bytes: bytes)
      var resumed = 0
      let (_, seconds) = try timed {
        let description = resume || save != nil ? try Console.json(stored) : ""
        let partial =
          resume
          ? try PartialOutput(output, of: description, [points.file], shape, precision) : nil
        let writer = try NumPyWriter(
          path: output, shape: shape, precision: precision, partial: partial)
        resumed = writer.completedRowCount
        let stage = execution.stage("features")
        do {
          switch precision {
          case .single: try write(points, map, as: Float.self, to: writer, on: stage)
          case .double: try write(points, map, as: Double.self, to: writer, on: stage)
          }
        } catch let error as FileError where error.path == points.path {
          writer.cancel()
          partial?.discard()
          throw error
        }
        let savedMap = try save.map { try AtomicFile(path: $0) }
        try savedMap?.write(description)
        try writer.finish()
        try savedMap?.finish()
        partial?.forget()
      }
      try common.console.result(
        Summary(
          output: output, shape: shape, precision: precision, resumedRows: resumed,
          seconds: seconds),
        "\(output): \(shape[0]) × \(shape[1]) in \(duration(seconds))"
          + (resumed > 0 ? ", \(resumed) rows from an earlier run" : ""))
    }
  }

  private func checkArguments() throws {
    try FileArgument.check(
      reading: kernel.networkArgument, FileArgument("--x", x), FileArgument("--fit-x", fitX),
      FileArgument("--map", map),
      writing: [FileArgument("--output", output)]
        + (resume ? FileArgument.partial("--output with --resume", output) : [])
        + [FileArgument("--save", save)])
    if map != nil {
      let others = [
        ("a kernel", kernel.isGiven), ("--method", method != nil),
        ("--dimension", dimension != nil), ("--fit-x", fitX != nil),
        ("--seed", common.givenSeed != nil),
      ]
      if let other = others.first(where: \.1) {
        throw InvalidInput("--map", found: "\(other.0) beside it", expected: "--map alone")
      }
    } else if dimension == nil {
      throw InvalidInput(
        "--dimension", found: "none", expected: "the most columns that the features may have")
    }
  }

  private func mapAndPoints() throws -> (StoredMap, Points) {
    if let map {
      let stored = try decodeJSON(StoredMap.self, path: map, "map, as --save stores it")
      return (stored, try Points(path: x, columnCount: stored.map.inputDimension))
    }
    let specification = try kernel.specificationForFeatures()
    let points = try Points(path: x, columnCount: specification.kernel().inputDimension)
    let sample = try fitX.map { try Points(path: $0, columnCount: points.columnCount) } ?? points
    let stored = try StoredMap(
      specification, method ?? .auto, dimension: dimension ?? 0, seed: common.seed,
      sample: sample)
    return (stored, points)
  }

  private func write<Scalar: RealScalar>(
    _ points: Points, _ map: some RowMap, as type: Scalar.Type, to writer: NumPyWriter,
    on execution: Execution
  ) throws {
    try forEachImage(
      of: points, from: writer.completedRowCount, under: map, as: type, on: execution
    ) { try writer.append($1) }
  }
}
