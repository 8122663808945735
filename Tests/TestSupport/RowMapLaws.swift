// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What every map of rows must obey: a map inherits these checks by naming itself.

import Foundation
import LinearAlgebra
import Randomness
import Testing
import Validation

/// How equal two results must be.
public enum Agreement: Sendable {
  /// Equal numbers (zeros of either sign are equal).
  case bits
  /// Equal to this fraction of the largest entry.
  case relative(Double)
}

/// Whether two matrices agree.
public func agree<Scalar: RealScalar>(
  _ a: Matrix<Scalar>, _ b: Matrix<Scalar>, _ agreement: Agreement
) -> Bool {
  guard a.rowCount == b.rowCount, a.columnCount == b.columnCount else { return false }
  switch agreement {
  case .bits: return a == b
  case .relative(let tolerance):
    let largest = b.elements.reduce(Scalar(0)) { max($0, abs($1)) }
    return zip(a.elements, b.elements).allSatisfy {
      abs(Double($0 - $1)) <= tolerance * Double(largest)
    }
  }
}

/// Checks the laws of a map on random points: threads, batches, sparse input, both precisions, the
/// output it may touch, storage, and input that it must refuse.
///
/// - Parameters:
///   - batches: what it promises for rows in other batches, and for sparse rows.
///   - single: how far single precision may lie from double, as a fraction of the largest entry.
public func checkRowMapLaws<Map: RowMap & Codable & Hashable>(
  _ map: Map, batches: Agreement = .bits, single: Double = 1e-4,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  try checkRowMapLaws(map, batches: batches, as: Double.self, sourceLocation)
  try checkRowMapLaws(map, batches: batches, as: Float.self, sourceLocation)
  var generator = CaseGenerator(seed: 5)
  let x = generator.matrix(9, map.inputDimension, as: Float.self)
  let wide = try map.images(of: .dense(x.converted(to: Double.self)))
  let narrow = try map.images(of: .dense(x)).converted(to: Double.self)
  #expect(
    agree(narrow, wide, .relative(single)), "single precision is off",
    sourceLocation: sourceLocation)

  let stored = try JSONEncoder().encode(map)
  let restored = try JSONDecoder().decode(Map.self, from: stored)
  #expect(restored == map, sourceLocation: sourceLocation)
  #expect(restored.hashValue == map.hashValue, sourceLocation: sourceLocation)
  #expect(
    try restored.images(of: .dense(x)) == map.images(of: .dense(x)),
    "another map came back from storage", sourceLocation: sourceLocation)
  var other = try JSONSerialization.jsonObject(with: stored) as? [String: Any] ?? [:]
  other["law"] = "none"
  let foreign = try JSONSerialization.data(withJSONObject: other)
  #expect(throws: InvalidInput.self, sourceLocation: sourceLocation) {
    try JSONDecoder().decode(Map.self, from: foreign)
  }
}

