// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Sparse sketches from the left: whole rows of a matrix added into the rows of its sketch.

import CInnerLoops
import LinearAlgebra

/// The most columns that are added up at once apart from their matrix, where their sums lie so close
/// together that they stay in the cache.
private let stripWidth = 128

extension SignedHash {
  /// Adds T A's part for the rows `offset..<offset + rows.rowCount` of A: each row, with its signs, to
  /// s rows of `sum`, in order.
  ///
  /// Each thread owns some of the sums, so each keeps the order of the rows, however many threads
  /// there are. With one nonzero these are whole rows of sums: each row of A is read by one thread alone.
  ///
  /// - Complexity: s additions per entry (nonzero, where sparse) of the rows; per thread, 128m numbers
  ///   of scratch.
  func accumulate<Scalar: RealScalar>(
    _ rows: Rows<Scalar>, at offset: Int, into sum: RowOutput<Scalar>, on execution: Execution
  ) throws {
    nonisolated(unsafe) let sum = sum
    let threads = max(1, execution.threads)
    let height = (bucketCount + threads - 1) / threads
    switch rows {
    case .dense(let dense) where nonzeros == 1:
      try Parallel.forEachBlock(of: bucketCount, size: height, on: execution) { buckets, _ in
        dense.withUnsafePointer {
          add($0, dense.columnCount, dense.rowCount, at: offset, into: sum, buckets: buckets)
        }
      }
    case .dense(let dense):
      let (count, width) = (dense.rowCount, dense.columnCount)
      let share = max(16, ((width + threads - 1) / threads + 15) & ~15)
      let part = isTabulated ? min(share, stripWidth) : share
      try Parallel.forEachBlock(of: width, size: part, on: execution) { columns, workspace in
        let target = sum.dropping(columns.lowerBound)
        dense.withUnsafePointer {
          let source = $0 + columns.lowerBound
          guard columns.count < width, columns.count <= stripWidth else {
            add(source, width, count, at: offset, into: target, columns.count)
            return
          }
          workspace.withScratch(Scalar.self, bucketCount * columns.count) {
            let strip = RowOutput(base: $0, stride: columns.count)
            copy(target, to: strip, columns.count)
            add(source, width, count, at: offset, into: strip, columns.count)
            copy(strip, to: target, columns.count)
          }
        }
      }
    case .sparse(let sparse):
      try Parallel.forEachBlock(of: bucketCount, size: height, on: execution) { buckets, _ in
        sparse.withUnsafePointers {
          add($0, rowCount: sparse.rowCount, at: offset, into: sum, buckets: buckets)
        }
      }
    }
  }

  /// Copies `count` columns of all m rows.
  private func copy<Scalar: RealScalar>(
    _ source: RowOutput<Scalar>, to target: RowOutput<Scalar>, _ count: Int
  ) {
    for i in 0..<bucketCount { target.row(i).update(from: source.row(i), count: count) }
  }

  /// Adds `count` columns of dense rows that lie `stride` apart.
  private func add<Scalar: RealScalar>(
    _ matrix: UnsafePointer<Scalar>, _ stride: Int, _ rowCount: Int, at offset: Int,
    into sum: RowOutput<Scalar>, _ count: Int
  ) {
    let vectors = sketching_widest_vectors()
    forEachStretch(of: offset..<offset + rowCount) { range, entries in
      let rows = matrix + (range.lowerBound - offset) * stride
      switch Scalar.precision {
      case .single:
        sketching_add_signed_rows_float(
          rows.cast(to: Float.self), stride, range.count, count, entries, nonzeros,
          sum.base.cast(to: Float.self), sum.stride, vectors)
      case .double:
        sketching_add_signed_rows_double(
          rows.cast(to: Double.self), stride, range.count, count, entries, nonzeros,
          sum.base.cast(to: Double.self), sum.stride, vectors)
      }
    }
  }

  /// Adds what falls into some rows of the sum, each dense row to one.
  private func add<Scalar: RealScalar>(
    _ matrix: UnsafePointer<Scalar>, _ width: Int, _ rowCount: Int, at offset: Int,
    into sum: RowOutput<Scalar>, buckets: Range<Int>
  ) {
    let vectors = sketching_widest_vectors()
    let (first, end) = (Int32(buckets.lowerBound), Int32(buckets.upperBound))
    forEachStretch(of: offset..<offset + rowCount) { range, entries in
      let rows = matrix + (range.lowerBound - offset) * width
      switch Scalar.precision {
      case .single:
        sketching_add_own_rows_float(
          rows.cast(to: Float.self), width, range.count, width, entries, first, end,
          sum.base.cast(to: Float.self), sum.stride, vectors)
      case .double:
        sketching_add_own_rows_double(
          rows.cast(to: Double.self), width, range.count, width, entries, first, end,
          sum.base.cast(to: Double.self), sum.stride, vectors)
      }
    }
  }

  /// Adds what falls into some rows of the sum; empty rows cost a look at their length.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func add<Scalar: RealScalar>(
    _ matrix: SparseRowPointers<Scalar>, rowCount: Int, at offset: Int,
    into sum: RowOutput<Scalar>, buckets: Range<Int>
  ) {
    withReader { reader in
      for i in 0..<rowCount {
        let positions = matrix.positions(ofRow: i)
        guard !positions.isEmpty else { continue }
        let entries = reader.entries(ofColumn: offset + i)
        for b in 0..<nonzeros {
          let entry = entries[b]
          let bucket = Int(entry ^ (entry >> 31))
          guard buckets.contains(bucket) else { continue }
          let target = sum.row(bucket)
          for position in positions {
            target[Int(matrix.columns[position])] += signed(matrix.values[position], by: entry)
          }
        }
      }
    }
  }
}
