// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Kernels of differences and the laws of the frequencies that they are made of.

import Kernels

/// The law of a random frequency w ∈ ℝᵈ; its kernel is k(x, y) = E cos⟨w, x − y⟩ (Bochner).
public enum SpectralMeasure: Hashable, Sendable {
  /// N(0, I/ℓ²): the Gaussian kernel.
  case normal(lengthScale: Double)
  /// N(0, I) / (ℓ √(χ²_ν/ν)), one χ² for all entries of w: the Matérn kernel of smoothness ν/2.
  case student(degrees: Int, lengthScale: Double)
  /// Independent Cauchy entries / ℓ: the Laplace kernel.
  case cauchy(lengthScale: Double)
  /// Independent Laplace entries / ℓ, of density e^(−|t|)/2: the Cauchy kernel.
  case laplace(lengthScale: Double)

  var lengthScale: Double {
    switch self {
    case .normal(let scale), .student(_, let scale), .cauchy(let scale), .laplace(let scale): scale
    }
  }

  /// Whether the law is the same in all directions.
  var isIsotropic: Bool {
    switch self {
    case .normal, .student: true
    case .cauchy, .laplace: false
    }
  }

  /// ν of a Student law, else 0.
  var degrees: Int {
    if case .student(let degrees, _) = self { degrees } else { 0 }
  }
}

/// A kernel that depends on x − y alone and is 1 where that is 0, with its spectral measure.
public protocol ShiftInvariantKernel: Kernel {
  /// The law of w with k(x, y) = E cos⟨w, x − y⟩.
  var spectralMeasure: SpectralMeasure { get }
}

extension GaussianKernel: ShiftInvariantKernel {
  public var spectralMeasure: SpectralMeasure { .normal(lengthScale: lengthScale) }
}

extension MaternKernel: ShiftInvariantKernel {
  public var spectralMeasure: SpectralMeasure {
    .student(degrees: Int(2 * smoothness), lengthScale: lengthScale)
  }
}

extension LaplaceKernel: ShiftInvariantKernel {
  public var spectralMeasure: SpectralMeasure { .cauchy(lengthScale: lengthScale) }
}

extension CauchyKernel: ShiftInvariantKernel {
  public var spectralMeasure: SpectralMeasure { .laplace(lengthScale: lengthScale) }
}
