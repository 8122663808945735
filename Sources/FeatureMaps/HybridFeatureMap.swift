// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Landmarks for what they can say, an unbiased map for the rest.

import Kernels
import LinearAlgebra
import Validation

/// Z(x) = [z_J(x), φ(x) − A(x) φ(J)] for landmarks J with Nyström features z_J, A(x) = K_xJ K_JJ⁺, and
/// any feature map φ of the same kernel, random with independent seed.
///
/// Where φ is unbiased, so is Z: E⟨Z(x), Z(y)⟩ = (K_J + (K − K_J))(x, y) with K_J the Nyström
/// approximation; and the variance is that of the remainder alone, so none at the landmarks. Where φ
/// has a bias, Z has that of the remainder: (I, −A) applied to it from both sides.
///
/// With few columns landmarks alone are the better use of them; from a few thousand on, a remainder
/// pays (`HybridFit` measures it). Small eigenvalues of the kernel drown in
/// the remainder's noise: for ridges far below the noise more landmarks do better.
///
/// As A(x) = z_J(x) Wᵀ with the weights W of the landmarks, the subtraction is one product with the
/// r × D_φ matrix Wᵀ φ(J).
///
/// - Complexity: per row that of both maps and 2 r D_φ operations. Memory: that of both, and 12 r D_φ
///   bytes.
/// - Source: derived for this library.
public struct HybridFeatureMap<Remainder: FeatureMap>: FeatureMap {
  /// z_J.
  public let landmarks: NystromFeatureMap<Remainder.ExactKernel>
  /// φ; nil where all columns went to the landmarks.
  public let remainder: Remainder?
  /// Wᵀ φ(J), r × D_φ; empty without a remainder.
  private let projection: Matrix<Double>
  private let singleProjection: Matrix<Float>

  /// The map of given landmarks and a given map for the remainder.
  ///
  /// - Throws: `InvalidInput` if the landmarks do not fit, or as `NystromFeatureMap` does;
  ///   `CancellationError`.
  public init<Scalar: RealScalar>(
    landmarks: Rows<Scalar>, remainder: Remainder, on execution: Execution = .allCores
  ) throws {
    try self.init(
      NystromFeatureMap(remainder.kernel, landmarks: landmarks, on: execution),
      remainder: remainder, on: execution)
  }

  /// The map of landmarks whose factor is known. The remainder must be of the same kernel.
  init(
    _ landmarks: NystromFeatureMap<Remainder.ExactKernel>, remainder: Remainder?,
    on execution: Execution
  ) throws {
    self.landmarks = landmarks
    self.remainder = remainder
    guard let remainder else {
      projection = Matrix(rowCount: landmarks.outputDimension, columnCount: 0)
      singleProjection = projection.converted(to: Float.self)
      return
    }
    try Check.equal(
      landmarks.inputDimension, remainder.inputDimension, "columns of the landmarks")
    projection = try landmarks.weights.transposeMultiplied(
      by: remainder.images(of: landmarks.landmarks, on: execution.stage("landmarks")),
      on: execution.silent)
    singleProjection = projection.converted(to: Float.self)
  }

  public var kernel: Remainder.ExactKernel { landmarks.kernel }
  public var inputDimension: Int { landmarks.inputDimension }
  public var outputDimension: Int { landmarks.outputDimension + projection.columnCount }
  public var blockRowCount: Int { landmarks.blockRowCount }

  public func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    landmarks.map(rows, into: output, workspace: workspace)
    guard let remainder else { return }
    let (r, width) = (landmarks.outputDimension, projection.columnCount)
    let rest = output.dropping(r)
    for start in stride(from: 0, to: rows.rowCount, by: remainder.blockRowCount) {
      let part = start..<min(rows.rowCount, start + remainder.blockRowCount)
      remainder.map(
        rows.rows(part), into: RowOutput(base: rest.row(start), stride: rest.stride),
        workspace: workspace)
    }
    let projection: Matrix<Scalar> =
      switch Scalar.precision {
      case .single: singleProjection.converted(to: Scalar.self)
      case .double: projection.converted(to: Scalar.self)
      }
    projection.withUnsafePointer { projection in
      BLAS.gemm(
        m: rows.rowCount, n: width, k: r, alpha: -1, output.base, lda: output.stride, projection,
        ldb: width, beta: 1, rest.base, ldc: rest.stride)
    }
  }
}

extension HybridFeatureMap
where Remainder: StorableFeatureMap, Remainder.ExactKernel: Codable & Hashable {
  /// The landmarks, and what the remainder is made of.
  public var structure: String {
    ([landmarks.structure] + (remainder.map { [$0.structure] } ?? [])).joined(separator: " and ")
  }
}

/// What a hybrid map is stored as.
private struct StoredHybridMap<Remainder: FeatureMap> {
  var law: String
  var landmarks: NystromFeatureMap<Remainder.ExactKernel>
  var remainder: Remainder?
}

extension StoredHybridMap: Encodable where Remainder: Encodable, Remainder.ExactKernel: Encodable {}

extension StoredHybridMap: Decodable where Remainder: Decodable, Remainder.ExactKernel: Decodable {}

extension HybridFeatureMap {
  /// The name of the map, as stored.
  public static var law: String { "hybrid(\(Remainder.self))" }
}

extension HybridFeatureMap: Encodable where Remainder: Encodable, Remainder.ExactKernel: Encodable {
  public func encode(to encoder: any Encoder) throws {
    try StoredHybridMap(law: Self.law, landmarks: landmarks, remainder: remainder)
      .encode(to: encoder)
  }
}

extension HybridFeatureMap: Decodable
where Remainder: Decodable, Remainder.ExactKernel: Decodable & Equatable {
  /// - Throws: `InvalidInput` if another map is stored or its parts do not fit together.
  public init(from decoder: any Decoder) throws {
    try checkLaw(Self.law, in: decoder)
    let stored = try StoredHybridMap<Remainder>(from: decoder)
    if let remainder = stored.remainder, remainder.kernel != stored.landmarks.kernel {
      throw InvalidInput("remainder", found: "another kernel's", expected: "that of the landmarks")
    }
    try self.init(stored.landmarks, remainder: stored.remainder, on: .allCores.silent)
  }
}

extension HybridFeatureMap: Equatable where Remainder: Equatable, Remainder.ExactKernel: Equatable {
  public static func == (a: Self, b: Self) -> Bool {
    a.landmarks == b.landmarks && a.remainder == b.remainder
  }
}

extension HybridFeatureMap: Hashable where Remainder: Hashable, Remainder.ExactKernel: Hashable {
  public func hash(into hasher: inout Hasher) {
    hasher.combine(landmarks)
    hasher.combine(remainder)
  }
}
