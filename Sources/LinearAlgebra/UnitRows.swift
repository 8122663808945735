// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Rows brought to length one.

/// The rows of another source, each divided by its Euclidean norm; rows of zeros stay.
public struct UnitRows<Base: RowSource>: RowSource {
  public let base: Base

  public init(_ base: Base) {
    self.base = base
  }

  public var rowCount: Int { base.rowCount }
  public var columnCount: Int { base.columnCount }

  public func rows<Scalar: RealScalar>(
    _ range: Range<Int>, as type: Scalar.Type
  ) throws -> Rows<Scalar> {
    try base.rows(range, as: type).normalized()
  }
}

extension Rows {
  /// Each row divided by its Euclidean norm; rows of zeros stay. Cost: O(entries).
  public func normalized() -> Rows {
    switch self {
    case .dense(var matrix):
      let width = matrix.columnCount
      matrix.withUnsafeMutablePointer { p in
        for i in 0..<rowCount { normalize(p + i * width, count: width) }
      }
      return .dense(matrix)
    case .sparse(let matrix):
      return .sparse(
        matrix.mappingValues { values, rows in
          for i in 0..<rowCount {
            let range = rows.positions(ofRow: i)
            normalize(values + range.lowerBound, count: range.count)
          }
        })
    }
  }
}

extension SparseMatrix {
  /// The same pattern with values that `body` changes in place.
  package func mappingValues(
    _ body: (UnsafeMutablePointer<Scalar>, SparseRowPointers<Scalar>) -> Void
  ) -> SparseMatrix {
    let changed = [Scalar](unsafeUninitializedCapacity: nonzeroCount) { buffer, count in
      count = nonzeroCount
      withUnsafePointers { rows in
        guard let base = buffer.baseAddress else { return }
        base.update(from: rows.values, count: nonzeroCount)
        body(base, rows)
      }
    }
    return SparseMatrix(
      columnCount: columnCount, offsets: offsets, columns: columns, values: changed[...])
  }
}

/// x ← x / ‖x‖ where x is not zero.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func normalize<Scalar: RealScalar>(_ x: UnsafeMutablePointer<Scalar>, count: Int) {
  let norm = euclideanNorm(x, count)
  guard norm > 0, norm.isFinite else { return }
  for j in 0..<count { x[j] /= norm }
}
