// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Spectral errors of features chosen by leverage against oblivious ones.

import Foundation
import Sketching

/// ε of monomials and of sketches for (⟨x, y⟩ + 1)^q/2^q on unit rows.
func monomialErrors(_ paths: [String]) throws -> Table {
  var table = Table(
    title: """
      ε for ((⟨x, y⟩ + 1)/2)^q of 2,000 unit rows (tables standardised), λ = 1e-3 tr K, medians of 5 \
      seeds
      """,
    columns: ["s_λ", "D", "TensorSketch", "sketched map", "monomials", "draws"])
  for path in paths {
    let points = try loadedPoints(path, 2000).normalized()
    for degree in [3, 5] {
      let kernel = try PolynomialKernel(degree: degree, scale: 0.5, offset: 0.5)
      let exact = try kernel.matrix(points)
      let trace = (0..<exact.rowCount).reduce(0) { $0 + exact[$1, $1] }
      let ridge = 1e-3 * trace
      let s = try statisticalDimension(of: exact, ridge: ridge)
      for dimension in [512, 2048] {
        func error(_ make: (UInt64) throws -> any RowMap) throws -> Double {
          median(
            try (0..<5 as Range<UInt64>).map {
              try spectralEpsilon(features: make($0).images(of: points), exact: exact, ridge: ridge)
            })
        }
        var draws = 0
        let flat = try error {
          try TensorSketch(
            inputDimension: points.columnCount, degree: degree, outputDimension: dimension,
            seed: $0, scale: 0.5, offset: 0.5)
        }
        let series = try error {
          try PolynomialFeatureMap(kernel, dimension: dimension, seed: $0, sample: points)
        }
        let monomials = try error {
          let map = try MonomialFeatures(
            kernel, dimension: dimension, ridge: ridge, seed: $0, sample: points)
          draws = map.drawCount
          return map
        }
        table.add(
          "\(name(path)), degree \(degree)",
          [s, Double(dimension), flat, series, monomials, Double(draws)])
      }
    }
  }
  return table
}

/// ε of random Fourier features with and without leverage.
func fourierErrors(_ paths: [String]) throws -> Table {
  var table = Table(
    title: """
      ε of 512 Fourier features of the Gaussian kernel at the median distance, 2,000 rows, λ = 1e-3 tr K, \
      medians of 5 seeds
      """,
    columns: ["d", "s_λ", "plain", "best design", "leverage"])
  for path in paths {
    let points = try loadedPoints(path, 2000)
    guard case .dense(let matrix) = points else { continue }
    let sample = matrix.rows(0..<200)
    var distances: [Double] = []
    for i in 0..<200 {
      for j in 0..<i {
        distances.append(
          zip(sample.row(i), sample.row(j)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) })
      }
    }
    let kernel = try GaussianKernel(lengthScale: median(distances).squareRoot())
    let exact = try kernel.matrix(points)
    let ridge = 1e-3 * Double(exact.rowCount)
    func error(_ make: (UInt64) throws -> any RowMap) throws -> Double {
      median(
        try (0..<5 as Range<UInt64>).map {
          try spectralEpsilon(features: make($0).images(of: points), exact: exact, ridge: ridge)
        })
    }
    let d = points.columnCount
    table.add(
      name(path),
      [
        Double(d), try statisticalDimension(of: exact, ridge: ridge),
        try error {
          try RandomFourierFeatureMap(
            kernel, inputDimension: d, dimension: 512, seed: $0, design: .plain)
        },
        try error {
          try RandomFourierFeatureMap(kernel, inputDimension: d, dimension: 512, seed: $0)
        },
        try error {
          try LeverageFourierFeatureMap(
            kernel, dimension: 512, ridge: ridge, seed: $0, sample: points)
        },
      ])
  }
  return table
}
