// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Ridge leverage scores of all images, and how near they are to exact ones on fewer points.

import Foundation
import Sketching

/// A kernel by name.
struct NamedKernel {
  let name: String
  let kernel: any Kernel

  static func all(inputDimension d: Int) throws -> [NamedKernel] {
    [
      NamedKernel(name: "Gaussian", kernel: try GaussianKernel(lengthScale: 0.5)),
      NamedKernel(
        name: "NTK of depth 3",
        kernel: NeuralKernel(network: try .fullyConnected(inputDimension: d, depth: 3))),
    ]
  }
}

/// Seconds for the scores of all images at an s_λ of about 1,000.
func largeScores(_ images: String, ofKernel index: Int) throws -> Table {
  let file = try DataFile(path: images)
  let n = file.rowCount
  let points: Rows<Float> = try file.rows(0..<n, as: Float.self).normalized()
  var table = Table(
    title: """
      Ridge leverage scores of \(n) images, \(points.columnCount) pixels, single precision (wanted: at s_λ \
      of about 1,000 less than 120 seconds)
      """,
    columns: ["s_λ found", "|J|", "seconds"])
  let kernel = try NamedKernel.all(inputDimension: points.columnCount)[index]
  // The spectrum of all from that of a part.
  let part = points.rows(at: (0..<2000).map { $0 * n / 2000 }).converted(to: Double.self)
  let spectrum = try SymmetricEigen.values(of: kernel.kernel.matrix(part)).map {
    $0 * Double(n) / 2000
  }
  let ridge = ridge(spectrum, statisticalDimension: 700)
  for sampler in RidgeSampler.allCases {
    let ((sample, scores), time) = try timed {
      let sample = try kernel.kernel.ridgeSample(of: points, ridge: ridge, by: sampler)
      return (sample, try kernel.kernel.ridgeLeverageScores(of: points, against: sample))
    }
    table.add(
      "\(kernel.name), \(sampler.rawValue)",
      [scores.statisticalDimension, Double(sample.indices.count), time])
  }
  return table
}

/// The smallest and the largest ratio of approximate to exact scores.
func scoreFactors(_ paths: [String]) throws -> Table {
  var table = Table(
    title:
      "Approximate over exact ridge leverage scores of 2,000 points, λ = 1e-3 tr K and 1e-2 tr K",
    columns: ["s_λ", "|J|", "least", "median", "largest"])
  for path in paths {
    let points = try loadedPoints(path, 2000).normalized()
    let n = points.rowCount
    for kernel in try NamedKernel.all(inputDimension: points.columnCount) {
      let matrix = try kernel.kernel.matrix(points)
      let trace = (0..<n).reduce(0) { $0 + matrix[$1, $1] }
      for share in [1e-3, 1e-2] {
        let exact = try RidgeLeverageScores(kernelMatrix: matrix, ridge: share * trace)
        for sampler in RidgeSampler.allCases {
          let sample = try kernel.kernel.ridgeSample(
            of: points, ridge: share * trace, by: sampler)
          let found = try kernel.kernel.ridgeLeverageScores(of: points, against: sample)
          let ratios = zip(found.values, exact.values).filter { $1 > 0 }.map { $0 / $1 }.sorted()
          table.add(
            "\(name(path)), \(kernel.name), \(sampler.rawValue)",
            [
              exact.statisticalDimension, Double(sample.indices.count), ratios[0],
              median(ratios), ratios[ratios.count - 1],
            ])
        }
      }
    }
  }
  return table
}
