// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Tensor sketches, beside the Fourier transforms that they need and beside themselves.

import CFFTW
import Sketching

/// TensorSketch of degree 3 of dense rows, 784 to 3072, beside the transforms that it needs by FFTW's
/// best plans for real vectors, found by trial.
func tensorSketchSpeed(threads: Int) throws -> Measurement {
  let (rowCount, m, degree) = (2048, 3072, 3)
  let rows = randomMatrix(rowCount, 784)
  let sketch = try TensorSketch(
    inputDimension: 784, degree: degree, outputDimension: m, seed: 0)
  let fourier = RealTransforms(length: m)
  let execution = Execution(threads: threads)
  let (ours, transforms) = try medians(
    9,
    { _ = try sketch.apply(to: .dense(rows), on: execution) },
    {
      try Parallel.forEachBlock(of: rowCount, size: 64, on: execution) { range, workspace in
        workspace.withScratch(Float.self, m) { real in
          workspace.withScratch(Float.self, m + 2) { spectrum in
            real.update(repeating: 1, count: m)
            for _ in range {
              for _ in 0..<degree { fourier.forward(real, spectrum) }
              fourier.inverse(spectrum, real)
            }
          }
        }
      }
    })
  return Measurement(
    work: "TensorSketch, degree 3, 784 → 3072", threads: threads, seconds: ours,
    speed: Double(rowCount) / ours, unit: "rows/s", yardstick: "FFTW's transforms alone",
    yardstickSeconds: transforms, ratio: transforms / ours, wanted: "≥ 0.67")
}

/// FFTW's own transforms of real vectors, by the plans that it finds best by trial.
private struct RealTransforms: @unchecked Sendable {
  private let plans: (forward: fftwf_plan, inverse: fftwf_plan)

  init(length: Int) {
    let workspace = Workspace()
    plans = workspace.withScratch(Float.self, length) { x in
      workspace.withScratch(fftwf_complex.self, length / 2 + 1) { z in
        (
          fftwf_plan_dft_r2c_1d(Int32(length), x, z, UInt32(FFTW_MEASURE)),
          fftwf_plan_dft_c2r_1d(Int32(length), z, x, UInt32(FFTW_MEASURE))
        )
      }
    }
  }

  func forward(_ x: UnsafeMutablePointer<Float>, _ z: UnsafeMutablePointer<Float>) {
    fftwf_execute_dft_r2c(plans.forward, x, complex(z))
  }

  func inverse(_ z: UnsafeMutablePointer<Float>, _ x: UnsafeMutablePointer<Float>) {
    fftwf_execute_dft_c2r(plans.inverse, complex(z), x)
  }

  private func complex(_ z: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<fftwf_complex> {
    UnsafeMutableRawPointer(z).assumingMemoryBound(to: fftwf_complex.self)
  }
}

/// The same of sparse rows with 50 nonzeros among 10⁷ coordinates, beside 10⁴ coordinates.
func sparseTensorSketchSpeed(threads: Int) throws -> Measurement {
  let rowCount = 4096
  func rows(_ columnCount: Int) throws -> Rows<Float> {
    let stream = RandomKey(seed: 1).child("benchmark").stream
    let step = columnCount / 50
    let columns = (0..<50 * rowCount).map {
      Int32($0 % 50 * step + stream.bucket(at: UInt64($0), count: step))
    }
    return .sparse(
      try SparseMatrix(
        columnCount: columnCount, rowOffsets: (0...rowCount).map { 50 * $0 },
        columnIndices: columns, values: columns.map { Float($0 % 7) - 3 }))
  }
  func sketch(_ columnCount: Int) throws -> TensorSketch {
    try TensorSketch(inputDimension: columnCount, degree: 3, outputDimension: 3072, seed: 0)
  }
  let (small, large) = try (rows(10_000), rows(10_000_000))
  let (smallSketch, largeSketch) = try (sketch(10_000), sketch(10_000_000))
  let execution = Execution(threads: threads)
  let (ours, theirs) = try medians(
    9, { _ = try largeSketch.apply(to: large, on: execution) },
    { _ = try smallSketch.apply(to: small, on: execution) })
  return Measurement(
    work: "TensorSketch, degree 3, 50 nonzeros of 10⁷ → 3072", threads: threads, seconds: ours,
    speed: Double(rowCount) / ours, unit: "rows/s", yardstick: "50 nonzeros of 10⁴",
    yardstickSeconds: theirs, ratio: theirs / ours, wanted: "≥ 0.77")
}

/// Other sketches of degree 3 of dense rows, 784 to 3072.
func productSketchSpeeds(threads: Int) throws -> [Measurement] {
  let rows = Rows.dense(randomMatrix(2048, 784))
  let parameters = PolynomialSketchParameters(
    inputDimension: 784, degree: 3, outputDimension: 3072, seed: 0)
  let execution = Execution(threads: threads)
  func measurement(
    _ name: String, _ wanted: Double?, _ sketch: some PolynomialSketch
  ) throws -> Measurement {
    let time = try median(5) { _ = try sketch.apply(to: rows, on: execution) }
    let speed = Double(rows.rowCount) / time
    return Measurement(
      work: "\(name), degree 3, 784 → 3072", threads: threads, seconds: time, speed: speed,
      unit: "rows/s", yardstick: wanted.map { "\(Int($0)) rows/s" } ?? "",
      yardstickSeconds: nil, ratio: wanted.map { speed / $0 } ?? 0,
      wanted: wanted == nil ? "" : "≥ 1")
  }
  return [
    try measurement(
      "CtR-SRHT", 19_000, TensorSRHT(TensorSRHTParameters(parameters, isComplex: true))),
    try measurement("TensorSRHT", nil, TensorSRHT(TensorSRHTParameters(parameters))),
    try measurement(
      "CtR-Gaussian", nil,
      ProductSketch(ProductSketchParameters(parameters, weights: .gaussian, isComplex: true))),
    try measurement(
      "Rademacher", nil, ProductSketch(ProductSketchParameters(parameters, weights: .rademacher))),
    try measurement("PolySketch", nil, PolySketch(PolySketchParameters(parameters))),
  ]
}
