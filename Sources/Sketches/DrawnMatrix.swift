// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Products with a dense random matrix that is never whole in memory: its tiles are drawn from their
// counters where they are needed.

import LinearAlgebra

/// A random matrix S = scale · T ∈ ℝᵐˣᵈ, any part of whose T can be computed alone.
protocol DrawnMatrix: Sendable {
  var inputDimension: Int { get }
  var outputDimension: Int { get }
  var scale: Double { get }

  /// Rows of T are drawn in groups of this many, a power of two up to 128.
  static var rowGroup: Int { get }

  /// Writes Tᵀ for some columns of T and rows that start at a multiple of `rowGroup`: row k of the
  /// tile is column `columns.lowerBound + k`, to the end of the last group.
  func draw<Scalar: RealScalar>(
    columns: Range<Int>, rows: Range<Int>, into tile: RowOutput<Scalar>)
}

/// How many rows of T are drawn at once, at most; a multiple of 128.
private let tileHeight = 4096
/// How many columns of T are drawn at once, at most.
private let tileWidth = 64
/// How many rows of S A one block of work has.
private let leftHeight = 256

extension DrawnMatrix {
  /// Lends `body` one stretch of rows of T after the other and room for a tile of each.
  private func forEachTile<Scalar: RealScalar>(
    of rows: Range<Int>, _ workspace: Workspace,
    _ body: (Range<Int>, RowOutput<Scalar>) -> Void
  ) {
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: tileHeight) {
      let part = start..<min(rows.upperBound, start + tileHeight)
      let height = (part.count + Self.rowGroup - 1) & ~(Self.rowGroup - 1)
      workspace.withScratch(Scalar.self, tileWidth * height) {
        body(part, RowOutput(base: $0, stride: height))
      }
    }
  }

  /// X Sᵀ.
  func product<Scalar: RealScalar>(
    _ x: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    forEachTile(of: 0..<outputDimension, workspace) { (rows, tile: RowOutput<Scalar>) in
      let output = output.dropping(rows.lowerBound)
      switch x.entries {
      case .dense(let base, let stride):
        multiply(base, stride: stride, count: x.rowCount, rows, tile, into: output)
      case .sparse(let view):
        multiply(view, count: x.rowCount, rows, tile, into: output, workspace: workspace)
      }
    }
  }

  /// The outputs in `rows` for dense points: a product with every tile of Tᵀ.
  private func multiply<Scalar: RealScalar>(
    _ x: UnsafePointer<Scalar>, stride: Int, count: Int, _ rows: Range<Int>,
    _ tile: RowOutput<Scalar>, into output: RowOutput<Scalar>
  ) {
    for first in Swift.stride(from: 0, to: inputDimension, by: tileWidth) {
      let columns = first..<min(inputDimension, first + tileWidth)
      draw(columns: columns, rows: rows, into: tile)
      BLAS.gemm(
        m: count, n: rows.count, k: columns.count, alpha: Scalar(scale), x + first, lda: stride,
        tile.base, ldb: tile.stride, beta: first == 0 ? 0 : 1, output.base, ldc: output.stride)
    }
  }

  /// The outputs in `rows` for sparse points: each column of T that occurs is drawn once.
  private func multiply<Scalar: RealScalar>(
    _ x: SparseRowPointers<Scalar>, count: Int, _ rows: Range<Int>, _ tile: RowOutput<Scalar>,
    into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    guard count > 0 else { return }
    let occurring = distinctColumns(x, rowCount: count)
    workspace.withScratch(Int.self, count) { next in
      for i in 0..<count {
        output.row(i).update(repeating: 0, count: rows.count)
        next[i] = x.positions(ofRow: i).lowerBound
      }
      for first in stride(from: 0, to: occurring.count, by: tileWidth) {
        let columns = occurring[first..<min(occurring.count, first + tileWidth)]
        for (k, column) in columns.enumerated() {
          draw(
            columns: Int(column)..<Int(column) + 1, rows: rows,
            into: RowOutput(base: tile.row(k), stride: tile.stride))
        }
        columns.withUnsafeBufferPointer {
          addColumns($0, of: x, next: next, count: count, tile, width: rows.count, into: output)
        }
      }
      for i in 0..<count { Sketches.multiply(output.row(i), rows.count, by: Scalar(scale)) }
    }
  }

  /// Adds to `sum` what some rows of A contribute to T A.
  func accumulateProduct<Scalar: RealScalar>(
    _ a: Rows<Scalar>, at offset: Int, into sum: RowOutput<Scalar>, on execution: Execution
  ) throws {
    nonisolated(unsafe) let sum = sum
    try Parallel.forEachBlock(of: outputDimension, size: leftHeight, on: execution) {
      block, workspace in
      a.withUnsafeBlock { a in
        forEachTile(of: block, workspace) { (rows, tile: RowOutput<Scalar>) in
          let sum = RowOutput(base: sum.row(rows.lowerBound), stride: sum.stride)
          switch a.entries {
          case .dense(let base, let stride):
            for first in Swift.stride(from: 0, to: a.rowCount, by: tileWidth) {
              let part = first..<min(a.rowCount, first + tileWidth)
              draw(
                columns: offset + part.lowerBound..<offset + part.upperBound, rows: rows,
                into: tile)
              BLAS.gemm(
                transposeA: true, m: rows.count, n: a.columnCount, k: part.count, tile.base,
                lda: tile.stride, base + first * stride, ldb: stride, beta: 1, sum.base,
                ldc: sum.stride)
            }
          case .sparse(let view):
            for i in 0..<a.rowCount where !view.positions(ofRow: i).isEmpty {
              draw(columns: offset + i..<offset + i + 1, rows: rows, into: tile)
              addOuterProduct(tile.base, rows.count, view, row: i, into: sum)
            }
          }
        }
      }
    }
  }
}

