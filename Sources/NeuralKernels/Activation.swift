// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The pointwise functions of networks.

/// A function applied to every entry of a layer's output.
///
/// Those from `tanh` on have no closed dual: theirs comes by quadrature.
public enum Activation: Hashable, Sendable {
  /// max(x, 0).
  case relu
  /// x above 0, `negativeSlope` · x below.
  case leakyReLU(negativeSlope: Double = 0.01)
  /// a min(x, 0) + b max(x, 0).
  case abReLU(a: Double, b: Double)
  /// |x|.
  case abs
  /// −1, 0 or 1. Its derivative counts as 0, as in neural-tangents.
  case sign
  /// a erf(bx) + c.
  case erf(a: Double = 1, b: Double = 1, c: Double = 0)
  /// ½ erf(x / 2.4020563531719796) + ½, close to the sigmoid.
  case sigmoidLike
  /// x Φ(x), with Φ the normal distribution function.
  case gelu
  /// a sin(bx + c).
  case sin(a: Double = 1, b: Double = 1, c: Double = 0)
  /// a cos(bx + c).
  case cos(a: Double = 1, b: Double = 1, c: Double = 0)
  /// √2 sin(√(2γ) x + π/4), whose dual is exp(−γ |u − v|²).
  case rbf(gamma: Double = 1)
  /// a exp(bx).
  case exp(a: Double = 1, b: Double = 1)
  /// a exp(b x²).
  case gaussian(a: Double = 1, b: Double = -1)
  /// exp(−x²) sin x.
  case gabor
  /// The kernel √(ab) exp(γ(ρ + shift)) with derivative γ exp(γ(ρ + shift)); no function has it.
  case expNormalized(gamma: Double = 1, shift: Double = -1)
  /// Heₖ(x) / √k!, the normalised Hermite polynomial of degree k.
  case hermite(degree: Int)
  /// xᵏ.
  case monomial(degree: Int)
  /// Σ cₖ xᵏ, coefficients from the constant up.
  case polynomial([Double])
  /// xᵏ for x ≥ 0, and 0 below.
  case rectifiedMonomial(degree: Int)
  /// x above 0, α (eˣ − 1) below.
  case elu(alpha: Double = 1)
  /// λ times the ELU of α (Klambauer et al., 2017).
  case selu
  case tanh
  /// 1 / (1 + e⁻ˣ).
  case sigmoid
  /// log(1 + eˣ).
  case softplus
  /// x / (1 + e⁻ˣ).
  case swish
  /// x tanh(log(1 + eˣ)).
  case mish
  /// min(1, max(−1, x)).
  case hardTanh
  /// Any other function, in Swift.
  case function(PointwiseFunction)

  /// The largest degree of `hermite`, `monomial`, `polynomial` and `rectifiedMonomial`.
  public static let largestDegree = 64

  /// The name in network files.
  public var name: String {
    switch self {
    case .relu: "relu"
    case .leakyReLU: "leakyRelu"
    case .abReLU: "abRelu"
    case .abs: "abs"
    case .sign: "sign"
    case .erf: "erf"
    case .sigmoidLike: "sigmoidLike"
    case .gelu: "gelu"
    case .sin: "sin"
    case .cos: "cos"
    case .rbf: "rbf"
    case .exp: "exp"
    case .gaussian: "gaussian"
    case .gabor: "gabor"
    case .expNormalized: "expNormalized"
    case .hermite: "hermite"
    case .monomial: "monomial"
    case .polynomial: "polynomial"
    case .rectifiedMonomial: "rectifiedMonomial"
    case .elu: "elu"
    case .selu: "selu"
    case .tanh: "tanh"
    case .sigmoid: "sigmoid"
    case .softplus: "softplus"
    case .swish: "swish"
    case .mish: "mish"
    case .hardTanh: "hardTanh"
    case .function(let function): function.name
    }
  }
}
