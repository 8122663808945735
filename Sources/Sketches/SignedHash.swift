// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The hash functions of the sparse sketches, bucket and sign, and adding points into their buckets.

import CInnerLoops
import LinearAlgebra
import Randomness

/// For each column j in 0..<d, s places with signs: place b is a random one of the rows of block b,
/// where s blocks of ⌊m/s⌋ or ⌈m/s⌉ rows make up all m. With s = 1: h(j) in 0..<m and a sign.
///
/// All are fully random and independent. Kept as a table or computed from the counter at each use,
/// with the same values. An entry is one number: the row where the sign is +1, its complement
/// (−1 − row) where it is −1.
package struct SignedHash: Sendable {
  package let inputDimension: Int
  package let bucketCount: Int
  /// s, the number of entries of a column.
  package let nonzeros: Int
  private let table: [Int32]?
  private let buckets: RandomStream
  private let signs: RandomStream

  /// Whether entries are looked up rather than computed.
  var isTabulated: Bool { table != nil }

  /// How many entries are tabulated at most: 16 MB.
  package static let tableLimit = 1 << 22
  /// How many are at most where many hashes serve one sketch: 4 MB, which takes some milliseconds. More
  /// would not pay for sparse rows, which need few of them.
  package static let sharedTableLimit = 1 << 20

  /// - Parameter tabulated: whether to hold a table of 4ds bytes.
  package init(
    key: RandomKey, inputDimension: Int, bucketCount: Int, nonzeros: Int = 1, tabulated: Bool
  ) {
    self.init(
      inputDimension, bucketCount, nonzeros, table: nil, key.child("bucket").stream,
      key.child("sign").stream)
    if tabulated {
      let count = inputDimension * nonzeros
      let entries = [Int32](unsafeUninitializedCapacity: count) { buffer, initialized in
        fill(0..<count, into: buffer.baseAddress!)
        initialized = count
      }
      self.init(inputDimension, bucketCount, nonzeros, table: entries, buckets, signs)
    }
  }

  /// The hash with the given entries, those of a column next to each other.
  package init(entries: [Int32], bucketCount: Int, nonzeros: Int = 1) {
    let stream = RandomKey(seed: 0).stream
    self.init(entries.count / nonzeros, bucketCount, nonzeros, table: entries, stream, stream)
  }

  private init(
    _ inputDimension: Int, _ bucketCount: Int, _ nonzeros: Int, table: [Int32]?,
    _ buckets: RandomStream, _ signs: RandomStream
  ) {
    self.inputDimension = inputDimension
    self.bucketCount = bucketCount
    self.nonzeros = nonzeros
    self.table = table
    self.buckets = buckets
    self.signs = signs
  }

  /// The first row of block `b`, or m for b = s.
  package func blockStart(_ b: Int) -> Int { b * bucketCount / nonzeros }

  /// Entry `b` of column `j`.
  package func entry(at j: Int, _ b: Int = 0) -> Int32 {
    let index = j * nonzeros + b
    if let table { return table[index] }
    let start = blockStart(b)
    let count = blockStart(b + 1) - start
    let row = Int32(start + buckets.bucket(at: UInt64(index), count: count))
    return signs.sign(at: UInt64(index)) < 0 ? ~row : row
  }

  /// Calls `body` with stretches of columns, and the entries of each, that make up all of `columns` in
  /// order.
  package func forEachStretch(
    of columns: Range<Int>? = nil, _ body: (Range<Int>, UnsafePointer<Int32>) throws -> Void
  ) rethrows {
    let columns = columns ?? 0..<inputDimension
    if let table {
      try table.withUnsafeBufferPointer {
        try body(columns, $0.baseAddress! + columns.lowerBound * nonzeros)
      }
      return
    }
    let width = max(1, 4096 / nonzeros)
    try withUnsafeTemporaryAllocation(of: Int32.self, capacity: width * nonzeros) { buffer in
      for start in stride(from: columns.lowerBound, to: columns.upperBound, by: width) {
        let part = start..<min(columns.upperBound, start + width)
        fill(
          part.lowerBound * nonzeros..<part.upperBound * nonzeros, into: buffer.baseAddress!)
        try body(part, buffer.baseAddress!)
      }
    }
  }

  /// Computes the entries of a range of indices j · s + b, those that share a block of sign bits at a time.
  private func fill(_ range: Range<Int>, into output: UnsafeMutablePointer<Int32>) {
    guard range.count >= 32 else { return fillOneByOne(range, into: output) }
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 128) { buffer in
      let words = buffer.baseAddress!
      var (b, start) = (range.lowerBound % nonzeros, range.lowerBound)
      while start < range.upperBound {
        let end = min(range.upperBound, (start | 127) + 1)
        let first = start & ~3
        buckets.fillWords(from: UInt64(first >> 2), count: (end - first + 3) >> 2, into: words)
        let signWords = signs.words(block: UInt64(start >> 7))
        for i in start..<end {
          output[i - range.lowerBound] = entry(words[i - first], signWords, i, block: b)
          b = b + 1 == nonzeros ? 0 : b + 1
        }
        start = end
      }
    }
  }

  private func fillOneByOne(_ range: Range<Int>, into output: UnsafeMutablePointer<Int32>) {
    var (words, signWords) = (SIMD4<UInt32>.zero, SIMD4<UInt32>.zero)
    var b = range.lowerBound % nonzeros
    for i in range {
      if i & 3 == 0 || i == range.lowerBound { words = buckets.words(block: UInt64(i >> 2)) }
      if i & 127 == 0 || i == range.lowerBound { signWords = signs.words(block: UInt64(i >> 7)) }
      output[i - range.lowerBound] = entry(words[i & 3], signWords, i, block: b)
      b = b + 1 == nonzeros ? 0 : b + 1
    }
  }

  /// The entry with index i by its word and the block of sign bits that holds its own.
  @inline(__always)
  private func entry(
    _ word: UInt32, _ signWords: SIMD4<UInt32>, _ i: Int, block b: Int
  ) -> Int32 {
    let start = nonzeros == 1 ? 0 : blockStart(b)
    let count = nonzeros == 1 ? bucketCount : blockStart(b + 1) - start
    let row = Int32(start) + Int32((UInt64(word) &* UInt64(count)) >> 32)
    let negative = (signWords[(i >> 5) & 3] >> UInt32(i & 31)) & 1
    return row ^ -Int32(negative)
  }
}

