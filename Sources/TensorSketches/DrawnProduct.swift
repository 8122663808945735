// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Products of rows with matrices whose entries are drawn as they are used.

import LinearAlgebra

/// X⁺ W for a strip of columns of the weights W of one factor, where x⁺ = (x, extra).
struct DrawnProduct<Scalar: RealScalar> {
  let weights: ProductWeights
  /// Which outputs.
  let strip: Range<Int>
  /// The numbers of one row of the product: those of the strip, twice if they are complex.
  let width: Int
  let extra: Scalar

  /// How many rows of W are drawn at once.
  private static var tileHeight: Int { 128 }

  /// Writes the product, `width` numbers to a row.
  func write(
    _ rows: RowBlock<Scalar>, factor t: Int, into output: UnsafeMutablePointer<Scalar>,
    workspace: Workspace
  ) {
    workspace.withScratch(Scalar.self, Self.tileHeight * width + ProductWeights.slack) { tile in
      if rows.columnCount < weights.dimension {
        weights.draw(factor: t, coordinate: rows.columnCount, strip, into: tile)
        Entrywise.scale(tile, by: extra, into: tile, count: width)
        for i in 0..<rows.rowCount { (output + i * width).update(from: tile, count: width) }
      } else {
        output.update(repeating: 0, count: rows.rowCount * width)
      }
      switch rows.entries {
      case .dense(let base, let stride):
        for first in Swift.stride(from: 0, to: rows.columnCount, by: Self.tileHeight) {
          let height = min(Self.tileHeight, rows.columnCount - first)
          for k in 0..<height {
            weights.draw(factor: t, coordinate: first + k, strip, into: tile + k * width)
          }
          BLAS.gemm(
            m: rows.rowCount, n: width, k: height, base + first, lda: stride, tile, ldb: width,
            beta: 1, output, ldc: width)
        }
      case .sparse(let view):
        add(view, rowCount: rows.rowCount, factor: t, tile, to: output, workspace: workspace)
      }
    }
  }

  /// Adds the product for sparse rows: each row of W whose column occurs is drawn once.
  private func add(
    _ rows: SparseRowPointers<Scalar>, rowCount: Int, factor t: Int,
    _ tile: UnsafeMutablePointer<Scalar>, to output: UnsafeMutablePointer<Scalar>,
    workspace: Workspace
  ) {
    let columns = rows.distinctColumns(rowCount: rowCount)
    workspace.withScratch(Int.self, rowCount) { next in
      for i in 0..<rowCount { next[i] = rows.positions(ofRow: i).lowerBound }
      for first in stride(from: 0, to: columns.count, by: Self.tileHeight) {
        let height = min(Self.tileHeight, columns.count - first)
        for k in 0..<height {
          weights.draw(
            factor: t, coordinate: Int(columns[first + k]), strip, into: tile + k * width)
        }
        let last = columns[first + height - 1]
        for i in 0..<rowCount {
          let end = rows.positions(ofRow: i).upperBound
          var k = 0
          while next[i] < end, rows.columns[next[i]] <= last {
            while columns[first + k] < rows.columns[next[i]] { k += 1 }
            Entrywise.add(
              tile + k * width, times: rows.values[next[i]], to: output + i * width, count: width)
            next[i] += 1
          }
        }
      }
    }
  }
}

extension SparseRowPointers {
  /// The columns with a stored entry in the first `rowCount` rows, rising.
  fileprivate func distinctColumns(rowCount: Int) -> [Int32] {
    guard rowCount > 0 else { return [] }
    let end = positions(ofRow: rowCount - 1).upperBound
    var columns = Array(UnsafeBufferPointer(start: columns, count: end))
    columns.sort()
    var count = 0
    for column in columns where count == 0 || columns[count - 1] != column {
      columns[count] = column
      count += 1
    }
    columns.removeLast(columns.count - count)
    return columns
  }
}
