// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The tiles of kernel matrices: any split of the work gives the same matrix.

import Kernels
import LinearAlgebra
import TestSupport
import Testing
import Validation

@Suite struct KernelMatrixTests {
  static let texts = [
    "polynomial:degree=3,offset=0.5", "gaussian:lengthScale=2", "exponential:lengthScale=3",
    "matern:nu=2.5,lengthScale=3", "laplace:lengthScale=9", "cauchy:lengthScale=4", "arccosine",
    "arccosine:order=2", "exponentialDot:scale=0.2",
  ]

  /// 300 rows: three tiles, the last one short.
  static func points(_ rowCount: Int = 300, seed: UInt64 = 5) -> Matrix<Double> {
    var generator = CaseGenerator(seed: seed)
    return generator.matrix(rowCount, 17, density: 0.4, as: Double.self)
  }

  @Test(arguments: texts)
  func equalBitsForAnyThreads(_ text: String) throws {
    let kernel = try KernelDescription.kernel(text)
    let (x, y) = (Rows.dense(Self.points()), Rows.dense(Self.points(200, seed: 6)))
    let single = Execution(threads: 1)
    let (symmetric, cross) = (try kernel.matrix(x, on: single), try kernel.matrix(x, y, on: single))
    for threads in 2...3 {
      #expect(try kernel.matrix(x, on: Execution(threads: threads)) == symmetric)
      #expect(try kernel.matrix(x, y, on: Execution(threads: threads)) == cross)
    }
  }

  @Test(arguments: texts)
  func tilesAreTheWhole(_ text: String) throws {
    let kernel = try KernelDescription.kernel(text)
    // More rows than one tile of rows holds (1024), and then than one of columns (4096).
    let (tall, few, many) = (Self.points(1100), Self.points(140, seed: 6), Self.points(4200))
    for (x, y) in [(tall, few), (few, many)] {
      var (parts, end) = ([Matrix<Double>](), 0)
      try kernel.forEachTile(x, y, as: Double.self) { rows, part in
        #expect(rows.lowerBound == end && rows.count == part.rowCount)
        end = rows.upperBound
        parts.append(part)
      }
      #expect(parts.count == (x.rowCount + 1023) / 1024)
      #expect(try Matrix.stacked(parts) == kernel.matrix(.dense(x), .dense(y)))
    }
    let x = Self.points(1100)
    var parts: [Matrix<Double>] = []
    try kernel.forEachTile(x, as: Double.self) { parts.append($1) }
    let whole = try kernel.matrix(.dense(x))
    #expect(try Matrix.stacked(parts) == whole)
    #expect(whole == whole.transposed)
  }

  @Test(arguments: texts)
  func symmetricIsGeneral(_ text: String) throws {
    let kernel = try KernelDescription.kernel(text)
    let x = Rows.dense(Self.points())
    let (symmetric, general) = (try kernel.matrix(x), try kernel.matrix(x, x))
    let diagonal = try kernel.diagonal(x)
    for i in 0..<300 {
      for j in 0..<300 { #expect(close(symmetric[i, j], general[i, j])) }
      #expect(close(diagonal[i], symmetric[i, i]))
    }
    let eigenvalues = try SymmetricEigen.values(of: symmetric)
    #expect(eigenvalues.min()! >= -1e-12 * eigenvalues.max()!)
  }

  @Test(arguments: texts)
  func denseIsSparse(_ text: String) throws {
    let kernel = try KernelDescription.kernel(text)
    let (x, y) = (Self.points(), Self.points(140, seed: 6))
    let expected = try kernel.matrix(.dense(x), .dense(y))
    let (xSparse, ySparse) = (Rows.sparse(SparseMatrix(x)), Rows.sparse(SparseMatrix(y)))
    for found in [
      try kernel.matrix(xSparse, ySparse), try kernel.matrix(.dense(x), ySparse),
      try kernel.matrix(xSparse, .dense(y)),
    ] {
      for i in 0..<300 { for j in 0..<140 { #expect(close(found[i, j], expected[i, j])) } }
    }
  }

  @Test(arguments: texts)
  func badRowsAreRefused(_ text: String) throws {
    let kernel = try KernelDescription.kernel(text)
    let x = Rows.dense(Matrix<Double>(repeating: 1, rowCount: 2, columnCount: 3))
    let narrow = Rows.dense(Matrix<Double>(repeating: 1, rowCount: 2, columnCount: 2))
    let wrong = Rows.dense(Matrix<Double>(repeating: .nan, rowCount: 1, columnCount: 3))
    #expect(throws: InvalidInput.self) { try kernel.matrix(x, narrow) }
    #expect(throws: InvalidInput.self) { try kernel.matrix(wrong) }
    #expect(throws: InvalidInput.self) { try kernel.matrix(x, wrong) }
    #expect(throws: InvalidInput.self) { try kernel.diagonal(wrong) }
    #expect(throws: InvalidInput.self) {
      try kernel.forEachTile(wrong, as: Double.self) { _, _ in }
    }
    let none = Rows.dense(Matrix<Double>(rowCount: 0, columnCount: 3))
    #expect(try kernel.matrix(none).rowCount == 0)
    #expect(try kernel.matrix(none, x).columnCount == 2)
    #expect(try kernel.matrix(x.rows(0..<1)).rowCount == 1)
    #expect(throws: CancellationError.self) {
      try kernel.matrix(x, on: Execution(isCancelled: { true }))
    }
  }

  @Test func overflowIsAnError() throws {
    let kernel = try PolynomialKernel(degree: 10)
    let x = Rows.dense(try Matrix(rows: [[1.0, 1], [1e20, 0]]))
    #expect(throws: InvalidInput.self) { try kernel.matrix(x) }
    #expect(throws: InvalidInput.self) { try kernel.matrix(x, x) }
    #expect(throws: InvalidInput.self) { try kernel.diagonal(x) }
    #expect(throws: InvalidInput.self) { try kernel.forEachTile(x, as: Double.self) { _, _ in } }
    let huge = Rows.dense(try Matrix(rows: [[1e200, 1e200]]))
    #expect(throws: InvalidInput.self) { try GaussianKernel(lengthScale: 1).matrix(huge, huge) }
  }

  func close(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-12 * max(1, abs(b)) }
}

@Suite struct GaussianKernelTests {
  @Test(arguments: [1e-3, 1, 1e3, 1e6, 1e9])
  func closePointsFarOut(_ norm: Double) throws {
    // Points at distance 2⁻²⁰·norm·… whose difference is exact in binary.
    let step = norm * 0x1p-20
    let x = try Matrix(rows: [[norm, norm, 0, 0.5 * norm, -norm]])
    var y = x
    y[0, 1] += step
    y[0, 4] -= 2 * step
    let distance =
      (y[0, 1] - x[0, 1]) * (y[0, 1] - x[0, 1]) + (y[0, 4] - x[0, 4]) * (y[0, 4] - x[0, 4])
    let kernel = try GaussianKernel(lengthScale: step)
    let expected = Double.exp(-distance / (2 * step * step))
    for (x, y) in [
      (Rows.dense(x), Rows.dense(y)), (.sparse(SparseMatrix(x)), .sparse(SparseMatrix(y))),
      (.dense(x), .sparse(SparseMatrix(y))), (.sparse(SparseMatrix(x)), .dense(y)),
    ] {
      #expect(abs(try kernel.matrix(x, y)[0, 0] - expected) < 1e-14)
      #expect(try kernel.matrix(x, x)[0, 0] == 1)
    }
  }

