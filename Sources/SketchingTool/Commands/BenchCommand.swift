// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// `sketching bench`: sketch against exact in tables, JSON and pictures.

import ArgumentParser
import Foundation
import Sketching

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Sketch against exact: errors, times, accuracy; tables and a report.",
    discussion: """
      EXAMPLE
        awk 'BEGIN {for (i = 0; i < 300; i++) print cos(i) "," sin(3*i)}' > X.csv
        awk 'BEGIN {for (i = 0; i < 300; i++) print cos(i) * sin(3*i)}' > y.csv
        sketching bench --quick --data X.csv --kernel gaussian:lengthScale=1 \\
          --dimensions 16,64

      DATA
        fashion-mnist  that of Debian's package dataset-fashion-mnist
        FOLDER         every X.npy and NAME-X.npy there, with the targets y.npy or
                       NAME-y.npy; of NAME-train-X.npy, NAME-test-X.npy is for tests
        FILE           points of any format, with the targets beside it

      Without rows for tests a fifth is held out. Images and sparse rows are brought
      to length one, columns of tables to mean 0 and variance 1. The kernel is by
      default the NTK of three hidden ReLU layers on all columns.

      The output folder gets bench.json and report.html, with plots if gnuplot is
      there. What `make bench` and `make studies` left in it, peers.json, speed.json
      and learning.json, is shown too.
      Maps that take long to fit get one seed; rows that take long are left out.
      """)

  @Flag(help: "Fewer and smaller measurements: about two minutes on two cores.")
  var quick = false

  @Option(help: ArgumentHelp("Data sets, as below.", valueName: "place"))
  var data: String = "fashion-mnist"

  @OptionGroup(title: "Kernel") var kernel: KernelOptions

  @Option(
    help: ArgumentHelp(
      "Methods of `features`, with commas between. (default: all that the kernel has)",
      valueName: "list"),
    transform: methodList)
  var methods: [FeatureMethod]?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Numbers of features. (default: 512,2048,8192; --quick: 128,512,1024)", valueName: "list"),
    transform: dimensionList)
  var dimensions: [Int]?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Seeds for each map. (default: 3; --quick: 2)", valueName: "n"),
    transform: wholeNumber(1...1000))
  var seeds: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Held-out rows to compare on. (default: 2000; --quick: 1000)", valueName: "n"),
    transform: wholeNumber(10...20_000))
  var points: Int?

  @Option(help: ArgumentHelp("Where results go.", valueName: "folder"))
  var output: String = "results/bench"

  @OptionGroup(title: "Common") var common: CommonOptions

  func run() throws {
    try FileArgument.check(
      reading: kernel.networkArgument, writing: [FileArgument("--output", output)])
    guard common.precision != .double else {
      throw InvalidInput("--precision", found: "double", expected: "single for these features")
    }
    let settings = BenchSettings(
      isQuick: quick, methods: methods, dimensions: dimensions, seeds: seeds, points: points,
      seed: common.seed)
    let largest = settings.dimensions.last ?? 0
    try MemoryBudget.require(
      Double(largest) * Double(largest) * 24, "--dimensions", found: "\(largest)")
    let side = Double(settings.points)
    try MemoryBudget.require(side * side * 56, "--points", found: "\(settings.points)")
    let specification = kernel.isGiven ? try kernel.specificationForFeatures() : nil
    let peers = try PeerFigures(folder: output)
    let sets = try BenchFiles.dataSets(data, seed: common.seed)
    try OutputFolder.create(output)
    try OutputFile.check(output + "/bench.json")
    let (outcome, seconds) = try timed {
      try common.execute { execution in
        try BenchRun(
          sets: sets, specification: specification, settings: settings, execution: execution
        ).run()
      }
    }
    let results = BenchResults(
      command: (["sketching"] + CommandLine.arguments.dropFirst()).joined(separator: " "),
      processor: Machine.processor, threads: common.threadCount, seed: common.seed, isQuick: quick,
      ceilings: outcome.ceilings, dataSets: outcome.dataSets.map(peers.completing),
      scaling: outcome.scaling,
      peers: peers.comparisons, innerLoops: peers.innerLoops,
      peakMegabytes: Machine.peakMegabytes, seconds: seconds)
    try OutputFile.write(Console.json(results) + "\n", to: output + "/bench.json")
    try OutputFile.write(results.report + "\n", to: output + "/report.html")
    try common.console.result(results, results.summary)
    common.console.note("The report is \(output)/report.html.")
  }
}

/// Parses names of methods with commas between, in their common order.
@Sendable
private func methodList(_ text: String) throws -> [FeatureMethod] {
  let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  let known = FeatureMethod.allCases.map(\.rawValue)
  if let unknown = names.first(where: { !known.contains($0) }) {
    throw InvalidInput(
      "method", found: "'\(unknown)'", expected: "some of " + known.joined(separator: ","))
  }
  return FeatureMethod.allCases.filter { names.contains($0.rawValue) }
}

/// Parses rising numbers of features from any with commas between.
@Sendable
private func dimensionList(_ text: String) throws -> [Int] {
  let parse = wholeNumber(1...Check.largestDimension)
  let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  return try Set(names.map(parse)).sorted()
}
