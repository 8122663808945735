// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Layered maps of the kernels of convolutional networks.

import Sketching

/// Maps of one kernel, compared on some images that they were not fitted on.
struct ConvolutionalTable {
  /// rel, cen and images/s.
  typealias Wanted = (rel: Double, cen: Double?, speed: Double)

  let kernel: NeuralKernel
  let compared: Compared
  let sample: Rows<Double>
  let many: Rows<Float>
  let rows: RowChoice
  var table: Table

  /// - Parameters:
  ///   - images: the first `count` are compared, the next `mappedCount` are mapped for the speed, and
  ///     those behind are fitted on.
  init(
    _ title: String, _ network: Network, _ images: Rows<Double>, count: Int,
    mappedCount: Int = 1024, _ rows: RowChoice
  ) throws {
    self.rows = rows
    kernel = NeuralKernel(network: network, type: .ntk)
    compared = try Compared(kernel, images.rows(0..<count))
    many = images.rows(count..<count + mappedCount).converted(to: Float.self)
    sample = images.rows(count + mappedCount..<images.rowCount)
    table = Table("\(title); \(count) images that the maps were not fitted on")
  }

  mutating func add(
    _ method: LayeredBudget.Method, _ dimension: Int, seeds: UInt64, name: String? = nil,
    sample: Rows<Double>? = nil, wanted: Wanted? = nil
  ) throws {
    let name = name ?? "layered \(method.rawValue)"
    guard rows.takes(name) else { return }
    var (errors, columns, pace) = ([[Double]](), 0, 0.0)
    for seed in 0..<seeds {
      let map = try LayeredFeatureMap(
        kernel, dimension: dimension, method: method, seed: seed, sample: sample ?? self.sample)
      errors.append(try compared.errors(map))
      if seed == 0 { (columns, pace) = (map.outputDimension, try speed(map, many)) }
    }
    let mean = means(errors)
    table.add(
      name,
      [
        Figure("D", Double(columns)), Figure("seeds", Double(seeds)),
        Figure("rel", mean[0], wanted.map { .atMost($0.rel) }),
        Figure("cen", mean[1], wanted?.cen.map { .atMost($0) }),
        Figure("ε, 10⁻² tr K", mean[2]), Figure("ε, 10⁻³ tr K", mean[3]),
        Figure("images/s", pace, wanted.map { .atLeast($0.speed) }),
      ])
  }
}

/// Myrtle-5 on Fashion-MNIST, and maps fitted on images unlike those they are tested on.
func myrtleTable(_ data: FashionMNIST, _ rows: RowChoice) throws -> Table {
  var maps = try ConvolutionalTable(
    "NTK of Myrtle-5 with global average pooling, Fashion-MNIST", .myrtle(5, input: [28, 28, 1]),
    data.training(0..<4000), count: 100, rows)
  try maps.add(.nystrom, 128, seeds: 5, wanted: (0.006, 0.02, 2000))
  try maps.add(.nystrom, 512, seeds: 5, wanted: (0.002, 0.008, 700))
  try maps.add(.hybrid, 512, seeds: 5, wanted: (0.002, 0.008, 700))
  try maps.add(.nystrom, 2048, seeds: 2)
  try maps.add(.hybrid, 2048, seeds: 5, wanted: (0.0006, 0.003, 70))
  try maps.add(.random, 512, seeds: 5, wanted: (0.01, nil, 25))
  try maps.add(.sketch, 512, seeds: 5, wanted: (0.015, nil, 25))
  let others: [(String, (Matrix<Double>) -> Matrix<Double>)] = [
    ("inverted images", inverted), ("noise", noise(like:)),
  ]
  for (name, change) in others {
    let sample = Rows.dense(change(maps.sample.rows(0..<500).dense))
    for method in LayeredBudget.Method.allCases {
      try maps.add(
        method, 512, seeds: 2, name: "\(method.rawValue), fitted on \(name)", sample: sample)
    }
  }
  return maps.table
}

/// Myrtle-5 on colour images.
func colourTable(_ images: Rows<Double>, _ rows: RowChoice) throws -> Table {
  var maps = try ConvolutionalTable(
    "NTK of Myrtle-5 with global average pooling, CIFAR-10 (JPEG), 32 × 32 × 3",
    .myrtle(5, input: [32, 32, 3]), images, count: 100, rows)
  try maps.add(.nystrom, 128, seeds: 5)
  try maps.add(.nystrom, 512, seeds: 5)
  try maps.add(.hybrid, 512, seeds: 5)
  try maps.add(.nystrom, 2048, seeds: 1)
  try maps.add(.hybrid, 2048, seeds: 2)
  try maps.add(.random, 512, seeds: 1)
  try maps.add(.sketch, 512, seeds: 1)
  return maps.table
}

/// Other activations, biases, strides and sums, on fewer images: their exact kernels take longer.
func networkTables(_ data: FashionMNIST, _ rows: RowChoice) throws -> [Table] {
  let input = [28, 28, 1]
  let weightStd = 2.0.squareRoot()
  let strided = try Network(input: input) {
    for stride in [1, 2, 2] {
      Conv(filter: [3, 3], strides: [stride, stride], weightStd: weightStd)
      ReLU()
    }
    GlobalAveragePool()
    Dense(weightStd: weightStd)
  }
  let networks: [(String, Network)] = [
    ("Myrtle-5 with erf", try .myrtle(5, input: input, weightStd: 1.5, activation: .erf())),
    ("Myrtle-5 with GELU", try .myrtle(5, input: input, weightStd: 1.5, activation: .gelu)),
    (
      "Myrtle-5 with normalised Gaussians",
      try .myrtle(5, input: input, weightStd: 1, activation: .expNormalized())
    ),
    ("Myrtle-5 with biases of 0.1", try .myrtle(5, input: input, biasStd: 0.1)),
    ("Three convolutions, two of them of stride 2", strided),
    ("A residual network of two blocks", try .residual(input: input, blocks: 2)),
  ]
  return try networks.map { name, network in
    var maps = try ConvolutionalTable(
      "NTK of \(name.prefix(1).lowercased() == "m" ? name : name.lowercased())", network,
      data.training(0..<3000), count: 40, mappedCount: 512, rows)
    for method in LayeredBudget.Method.allCases {
      try maps.add(method, 512, seeds: method == .nystrom || method == .hybrid ? 2 : 1)
    }
    return maps.table
  }
}

/// Each image's largest pixel less the image.
private func inverted(_ images: Matrix<Double>) -> Matrix<Double> {
  var result = images
  for i in 0..<images.rowCount {
    let largest = images.row(i).max() ?? 0
    for j in 0..<images.columnCount { result[i, j] = largest - images[i, j] }
  }
  return result
}

/// Independent uniform pixels.
private func noise(like images: Matrix<Double>) -> Matrix<Double> {
  var generator = SystemlessGenerator(state: 1)
  var result = images
  for i in 0..<images.rowCount {
    for j in 0..<images.columnCount { result[i, j] = Double.random(in: 0..<1, using: &generator) }
  }
  return result
}
