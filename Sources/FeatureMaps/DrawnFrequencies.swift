// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Independent random frequencies, any entry of which can be computed alone.

import LinearAlgebra
import Randomness

/// The matrix of independent draws of a spectral measure, entry (j, f) for coordinate j of
/// frequency f, from the counters of a stream.
///
/// A Cauchy number is the ratio of two normal ones and a Laplace number N₁N₂ + N₃N₄, so that all bits
/// come from the portable normal numbers.
struct DrawnFrequencies: Sendable {
  private let measure: SpectralMeasure
  private let stream: RandomStream
  private let blocksPerCoordinate: Int
  /// Per frequency, what its normal numbers are multiplied by; empty where that is 1/ℓ for all.
  private let factors: [Double]
  /// The numbers of those that are in use; nil for all.
  private var picked: [Int]?

  init(_ measure: SpectralMeasure, count: Int, key: RandomKey) {
    self.measure = measure
    stream = key.child("entry").stream
    blocksPerCoordinate = (count * DrawnFrequencies.normalsPerEntry(measure) + 3) / 4
    factors =
      measure.degrees > 0
      ? RadialLaw.studentFactors(measure, count: count, key: key.child("student")) : []
  }

  private static func normalsPerEntry(_ measure: SpectralMeasure) -> Int {
    switch measure {
    case .normal, .student: 1
    case .cauchy: 2
    case .laplace: 4
    }
  }

  /// The frequencies with the given numbers. An entry costs the drawing of all at its coordinate, of which
  /// some are taken.
  func selecting(_ picked: [Int]) -> DrawnFrequencies {
    var result = self
    result.picked = picked
    return result
  }

  /// Writes coordinate `j` of the frequencies in `range`, which starts at a multiple of 4.
  func fill(
    coordinate j: Int, _ range: Range<Int>, into output: UnsafeMutablePointer<Float>,
    workspace: Workspace
  ) {
    guard let picked else {
      return draw(coordinate: j, range, into: output, workspace: workspace)
    }
    let count = (picked.max() ?? 0) + 1
    workspace.withScratch(Float.self, count) { all in
      draw(coordinate: j, 0..<count, into: all, workspace: workspace)
      for i in 0..<range.count { output[i] = all[picked[range.lowerBound + i]] }
    }
  }

  private func draw(
    coordinate j: Int, _ range: Range<Int>, into output: UnsafeMutablePointer<Float>,
    workspace: Workspace
  ) {
    let width = DrawnFrequencies.normalsPerEntry(measure)
    let blockCount = (range.count * width + 3) / 4
    let first = UInt64(j * blocksPerCoordinate + range.lowerBound * width / 4)
    let scale = 1 / measure.lengthScale
    if case .normal = measure, range.count % 4 == 0 {
      return stream.fillNormals(from: first, count: blockCount, scale: scale, into: output)
    }
    workspace.withScratch(Double.self, 4 * blockCount) { normals in
      stream.fillNormals(from: first, count: blockCount, into: normals)
      switch measure {
      case .normal:
        for i in 0..<range.count { output[i] = Float(scale * normals[i]) }
      case .student:
        factors.withUnsafeBufferPointer { factors in
          let factors = factors.baseAddress! + range.lowerBound
          for i in 0..<range.count { output[i] = Float(factors[i] * normals[i]) }
        }
      case .cauchy:
        // The divisor is 0 for one word in 2³²; the neighbours of that word end at 2³⁰.
        for i in 0..<range.count {
          output[i] = Float(
            scale * normals[2 * i] / max(normals[2 * i + 1].magnitude, 0x1p-33))
        }
      case .laplace:
        for i in 0..<range.count {
          let n = normals + 4 * i
          output[i] = Float(scale * (n[0] * n[1] + n[2] * n[3]))
        }
      }
    }
  }
}

/// The lengths of frequencies of isotropic laws.
enum RadialLaw {
  /// Lengths of `count` frequencies in ℝᵈ, spread evenly: each alone is χ_d/ℓ, for a Student law divided
  /// by √(χ²_ν/ν), but together they are a stratified sample.
  ///
  /// Of k · `count` independent lengths in rising order, one is picked from every k, and the order is
  /// shuffled. So any sum over frequencies has the mean that it has for independent lengths, and most
  /// of the variance that comes from lengths is gone, for heavy tails above all.
  ///
  /// - Parameter power: n, for functions that are homogeneous of degree n in the length of a frequency of a
  ///   normal law: all lengths are one then, with the right mean 2n-th power.
  /// - Complexity: k · `count` · d normal numbers, k = 32 or as many as make 2²⁸, at least one.
  static func radii(
    _ measure: SpectralMeasure, dimension d: Int, count: Int, key: RandomKey, power: Int? = nil
  ) throws -> [Double] {
    if let power {
      let mean = (0..<power).reduce(1.0) { $0 * Double(d + 2 * $1) }
      let length = Double.pow(mean, 1 / Double(2 * power)) / measure.lengthScale
      return [Double](repeating: length, count: count)
    }
    let k = max(1, min(32, (1 << 28) / d / count))
    var lengths = (0..<k * count).map { index in
      squaredNorm(of: d, key.child("radius", index).stream).squareRoot() / measure.lengthScale
    }
    if measure.degrees > 0 {
      let factors = studentFactors(measure, count: k * count, key: key.child("student"))
      for index in lengths.indices { lengths[index] *= factors[index] * measure.lengthScale }
    }
    lengths.sort()
    let pick = key.child("pick").stream
    return try key.child("order").stream.sampleWithoutReplacement(count, from: count).map {
      lengths[$0 * k + pick.bucket(at: UInt64($0), count: k)]
    }
  }

  /// 1 / (ℓ √(χ²_ν/ν)) for every frequency.
  static func studentFactors(
    _ measure: SpectralMeasure, count: Int, key: RandomKey
  ) -> [Double] {
    let degrees = Double(measure.degrees)
    return (0..<count).map { index in
      let square = squaredNorm(of: measure.degrees, key.child("degrees", index).stream)
      return (degrees / max(square, 0x1p-66)).squareRoot() / measure.lengthScale
    }
  }

  /// Σ Nᵢ² of the first `count` normal numbers of a stream.
  private static func squaredNorm(of count: Int, _ stream: RandomStream) -> Double {
    let chunk = 1024
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: chunk) { buffer in
      let normals = buffer.baseAddress!
      var sum = 0.0
      for start in stride(from: 0, to: count, by: chunk) {
        let length = min(chunk, count - start)
        stream.fillNormals(from: UInt64(start / 4), count: (length + 3) / 4, into: normals)
        for i in 0..<length { sum += normals[i] * normals[i] }
      }
      return sum
    }
  }
}
