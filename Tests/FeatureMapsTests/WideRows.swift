// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Sparse points of any number of coordinates, and networks for them.

import FeatureMaps
import LinearAlgebra
import NeuralKernels
import TestSupport

/// Points around a few themes, each with about `nonzeros` entries above 0 of |x|² = d: their kernels are
/// the same for any d but for chance.
func wideRows(
  _ n: Int, _ d: Int, nonzeros: Int = 50, seed: UInt64 = 5
) throws -> SparseMatrix<Double> {
  var generator = CaseGenerator(seed: seed)
  let themes = (0..<6).map { _ in
    (0..<2 * nonzeros).map { _ in Int32(generator.int(in: 0...d - 1)) }
  }
  var (offsets, columns, values) = ([0], [Int32](), [Double]())
  for i in 0..<n {
    let theme = themes[i % 6]
    let own = Set(
      (0..<nonzeros).map { k in
        k % 3 == 0
          ? Int32(generator.int(in: 0...d - 1)) : theme[generator.int(in: 0...theme.count - 1)]
      }
    ).sorted()
    let entries = own.map { _ in 0.2 + abs(generator.normal()) }
    let scale = (Double(d) / entries.reduce(0) { $0 + $1 * $1 }).squareRoot()
    columns += own
    values += entries.map { scale * $0 }
    offsets.append(values.count)
  }
  return try SparseMatrix(
    columnCount: d, rowOffsets: offsets, columnIndices: columns, values: values)
}

/// Networks of `d` inputs that go layer by layer.
enum WideNetwork: String, CaseIterable, Sendable {
  case biased, smooth, normalized, residual

  func kernel(_ d: Int) throws -> NeuralKernel {
    let biased = Layer.dense(weightStd: 1.3, biasStd: 0.3)
    let layers: [Layer] =
      switch self {
      case .biased: [biased, .relu, biased, .relu, .dense()]
      case .smooth: [.dense(), .activation(.gelu), .dense(biasStd: 0.1)]
      case .normalized: [.layerNorm(epsilon: 0.1), biased, .relu, .dense()]
      case .residual:
        [.residual([biased, .relu, .dense()]), biased, .activation(.erf()), .dense()]
      }
    return NeuralKernel(network: try Network(input: [d], layers: layers), type: .ntk)
  }
}