/// The columns with a stored entry in a block, rising.
private func distinctColumns<Scalar: RealScalar>(
  _ x: SparseRowPointers<Scalar>, rowCount: Int
) -> [Int32] {
  let end = x.positions(ofRow: rowCount - 1).upperBound
  var columns = Array(UnsafeBufferPointer(start: x.columns, count: end))
  columns.sort()
  var count = 0
  for column in columns where count == 0 || columns[count - 1] != column {
    columns[count] = column
    count += 1
  }
  columns.removeLast(columns.count - count)
  return columns
}

/// Adds to every output its entries in `columns` times their rows of the tile. The entries of row i
/// from `next[i]` on are not yet added.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func addColumns<Scalar: RealScalar>(
  _ columns: UnsafeBufferPointer<Int32>, of x: SparseRowPointers<Scalar>,
  next: UnsafeMutablePointer<Int>, count: Int, _ tile: RowOutput<Scalar>, width: Int,
  into output: RowOutput<Scalar>
) {
  for i in 0..<count {
    let end = x.positions(ofRow: i).upperBound
    var k = 0
    while next[i] < end, x.columns[next[i]] <= columns[columns.count - 1] {
      let position = next[i]
      while columns[k] < x.columns[position] { k += 1 }
      let (target, source, value) = (output.row(i), tile.row(k), x.values[position])
      for j in 0..<width { target[j] += value * source[j] }
      next[i] += 1
    }
  }
}

/// Adds t aᵀ for a column t and a sparse row a.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func addOuterProduct<Scalar: RealScalar>(
  _ t: UnsafePointer<Scalar>, _ height: Int, _ a: SparseRowPointers<Scalar>, row: Int,
  into sum: RowOutput<Scalar>
) {
  let positions = a.positions(ofRow: row)
  for i in 0..<height {
    let target = sum.row(i)
    for position in positions {
      target[Int(a.columns[position])] += t[i] * a.values[position]
    }
  }
}
