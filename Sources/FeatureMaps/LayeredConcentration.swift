// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Random directions where nearly parallel patches differ.

import LinearAlgebra
import Randomness
import RealModule
import Validation

/// A density of directions that is higher near the hyperplane at right angles to m.
///
/// Of nearly parallel patches μ ≈ u m only few directions w tell one from another: those with ⟨w, m⟩ about
/// as small as the angles to m, where signs of ⟨w, μ⟩ differ. Half of the directions are drawn with ⟨w, m⟩
/// times s, which has the density
///
///     ρ(c) = (1 − c² + c²/s²)^(−d/2) / s
///
/// at the cosine c to m, relative to the uniform one; and all are weighted by ω = 2/(1 + ρ), so that means over
/// them are those over uniform ones, and no weight exceeds 2.
///
/// - Source: derived for this library after the leverage function of ReLU features; the density is the angular
///   central Gaussian one of Tyler, "Statistical analysis for the angular central Gaussian distribution on
///   the sphere", Biometrika 74, 1987; one weight for both halves as in Veach, Guibas, "Optimally combining
///   sampling techniques for Monte Carlo rendering", 1995.
struct Concentration {
  /// m, a unit vector.
  let direction: [Double]
  /// s.
  let scale: Double

  /// Patches further apart than this are not nearly parallel: what is gained in one place is lost in another.
  static let largestScale = 0.25

  /// s for patches of unit length: one and a half times the root mean square of their distance from m, over
  /// that of what they have of m; nil where that is too much.
  static func scale(for patches: PatchSample, around direction: [Double]) throws -> Double? {
    let along = try patches.nngp.columns(0..<direction.count).times(direction)
    var (beside, whole) = (0.0, 0.0)
    for (weight, u) in zip(patches.weights, along) {
      beside += weight * weight * max(0, 1 - u * u)
      whole += weight * weight * u * u
    }
    guard beside > 1e-20 * whole else { return nil }
    let scale = 1.5 * (beside / whole).squareRoot()
    return scale <= largestScale ? scale : nil
  }

  /// Moves every other row, the first or the second as a random bit says, keeps its length, and multiplies
  /// all rows by √ω; returns these.
  func apply(to rows: inout Matrix<Double>, key: RandomKey) -> [Double] {
    let (count, d) = (rows.rowCount, rows.columnCount)
    let first = key.child("moved").stream.bucket(at: 0, count: 2)
    return rows.withUnsafeMutablePointer { entries in
      (0..<count).map { i in
        let row = entries + i * d
        var (along, square) = (0.0, 0.0)
        for j in 0..<d {
          along += row[j] * direction[j]
          square += row[j] * row[j]
        }
        guard square > 0 else { return 1 }
        var change = 0.0
        if i % 2 == first {
          change = (scale - 1) * along
          along *= scale
        }
        let length = (square + change * (along + along - change)).squareRoot()
        let cosine = along / length
        let density =
          Double.exp(
            -Double(d) / 2
              * Double.log(onePlus: cosine * cosine * (1 / (scale * scale) - 1))) / scale
        let root = (2 / (1 + density)).squareRoot()
        let factor = root * square.squareRoot() / length
        for j in 0..<d { row[j] = factor * (row[j] + change * direction[j]) }
        return root
      }
    }
  }
}
