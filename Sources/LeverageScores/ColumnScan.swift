// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The masses of all columns of a block, dense or sparse: the inner loop of sampling tensor rows.

import CInnerLoops
import LinearAlgebra

/// Where a prefix P is not zero, and the rows P_j F_j there, R numbers each.
struct PrefixProduct {
  let support: [Int32]
  let rows: UnsafePointer<Double>
  /// R.
  let width: Int
}

/// Σ_r (Σ_j P_j F_jr x_ji)² for columns i.
enum ColumnScan {
  /// All columns of a dense block. Cost: 2 R operations per entry in rows of the support.
  static func dense(
    _ block: Matrix<Double>, _ prefix: PrefixProduct, workspace: Workspace
  ) -> [Double] {
    let (n, columnCount, width) = (block.rowCount, block.columnCount, prefix.width)
    let support = prefix.support
    return workspace.withScratch(Double.self, width * columnCount) { products in
      block.withUnsafePointer { base in
        func multiply(_ rows: UnsafePointer<Double>) {
          BLAS.gemm(
            transposeA: true, m: width, n: columnCount, k: support.count, prefix.rows, lda: width,
            rows, ldb: columnCount, products, ldc: columnCount)
        }
        guard support.count < n else {
          multiply(base)
          return
        }
        workspace.withScratch(Double.self, support.count * columnCount) { gathered in
          for (row, j) in support.enumerated() {
            (gathered + row * columnCount).update(
              from: base + Int(j) * columnCount, count: columnCount)
          }
          multiply(gathered)
        }
      }
      var masses = [Double](repeating: 0, count: columnCount)
      masses.withUnsafeMutableBufferPointer { masses in
        for r in 0..<width {
          let row = products + r * columnCount
          for i in 0..<columnCount { masses[i] += row[i] * row[i] }
        }
      }
      return masses
    }
  }

  /// The columns of a sparse block that have an entry in the support. Cost: 2 R operations per such
  /// entry, and O(columns).
  static func sparse(
    _ block: SparseMatrix<Double>, _ prefix: PrefixProduct, workspace: Workspace
  ) -> (columns: [Int32], masses: [Double]) {
    let width = prefix.width
    var touched: [Int32] = []
    let masses = workspace.withScratch(Int32.self, block.columnCount) { slots in
      block.withUnsafePointers { view in
        slots.update(repeating: -1, count: block.columnCount)
        for j in prefix.support {
          for position in view.positions(ofRow: Int(j)) {
            let column = Int(view.columns[position])
            guard slots[column] < 0 else { continue }
            slots[column] = Int32(touched.count)
            touched.append(view.columns[position])
          }
        }
        return workspace.withScratch(Double.self, touched.count * width) { sums in
          sums.update(repeating: 0, count: touched.count * width)
          for (row, j) in prefix.support.enumerated() {
            let source = prefix.rows + row * width
            for position in view.positions(ofRow: Int(j)) {
              let target = sums + Int(slots[Int(view.columns[position])]) * width
              let value = view.values[position]
              for r in 0..<width { target[r] += value * source[r] }
            }
          }
          return (0..<touched.count).map { slot in
            let sum = sums + slot * width
            var mass = 0.0
            for r in 0..<width { mass += sum[r] * sum[r] }
            return mass
          }
        }
      }
    }
    return (touched, masses)
  }

  /// Sparse columns one by one, as rows of a matrix: for supports of many points, whose products with
  /// all columns at once would be large. Cost: 2 R operations per entry.
  static func columns(
    _ range: Range<Int>, of columns: SparseMatrix<Double>, _ prefix: PrefixProduct,
    workspace: Workspace
  ) -> [Double] {
    let n = columns.columnCount
    return workspace.withScratch(Int32.self, n) { slots in
      slots.update(repeating: -1, count: n)
      for (row, j) in prefix.support.enumerated() { slots[Int(j)] = Int32(row) }
      return columns.rows(range).withUnsafePointers { view in
        [Double](unsafeUninitializedCapacity: range.count) { masses, initialized in
          initialized = range.count
          guard let masses = masses.baseAddress else { return }
          sketching_column_masses_double(
            range.count, view.offsets, view.columns, view.values, slots, prefix.width, prefix.rows,
            masses, sketching_widest_vectors())
        }
      }
    }
  }
}
