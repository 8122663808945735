// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Features that are monomials of the coordinates, chosen by leverage.

import Kernels
import LeverageScores
import LinearAlgebra
import NeuralKernels
import Validation

/// z(x) = (√weight_c · w(x) ∏_{i ∈ c} x̂ᵢ)_c: monomials c of the coordinates, drawn by their ridge leverage on
/// a sample, so that ZZᵀ ≈ K for kernels w(x) w(y) Σ_j c_j ⟨x̂, ŷ⟩ʲ.
///
/// Every feature has a meaning (`names`), and maps a new point by as many multiplications as it has
/// factors. Where the columns have room for all monomials in the coordinates that the sample uses, all
/// are there, and ZZᵀ is K exactly, or its series where a kernel is one of infinite degree. Otherwise it
/// is that in expectation. Where few coordinates carry the kernel, the same monomials are drawn again
/// and again and merge; then many more draws than columns are made, and the error is far below that of
/// a sketch of as many columns.
///
/// - Complexity: per row O(d), or of a sparse row O(log D) for each nonzero, and a multiplication for each
///   factor of each feature.
/// - Source: Woodruff, Zandieh, "Leverage score sampling for tensor product matrices in input sparsity
///   time", ICML 2022.
public struct MonomialFeatures<ExactKernel: Kernel>: FeatureMap {
  public let kernel: ExactKernel
  /// The monomials in x̂, by degree.
  public let monomials: [Monomial]
  /// λ, in all for the sample, at which leverage was measured.
  public let ridge: Double
  /// The estimate of s_λ, of the series.
  public let statisticalDimension: Double
  /// s, the number of draws that the monomials were merged from; 0 where none are left out.
  public let drawCount: Int
  public let inputDimension: Int
  let lift: Lift
  /// What the kernel adds to every value, the square of the first feature.
  let constant: Double
  private let table: MonomialTable

  init(
    _ kernel: ExactKernel, lift: Lift, constant: Double, inputDimension: Int,
    monomials: [Monomial], ridge: Double, statisticalDimension: Double, drawCount: Int
  ) {
    self.kernel = kernel
    self.lift = lift
    self.constant = constant
    self.inputDimension = inputDimension
    self.monomials = monomials
    self.ridge = ridge
    self.statisticalDimension = statisticalDimension
    self.drawCount = drawCount
    table = MonomialTable(monomials)
  }

  public var outputDimension: Int { monomials.count + (constant > 0 ? 1 : 0) }
  /// The number of monomials of each degree; what the kernel adds to every value has degree 0.
  public var structure: String {
    var counts = [Int](repeating: 0, count: (monomials.map(\.degree).max() ?? 0) + 1)
    for monomial in monomials { counts[monomial.degree] += 1 }
    counts[0] += constant > 0 ? 1 : 0
    return counted(outputDimension, "monomial") + ", " + listed(counts)
  }

  public func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    rows.withLifted(by: lift, workspace: workspace) { lifted, weights in
      let (width, count) = (table.columns.count, outputDimension)
      workspace.withScratch(Double.self, width + count) { scratch in
        let values = scratch + width
        let first = constant > 0 ? 1 : 0
        values[0] = constant.squareRoot()
        for i in 0..<lifted.rowCount {
          lifted.copy(row: i, table.columns, to: scratch)
          table.write(scratch, weight: weights[i], to: values + first)
          let target = output.row(i)
          for c in 0..<count { target[c] = Scalar(values[c]) }
        }
      }
    }
  }

  /// The features as text, such as `0.8 age² height`: the factor and the columns' names, or x0, x1, …
  ///
  /// They are of the coordinates x̂ before the weight w(x): for networks the point of length one, its
  /// last coordinate `bias` where the first layer has one; for Gaussian kernels (x − c)/ℓ.
  public func names(columns: [String]? = nil) -> [String] {
    var columns = columns ?? (0..<inputDimension).map { "x\($0)" }
    columns += (columns.count..<max(columns.count, inputDimension)).map { "x\($0)" }
    columns = columns.prefix(inputDimension) + ["bias"]
    return (constant > 0 ? [significant(constant.squareRoot())] : [])
      + monomials.map {
        significant($0.weight.squareRoot()) + " " + $0.description(names: columns)
      }
  }
}

extension RowBlock {
  /// Writes the entries of row `i` in some columns, in double precision.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  fileprivate func copy(
    row i: Int, _ columns: ColumnSubset, to output: UnsafeMutablePointer<Double>
  ) {
    switch entries {
    case .dense(let base, let stride):
      let row = base + i * stride
      for (k, column) in columns.columns.enumerated() { output[k] = Double(row[Int(column)]) }
    case .sparse(let view):
      output.update(repeating: 0, count: columns.count)
      columns.forEachEntry(view, row: i) { output[$1] = Double($0) }
    }
  }
}

extension MonomialFeatures: Equatable where ExactKernel: Equatable {
  public static func == (a: Self, b: Self) -> Bool {
    a.kernel == b.kernel && a.monomials == b.monomials && a.lift == b.lift
      && a.constant == b.constant && a.inputDimension == b.inputDimension && a.ridge == b.ridge
  }
}

extension MonomialFeatures: Hashable where ExactKernel: Hashable {
  public func hash(into hasher: inout Hasher) {
    hasher.combine(kernel)
    hasher.combine(monomials)
  }
}
