// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The loops over pixels that are not matrix products.

import LinearAlgebra

/// Passes over the features of pixels, compiled for each precision.
enum LayeredLoops {
  /// |row|² of each row, plus what is in `excess`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func variances<Scalar: RealScalar>(
    _ count: Int, _ width: Int, _ rows: UnsafePointer<Scalar>, excess: UnsafePointer<Scalar>?,
    into output: UnsafeMutablePointer<Scalar>
  ) {
    for i in 0..<count {
      let row = rows + i * width
      let whole = width & ~7
      var lanes = SIMD8<Scalar>.zero
      for j in stride(from: 0, to: whole, by: 8) {
        let x = UnsafeRawPointer(row + j).loadUnaligned(as: SIMD8<Scalar>.self)
        lanes.addProduct(x, x)
      }
      var sum = lanes.sum()
      for j in whole..<width { sum += row[j] * row[j] }
      output[i] = sum + (excess?[i] ?? 0)
    }
  }

  /// For each output pixel of the window, in images one after the other, scale · the sum over the
  /// window's pixels + offset.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func windowSums<Scalar: RealScalar>(
    _ window: PixelWindow, imageCount: Int, _ input: UnsafePointer<Scalar>, scale: Scalar,
    offset: Scalar, into output: UnsafeMutablePointer<Scalar>
  ) {
    let (rows, columns) = (window.vertical, window.horizontal)
    rows.reads.withUnsafeBufferPointer { rowReads in
      columns.reads.withUnsafeBufferPointer { columnReads in
        var target = output
        for image in 0..<imageCount {
          let pixels = input + image * window.input.count
          for y in 0..<window.output.height {
            for x in 0..<window.output.width {
              var sum: Scalar = 0
              for i in 0..<rows.size {
                let row = rowReads[y * rows.size + i]
                if row < 0 { continue }
                for j in 0..<columns.size {
                  let column = columnReads[x * columns.size + j]
                  if column >= 0 { sum += pixels[row * window.input.width + column] }
                }
              }
              target[0] = scale * sum + offset
              target += 1
            }
          }
        }
      }
    }
  }

  /// The features of the windows' pixels side by side, for the rows of output pixels in `range`,
  /// counted through all images; a 1 behind them if `withOne`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func unfold<Scalar: RealScalar>(
    _ window: PixelWindow, rows range: Range<Int>, _ input: UnsafePointer<Scalar>, width: Int,
    withOne: Bool, into output: UnsafeMutablePointer<Scalar>
  ) {
    let (rows, columns) = (window.vertical, window.horizontal)
    rows.reads.withUnsafeBufferPointer { rowReads in
      columns.reads.withUnsafeBufferPointer { columnReads in
        var target = output
        for outputRow in range {
          let (image, y) = outputRow.quotientAndRemainder(dividingBy: window.output.height)
          let pixels = input + image * window.input.count * width
          for x in 0..<window.output.width {
            for i in 0..<rows.size {
              let row = rowReads[y * rows.size + i]
              if row < 0 {
                for k in 0..<columns.size * width { target[k] = 0 }
                target += columns.size * width
                continue
              }
              let line = pixels + row * window.input.width * width
              let first = columnReads[x * columns.size]
              let last = columnReads[(x + 1) * columns.size - 1]
              if first >= 0, last - first == columns.size - 1 {
                target.update(from: line + first * width, count: columns.size * width)
                target += columns.size * width
                continue
              }
              for j in 0..<columns.size {
                let column = columnReads[x * columns.size + j]
                if column < 0 {
                  for k in 0..<width { target[k] = 0 }
                } else {
                  target.update(from: line + column * width, count: width)
                }
                target += width
              }
            }
            if withOne {
              target[0] = 1
              target += 1
            }
          }
        }
      }
    }
  }

  /// Adds the rows of pixels, counted through all images, to the outputs of the pool that read them.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func pool<Scalar: RealScalar>(
    _ pool: PixelPool, rows range: Range<Int>, _ input: UnsafePointer<Scalar>, stride: Int,
    width: Int, squaredWeights: Bool = false, into output: UnsafeMutablePointer<Scalar>
  ) {
    let (from, to) = (pool.window.input, pool.window.output)
    withPointers(pool.rowReaders, pool.rowWeights) { rowReaders, rowStarts, rowWeights in
      withPointers(pool.columnReaders, pool.columnWeights) { readers, starts, weights in
        var source = input
        for inputRow in range {
          let (image, y) = inputRow.quotientAndRemainder(dividingBy: from.height)
          for x in 0..<from.width {
            for i in rowStarts[y]..<rowStarts[y + 1] {
              let line = output + (image * to.height + rowReaders[i]) * to.width * width
              for j in starts[x]..<starts[x + 1] {
                var weight = Scalar(rowWeights[rowReaders[i]] * weights[readers[j]])
                if squaredWeights { weight *= weight }
                let target = line + readers[j] * width
                for k in 0..<width { target[k] += weight * source[k] }
              }
            }
            source += stride
          }
        }
      }
    }
  }

  @inline(__always)
  private static func withPointers(
    _ readers: WindowReaders, _ weights: [Double],
    _ body: (UnsafePointer<Int>, UnsafePointer<Int>, UnsafePointer<Double>) -> Void
  ) {
    readers.outputs.withUnsafeBufferPointer { outputs in
      readers.starts.withUnsafeBufferPointer { starts in
        weights.withUnsafeBufferPointer { weights in
          guard let outputs = outputs.baseAddress, let weights = weights.baseAddress else { return }
          body(outputs, starts.baseAddress!, weights)
        }
      }
    }
  }

  /// x ← 0. (In generic code `update(repeating:)` goes entry by entry.)
  static func clear<Scalar: RealScalar>(_ count: Int, _ x: UnsafeMutablePointer<Scalar>) {
    UnsafeMutableRawPointer(x).initializeMemory(
      as: UInt8.self, repeating: 0, count: count * MemoryLayout<Scalar>.stride)
  }

  /// x ← √x.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func takeRoots<Scalar: RealScalar>(_ count: Int, _ x: UnsafeMutablePointer<Scalar>) {
    for i in 0..<count { x[i] = x[i].squareRoot() }
  }

  /// Copies the first `width` entries of each row, times a factor.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func copyRows<Scalar: RealScalar>(
    _ count: Int, _ width: Int, _ input: UnsafePointer<Scalar>, _ inputStride: Int,
    to output: UnsafeMutablePointer<Scalar>, _ stride: Int, factor: Scalar = 1
  ) {
    for i in 0..<count {
      let (row, target) = (input + i * inputStride, output + i * stride)
      for j in 0..<width { target[j] = factor * row[j] }
    }
  }

  /// sums += terms.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func add<Scalar: RealScalar>(
    _ count: Int, _ terms: UnsafePointer<Scalar>, to sums: UnsafeMutablePointer<Scalar>
  ) {
    for i in 0..<count { sums[i] += terms[i] }
  }

  /// The first `width` entries of each row of `sums` += factor · those of `terms`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func addRows<Scalar: RealScalar>(
    _ count: Int, _ width: Int, factor: Scalar, _ terms: UnsafePointer<Scalar>, _ termStride: Int,
    to sums: UnsafeMutablePointer<Scalar>, _ stride: Int
  ) {
    for i in 0..<count {
      let (row, target) = (terms + i * termStride, sums + i * stride)
      for j in 0..<width { target[j] += factor * row[j] }
    }
  }

  /// Each row times its factor.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func scaleRows<Scalar: RealScalar>(
    _ count: Int, _ width: Int, by factors: UnsafePointer<Scalar>,
    _ rows: UnsafeMutablePointer<Scalar>, _ stride: Int
  ) {
    for i in 0..<count {
      let row = rows + i * stride
      for j in 0..<width { row[j] *= factors[i] }
    }
  }

  /// Every entry times `factor`, but the last of each row times `last`, if there.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func scaleColumns<Scalar: RealScalar>(
    _ count: Int, _ width: Int, by factor: Scalar, last: Scalar?,
    _ rows: UnsafeMutablePointer<Scalar>
  ) {
    for i in 0..<count {
      let row = rows + i * width
      let end = last.map { row[width - 1] * $0 }
      for j in 0..<width { row[j] *= factor }
      if let end { row[width - 1] = end }
    }
  }
}
