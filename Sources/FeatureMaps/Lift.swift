// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// From a point to the vector that enters a power series, and the factor before it.

import LinearAlgebra
import RealModule
import Validation

/// How a kernel becomes w(x) w(y) f(⟨x̂, ŷ⟩): what x̂ and w are.
enum Lift: Hashable, Codable, Sendable {
  /// x̂ = x, w = 1: the series is in the inner products themselves.
  case plain
  /// x̃ = (scale · x, offset), w = ‖x̃‖ and x̂ = x̃ / ‖x̃‖: the series is in cosines, and homogeneity
  /// does the rest. Without an offset there is no extra coordinate, and the zero vector has w = 0.
  case unit(scale: Double, offset: Double)
  /// x̂ = (x − c)/ℓ and w = exp(−‖x̂‖²/2), with which exp(⟨x̂, ŷ⟩) becomes the Gaussian kernel. Without
  /// centre where c is empty; with one, rows become dense.
  case gaussian(lengthScale: Double, centre: [Double])

  /// Whether zeros of a point stay zeros.
  var keepsZeros: Bool {
    if case .gaussian(_, let centre) = self { return centre.isEmpty }
    return true
  }

  /// The number of coordinates beyond those of the point.
  var extraCoordinates: Int {
    if case .unit(_, let offset) = self, offset != 0 { return 1 }
    return 0
  }

  /// A vector of the direction of x̂ for a point x: without the centre.
  func vector(along point: [Double]) -> [Double] {
    guard case .unit(let scale, let offset) = self, offset != 0 else { return point }
    return point.map { scale * $0 } + [offset]
  }
}

extension Lift {
  /// Throws `InvalidInput` unless its numbers are in range, as they may not be in a damaged file.
  func validate(inputDimension: Int) throws {
    if case .unit(let scale, let offset) = self {
      try Check.nonnegative(scale, "scale")
      try Check.nonnegative(offset, "offset")
    }
    if case .gaussian(let lengthScale, let centre) = self {
      try Check.positive(lengthScale, "length scale")
      if !centre.isEmpty { try Check.equal(centre.count, inputDimension, "entries of the centre") }
      guard centre.allSatisfy(\.isFinite) else {
        throw InvalidInput("centre", found: "NaN or infinity", expected: "finite numbers")
      }
    }
  }
}

extension RowBlock {
  /// Lends the lifted rows and their weights to `body`, in scratch memory.
  ///
  /// Sparse rows stay sparse, and dense rows of which a quarter is zeros become so: what follows costs
  /// a multiple of the entries.
  func withLifted<Result>(
    by lift: Lift, workspace: Workspace,
    _ body: (RowBlock, UnsafePointer<Double>) throws -> Result
  ) rethrows -> Result {
    let extra = lift.extraCoordinates
    let width = columnCount + extra
    let stored = storedCount()
    return try workspace.withScratch(Double.self, rowCount) { weights in
      if !lift.keepsZeros || isMostlyDense(stored: stored) {
        return try workspace.withScratch(Scalar.self, rowCount * width) { lifted in
          for i in 0..<rowCount {
            copyDense(row: i, to: lifted + i * width)
            weights[i] = liftRow(lifted + i * width, columnCount, by: lift)
          }
          let block = RowBlock(
            rowCount: rowCount, columnCount: width, entries: .dense(base: lifted, stride: width))
          return try body(block, weights)
        }
      }
      return try workspace.withScratch(Scalar.self, stored + extra * rowCount) { values in
        try workspace.withScratch(Int32.self, stored + extra * rowCount) { columns in
          try workspace.withScratch(Int.self, rowCount + 1) { offsets in
            offsets[0] = 0
            for i in 0..<rowCount {
              let start = offsets[i]
              let count = copyEntries(ofRow: i, columns: columns + start, values: values + start)
              weights[i] = liftRow(values + start, count, by: lift)
              if extra > 0 { columns[start + count] = Int32(columnCount) }
              offsets[i + 1] = start + count + extra
            }
            let rows = SparseRowPointers(offsets: offsets, columns: columns, values: values)
            return try body(
              RowBlock(rowCount: rowCount, columnCount: width, entries: .sparse(rows)), weights)
          }
        }
      }
    }
  }
}

extension RowBlock {
  /// Whether the rows are stored densely and less than a quarter of them is zeros.
  private func isMostlyDense(stored: Int) -> Bool {
    if case .dense = entries { return 4 * stored > 3 * rowCount * columnCount }
    return false
  }

  func copyDense(row i: Int, to output: UnsafeMutablePointer<Scalar>) {
    switch entries {
    case .dense(let base, let stride):
      output.update(from: base + i * stride, count: columnCount)
    case .sparse(let view):
      output.update(repeating: 0, count: columnCount)
      for position in view.positions(ofRow: i) {
        output[Int(view.columns[position])] = view.values[position]
      }
    }
  }
}

/// Turns x into x̂ in place, the extra coordinate behind it if there is one, and returns w.
///
/// In double precision, so that points as long or short as `Scalar` allows keep their direction. A
/// weight beyond that gives NaN, which `features(of:)` refuses.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func liftRow<Scalar: RealScalar>(
  _ x: UnsafeMutablePointer<Scalar>, _ count: Int, by lift: Lift
) -> Double {
  let (scale, offset): (Double, Double)
  switch lift {
  case .plain: return 1
  case .gaussian(let lengthScale, let centre):
    var square = 0.0
    for j in 0..<count {
      let entry = (Double(x[j]) - (centre.isEmpty ? 0 : centre[j])) / lengthScale
      square += entry * entry
      x[j] = Scalar(entry)
    }
    return Double.exp(-square / 2)
  case .unit(let unitScale, let unitOffset): (scale, offset) = (unitScale, unitOffset)
  }
  let norm = safeNorm(x, count)
  let weight = Double.hypot(norm * scale, offset)
  let cosine = weight > 0 ? norm * scale / weight : 0
  if norm > 0 {
    for j in 0..<count { x[j] = Scalar(Double(x[j]) / norm * cosine) }
  }
  if offset != 0 { x[count] = Scalar(offset / weight) }
  return weight
}

/// ‖x‖, a sum in order, so that zeros left out change no bit.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func safeNorm<Scalar: RealScalar>(_ x: UnsafePointer<Scalar>, _ count: Int) -> Double {
  var square = 0.0
  for j in 0..<count { square += Double(x[j]) * Double(x[j]) }
  if square > 1e-280, square.isFinite { return square.squareRoot() }
  var largest = 0.0
  for j in 0..<count { largest = max(largest, abs(Double(x[j]))) }
  guard largest > 0 else { return 0 }
  square = 0
  for j in 0..<count { square += (Double(x[j]) / largest) * (Double(x[j]) / largest) }
  return largest * square.squareRoot()
}
