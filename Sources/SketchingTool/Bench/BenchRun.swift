// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// One run of the benchmark, from the machine's ceilings to how times grow.

import Foundation
import Sketching

struct BenchRun {
  let sets: [BenchData]
  /// The kernel of all data sets; nil for the plain ReLU network on their columns.
  let specification: KernelSpecification?
  let settings: BenchSettings
  let execution: Execution

  struct Outcome {
    var ceilings: MachineCeilings
    var dataSets: [BenchResults.DataSet]
    var scaling: [Curves]
  }

  private static let hiddenLayers = 3

  func run() throws -> Outcome {
    let kernels = try sets.map(kernel)
    for (data, (kernel, _)) in zip(sets, kernels) { try checkMethods(kernel, data) }
    let ceilings = try MachineCeilings.measure(isQuick: settings.isQuick, on: execution)
    var dataSets: [BenchResults.DataSet] = []
    let growth = ScalingCurves(settings: settings, execution: execution)
    var scaling: [Curves] = []
    for (data, (kernel, kernelName)) in zip(sets, kernels) {
      let stage = execution.stage(data.name)
      let compared = try FeatureComparison(
        data: data, kernel: kernel, settings: settings, execution: stage
      ).run()
      let learning = LearningCurves(
        data: data, kernel: kernel, settings: settings, execution: stage)
      let models = try learning.run(compared.maps, beside: compared.comparison)
      if scaling.isEmpty, let (method, map) = compared.best {
        scaling = try growth.ofRows(method, map, kernel, data)
      }
      dataSets.append(
        BenchResults.DataSet(
          name: data.name, trainingRows: data.training.rowCount, testRows: data.test.rowCount,
          columns: data.training.columnCount, kernel: kernelName, score: data.score,
          comparison: compared.comparison, models: models))
    }
    scaling += try growth.ofSparseRows()
    if !settings.isQuick { scaling.append(try growth.ofPixels()) }
    return Outcome(ceilings: ceilings, dataSets: dataSets, scaling: scaling)
  }

  /// Throws `InvalidInput` if a method was asked for that the kernel does not have.
  private func checkMethods(
    _ kernel: any Kernel & Codable & Hashable, _ data: BenchData
  ) throws {
    let sample = BenchData.sample(data.training, 16)
    for method in settings.methods ?? [] {
      do {
        _ = try kernel.featureMap(
          method: method, dimension: 16, sample: sample, on: execution.silent)
      } catch let error as InvalidInput where error.name == "method" {
        throw InvalidInput("--methods", found: error.found, expected: error.expected)
      } catch is InvalidInput {
        // The real sample and dimensions may do.
      }
    }
  }

  private func kernel(
    of data: BenchData
  ) throws -> (kernel: any Kernel & Codable & Hashable, name: String) {
    let columns = data.training.columnCount
    switch specification {
    case nil:
      let network = try Network.fullyConnected(inputDimension: columns, depth: Self.hiddenLayers)
      return (
        NeuralKernel(network: network, type: .ntk),
        "NTK of a network with \(Self.hiddenLayers) hidden ReLU layers"
      )
    case .network(let kernel)?:
      guard kernel.network.inputDimension == columns else {
        throw FileError(
          data.path, found: "\(columns) columns",
          expected: "\(kernel.network.inputDimension), as the network has")
      }
      return (kernel, "\(kernel.type.rawValue.uppercased()) of the network given")
    case .closedForm(let text)?:
      return (try KernelSpecification.closedForm(text).kernel(), text)
    }
  }
}

extension BenchData {
  /// What predictions are judged by.
  var score: BenchResults.Score? {
    guard let goal else { return nil }
    return goal.targets.task == .regression ? .normalizedError : .accuracy
  }
}

extension Execution {
  /// The same under the name of a part of the stage.
  func part(_ name: String) -> Execution {
    let whole: String = stage
    return stage(whole + ": " + name)
  }
}
