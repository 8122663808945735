// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The ways to make features of a kernel, by name.

/// How features of a kernel are made.
///
/// | method | Gaussian, Matérn, Laplace, Cauchy | polynomial, exponential of ⟨x, y⟩ | networks on vectors | networks on pixels |
/// |---|---|---|---|---|
/// | `sketch` | power series (Gaussian) | power series | power series (homogeneous activations), or layer by layer | layer by layer |
/// | `random` | random Fourier features | positive features (exponential) | random features layer by layer | layer by layer |
/// | `nystrom` | landmarks | landmarks | landmarks | landmark patches, layer by layer; whole images where better, if pixels are flattened |
/// | `hybrid` | landmarks, and one of the above for the rest | as before | as before; random features layer by layer for activations that are not homogeneous | landmark patches and random features, layer by layer |
/// | `leverage` | random Fourier features weighted by leverage | monomials sampled by leverage | monomials (homogeneous activations) | |
///
/// An arc-cosine kernel has random features, landmarks, and both.
public enum FeatureMethod: String, Hashable, Codable, CaseIterable, Sendable {
  /// What is best on held-out points, of the others; with a ridge by ε, leverage among them.
  case auto
  /// Unbiased sketches of a power series' terms; layer by layer unbiased given the layers before.
  case sketch
  /// Random features: unbiased, of no data; layer by layer around a mean of the data, with norms that are right
  /// on average.
  case random
  /// Landmarks alone: never more than the kernel, but for rounding.
  case nystrom
  /// Landmarks, and one of the maps above, of what they leave.
  case hybrid
  /// Random features or monomials, drawn by their ridge leverage on the sample: unbiased.
  case leverage
}
