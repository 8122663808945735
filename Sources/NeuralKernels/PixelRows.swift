// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The C loops over rows of pixel covariances, for either number type.

import CInnerLoops
import LinearAlgebra

/// See `pixel_rows.h`.
enum PixelRows<Scalar: RealScalar> {
  typealias Values = UnsafeMutablePointer<Scalar>

  /// Sums of products over channels.
  static func multiply(
    _ count: Int, channels: Int, scale: Scalar, _ x: Values, xStride: Int, _ y: Values,
    yStride: Int, into output: Values
  ) {
    switch Scalar.precision {
    case .single:
      sketching_pixel_product_float(
        count, channels, Float(scale), x.cast(to: Float.self), xStride, y.cast(to: Float.self),
        yStride, output.cast(to: Float.self))
    case .double:
      sketching_pixel_product_double(
        count, channels, Double(scale), x.cast(to: Double.self), xStride,
        y.cast(to: Double.self), yStride, output.cast(to: Double.self))
    }
  }

  /// One row of a convolution with a box, and of the layer's weights.
  static func filter(
    _ shape: sketching_filter_shape, weight: Scalar, bias: Scalar,
    _ nngpRows: UnsafePointer<Values?>, _ ntkRows: UnsafePointer<Values?>?, scratch: Values,
    nngp: Values, ntk: Values?
  ) {
    withUnsafePointer(to: shape) { shape in
      switch Scalar.precision {
      case .single:
        sketching_pixel_filter_float(
          shape, Float(weight), Float(bias), rows(nngpRows), ntkRows.map { rows($0) },
          scratch.cast(to: Float.self), nngp.cast(to: Float.self), ntk?.cast(to: Float.self))
      case .double:
        sketching_pixel_filter_double(
          shape, Double(weight), Double(bias), rows(nngpRows), ntkRows.map { rows($0) },
          scratch.cast(to: Double.self), nngp.cast(to: Double.self), ntk?.cast(to: Double.self))
      }
    }
  }

  private static func rows<Other: RealScalar>(
    _ rows: UnsafePointer<Values?>
  ) -> UnsafePointer<UnsafePointer<Other>?> {
    assert(Other.self == Scalar.self)
    return UnsafeRawPointer(rows).assumingMemoryBound(to: UnsafePointer<Other>?.self)
  }

  /// Adds pixels of some rows to pixels of others.
  static func add(_ source: Values, to target: Values, _ grid: sketching_pixel_grid) {
    withUnsafePointer(to: grid) { grid in
      switch Scalar.precision {
      case .single:
        sketching_add_pixels_float(
          grid, source.cast(to: Float.self), target.cast(to: Float.self))
      case .double:
        sketching_add_pixels_double(
          grid, source.cast(to: Double.self), target.cast(to: Double.self))
      }
    }
  }
}
