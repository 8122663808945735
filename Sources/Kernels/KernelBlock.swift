// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// A block of a kernel matrix, cut into fixed square tiles.

import LinearAlgebra
import Validation

/// The side of the square tiles of most kernels, whose corners are multiples of it.
package let kernelTileSide = 128

/// The values of a kernel on some rows of x against some rows of y.
struct KernelBlock<K: Kernel, Scalar: RealScalar>: Sendable {
  let kernel: K
  let x: Rows<Scalar>
  let y: Rows<Scalar>
  /// Where x and y are parts of one set, the rows of that set at which they start.
  var positions: (x: Int, y: Int)?

  /// Writes all values, tile by tile.
  func write(into output: RowOutput<Scalar>, on execution: Execution) throws {
    let (rowTiles, columnTiles) = (tiles(of: x.rowCount), tiles(of: y.rowCount))
    nonisolated(unsafe) let output = output
    try Parallel.forEachBlock(of: rowTiles.count * columnTiles.count, size: 1, on: execution) {
      range, workspace in
      let (i, j) = range.lowerBound.quotientAndRemainder(dividingBy: columnTiles.count)
      try write(rowTiles[i], columnTiles[j], into: output, workspace: workspace)
    }
  }

  /// Writes the symmetric matrix of x = y: the upper tiles, and their mirror images below.
  func writeSymmetric(into base: UnsafeMutablePointer<Scalar>, on execution: Execution) throws {
    let (n, tiles) = (x.rowCount, tiles(of: x.rowCount))
    let pairs = tiles.indices.flatMap { i in (i..<tiles.count).map { (i, $0) } }
    nonisolated(unsafe) let base = base
    try Parallel.forEachBlock(of: pairs.count, size: 1, on: execution) { range, workspace in
      let (rows, columns) = (tiles[pairs[range.lowerBound].0], tiles[pairs[range.lowerBound].1])
      try write(rows, columns, into: RowOutput(base: base, stride: n), workspace: workspace)
      guard rows != columns else { return }
      transpose(
        RowOutput(base: base + rows.lowerBound * n + columns.lowerBound, stride: n),
        rows.count, columns.count,
        into: RowOutput(base: base + columns.lowerBound * n + rows.lowerBound, stride: n))
    }
  }

  private func tiles(of count: Int) -> [Range<Int>] {
    let side = kernel.tileSide
    return stride(from: 0, to: count, by: side).map { $0..<min($0 + side, count) }
  }

  private func write(
    _ rows: Range<Int>, _ columns: Range<Int>, into whole: RowOutput<Scalar>, workspace: Workspace
  ) throws {
    let base = whole.row(rows.lowerBound) + columns.lowerBound
    try writeTile(
      rows, columns, into: RowOutput(base: base, stride: whole.stride), workspace: workspace)
  }

  /// Writes one tile; of a symmetric matrix always the upper one, mirrored where it lies below.
  func writeTile(
    _ rows: Range<Int>, _ columns: Range<Int>, into output: RowOutput<Scalar>, workspace: Workspace
  ) throws {
    let (x, y) = (x.rows(rows), y.rows(columns))
    let distance =
      positions.map { $0.x + rows.lowerBound - ($0.y + columns.lowerBound) }
    if let distance, distance > 0 {
      try workspace.withScratch(Scalar.self, rows.count * columns.count) { scratch in
        let mirror = RowOutput(base: scratch, stride: rows.count)
        try kernel.evaluate(y, x, diagonalOffset: nil, into: mirror, workspace: workspace)
        transpose(mirror, columns.count, rows.count, into: output)
      }
    } else {
      try kernel.evaluate(
        x, y, diagonalOffset: distance == 0 ? 0 : nil, into: output, workspace: workspace)
      if distance == 0 {
        for i in 0..<rows.count {
          for j in 0..<i { output.row(i)[j] = output.row(j)[i] }
        }
      }
    }
    try checkValues(output, rows.count, columns.count)
  }
}

/// Throws unless all values of a tile are finite.
func checkValues<Scalar: RealScalar>(
  _ output: RowOutput<Scalar>, _ rows: Int, _ columns: Int
) throws {
  for i in 0..<rows {
    guard Entries.areFinite(columns, output.row(i)) else {
      throw InvalidInput(
        "value of the kernel", found: "an overflow of \(Scalar.self)",
        expected: "points of smaller norm or a kernel that grows more slowly")
    }
  }
}

/// Writes the transpose of a tile.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func transpose<Scalar: RealScalar>(
  _ input: RowOutput<Scalar>, _ rows: Int, _ columns: Int, into output: RowOutput<Scalar>
) {
  for j in 0..<columns {
    let column = output.row(j)
    for i in 0..<rows { column[i] = input.base[i * input.stride + j] }
  }
}
