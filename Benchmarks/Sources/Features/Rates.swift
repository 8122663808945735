// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How fast the errors of maps of every family fall with their columns.

import Foundation
import Sketching

/// ε at λ = 10⁻² tr K for three numbers of columns, and p where it falls as D⁻ᵖ between the first and the last:
/// 1/2 is wanted, less a little for the noise of few seeds.
func rateTables(_ rows: RowChoice) throws -> [Table] {
  [try pointRates(rows), try networkRates(rows)]
}

/// Rows of one kernel and one set of points.
private struct Rates<ExactKernel: Kernel & Codable & Hashable> {
  let kernel: ExactKernel
  let rows: RowChoice
  let dimensions = [512, 2048, 8192]
  let compared: Compared
  /// Points that maps are fitted on: others than those compared.
  let sample: Rows<Double>
  /// As much for these as 10⁻² tr K is for those compared.
  let ridge: Double

  init(
    _ kernel: ExactKernel, _ points: Rows<Double>, count: Int, _ rows: RowChoice
  ) throws {
    self.kernel = kernel
    self.rows = rows
    compared = try Compared(kernel, points.rows(0..<count))
    sample = points.rows(count..<points.rowCount)
    ridge = 1e-2 * compared.trace * Double(sample.rowCount) / Double(count)
  }

  func add(
    to table: inout Table, _ name: String, seeds: UInt64 = 3,
    _ make: (_ dimension: Int, _ seed: UInt64) throws -> any FeatureMap
  ) throws {
    guard rows.takes(name) else { return }
    let errors = try dimensions.map { dimension in
      try (0..<seeds).reduce(0.0) {
        try $0 + compared.errors(make(dimension, $1))[2] / Double(seeds)
      }
    }
    let rate = log(errors[0] / errors[2]) / log(Double(dimensions[2]) / Double(dimensions[0]))
    table.add(
      name,
      zip(dimensions, errors).map { Figure("ε, D = \($0)", $1) }
        + [Figure("p", rate, .atLeast(0.45))])
  }

  /// The map that the kernel has by a method.
  func add(
    to table: inout Table, _ name: String, seeds: UInt64 = 3, method: FeatureMethod
  ) throws {
    try add(to: &table, "\(name), \(method.rawValue)", seeds: seeds) {
      try kernel.featureMap(
        method: method, dimension: $0, seed: $1, ridge: ridge, sample: sample
      ).map
    }
  }
}

private let title =
  "How errors fall with D: ε at λ = 10⁻² tr K, and p for which it falls as D⁻ᵖ;"

/// Maps of kernels of points.
private func pointRates(_ rows: RowChoice) throws -> Table {
  let d = 20
  let count = 300
  var table = Table(
    """
    \(title)
    \(count) points of \(d) coordinates; maps see 1,000 others, landmarks are some of 9,000
    """)
  let key = RandomKey(seed: 7).child("points")
  var matrix = Matrix<Double>(rowCount: count + 9000, columnCount: d)
  for i in 0..<matrix.rowCount {
    let normals = key.child("row", i).stream
    for j in 0..<d { matrix[i, j] = 0.3 + normals.normal(at: UInt64(j)) }
  }
  let all = Rows.dense(matrix)
  let points = all.rows(0..<count + 1000)

  func fourier(_ name: String, _ kernel: some ShiftInvariantKernel & Codable & Hashable) throws {
    let rates = try Rates(kernel, points, count: count, rows)
    for design in FrequencyDesign.allCases where !(name != "gaussian" && design != .plain) {
      try rates.add(to: &table, "\(name), \(design.rawValue) frequencies") {
        try RandomFourierFeatureMap(
          kernel, inputDimension: d, dimension: $0, seed: $1, design: design)
      }
    }
    try rates.add(to: &table, name, seeds: 1, method: .leverage)
  }
  let gaussian = try GaussianKernel(lengthScale: 6)
  try fourier("gaussian", gaussian)
  try fourier("laplace", LaplaceKernel(lengthScale: 20))
  try fourier("exponential", MaternKernel.exponential(lengthScale: 6))
  try fourier("matern 3/2", MaternKernel(smoothness: 1.5, lengthScale: 6))
  try fourier("cauchy", CauchyKernel(lengthScale: 6))
  let series = try Rates(gaussian, points, count: count, rows)
  try series.add(to: &table, "gaussian", method: .sketch)
  try series.add(to: &table, "gaussian", method: .hybrid)
  let many = try Rates(gaussian, all, count: count, rows)
  try many.add(to: &table, "gaussian", seeds: 1, method: .nystrom)
  let dot = try Rates(ExponentialDotKernel(scale: 0.02), points, count: count, rows)
  try dot.add(to: &table, "exponential of products", method: .random)
  try dot.add(to: &table, "exponential of products", method: .sketch)
  let polynomial = try Rates(
    PolynomialKernel(degree: 4, scale: 0.05, offset: 1), points, count: count, rows)
  try polynomial.add(to: &table, "polynomial of degree 4", method: .sketch)
  let arcCosine = try Rates(ArcCosineKernel(order: 1), points, count: count, rows)
  try arcCosine.add(to: &table, "arc-cosine of order 1", method: .random)
  let relu = NeuralKernel(network: try .fullyConnected(inputDimension: d, depth: 2))
  let layer = Layer.dense(weightStd: 1.4, biasStd: 0.3)
  let biased = NeuralKernel(
    network: try Network(
      input: [d], layers: [layer, .activation(.gelu), layer, .activation(.gelu), .dense()]),
    type: .ntk)
  for (name, kernel) in [("NTK, ReLU", relu), ("NTK, GELU and biases", biased)] {
    let rates = try Rates(kernel, points, count: count, rows)
    for method in [FeatureMethod.sketch, .random, .hybrid] {
      try rates.add(to: &table, name, method: method)
    }
  }
  return table
}

/// Layered maps of a convolutional network. Those of 8,192 columns take most of the time.
private func networkRates(_ rows: RowChoice) throws -> Table {
  let side = 12
  let count = 60
  let seeds: UInt64 = 2
  var table = Table(
    """
    \(title)
    NTK of three convolutions, averages of 2 × 2 and a global one; \(count) images of smooth noise, \
    \(side) × \(side) pixels; maps see 100 others; mean of \(seeds) seeds
    """)
  let network = try Network(input: [side, side, 1]) {
    for _ in 0..<2 {
      Conv(filter: [3, 3], weightStd: 1.4)
      ReLU()
    }
    AveragePool(window: [2, 2])
    Conv(filter: [3, 3], weightStd: 1.4)
    ReLU()
    GlobalAveragePool()
    Dense(weightStd: 1.4)
  }
  let images = smoothImages(count + 100, side: side).converted(to: Double.self)
  let rates = try Rates(
    NeuralKernel(network: network, type: .ntk), images, count: count, rows)
  for method in [FeatureMethod.sketch, .random, .hybrid] {
    try rates.add(to: &table, "convolutions", seeds: seeds, method: method)
  }
  return table
}
