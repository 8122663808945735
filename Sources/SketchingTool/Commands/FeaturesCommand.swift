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
        awk 'BEGIN {for (i = 0; i < 200; i++) print cos(i) "," sin(3*i)}' > X.csv
        sketching features --kernel gaussian:lengthScale=0.5 --dimension 64 \\
          --x X.csv --output Z.npy --save map.json
        sketching features --map map.json --x X.csv --output Z2.npy
        sketching features --kernel gaussian --method nystrom --target-epsilon 0.1 \\
          --ridge 0.01 --x X.csv --output Z3.npy
        echo '{input: [2], layers: [dense, gelu, dense]}' > net.yaml
        sketching features --network net.yaml --method nystrom --landmarks kmeans \\
          --dimension 32 --x X.csv --output Z4.npy

      METHODS
        auto     the best of the others on held-out points, with --ridge by epsilon;
                 it says which and why
        nystrom  kernel values against landmarks, for every kernel; networks on
                 images: landmark patches, layer by layer (whole images where the
                 columns are too few for that, or where pixels are flattened and
                 they are better). Never more than the kernel, but for rounding
        hybrid   landmarks, and a map of what they leave, sketched or random,
                 unbiased where that is; networks on images: random features of
                 each layer
        sketch   sketched power series: of polynomial, gaussian, exponentialDot
                 and networks, layer by layer where these are not of dense layers,
                 relu, leakyRelu, abRelu and abs alone. Series end: of networks that
                 are, a part of K(x, x) is lost, unless columns are many beside the
                 points; how much is said when the map is fitted. Layer by layer
                 random features stand for it. In few coordinates monomials are exact
        random   random Fourier features of gaussian, exponential, matern, laplace,
                 cauchy; positive features of exponentialDot; random features of
                 arccosine, and layer by layer of networks
        leverage random Fourier features, or monomials of polynomial, exponentialDot
                 and such networks, by their ridge leverage

      Where a kernel does not have a method, the error says which it has.

      LANDMARKS
        uniform  a sample of the points
        kmeans   centres of clusters; of sparse points those nearest to them
        leverage a sample by ridge leverage scores, from recursive halving: finds
                 rare points
        bless    the same, from a falling ridge

      Networks on images choose the patches of each layer so, each layer with a
      ridge of its own. There uniform takes patches in proportion to their lengths,
      and kmeans, the default, moves those to the centres of clusters.

      CENTRE
        --center none|sample|file is for sketch, and for random of networks layer by
        layer: a direction of the data that they keep exact, spending their columns
        on the rest. Landmarks and Fourier features have none: there, anything but
        sample is refused, and auto leaves them out.

      TARGETS
        --target-epsilon measures epsilon (see `verify --help`) of more and more
        columns, on all points up to 2,000, else on up to 2,000 that the map is not
        fitted on (fewer images); --ridge is that of all n points, and that of m of
        them is ridge · m/n. The fewest columns within it are taken.

      With --resume an interrupted run leaves OUTPUT.partial and goes on from there
      when it is run again, to the same bytes.
      """)

  @OptionGroup(title: "Kernel") var kernel: KernelOptions

  @Option(help: "How features are made. (default: auto)")
  var method: FeatureMethod?

  @OptionGroup(title: "Features") var features: FeatureOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "λ, total as in K + λI, of --target-epsilon, leverage and auto.", valueName: "λ"),
    transform: positiveNumber)
  var ridge: Double?

  @Option(help: ArgumentHelp("The points.", valueName: "file"))
  var x: String

  @Option(help: ArgumentHelp("The features, as .npy.", valueName: "file"))
  var output: String

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
    /// How the map was made, and why so; not of stored maps.
    var method: String?
    /// What the map is made of.
    var structure: String?
    var candidates: [FeatureMapChoice.Candidate]?
    var refusals: [FeatureMapChoice.Refusal]?
    var target: TargetDimension.Outcome?
    /// How many rows an interrupted run had left.
    var resumedRows: Int
    var seconds: Double
  }

  func run() throws {
    try checkArguments()
    if let save { try OutputFile.check(save) }
    try common.execute { execution in
      let ((stored, points, fitted), fitSeconds) = try timed { try mapAndPoints(on: execution) }
      let map = stored.map
      if let fitted { common.console.note(fitted.summary) }
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
        try savedMap?.write(SealedText.seal(description))
        try writer.finish()
        try savedMap?.finish()
        partial?.forget()
      }
      try common.console.result(
        Summary(
          output: output, shape: shape, precision: precision,
          method: fitted?.choice.candidates[0].method, structure: fitted?.choice.map.structure,
          candidates: fitted?.choice.candidates,
          refusals: fitted?.choice.refusals, target: fitted?.target, resumedRows: resumed,
          seconds: fitSeconds + seconds),
        "\(output): \(shape[0]) × \(shape[1]) in \(duration(fitSeconds + seconds))"
          + (resumed > 0 ? ", \(resumed) rows from an earlier run" : ""))
    }
  }

  private func checkArguments() throws {
    try FileArgument.check(
      reading: kernel.networkArgument, FileArgument("--x", x), features.fitArgument,
      features.centerArgument, FileArgument("--map", map),
      writing: [FileArgument("--output", output)]
        + (resume ? FileArgument.partial("--output with --resume", output) : [])
        + [FileArgument("--save", save)])
    if map != nil {
      let others =
        [
          kernel.isGiven ? "a kernel" : nil, method.map { _ in "--method" },
          common.givenSeed.map { _ in "--seed" }, ridge.map { _ in "--ridge" },
        ].compactMap { $0 } + features.given
      if let other = others.first {
        throw InvalidInput("--map", found: "\(other) beside it", expected: "--map alone")
      }
    } else {
      try features.check(method ?? .auto, ridge: ridge)
    }
  }

  private func mapAndPoints(
    on execution: Execution
  ) throws -> (StoredMap, Points, FittedMap?) {
    if let map {
      let stored = try decodeJSON(
        StoredMap.self, path: map, "map, as --save stores it", isSealed: true)
      let dimension = stored.map.outputDimension
      try MemoryBudget.require(
        Double(dimension) * 1024 * 8, "--map \(map)", found: "\(dimension) features")
      let points = try Points(
        path: x, for: stored.map.kernel, columnCount: stored.map.inputDimension)
      return (stored, points, nil)
    }
    let kernel = try kernel.specificationForFeatures().kernel()
    let points = try Points(path: x, for: kernel)
    let fit = try features.fitX.map {
      try Points(path: $0, for: kernel, columnCount: points.columnCount)
    }
    let fitted = try FittedMap(
      kernel, method ?? .auto, features, ridge: ridge, precision: common.precision ?? .single,
      seed: common.seed, points: points, fit: fit, on: execution)
    return (fitted.stored, points, fitted)
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
