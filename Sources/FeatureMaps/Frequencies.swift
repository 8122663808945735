// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Inner products of points with random frequencies, however these are arranged.

import LinearAlgebra
import Randomness
import Validation

/// How the random frequencies of a feature map are arranged.
public enum FrequencyDesign: String, Hashable, Codable, CaseIterable, Sendable {
  /// Independent draws; nearly so for Gaussian and Matérn kernels where points are so wide that a table
  /// is shared (see `RandomFourierFeatureMap`).
  case plain
  /// Stratified lengths in random orthogonal directions, for isotropic laws. Set up by O(d²)
  /// operations for each frequency.
  case orthogonal
  /// Nearly the same by Hadamard transforms, for isotropic laws: O(log d) operations for each
  /// frequency and point, and no table. The directions are not quite uniform.
  case structuredOrthogonal
  /// A scrambled Halton sequence through inverse distribution functions: for few coordinates much
  /// more even than independent draws, for hundreds much the same.
  case quasiRandom

  /// In words.
  var words: String {
    switch self {
    case .plain: "plain"
    case .orthogonal: "orthogonal"
    case .structuredOrthogonal: "orthogonal by transforms"
    case .quasiRandom: "quasi-random"
    }
  }
}

/// `count` frequencies w_f ∈ ℝᵈ of a spectral measure, in the order of a design.
///
/// All are numbers of single precision, so that both precisions see the same ones. They are a table
/// of 4d bytes each, up to 2²⁷ entries in all; plain ones beyond that, or beyond 2²⁴ where coordinates are
/// so many that most must be 0, share a short table (`SharedFrequencies`) if they may, or are drawn again
/// wherever they are needed; others are refused, and structured ones need no table.
struct Frequencies: Sendable {
  private enum Storage {
    /// Entry (j, f) at `j · count + f`.
    case table([Float])
    case drawn(DrawnFrequencies)
    case shared(SharedFrequencies)
    case transforms(HadamardFrequencies)
  }

  let inputDimension: Int
  let count: Int
  private let storage: Storage

  /// More would be features of a hundred megabytes for each point.
  static let largestCount = 1 << 24
  static let largestTable = 1 << 27
  /// The same for plain frequencies of more than 2¹⁶ coordinates: a longer table takes longer to draw than
  /// what thousands of rows of mostly zeros use of it, and outgrows the processor's caches.
  static let largestWideTable = 1 << 24

  /// - Parameter isBounded: whether what is made of the products is bounded, as cosines are: then plain
  ///   frequencies of isotropic laws may share a table.
  /// - Throws: `InvalidInput` if a dimension is out of range, the length scale is below 10⁻³⁰ or above
  ///   10³⁰, the design does not suit the measure, or its table is too large.
  init(
    _ measure: SpectralMeasure, _ design: FrequencyDesign, inputDimension d: Int, count: Int,
    key: RandomKey, power: Int? = nil, isBounded: Bool = false,
    largestTable: Int = Frequencies.largestTable
  ) throws {
    try Check.dimension(d, "input dimension")
    try Check.dimension(count, "number of frequencies", upTo: Self.largestCount)
    guard 1e-30...1e30 ~= measure.lengthScale else {
      throw InvalidInput(
        "length scale", found: "\(measure.lengthScale)", expected: "1e-30 to 1e30")
    }
    inputDimension = d
    self.count = count
    if [.orthogonal, .structuredOrthogonal].contains(design), !measure.isIsotropic {
      throw InvalidInput(
        "design", found: design.rawValue,
        expected: "plain or quasiRandom, for a kernel that is no function of |x − y|")
    }
    let (entries, overflow) = d.multipliedReportingOverflow(by: count)
    let isWide = design == .plain && d > 1 << 16
    let fits =
      !overflow && entries <= (isWide ? min(largestTable, Self.largestWideTable) : largestTable)
    guard fits || design == .plain || design == .structuredOrthogonal else {
      throw InvalidInput(
        "design", found: "\(design) with a table of \(d) × \(count) numbers",
        expected: "plain or structuredOrthogonal, for more than 2²⁷ numbers")
    }
    switch design {
    case .plain:
      let drawn = DrawnFrequencies(measure, count: count, key: key)
      let isShared = isBounded && measure.isIsotropic && count <= SharedFrequencies.largestCount
      storage =
        fits
        ? .table(Frequencies.table(of: drawn, d, count))
        : isShared ? .shared(SharedFrequencies(measure, count: count, key: key)) : .drawn(drawn)
    case .orthogonal:
      storage = .table(
        try OrthogonalFrequencies.table(
          measure, inputDimension: d, count: count, key: key, power: power))
    case .quasiRandom:
      storage = .table(
        try HaltonFrequencies.table(measure, inputDimension: d, count: count, key: key))
    case .structuredOrthogonal:
      try Check.dimension(d, "input dimension of Hadamard transforms", upTo: 1 << 26)
      storage = .transforms(
        try HadamardFrequencies(
          measure, inputDimension: d, count: count, key: key, power: power))
    }
  }