private func checkRowMapLaws<Map: RowMap, Scalar: RealScalar>(
  _ map: Map, batches: Agreement, as type: Scalar.Type, _ location: SourceLocation
) throws {
  let (d, m) = (map.inputDimension, map.outputDimension)
  var generator = CaseGenerator(seed: 3)
  let n = 2 * map.blockRowCount + 3
  let x = generator.matrix(n, d, density: 0.6, as: type)
  let images = try map.images(of: .dense(x), on: Execution(threads: 1))
  #expect(images.rowCount == n && images.columnCount == m, sourceLocation: location)
  #expect(images.isFinite, sourceLocation: location)
  #expect(
    images.elements.contains { $0 != 0 }, "everything is mapped to zero",
    sourceLocation: location)
  for threads in [2, 3] {
    #expect(
      try map.images(of: .dense(x), on: Execution(threads: threads)) == images,
      "\(threads) threads give other bits", sourceLocation: location)
  }

  let sparse = SparseMatrix(x)
  #expect(
    try agree(map.images(of: .sparse(sparse)), images, batches), "sparse rows differ",
    sourceLocation: location)
  let cuts = [0, 1, 2, n / 2, n]
  for rows in [Rows.dense(x), .sparse(sparse)] {
    let parts = try zip(cuts, cuts.dropFirst()).map { try map.images(of: rows.rows($0..<$1)) }
    #expect(
      try agree(.stacked(parts), images, batches), "other batches differ",
      sourceLocation: location)
    let none = try map.images(of: rows.rows(0..<0))
    #expect(none.rowCount == 0 && none.columnCount == m, sourceLocation: location)
  }

  // Garbage in the output must not matter, and what lies between its rows must stay.
  let count = min(3, n)
  let stride = m + 5
  var target = [Scalar](repeating: .nan, count: count * stride)
  target.withUnsafeMutableBufferPointer { buffer in
    Rows.dense(x.rows(0..<count)).withUnsafeBlock { block in
      map.map(
        block, into: RowOutput(base: buffer.baseAddress!, stride: stride), workspace: Workspace())
    }
  }
  for i in 0..<count {
    #expect(
      target[i * stride + m..<(i + 1) * stride].allSatisfy { $0.isNaN }, "wrote outside its rows",
      sourceLocation: location)
    let row = try Matrix(
      rowCount: 1, columnCount: m, elements: Array(target[i * stride..<i * stride + m]))
    #expect(
      agree(row, images.rows(i..<i + 1), batches), "read its output", sourceLocation: location)
  }

  for value in [Scalar.nan, .infinity, -.infinity] {
    for column in Set([0, d / 2, d - 1]) {
      var bad = x
      bad[n - 1, column] = value
      #expect(throws: InvalidInput.self, "\(value) taken", sourceLocation: location) {
        try map.images(of: .dense(bad))
      }
      #expect(throws: InvalidInput.self, "\(value) taken", sourceLocation: location) {
        try map.images(of: .sparse(SparseMatrix(bad)))
      }
    }
  }
  for width in [d - 1, d + 1] where width > 0 {
    let other = generator.matrix(2, width, as: type)
    #expect(throws: InvalidInput.self, "\(width) columns taken", sourceLocation: location) {
      try map.images(of: .dense(other))
    }
  }
}

/// Checks that `make(inputDimension, outputDimension)` refuses impossible dimensions and takes 1.
public func checkDimensionLaws<Map: RowMap>(
  sourceLocation: SourceLocation = #_sourceLocation, _ make: (Int, Int) throws -> Map
) {
  for bad in [0, -1, 1_000_000_000_000, Int.max, Int.min] {
    #expect(throws: InvalidInput.self, "input \(bad) taken", sourceLocation: sourceLocation) {
      try make(bad, 4)
    }
    #expect(throws: InvalidInput.self, "output \(bad) taken", sourceLocation: sourceLocation) {
      try make(4, bad)
    }
  }
  #expect(throws: Never.self, sourceLocation: sourceLocation) { try make(1, 1) }
}

/// Checks S(ax + by) = a Sx + b Sy.
public func checkLinearity<Map: RowMap>(
  _ map: Map, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  var generator = CaseGenerator(seed: 11)
  let (x, y) = (
    generator.matrix(5, map.inputDimension, as: Double.self),
    generator.matrix(5, map.inputDimension, as: Double.self)
  )
  let (a, b) = (generator.normal(), generator.normal())
  func combine(_ x: Matrix<Double>, _ y: Matrix<Double>) throws -> Matrix<Double> {
    try Matrix(
      rowCount: x.rowCount, columnCount: x.columnCount,
      elements: zip(x.elements, y.elements).map { a * $0 + b * $1 })
  }
  let whole = try map.images(of: .dense(combine(x, y)))
  let parts = try combine(map.images(of: .dense(x)), map.images(of: .dense(y)))
  #expect(agree(whole, parts, .relative(1e-12)), "not linear", sourceLocation: sourceLocation)
}
