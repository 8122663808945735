// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Rows so short or long that squares or products of their entries leave single precision.

import LinearAlgebra

/// Rows of single precision whose entries lie in here, or are zero, keep kernels of degree 6 in range.
private let safeSizes = 0x1p-20...0x1p20

extension RowBlock {
  /// The largest magnitude in a row.
  func largestEntry(ofRow i: Int) -> Scalar {
    switch entries {
    case .dense(let base, let stride):
      RowBlock.largestMagnitude(columnCount, base + i * stride)
    case .sparse(let view):
      RowBlock.largestMagnitude(
        view.positions(ofRow: i).count, view.values + view.positions(ofRow: i).lowerBound)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func largestMagnitude(_ count: Int, _ row: UnsafePointer<Scalar>) -> Scalar {
    let whole = count & ~7
    var lanes = SIMD8<Scalar>.zero
    for j in stride(from: 0, to: whole, by: 8) {
      let x = UnsafeRawPointer(row + j).loadUnaligned(as: SIMD8<Scalar>.self)
      lanes = lanes.replacing(with: x, where: x .> lanes)
      lanes = lanes.replacing(with: -x, where: -x .> lanes)
    }
    var largest = lanes.max()
    for j in whole..<count { largest = max(largest, abs(row[j])) }
    return largest
  }

  /// Whether the rows are of single precision, and one is too short or too long for it.
  private var needsDouble: Bool {
    guard Scalar.precision == .single else { return false }
    return (0..<rowCount).contains { i in
      let largest = Double(largestEntry(ofRow: i))
      return largest > 0 && !safeSizes.contains(largest)
    }
  }

  /// Maps rows by `body`: in double precision, if they are of single precision and their size asks for it, or
  /// always.
  ///
  /// - Complexity: a look at every entry; for such rows copies of all.
  func mapSafely(
    into output: RowOutput<Scalar>, _ columnCount: Int, always: Bool = false, workspace: Workspace,
    inDouble: (RowBlock<Double>, RowOutput<Double>) -> Void, _ body: () -> Void
  ) {
    guard (always && Scalar.precision == .single) || needsDouble,
      let copy = try? rows.converted(to: Double.self)
    else { return body() }
    copy.withUnsafeBlock { rows in
      workspace.withScratch(Double.self, rowCount * columnCount) { base in
        inDouble(rows, RowOutput(base: base, stride: columnCount))
        for i in 0..<rowCount {
          for j in 0..<columnCount { output.row(i)[j] = Scalar(base[i * columnCount + j]) }
        }
      }
    }
  }
}
