// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The ways to make features of a kernel, by name.

/// How features of a kernel are made.
///
/// | method | Gaussian, Matérn, Laplace, Cauchy | polynomial, exponential of ⟨x, y⟩ | networks on vectors | networks on pixels |
/// |---|---|---|---|---|
/// | `sketch` | power series (Gaussian) | power series | power series (dense ReLU layers), or layer by layer | layer by layer |
/// | `random` | random Fourier features | positive features (exponential) | random features layer by layer | layer by layer |
/// | `nystrom` | landmarks | landmarks | landmarks | landmark patches, layer by layer; whole images where better, if pixels are flattened |
/// | `hybrid` | landmarks, and one of the above for the rest | as before | as before; random features layer by layer for other layers than dense ReLU ones | landmark patches and random features, layer by layer |
/// | `leverage` | random Fourier features weighted by leverage | monomials sampled by leverage | monomials (dense ReLU layers) | |
///
/// An arc-cosine kernel has random features, landmarks, and both.
public enum FeatureMethod: String, Hashable, Codable, CaseIterable, Sendable {
  /// What is best on held-out points, of the others; with a ridge by ε, leverage among them.
  case auto
  /// Unbiased sketches of a power series' terms.
  case sketch
  /// Random features: unbiased, of no data.
  case random
  /// Landmarks alone: never more than the kernel.
  case nystrom
  /// Landmarks, and an unbiased map of what they leave.
  case hybrid
  /// Random features or monomials, drawn by their ridge leverage on the sample: unbiased.
  case leverage
}