  private init(inputDimension: Int, count: Int, _ storage: Storage) {
    self.inputDimension = inputDimension
    self.count = count
    self.storage = storage
  }

  /// The frequencies with the given numbers, of those with entries.
  func selecting(_ picked: [Int]) -> Frequencies {
    let storage: Storage =
      switch storage {
      case .table(let table):
        .table((0..<inputDimension).flatMap { j in picked.map { table[j * count + $0] } })
      case .drawn(let drawn): .drawn(drawn.selecting(picked))
      case .shared(let shared): .shared(shared.selecting(picked))
      case .transforms: preconditionFailure("transforms have no entries to pick")
      }
    return Frequencies(inputDimension: inputDimension, count: picked.count, storage)
  }

  private static func table(of drawn: DrawnFrequencies, _ d: Int, _ count: Int) -> [Float] {
    let workspace = Workspace()
    return [Float](unsafeUninitializedCapacity: d * count) { buffer, initialized in
      for j in 0..<d {
        drawn.fill(
          coordinate: j, 0..<count, into: buffer.baseAddress! + j * count, workspace: workspace)
      }
      initialized = d * count
    }
  }

  /// How many rows should be multiplied at once.
  var blockRowCount: Int {
    switch storage {
    case .table, .shared: 256
    case .drawn: 1024
    case .transforms: 16
    }
  }

