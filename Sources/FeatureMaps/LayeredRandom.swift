// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Random features of an activation itself.

import LinearAlgebra
import NeuralKernels
import Randomness

/// m features σ(μW)/√m of the values of a dual, and (qa) ∘ σ′(μW)/√m of its derivatives times qqᵀ.
///
/// The columns of W are orthogonal in frames of as many as μ has coordinates, and so are those of a.
/// Where that makes the features vary less, W holds its columns with both signs, at the cost of one.
struct RandomFeatures: Sendable {
  /// m.
  let count: Int
  /// Wᵀ without opposites, of any lengths with the right mean square where σ is homogeneous, else normal.
  let directions: Matrix<Double>
  /// aᵀ.
  let weights: Matrix<Double>
  private let slopes: (below: Double, above: Double)?
  private let draw: ActivationDraw

  init(_ activation: Activation, count: Int, _ coordinates: PatchCoordinates, key: RandomKey) throws
  {
    self.count = count
    draw = ActivationDraw(activation)
    slopes = activation.slopes
    let directionCount = draw.gainsFromOpposites ? (count + 1) / 2 : count
    let (width, key) = (coordinates.nngp, key.child("directions"))
    var directions = try orthogonalRows(directionCount, width, key)
    if slopes == nil, width > 0, directionCount > 0 {
      let lengths = try RadialLaw.radii(
        .normal(lengthScale: 1), dimension: width, count: directionCount, key: key)
      directions.scaleRows(by: lengths.map { $0 / Double(width).squareRoot() })
    }
    self.directions = directions
    weights = try orthogonalRows(directionCount, coordinates.tangentCount, key.child("weights"))
  }

  /// Turns columns of μW into `count` features, and those of qa, if there, likewise.
  ///
  /// - Parameters:
  ///   - deviations: √K of each row as it enters σ.
  ///   - shares: how much of K is in |μ|²; the rest is noise. All of it where nil.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func apply<Scalar: RealScalar>(
    _ rowCount: Int, deviations: UnsafePointer<Scalar>, shares: UnsafePointer<Scalar>?,
    values: UnsafeMutablePointer<Scalar>, _ valueStride: Int,
    slopes products: UnsafeMutablePointer<Scalar>?, _ slopeStride: Int
  ) {
    let directionCount = directions.rowCount
    let scale = 1 / Double(max(1, count)).squareRoot()
    for i in 0..<rowCount {
      let row = values + i * valueStride
      let target = products.map { $0 + i * slopeStride }
      if let slopes, shares == nil {
        let (low, high) = (Scalar(scale * slopes.below), Scalar(scale * slopes.above))
        RandomFeatures.apply(directionCount, count, low, high, row, target)
        continue
      }
      let deviation = Double(deviations[i])
      let noise = shares.map { deviation * max(0, 1 - Double($0[i])).squareRoot() } ?? 0
      for j in 0..<directionCount {
        let (u, product) = (Double(row[j]), target.map { Double($0[j]) } ?? 0)
        let opposite = directionCount + j
        if opposite < count {
          let (value, slope) = draw(-u, deviation: deviation, noise: noise)
          row[opposite] = Scalar(scale * value)
          target?[opposite] = Scalar(scale * slope * product)
        }
        let (value, slope) = draw(u, deviation: deviation, noise: noise)
        row[j] = Scalar(scale * value)
        target?[j] = Scalar(scale * slope * product)
      }
    }
  }

  /// One row, for σ of slope `low` under 0 and `high` over it.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func apply<Scalar: RealScalar>(
    _ directionCount: Int, _ count: Int, _ low: Scalar, _ high: Scalar,
    _ values: UnsafeMutablePointer<Scalar>, _ products: UnsafeMutablePointer<Scalar>?
  ) {
    let opposites = count - directionCount
    if let products {
      let second = products + directionCount
      for j in 0..<opposites { second[j] = products[j] * (values[j] > 0 ? low : high) }
      for j in 0..<directionCount { products[j] *= values[j] > 0 ? high : low }
    }
    let second = values + directionCount
    for j in 0..<opposites { second[j] = values[j] * (values[j] > 0 ? -low : -high) }
    for j in 0..<directionCount { values[j] *= values[j] > 0 ? high : low }
  }
}

/// `count` rows of uniform direction at right angles to the orthonormal vectors in `avoiding`, orthogonal
/// in blocks that fill the space, and so long that the mean of their outer products is a projection.
///
/// - Source: Yu, Suresh, Choromanski, Holtmann-Rice, Kumar, "Orthogonal random features", 2016.
func orthogonalRows(
  _ count: Int, _ width: Int, _ key: RandomKey, avoiding: [[Double]] = []
) throws -> Matrix<Double> {
  let rank = width - avoiding.count
  guard count > 0, rank > 0 else { return Matrix(rowCount: count, columnCount: width) }
  return try Matrix.stacked(
    stride(from: 0, to: count, by: rank).enumerated().map { block, start in
      let rowCount = min(rank, count - start)
      let key = key.child("frame", block)
      let vectors = try Matrix.stacked(
        (avoiding.isEmpty ? [] : [Matrix(rows: avoiding)]) + [normals(rowCount, width, key)])
      let frame = try QR(vectors.transposed).orthonormal.transposed
      var rows = frame.rows(avoiding.count..<frame.rowCount)
      // The signs of a frame by reflections are not those of a uniform one.
      let signs = key.child("sign").stream.signs(count: rowCount)
      rows.scaleRows(by: signs.map { Double($0) * Double(rank).squareRoot() })
      return rows
    })
}

/// `count × width` standard normal numbers.
private func normals(_ count: Int, _ width: Int, _ key: RandomKey) -> Matrix<Double> {
  let blocks = (count * width + 3) / 4
  let numbers = [Double](unsafeUninitializedCapacity: 4 * blocks) { buffer, initialized in
    if let base = buffer.baseAddress { key.stream.fillNormals(from: 0, count: blocks, into: base) }
    initialized = 4 * blocks
  }
  return Matrix(rowCount: count, columnCount: width) { output in
    for i in 0..<count * width { output[i] = numbers[i] }
  }
}
