// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// `sketching demo`: the main job, on Fashion-MNIST.

import ArgumentParser
import Foundation
import Sketching

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "NTK and CNTK classifiers on features of Fashion-MNIST.",
    discussion: """
      EXAMPLE
        sketching demo --train 5000 --dimension 2048

      Needs the files of Debian's package dataset-fashion-mnist, and gnuplot for the
      plots. The output folder gets results.json, report.html, table.txt and the
      fitted model.
      """)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many training images to use.", valueName: "n"),
    transform: wholeNumber(1...60000))
  var train: Int = 60000

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The largest number of features.", valueName: "d"),
    transform: wholeNumber(1...65536))
  var dimension: Int = 8192

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The number of features of the convolutional network.", valueName: "d"),
    transform: wholeNumber(18...16384))
  var cntkDimension: Int = 6144

  @Option(help: ArgumentHelp("Where the four files are.", valueName: "folder"))
  var data: String = FashionMNIST.defaultFolder

  @Option(help: ArgumentHelp("Where results go.", valueName: "folder"))
  var output: String = "results/demo"

  @OptionGroup(title: "Common") var common: CommonOptions

  func run() throws {
    try FileArgument.check(
      reading: FileArgument("--data", data), FileArgument("--output", output), writing: [])
    guard common.precision != .double else {
      throw InvalidInput("--precision", found: "double", expected: "single for the demo's features")
    }
    let images = try FashionMNIST(folder: data)
    let side = Double(min(max(dimension, cntkDimension), train))
    try MemoryBudget.require(side * side * 24, "--dimension", found: "\(dimension)")
    try createOutput()
    let ((outcome, convolutional), seconds) = try timed {
      try common.execute { execution in
        let outcome = try DemoRun(
          data: images, trainingCount: train, dimension: dimension, seed: common.seed,
          execution: execution
        ).run()
        let convolutional = try ConvolutionalRun(
          data: images, trainingCount: train, dimension: cntkDimension, seed: common.seed,
          execution: execution
        ).run()
        return (outcome, convolutional)
      }
    }
    let results = DemoResults(
      command: (["sketching"] + CommandLine.arguments.dropFirst()).joined(separator: " "),
      processor: Machine.processor, threads: common.threadCount, seed: common.seed,
      testImages: images.testImages.rowCount, approximations: outcome.approximations,
      classifiers: outcome.classifiers, exactOnAll: outcome.exactOnAll,
      convolutional: convolutional, peakMegabytes: Machine.peakMegabytes, seconds: seconds)
    let json = try Console.json(results)
    try OutputFile.write(json + "\n", to: output + "/results.json")
    try OutputFile.write(results.report + "\n", to: output + "/report.html")
    try OutputFile.write(results.summary + "\n", to: output + "/table.txt")
    try model(of: outcome).save(to: modelFolder)
    print(common.json ? json : results.summary)
    common.console.note("The report is \(output)/report.html.")
  }

  private var modelFolder: String { output + "/model" }

  private func createOutput() throws {
    do {
      try FileManager.default.createDirectory(
        atPath: output, withIntermediateDirectories: true)
    } catch {
      throw FileError(
        output, found: error.localizedDescription, expected: "a folder that can be written to")
    }
    try OutputFile.check(output + "/results.json")
    try OutputFolder.check(modelFolder, mayReplace: SavedModel.exists)
  }

  private func model(of outcome: DemoRun.Outcome) -> SavedModel {
    SavedModel(
      kernel: .network(outcome.map.kernel), task: outcome.fit.model.task,
      predictor: .sketch(StoredMap(outcome.map), outcome.fit.model), ridge: outcome.fit.ridge,
      path: outcome.fit.path, normalize: true, inputDimension: outcome.map.inputDimension)
  }
}