  /// Calls `body` with ⟨w_f, xᵢ⟩ for all rows, some consecutive frequencies at a time.
  ///
  /// - Complexity: for dense rows 2d operations for each entry (O(log d) by transforms), for sparse
  ///   ones 2 for each nonzero of the row.
  func forEachTile<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, workspace: Workspace, _ body: (Range<Int>, RowOutput<Scalar>) -> Void
  ) {
    let ranges: [Range<Int>] =
      if case .transforms(let transforms) = storage {
        transforms.blocks
      } else {
        stride(from: 0, to: count, by: 512).map { $0..<min(count, $0 + 512) }
      }
    for (index, range) in ranges.enumerated() {
      workspace.withScratch(Scalar.self, rows.rowCount * range.count) { scratch in
        let tile = RowOutput(base: scratch, stride: range.count)
        if case .transforms(let transforms) = storage {
          transforms.multiply(rows, block: index, into: tile, workspace: workspace)
        } else {
          switch rows.entries {
          case .dense(let base, let stride):
            multiply(base, stride, rows.rowCount, range, into: tile, workspace: workspace)
          case .sparse(let view):
            multiply(view, rows.rowCount, range, into: tile, workspace: workspace)
          }
        }
        if case .shared(let shared) = storage { shared.scale(tile, rows.rowCount, range) }
        body(range, tile)
      }
    }
  }

  private func multiply<Scalar: RealScalar>(
    _ x: UnsafePointer<Scalar>, _ stride: Int, _ rowCount: Int, _ range: Range<Int>,
    into tile: RowOutput<Scalar>, workspace: Workspace
  ) {
    func add(_ coordinates: Range<Int>, _ w: UnsafePointer<Scalar>, _ ldw: Int) {
      BLAS.gemm(
        m: rowCount, n: range.count, k: coordinates.count, x + coordinates.lowerBound,
        lda: stride, w, ldb: ldw, beta: coordinates.lowerBound == 0 ? 0 : 1, tile.base,
        ldc: tile.stride)
    }
    if case .table(let table) = storage, Scalar.precision == .single {
      table.withUnsafeBufferPointer {
        add(
          0..<inputDimension, ($0.baseAddress! + range.lowerBound).cast(to: Scalar.self), count)
      }
      return
    }
    for start in Swift.stride(from: 0, to: inputDimension, by: 256) {
      let coordinates = start..<min(inputDimension, start + 256)
      workspace.withScratch(Scalar.self, coordinates.count * range.count) { w in
        withEntries(of: range, workspace) { entries in
          for j in coordinates {
            convert(entries(j), range.count, to: w + (j - start) * range.count)
          }
        }
        add(coordinates, w, range.count)
      }
    }
  }

  private func multiply<Scalar: RealScalar>(
    _ x: SparseRowPointers<Scalar>, _ rowCount: Int, _ range: Range<Int>,
    into tile: RowOutput<Scalar>, workspace: Workspace
  ) {
    if case .shared(let shared) = storage {
      return shared.multiply(x, rowCount, range, into: tile, workspace: workspace)
    }
    if case .drawn(let drawn) = storage {
      for i in 0..<rowCount { tile.row(i).update(repeating: 0, count: range.count) }
      workspace.withScratch(Float.self, range.count) { entries in
        x.forEachColumn(rowCount: rowCount, workspace: workspace) {
          drawn.fill(coordinate: $0, range, into: entries, workspace: workspace)
        } entry: {
          addMultiple($1, entries, range.count, to: tile.row($0))
        }
      }
      return
    }
    withEntries(of: range, workspace) { entries in
      for i in 0..<rowCount {
        let sum = tile.row(i)
        sum.update(repeating: 0, count: range.count)
        for position in x.positions(ofRow: i) {
          addMultiple(
            x.values[position], entries(Int(x.columns[position])), range.count, to: sum)
        }
      }
    }
  }

  /// Lends `body` a function from a coordinate to the entries there of the frequencies in `range` (of
  /// shared ones before their factors), which stay until its next call.
  private func withEntries(
    of range: Range<Int>, _ workspace: Workspace,
    _ body: ((Int) -> UnsafePointer<Float>) -> Void
  ) {
    switch storage {
    case .table(let table):
      table.withUnsafeBufferPointer { table in
        let base = table.baseAddress! + range.lowerBound
        body { base + $0 * count }
      }
    case .drawn(let drawn):
      workspace.withScratch(Float.self, range.count) { scratch in
        body {
          drawn.fill(coordinate: $0, range, into: scratch, workspace: workspace)
          return UnsafePointer(scratch)
        }
      }
    case .shared(let shared):
      workspace.withScratch(Float.self, range.count) { scratch in
        body {
          shared.fill(coordinate: $0, range, into: scratch)
          return UnsafePointer(scratch)
        }
      }
    case .transforms:
      preconditionFailure("transforms have no entries")
    }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func convert<Scalar: RealScalar>(
  _ x: UnsafePointer<Float>, _ count: Int, to output: UnsafeMutablePointer<Scalar>
) {
  for j in 0..<count { output[j] = Scalar(x[j]) }
}

/// sum ← sum + a x.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func addMultiple<Scalar: RealScalar>(
  _ a: Scalar, _ x: UnsafePointer<Float>, _ count: Int, to sum: UnsafeMutablePointer<Scalar>
) {
  for j in 0..<count { sum[j] += a * Scalar(x[j]) }
}