extension SignedHash {
  /// The entries of any column, while the pointers last.
  package struct Reader {
    fileprivate let hash: SignedHash
    fileprivate let table: UnsafePointer<Int32>?
    fileprivate let scratch: UnsafeMutablePointer<Int32>

    /// The s entries of column `j`, valid until the next call. Cost: O(1) with a table, else O(s).
    @inline(__always)
    package func entries(ofColumn j: Int) -> UnsafePointer<Int32> {
      if let table { return table + j * hash.nonzeros }
      hash.fill(j * hash.nonzeros..<(j + 1) * hash.nonzeros, into: scratch)
      return UnsafePointer(scratch)
    }
  }

  /// Lends a reader of columns in any order, valid only inside `body`.
  package func withReader<Result>(_ body: (Reader) throws -> Result) rethrows -> Result {
    if let table {
      return try table.withUnsafeBufferPointer {
        try body(
          Reader(
            hash: self, table: $0.baseAddress!,
            scratch: UnsafeMutablePointer(mutating: $0.baseAddress!)))
      }
    }
    return try withUnsafeTemporaryAllocation(of: Int32.self, capacity: nonzeros) {
      try body(Reader(hash: self, table: nil, scratch: $0.baseAddress!))
    }
  }
}

/// x or −x without a branch, as the sign of `entry` says.
@inline(__always)
func signed<Scalar: RealScalar>(_ x: Scalar, by entry: Int32) -> Scalar {
  Scalar((entry >> 31) | 1) * x
}

