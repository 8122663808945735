// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What is measured of a map: errors against its exact kernel, and speed.

import Foundation
import Sketching

/// Images and the exact kernel matrix of them.
struct Compared {
  let points: Rows<Double>
  let exact: Matrix<Double>

  init(_ kernel: some Kernel, _ points: Rows<Double>) throws {
    self.points = points
    exact = try kernel.matrix(points)
  }

  var trace: Double { (0..<exact.rowCount).reduce(0) { $0 + exact[$1, $1] } }

  /// rel, cen, and ε for λ = 10⁻² and 10⁻³ tr K.
  func errors(_ map: some FeatureMap) throws -> [Double] {
    let features = try map.features(of: points)
    let errors = try [1e-2, 1e-3].map {
      try SpectralError(features: features, exact: exact, ridge: $0 * trace)
    }
    return [errors[0].relativeFrobenius, errors[0].centredFrobenius ?? .nan]
      + errors.map(\.epsilon)
  }

  /// ‖ZZᵀ − K‖_F / ‖K‖_F.
  func relativeError(_ map: some FeatureMap) throws -> Double {
    let features = try map.features(of: points.converted(to: Float.self))
    let found = try features.multiplied(byTransposeOf: features)
    var (error, size) = (0.0, 0.0)
    for (a, b) in zip(found.elements, exact.elements) {
      error += (Double(a) - b) * (Double(a) - b)
      size += b * b
    }
    return (error / size).squareRoot()
  }
}

/// Images a second on all cores, after a first run that does not count.
func speed(_ map: some FeatureMap, _ images: Rows<Float>) throws -> Double {
  _ = try map.features(of: images.rows(0..<min(128, images.rowCount)))
  return try Double(images.rowCount) / seconds { _ = try map.features(of: images) }
}

func seconds(_ body: () throws -> Void) rethrows -> Double {
  let time: (seconds: Int64, attoseconds: Int64) = try ContinuousClock().measure(body).components
  return Double(time.seconds) + Double(time.attoseconds) * 1e-18
}

/// The means of rows of figures.
func means(_ rows: [[Double]]) -> [Double] {
  rows[0].indices.map { column in rows.reduce(0) { $0 + $1[column] } / Double(rows.count) }
}
