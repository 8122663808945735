// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The map shaped by leverage that a kernel has.

import Kernels
import LinearAlgebra
import NeuralKernels
import Validation

extension Kernel where Self: Codable & Hashable {
  /// Features chosen by ridge leverage on a sample: `MonomialFeatures` of dot-product kernels and of networks
  /// as `NetworkFeatureMap` has them, `LeverageFourierFeatureMap` of shift-invariant ones; of the Gaussian kernel,
  /// which is both, the former where its series reaches the points and they have more than 3 coordinates.
  ///
  /// - Parameters:
  ///   - dimension: the most columns the features may have.
  ///   - ridge: λ, in all for the sample; each map has its own default.
  /// - Throws: `InvalidInput` if the kernel has neither, and as the maps do.
  public func leverageFeatureMap<Scalar: RealScalar>(
    dimension: Int, ridge: Double? = nil, seed: UInt64 = 0, sample: Rows<Scalar>,
    on execution: Execution = .allCores
  ) throws -> any StorableFeatureMap {
    func fourier<K: ShiftInvariantKernel & Codable & Hashable>(
      _ kernel: K
    ) throws -> any StorableFeatureMap {
      try LeverageFourierFeatureMap(
        kernel, dimension: dimension, ridge: ridge, seed: seed, sample: sample, on: execution)
    }
    func monomials<K: Kernel & Codable & Hashable>(_ kernel: K) throws -> any StorableFeatureMap {
      try MonomialFeatures(
        kernel, dimension: dimension, ridge: ridge, seed: seed, sample: sample, on: execution)
    }
    switch self {
    case let kernel as GaussianKernel:
      let isNear = (try? GaussianSeriesMap.series(of: kernel, for: sample)) != nil
      return isNear && sample.columnCount > 3 ? try monomials(kernel) : try fourier(kernel)
    case let kernel as MaternKernel: return try fourier(kernel)
    case let kernel as LaplaceKernel: return try fourier(kernel)
    case let kernel as CauchyKernel: return try fourier(kernel)
    case let kernel as PolynomialKernel: return try monomials(kernel)
    case let kernel as DotProductKernel: return try monomials(kernel)
    case let kernel as ExponentialDotKernel: return try monomials(kernel)
    case let kernel as NeuralKernel: return try monomials(kernel)
    default:
      throw InvalidInput(
        "kernel", found: "one without features by leverage",
        expected:
          "a dot-product or shift-invariant kernel, or a fully connected network of homogeneous activations"
      )
    }
  }
}
