// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Inner products of one tile of rows with another, dense or sparse, on one thread.

import Validation

extension Rows {
  /// Writes ⟨xᵢ, yⱼ⟩ for every row xᵢ of self and yⱼ of `other`: the tile under every kernel.
  ///
  /// Both have the same number of columns. Cost for m and n rows of d columns: 2mnd operations
  /// where both are dense, and about mn times the entries per row of a sparse one otherwise.
  public func innerProducts(
    with other: Rows, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    precondition(columnCount == other.columnCount)
    let d = columnCount
    switch (self, other) {
    case (.dense(let x), .dense(let y)):
      x.withUnsafePointer { px in
        y.withUnsafePointer { py in
          BLAS.gemm(
            transposeB: true, m: x.rowCount, n: y.rowCount, k: d, px, lda: d, py, ldb: d,
            output.base, ldc: output.stride)
        }
      }
    case (.sparse(let x), .dense):
      // The transposed problem: its row is our column.
      SparseInnerProducts.write(
        packed: other, swept: x, packedStride: 1, sweptStride: output.stride, output.base,
        workspace)
    case (_, .sparse(let y)):
      SparseInnerProducts.write(
        packed: self, swept: y, packedStride: output.stride, sweptStride: 1, output.base,
        workspace)
    }
  }

  /// ⟨xᵢ, yⱼ⟩ for every row xᵢ of self and yⱼ of `other`. Cost: see the form for one tile.
  ///
  /// - Throws: `InvalidInput` if the numbers of columns differ; `CancellationError`.
  public func multiplied(
    byTransposeOf other: Rows, on execution: Execution = .allCores
  ) throws -> Matrix<Scalar> {
    try Check.equal(other.columnCount, columnCount, "columns of the right factor")
    if case .dense(let x) = self, case .dense(let y) = other {
      return try x.multiplied(byTransposeOf: y, on: execution)
    }
    _ = try Check.count([rowCount, other.rowCount], "shape of the product")
    // A sparse block must have entries enough to repay the reading of all of `other`.
    let blockSize = if case .sparse = self { 256 } else { 64 }
    return try Matrix(rowCount: rowCount, columnCount: other.rowCount) { base in
      nonisolated(unsafe) let output = RowOutput(base: base, stride: other.rowCount)
      try Parallel.forEachBlock(of: rowCount, size: blockSize, on: execution) { range, workspace in
        rows(range).innerProducts(
          with: other, into: RowOutput(base: output.row(range.lowerBound), stride: output.stride),
          workspace: workspace)
      }
    }
  }
}

/// Inner products where one side is sparse.
///
/// Four rows of the other side are laid out column by column, four lanes wide; then one pass over
/// the entries of the sparse rows serves all four. Sums run in rising order of columns.
enum SparseInnerProducts {
  /// Above this many columns the lanes (4 numbers per column) leave the nearer caches, and sparse rows
  /// are found by their columns instead; both give the same sums.
  static let largestPackedColumnCount = 1 << 14

  static func write<Scalar: RealScalar>(
    packed: Rows<Scalar>, swept: SparseMatrix<Scalar>, packedStride: Int, sweptStride: Int,
    _ output: UnsafeMutablePointer<Scalar>, _ workspace: Workspace
  ) {
    let d = packed.columnCount
    swept.withUnsafePointers { y in
      switch packed {
      case .dense(let x) where swept.nonzeroCount < 2 * d:
        // Too few entries to repay the packing.
        x.withUnsafePointer { x in
          for i in 0..<packed.rowCount {
            gather(y, swept.rowCount, x + i * d, output + i * packedStride, sweptStride)
          }
        }
      case .dense(let x):
        x.withUnsafePointer { x in
          withLanes(of: Scalar.self, d, workspace) { lanes in
            for i in stride(from: 0, to: packed.rowCount, by: 4) {
              let count = min(4, packed.rowCount - i)
              pack(x + i * d, count: count, d, into: lanes)
              sweep(
                y, swept.rowCount, lanes, count, output + i * packedStride, packedStride,
                sweptStride)
            }
          }
        }
      case .sparse(let x) where d <= largestPackedColumnCount:
        x.withUnsafePointers { x in
          withLanes(of: Scalar.self, d, workspace) { lanes in
            lanes.update(repeating: .zero, count: d)
            for i in stride(from: 0, to: packed.rowCount, by: 4) {
              let count = min(4, packed.rowCount - i)
              scatter(x, i, count, into: lanes)
              sweep(
                y, swept.rowCount, lanes, count, output + i * packedStride, packedStride,
                sweptStride)
              clear(x, i, count, lanes)
            }
          }
        }
      case .sparse(let x):
        x.withUnsafePointers { x in
          RowsByColumn.with(x, rowCount: packed.rowCount, workspace) {
            $0.multiply(
              y, rowCount: swept.rowCount, of: packed.rowCount, packedStride, sweptStride,
              into: output)
          }
        }
      }
    }
  }

