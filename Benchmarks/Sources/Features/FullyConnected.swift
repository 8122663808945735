// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Maps of the NTKs of networks with two and three hidden ReLU layers.

import Sketching

/// The network of depth 3 is the one of two hidden layers, three of weights: its statistical dimensions are
/// those that the figures wanted were found with. One of three hidden layers is beside it.
func fullyConnectedTables(_ data: FashionMNIST, isLong: Bool) throws -> [Table] {
  try [("two", 2), ("three", 3)].map { name, depth in
    try fullyConnectedTable(data, "\(name) hidden ReLU layers", depth: depth, isLong: isLong)
  }
}

private func fullyConnectedTable(
  _ data: FashionMNIST, _ name: String, depth: Int, isLong: Bool
) throws -> Table {
  let network = try Network.fullyConnected(inputDimension: 784, depth: depth)
  let kernel = NeuralKernel(network: network, type: .ntk)
  let count = 2000
  let compared = try Compared(kernel, data.training(0..<count).normalized())
  let sample = try data.training(10_000..<22_000).normalized().converted(to: Float.self)
  let many = try data.training(22_000..<30_192).normalized().converted(to: Float.self)
  let dimensions = try [1e-2, 1e-3].map {
    try statisticalDimension(of: compared.exact, ridge: $0 * compared.trace)
  }
  var table = Table(
    """
    NTK of \(name), \(count) images of Fashion-MNIST of length one; landmarks are other images;
    statistical dimensions \(dimensions.map(Figure.short).joined(separator: " and ")) at λ = 10⁻² and 10⁻³ tr K
    """)
  // What was wanted was of a kernel with the statistical dimensions 32 and 209 on other 2,000 images.
  let isWanted = abs(dimensions[0] - 32) < 2

  func add(
    _ name: String, seeds: UInt64, rel: Double? = nil, speed wanted: Double? = nil,
    _ make: (UInt64) throws -> any FeatureMap
  ) throws {
    var (errors, columns, pace) = ([Double](), 0, 0.0)
    for seed in 0..<seeds {
      let map = try make(seed)
      errors.append(try compared.relativeError(map))
      if seed == 0 { (columns, pace) = (map.outputDimension, try speed(map, many)) }
    }
    let mean = errors.reduce(0, +) / Double(errors.count)
    table.add(
      name,
      [
        Figure("D", Double(columns)), Figure("seeds", Double(seeds)),
        Figure("rel", mean, isWanted ? rel.map { .atMost($0) } : nil),
        Figure("images/s", pace, isWanted ? wanted.map { .atLeast($0) } : nil),
      ])
  }

  for (dimension, rel, pace, best) in [
    (2048, 0.012, 10_000.0, 0.008), (8192, 0.006, 3000, 0.005),
  ] {
    func sketch(_ columns: Int, _ seed: UInt64) throws -> NetworkFeatureMap {
      try NetworkFeatureMap(kernel, dimension: columns, seed: seed, sample: sample.rows(0..<2000))
    }
    try add("sketch, centred", seeds: 10, rel: rel, speed: pace) { try sketch(dimension, $0) }
    try add("random, layer by layer", seeds: 1) {
      try kernel.featureMap(
        method: .random, dimension: dimension, seed: $0, sample: sample.rows(0..<2000)
      ).map
    }
    try add("monomials by leverage", seeds: 3) {
      try kernel.featureMap(
        method: .leverage, dimension: dimension, seed: $0, sample: sample.rows(0..<2000)
      ).map
    }
    // More landmarks than this take minutes to fit; few columns are all that the limit is for.
    let landmarks = min(4096, dimension)
    let seeds: UInt64 = landmarks == dimension ? 3 : 1
    let limit = landmarks == dimension ? best : nil
    try add("nystrom, uniform", seeds: seeds, rel: limit) {
      try NystromFeatureMap(kernel, dimension: landmarks, seed: $0, sample: sample)
    }
    if landmarks < 4096 || isLong {
      try add("nystrom, k-means", seeds: seeds, rel: limit) {
        try NystromFeatureMap(
          kernel, dimension: landmarks, seed: $0, choice: .kMeans, sample: sample)
      }
    }
    try add("hybrid, a quarter landmarks", seeds: 3, rel: best) { seed in
      try HybridFeatureMap(
        landmarks: sample.landmarks(.uniform, count: dimension / 4, for: kernel, seed: seed),
        remainder: sketch(dimension - dimension / 4, seed))
    }
    try add("auto", seeds: 1, rel: best) { seed in
      try kernel.featureMap(dimension: dimension, seed: seed, sample: sample).map
    }
  }
  return table
}
