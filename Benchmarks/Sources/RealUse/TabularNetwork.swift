// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The networks whose NTK is tried on tables of numbers.

import Sketching

/// A network of one hidden layer on points with a bias.
///
/// Points x of d entries become (x, b√d), scaled to length √(d + 1): without a bias the kernel sees little but
/// directions, and without a common length a few long points rule its matrix.
struct TabularNetwork {
  private var activation: Activation
  /// b.
  private var bias: Double
  /// Of the first layer; the kernel of ReLUs does not depend on it.
  private var weightStd: Double

  /// ReLU for rough functions, GELU for smoother ones, the more so the smaller the weights.
  static let all =
    [1, 2, 4, 8].map { TabularNetwork(activation: .relu, bias: $0, weightStd: 2.0.squareRoot()) }
    + [1, 2].flatMap { bias in
      [1, 2, 4].map { TabularNetwork(activation: .gelu, bias: bias, weightStd: $0) }
    }

  func extended(_ problem: Problem) -> Problem {
    var result = problem
    result.training = extended(problem.training.dense)
    result.test = extended(problem.test.dense)
    return result
  }

  private func extended(_ points: Matrix<Float>) -> Rows<Float> {
    let d = points.columnCount
    let constant = Float(bias * Double(d).squareRoot())
    return .dense(
      Matrix(rowCount: points.rowCount, columnCount: d + 1) { output in
        for i in 0..<points.rowCount {
          let squares = points.row(i).reduce(constant * constant) { $0 + $1 * $1 }
          let scale = (Float(d + 1) / squares).squareRoot()
          for (j, entry) in (points.row(i) + [constant]).enumerated() {
            output[i * (d + 1) + j] = scale * entry
          }
        }
      })
  }

  /// - Parameter problem: one of extended points.
  func kernel(for problem: Problem) throws -> NeuralKernel {
    let network = try Network(input: [problem.training.columnCount]) {
      Dense(weightStd: weightStd)
      activation
      Dense()
    }
    return NeuralKernel(network: network, type: .ntk)
  }

  var text: String {
    activation == .relu ? "ReLU, bias \(bias)" : "GELU, bias \(bias), weights \(weightStd)"
  }
}