  private static func withLanes<Scalar: RealScalar>(
    of type: Scalar.Type, _ d: Int, _ workspace: Workspace,
    _ body: (UnsafeMutablePointer<SIMD4<Scalar>>) -> Void
  ) {
    workspace.withScratch(Scalar.self, 4 * d) { scratch in
      body(UnsafeMutableRawPointer(scratch).bindMemory(to: SIMD4<Scalar>.self, capacity: d))
    }
  }

  /// The products of four packed rows with every sparse row.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func sweep<Scalar: RealScalar>(
    _ rows: SparseRowPointers<Scalar>, _ rowCount: Int, _ lanes: UnsafePointer<SIMD4<Scalar>>,
    _ laneCount: Int, _ output: UnsafeMutablePointer<Scalar>, _ laneStride: Int, _ rowStride: Int
  ) {
    for j in 0..<rowCount {
      var sum = SIMD4<Scalar>.zero
      for position in rows.positions(ofRow: j) {
        sum += rows.values[position] * lanes[Int(rows.columns[position])]
      }
      for lane in 0..<laneCount { output[lane * laneStride + j * rowStride] = sum[lane] }
    }
  }

  /// The products of one dense row with every sparse row.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func gather<Scalar: RealScalar>(
    _ rows: SparseRowPointers<Scalar>, _ rowCount: Int, _ x: UnsafePointer<Scalar>,
    _ output: UnsafeMutablePointer<Scalar>, _ rowStride: Int
  ) {
    for j in 0..<rowCount {
      var sum: Scalar = 0
      for position in rows.positions(ofRow: j) {
        sum += rows.values[position] * x[Int(rows.columns[position])]
      }
      output[j * rowStride] = sum
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func pack<Scalar: RealScalar>(
    _ rows: UnsafePointer<Scalar>, count: Int, _ d: Int,
    into lanes: UnsafeMutablePointer<SIMD4<Scalar>>
  ) {
    // Missing rows repeat the last one; their sums are not written.
    let (second, third, fourth) = (min(1, count - 1) * d, min(2, count - 1) * d, (count - 1) * d)
    for column in 0..<d {
      lanes[column] = SIMD4(
        rows[column], rows[second + column], rows[third + column], rows[fourth + column])
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func scatter<Scalar: RealScalar>(
    _ rows: SparseRowPointers<Scalar>, _ first: Int, _ count: Int,
    into lanes: UnsafeMutablePointer<SIMD4<Scalar>>
  ) {
    for lane in 0..<count {
      for position in rows.positions(ofRow: first + lane) {
        lanes[Int(rows.columns[position])][lane] = rows.values[position]
      }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func clear<Scalar: RealScalar>(
    _ rows: SparseRowPointers<Scalar>, _ first: Int, _ count: Int,
    _ lanes: UnsafeMutablePointer<SIMD4<Scalar>>
  ) {
    for lane in 0..<count {
      for position in rows.positions(ofRow: first + lane) {
        lanes[Int(rows.columns[position])] = .zero
      }
    }
  }
}
