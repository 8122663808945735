// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Reference values kept in Tests/Goldens.

import DataFormats
import Foundation
import LinearAlgebra

/// Arrays in Tests/Goldens, whose origin its README tells.
public enum Goldens {
  /// The path of a file in Tests/Goldens.
  public static func path(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Goldens").appendingPathComponent(name).path
  }

  /// An `.npy` file, such as `kernels/X_gauss20x8.npy`: a vector as one column, an array of more
  /// dimensions as rows by its first.
  public static func matrix(_ name: String) throws -> Matrix<Double> {
    try NumPyFile(path: path(name)).matrix(as: Double.self)
  }

  /// An array of an `.npz` archive, such as `archive("neural/fc_relu.npz", "d1_unit_ntk_12")`.
  public static func archive(_ name: String, _ array: String) throws -> Matrix<Double> {
    try NumPyFile(path: path(name) + ":" + array).matrix(as: Double.self)
  }
}
