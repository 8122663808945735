// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The lift of points: directions, weights, and points of extreme length.

import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import FeatureMaps

@Suite struct LiftTests {
  private func lift<Scalar: RealScalar>(
    _ rows: Rows<Scalar>, _ lift: Lift
  ) throws -> (rows: Matrix<Double>, weights: [Double]) {
    let sample = try LiftedSample(rows, lift: lift, rowCount: rows.rowCount)
    return (sample.rows.dense, sample.weights)
  }

  @Test(arguments: [0.0, 0.3])
  func directionsAndWeights(_ offset: Double) throws {
    let lift = Lift.unit(scale: 0.5, offset: offset)
    let (rows, weights) = try self.lift(
      Rows.dense(Matrix(rows: [[3.0, 0, 4], [0, 0, 0], [-1, 2, 2]])), lift)
    #expect(rows.columnCount == (offset == 0 ? 3 : 4))
    for (i, point) in [[3.0, 0, 4], [0, 0, 0], [-1, 2, 2]].enumerated() {
      let long = point.map { 0.5 * $0 } + (offset == 0 ? [] : [offset])
      let norm = long.reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(abs(weights[i] - norm) < 1e-15)
      for (j, value) in long.enumerated() {
        #expect(abs(rows[i, j] - (norm > 0 ? value / norm : 0)) < 1e-15)
      }
    }
  }

  @Test func plainLiftChangesNothing() throws {
    let points = try Matrix(rows: [[1.0, -2], [0, 3]])
    let (rows, weights) = try lift(.dense(points), .plain)
    #expect(rows == points && weights == [1, 1])
  }

  /// Powers of two change the weight and nothing else.
  @Test func homogeneity() {
    forAll { generator in
      (
        points: generator.matrix(3, generator.int(in: 1...20), density: 0.7, as: Float.self),
        exponent: generator.int(in: -100...100)
      )
    } _: { points, exponent in
      let factor = Float(sign: .plus, exponent: exponent, significand: 1)
      let scaled = try Matrix(
        rowCount: 3, columnCount: points.columnCount, elements: points.elements.map { factor * $0 })
      let (rows, weights) = try lift(Rows.dense(points), .unit(scale: 0.7, offset: 0))
      let (other, heavier) = try lift(Rows.dense(scaled), .unit(scale: 0.7, offset: 0))
      return rows == other && zip(weights, heavier).allSatisfy { $0 * Double(factor) == $1 }
    }
  }

  @Test func extremeLengths() throws {
    for length in [Double.leastNonzeroMagnitude * 2000, 1e-300, 1e-160, 1e160, 1e300] {
      let (rows, weights) = try lift(
        Rows.dense(Matrix(rows: [[3 * length, 4 * length]])), .unit(scale: 1, offset: 0))
      let tolerance = length < 1e-307 ? 1e-3 : 1e-14
      #expect(abs(rows[0, 0] - 0.6) < tolerance && abs(rows[0, 1] - 0.8) < tolerance)
      #expect(abs(weights[0] / length - 5) < 5 * tolerance)
    }
  }
}
