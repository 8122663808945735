// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Kernels named in a line of text.

import Validation

/// Kernels named by text of the form `NAME` or `NAME:key=value,…`.
///
/// Known are `polynomial:degree=3,scale=1,offset=0`, `gaussian:lengthScale=1`,
/// `exponential:lengthScale=1`, `laplace:lengthScale=1`, `cauchy:lengthScale=1`,
/// `matern:nu=1.5,lengthScale=1`, `arccosine:order=1`, `exponentialDot:scale=1`; what is left out
/// takes the values shown here.
public enum KernelDescription {
  private static let forms = NamedForms<any Kernel>(
    "kernel",
    [
      .init("polynomial", ["degree": 3, "scale": 1, "offset": 0]) {
        try PolynomialKernel(
          degree: Check.whole($0["degree"]!, "degree"), scale: $0["scale"]!, offset: $0["offset"]!)
      },
      .init("gaussian", ["lengthScale": 1]) {
        try GaussianKernel(lengthScale: $0["lengthScale"]!)
      },
      .init("exponential", ["lengthScale": 1]) {
        try MaternKernel.exponential(lengthScale: $0["lengthScale"]!)
      },
      .init("laplace", ["lengthScale": 1]) {
        try LaplaceKernel(lengthScale: $0["lengthScale"]!)
      },
      .init("cauchy", ["lengthScale": 1]) {
        try CauchyKernel(lengthScale: $0["lengthScale"]!)
      },
      .init("matern", ["nu": 1.5, "lengthScale": 1]) {
        try MaternKernel(smoothness: $0["nu"]!, lengthScale: $0["lengthScale"]!)
      },
      .init("arccosine", ["order": 1]) {
        try ArcCosineKernel(order: Check.whole($0["order"]!, "order"))
      },
      .init("exponentialDot", ["scale": 1]) {
        try ExponentialDotKernel(scale: $0["scale"]!)
      },
    ])

  /// The names of all kernels, with their parameters and defaults.
  public static var examples: [String] { forms.examples }

  /// The kernel that `text` names.
  ///
  /// - Throws: `InvalidInput` if the name or a key is unknown (it lists the known ones), a key is
  ///   repeated, or a value is not a number or out of its range.
  public static func kernel(_ text: String) throws -> any Kernel { try forms(text) }
}