  @Test(arguments: [1e-300, 1e-50, 1e300])
  func extremeLengthScales(_ lengthScale: Double) throws {
    let kernel = try GaussianKernel(lengthScale: lengthScale)
    let x = try Matrix(rows: [[1.0, 2], [2, 1]])
    let other = lengthScale > 1 ? 1.0 : 0
    #expect(try kernel.matrix(.dense(x)) == Matrix(rows: [[1, other], [other, 1]]))
    let single = try kernel.matrix(Rows.dense(x.converted(to: Float.self)))
    #expect(try single == Matrix(rows: [[1, Float(other)], [Float(other), 1]]))
  }
}

@Suite struct KernelDescriptionTests {
  @Test func defaults() throws {
    let polynomial = try KernelDescription.kernel("polynomial")
    #expect(polynomial as? PolynomialKernel == (try PolynomialKernel(degree: 3)))
    let gaussian = try KernelDescription.kernel("gaussian:lengthScale=0.5")
    #expect(gaussian as? GaussianKernel == (try GaussianKernel(lengthScale: 0.5)))
    for example in KernelDescription.examples { _ = try KernelDescription.kernel(example) }
  }

  @Test(arguments: [
    ("", "polynomial:degree=3,scale=1,offset=0"), ("gauss", "gaussian:lengthScale=1"),
    ("gaussian:length=1", "expected only lengthScale"), ("gaussian:lengthScale", "lengthScale=1"),
    ("gaussian:lengthScale=1,lengthScale=2", "at most once"), ("gaussian:lengthScale=x", "number"),
    ("gaussian:lengthScale=0", "above 0"), ("gaussian:lengthScale=inf", "finite"),
    ("polynomial:degree=0", "1 to 64"), ("polynomial:degree=65", "1 to 64"),
    ("polynomial:degree=2.5", "whole"), ("polynomial:degree=1e300", "whole"),
    ("polynomial:degree=nan", "whole"), ("polynomial:offset=-1", "at or above 0"),
    ("polynomial:scale=-1", "above 0"), ("arccosine:order=3", "0, 1 or 2"),
    ("matern:nu=1", "0.5, 1.5 or 2.5"), ("exponentialDot:scale=0", "above 0"),
    ("laplace:lengthScale=-1", "above 0"), ("cauchy:lengthScale=nan", "finite"),
    ("exponential:lengthScale=0", "above 0"), ("matern:lengthScale=0", "above 0"),
  ])
  func badTextsAreRefused(_ text: String, _ message: String) {
    let error = #expect(throws: InvalidInput.self) { try KernelDescription.kernel(text) }
    #expect(error?.description.contains(message) == true, "\(error!.description)")
  }
}
