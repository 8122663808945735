// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How the time of features of sparse points grows with their coordinates and their nonzeros.

import Sketching

/// The seconds to fit and to apply a map of 512 columns, by coordinates at 50 nonzeros for each point, and
/// by nonzeros; over those of the first line, which more coordinates should hardly change.
func sparseCostTable() throws -> Table {
  var table = Table(
    "Time of features of 4,000 sparse points, D = 512, beside d = 10⁴: seconds, ratio")
  for way in SparseWay.allCases {
    var first: Double?
    for (d, nonzeros) in [
      (10_000, 50), (100_000, 50), (1_000_000, 50), (10_000_000, 50), (1_000_000, 100),
      (1_000_000, 200),
    ] {
      let rows = Rows.sparse(try themedRows(4000, d, nonzeros: nonzeros))
      let kernel = try way.kernel(d)
      var times: [Double] = []
      for seed in 0..<3 {
        times.append(
          try seconds {
            let choice = try kernel.featureMap(
              method: way.method, dimension: 512, seed: UInt64(seed), sample: rows)
            _ = try choice.map.images(of: rows.converted(to: Float.self))
          })
      }
      let time = times.min() ?? 0
      let ratio = time / (first ?? time)
      first = first ?? time
      table.add(
        "\(way.rawValue), \(nonzeros) of \(d)",
        [
          Figure("seconds", time),
          Figure("ratio", ratio, nonzeros == 50 ? .atMost(1.3) : nil),
          Figure("µs per nonzero", 1e6 * time / Double(4000 * nonzeros)),
        ])
    }
  }
  return table
}

/// A method and a kernel.
private enum SparseWay: String, CaseIterable {
  case network = "network with biases, random"
  case sketchedNetwork = "network with biases, sketch"
  case hybridNetwork = "network with biases, hybrid"
  case chosenNetwork = "network with biases, auto"
  case landmarks = "network with biases, nystrom"
  case relu = "network of ReLU, sketch"
  case monomials = "network of ReLU, leverage"
  case fourier = "gaussian, random"
  case series = "gaussian, sketch"

  var method: FeatureMethod {
    switch self {
    case .network, .fourier: .random
    case .sketchedNetwork, .relu, .series: .sketch
    case .hybridNetwork: .hybrid
    case .chosenNetwork: .auto
    case .landmarks: .nystrom
    case .monomials: .leverage
    }
  }

  func kernel(_ d: Int) throws -> any Kernel & Codable & Hashable {
    let bias: Double
    switch self {
    case .fourier, .series: return try GaussianKernel(lengthScale: Double(d).squareRoot())
    case .relu, .monomials: bias = 0
    default: bias = 0.3
    }
    let layer = Layer.dense(weightStd: 1.4, biasStd: bias)
    return NeuralKernel(
      network: try Network(input: [d], layers: [layer, .relu, layer, .relu, .dense()]), type: .ntk)
  }
}

/// Points of |x|² = d, each with about `nonzeros` positive entries: two thirds in columns of one of 20
/// themes, the rest anywhere.
private func themedRows(_ n: Int, _ d: Int, nonzeros: Int) throws -> SparseMatrix<Double> {
  var generator = SystemlessGenerator(state: 5)
  func column() -> Int32 { Int32.random(in: 0..<Int32(d), using: &generator) }
  let themes = (0..<20).map { _ in (0..<4 * nonzeros).map { _ in column() } }
  var (offsets, columns, values) = ([0], [Int32](), [Double]())
  for i in 0..<n {
    let own = Set(
      (0..<nonzeros).map {
        $0 % 3 == 0 ? column() : themes[i % 20].randomElement(using: &generator) ?? 0
      }
    ).sorted()
    let entries = own.map { _ in Double.random(in: 0.2..<1.8, using: &generator) }
    let scale = (Double(d) / entries.reduce(0) { $0 + $1 * $1 }).squareRoot()
    columns += own
    values += entries.map { scale * $0 }
    offsets.append(values.count)
  }
  return try SparseMatrix(
    columnCount: d, rowOffsets: offsets, columnIndices: columns, values: values)
}