extension SignedHash {
  /// Adds scale · T x to `output`, m numbers, for row `i` of a block; additions in column order.
  ///
  /// - Complexity: O(ds) for dense rows, O(s · nonzeros) for sparse ones.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func add<Scalar: RealScalar>(
    row i: Int, of rows: RowBlock<Scalar>, scale: Scalar = 1,
    to output: UnsafeMutablePointer<Scalar>
  ) {
    switch rows.entries {
    case .dense(let base, let stride):
      add(base + i * stride, count: rows.columnCount, scale: scale, to: output)
    case .sparse(let view):
      if table == nil, nonzeros == 1 {
        addComputed(view, view.positions(ofRow: i), scale: scale, to: output)
        return
      }
      withReader { reader in
        for position in view.positions(ofRow: i) {
          let entries = reader.entries(ofColumn: Int(view.columns[position]))
          for b in 0..<nonzeros {
            let entry = entries[b]
            output[Int(entry ^ (entry >> 31))] += signed(scale * view.values[position], by: entry)
          }
        }
      }
    }
  }

  /// The same for one entry per column, 64 of which are computed together.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func addComputed<Scalar: RealScalar>(
    _ view: SparseRowPointers<Scalar>, _ positions: Range<Int>, scale: Scalar,
    to output: UnsafeMutablePointer<Scalar>
  ) {
    let batch = 64
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 2 * batch) { buffer in
      let (rows, negatives) = (buffer.baseAddress!, buffer.baseAddress! + batch)
      for first in stride(from: positions.lowerBound, to: positions.upperBound, by: batch) {
        let count = min(batch, positions.upperBound - first)
        let (columns, values) = (view.columns + first, view.values + first)
        buckets.fillWords(at: columns, count: count, into: rows)
        signs.fillWords(at: columns, shift: 5, count: count, into: negatives)
        for k in 0..<count {
          let row = Int((UInt64(rows[k]) &* UInt64(bucketCount)) >> 32)
          let negative = Int32(bitPattern: negatives[k] >> UInt32(columns[k] & 31) & 1)
          output[row] += signed(scale * values[k], by: 0 &- negative)
        }
      }
    }
  }

  /// Adds scale · T x to `output` for x given by its first `count` entries, the others being zero.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func add<Scalar: RealScalar>(
    _ x: UnsafePointer<Scalar>, count: Int, scale: Scalar = 1,
    to output: UnsafeMutablePointer<Scalar>
  ) {
    forEachStretch(of: 0..<min(count, inputDimension)) { range, entries in
      let x = x + range.lowerBound
      if nonzeros == 1 {
        addNumbers(x, count: range.count, entries: entries, scale: scale, to: output)
      } else {
        for j in 0..<range.count {
          for b in 0..<nonzeros {
            let entry = entries[j * nonzeros + b]
            output[Int(entry ^ (entry >> 31))] += signed(scale * x[j], by: entry)
          }
        }
      }
    }
  }

  /// Adds each of `count` numbers, times `scale`, to the place that its one entry names.
  private func addNumbers<Scalar: RealScalar>(
    _ x: UnsafePointer<Scalar>, count: Int, entries: UnsafePointer<Int32>, scale: Scalar,
    to output: UnsafeMutablePointer<Scalar>
  ) {
    let vectors = sketching_widest_vectors()
    switch Scalar.precision {
    case .single:
      sketching_add_signed_numbers_float(
        x.cast(to: Float.self), count, entries, Float(scale), output.cast(to: Float.self), vectors)
    case .double:
      sketching_add_signed_numbers_double(
        x.cast(to: Double.self), count, entries, Double(scale), output.cast(to: Double.self),
        vectors)
    }
  }

  /// Adds the signed x to the places of column j.
  package func add<Scalar: RealScalar>(
    _ x: Scalar, at j: Int, to output: UnsafeMutablePointer<Scalar>
  ) {
    for b in 0..<nonzeros {
      let entry = entry(at: j, b)
      output[Int(entry ^ (entry >> 31))] += signed(x, by: entry)
    }
  }
}
