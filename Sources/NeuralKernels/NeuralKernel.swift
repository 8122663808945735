// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The exact kernels of infinitely wide networks.

import Kernels
import LinearAlgebra
import Validation

/// The exact NNGP or NTK of a network (Lee et al., 2018; Jacot et al., 2018).
///
/// With the conventions of neural-tangents: starting from K = ⟨x, y⟩ / d and Θ = 0, a dense layer
/// makes K ← σw² K + σb² and then Θ ← K + σw² Θ; an activation with dual k makes
/// Θ ← Θ ∂k/∂c, K ← k(Kₓₓ, K_yy, K). Layer normalisation makes
/// K ← K / √((Kₓₓ + ε)(K_yy + ε)) and Θ likewise; branches add up. Dropout
/// divides both by its keep where x and y are the same point, row i of one set, and so Kₓₓ everywhere.
///
/// On images K and Θ hold a value for each pair of pixels (p, q) (Arora et al., 2019): a convolution
/// makes K(p, q) ← σw² / |filter| Σₒ K(p + o, q + o) + σb² and Θ likewise, pooling averages or sums
/// over both pixels' windows, flattening averages over p = q, dense layers and normalisation act
/// pixel by pixel, and masks of different pixels are independent.
///
/// Cost of an entry: for vectors the inner product, and nanoseconds for each layer, 1 to 3 for ReLU,
/// tens for others, 100 and more for activations without closed dual (see `DualActivation`);
/// variances are computed once for each point and tile. For images as much for each layer and pair of
/// pixels, of which only those offsets q − p count that the network needs: 0 alone where it ends in
/// `flatten`, those within a window around it where it pools before, all of them with global pooling.
/// Memory of a thread, for images of P pixels: 16 MB, or if that is more, what one pair of images
/// takes: some numbers for each layer and pixel, and two for each pair of pixels that a
/// pooling layer puts out, P² / 16 of them after the first 2 × 2 pooling.
///
/// Near equal or opposite points the NTK of a ReLU network has a kink:
/// a rounding error δ of the cosine moves it there by √(2δ)/π, 5e-9 in double, 1e-4 in single
/// precision. On the diagonal of `matrix(_:on:)` and in `diagonal` it is exact, of images where pixels
/// are paired with themselves.
public struct NeuralKernel: Kernel {
  /// Which of a network's two kernels.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// K: the covariance of the outputs over random weights (network as a Gaussian process).
    case nngp
    /// Θ: the inner product of the gradients with respect to all weights (neural tangent kernel).
    case ntk
  }

  public let network: Network
  public let type: Kind
  private let plan: Plan

  /// How the network is evaluated, worked out once.
  private enum Plan: Sendable {
    case vectors(VectorProgram)
    case pixels(PixelKernel)
    case tooLarge(InvalidInput)
  }

  /// Cost: microseconds per layer; on images, of each layer that pools, as many as it has pixels.
  public init(network: Network, type: Kind = .ntk) {
    self.network = network
    self.type = type
    if let program = VectorProgram(network) {
      plan = .vectors(program)
    } else {
      do throws(InvalidInput) {
        plan = .pixels(try PixelKernel(network))
      } catch {
        plan = .tooLarge(error)
      }
    }
  }

  public var inputDimension: Int? { network.inputDimension }

  public var tileSide: Int {
    switch plan {
    case .vectors: kernelTileSide
    case .pixels(let pixels): pixels.tileSide
    case .tooLarge: 1
    }
  }

  /// About how many steps the kernel of two points takes: one for each layer, and each pair of pixels
  /// that it needs.
  public var pairCost: Double {
    switch plan {
    case .vectors: Double(network.layers.count)
    case .pixels(let pixels): pixels.work
    case .tooLarge: .infinity
    }
  }

  public func evaluate<Scalar: RealScalar>(
    _ x: Rows<Scalar>, _ y: Rows<Scalar>, diagonalOffset: Int?, into output: RowOutput<Scalar>,
    workspace: Workspace
  ) throws {
    let program: VectorProgram
    switch plan {
    case .vectors(let vectors): program = vectors
    case .pixels(let pixels):
      return try pixels.evaluate(
        x, y, diagonalOffset: diagonalOffset, type, into: output, workspace: workspace)
    case .tooLarge(let error): throw error
    }
    let tangents = diagonalOffset != nil && type == .ntk
    try LayerDeviations.with(program, x, withTangents: tangents, workspace: workspace) { xs in
      try LayerDeviations.with(program, y, withTangents: false, workspace: workspace) { ys in
        try VectorTile.run(
          program, x, y, xs, ys, type: type, diagonalOffset: diagonalOffset, into: output,
          workspace: workspace)
        guard let offset = diagonalOffset else { return }
        for i in max(0, -offset)..<max(0, -offset, min(x.rowCount, y.rowCount - offset)) {
          output.row(i)[i + offset] = xs.diagonal(i, type)
        }
      }
    }
  }

  public func evaluateDiagonal<Scalar: RealScalar>(
    _ x: Rows<Scalar>, into output: UnsafeMutablePointer<Scalar>, workspace: Workspace
  ) throws {
    switch plan {
    case .vectors(let program):
      try LayerDeviations.with(program, x, withTangents: type == .ntk, workspace: workspace) {
        for i in 0..<x.rowCount { output[i] = $0.diagonal(i, type) }
      }
    case .pixels(let pixels):
      try pixels.evaluateDiagonal(x, type, into: output, workspace: workspace)
    case .tooLarge(let error): throw error
    }
  }
}

/// By the network and the type, of which all else follows.
extension NeuralKernel: Hashable, Codable {
  private enum CodingKeys: CodingKey {
    case network, type
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      network: try values.decode(Network.self, forKey: .network),
      type: try values.decode(Kind.self, forKey: .type))
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(network, forKey: .network)
    try values.encode(type, forKey: .type)
  }

  public static func == (a: NeuralKernel, b: NeuralKernel) -> Bool {
    a.type == b.type && a.network == b.network
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(network)
    hasher.combine(type)
  }
}
