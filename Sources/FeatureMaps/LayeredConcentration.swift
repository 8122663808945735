// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Random directions where nearly parallel patches differ.

import LinearAlgebra
import Randomness
import RealModule

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
  /// Those closer than rounding errors tell nothing.
  static let scales = 1e-6...0.25

  /// s for patches of unit length: one and a half times the root mean square of their distance from the line
  /// of m, over that of what they have of m; nil where that is none of `scales`. Cost: O(entries).
  static func scale(for patches: PatchSample, around direction: [Double]) -> Double? {
    let (d, width) = (direction.count, patches.nngp.columnCount)
    let along = patches.nngp.columns(0..<d).times(direction)
    var (beside, whole) = (0.0, 0.0)
    patches.nngp.withUnsafePointer { entries in
      for (i, u) in along.enumerated() {
        // 1 − u² would be a rounding error.
        var square = 0.0
        for j in 0..<d {
          let rest = entries[i * width + j] - u * direction[j]
          square += rest * rest
        }
        let weight = patches.weights[i] * patches.weights[i]
        beside += weight * square
        whole += weight * u * u
      }
    }
    guard whole > 0 else { return nil }
    let scale = 1.5 * (beside / whole).squareRoot()
    return scales ~= scale ? scale : nil
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
        if i % 2 == first {
          let change = (scale - 1) * along
          for j in 0..<d { row[j] += change * direction[j] }
          along *= scale
        }
        let length = (0..<d).reduce(0) { $0 + row[$1] * row[$1] }.squareRoot()
        guard length > 0 else { return 1 }
        let cosine = along / length
        let density =
          Double.exp(
            -Double(d) / 2
              * Double.log(onePlus: cosine * cosine * (1 / (scale * scale) - 1))) / scale
        let root = (2 / (1 + density)).squareRoot()
        let factor = root * square.squareRoot() / length
        for j in 0..<d { row[j] *= factor }
        return root
      }
    }
  }
}
