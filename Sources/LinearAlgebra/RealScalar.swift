// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The two number types of the library, and how generic code reaches a routine made for one of them.

import RealModule

/// A real number type that BLAS, LAPACK, FFTW and the C loops know: `Float` or `Double`, no other.
///
/// Generic code switches on `precision` and passes its pointers on with `cast(to:)`:
///
///     switch Scalar.precision {
///     case .single: cblas_sscal(n, Float(factor), pointer.cast(to: Float.self), 1)
///     case .double: cblas_dscal(n, Double(factor), pointer.cast(to: Double.self), 1)
///     }
public protocol RealScalar: Real, BinaryFloatingPoint, SIMDScalar, Codable, Sendable {
  /// Which of the two types this is.
  static var precision: Precision { get }
}

/// Single (`Float`, 24 bits) or double (`Double`, 53 bits) precision.
public enum Precision: String, Codable, Sendable {
  case single, double
}

extension Float: RealScalar {
  @inlinable
  public static var precision: Precision { .single }
}

extension Double: RealScalar {
  @inlinable
  public static var precision: Precision { .double }
}

extension UnsafeMutablePointer where Pointee: RealScalar {
  /// The same memory seen as `Other`, which must be the same type as `Pointee`.
  @inlinable
  public func cast<Other: RealScalar>(to other: Other.Type) -> UnsafeMutablePointer<Other> {
    assert(Other.self == Pointee.self)
    return UnsafeMutableRawPointer(self).assumingMemoryBound(to: other)
  }
}

extension UnsafePointer where Pointee: RealScalar {
  /// The same memory seen as `Other`, which must be the same type as `Pointee`.
  @inlinable
  public func cast<Other: RealScalar>(to other: Other.Type) -> UnsafePointer<Other> {
    assert(Other.self == Pointee.self)
    return UnsafeRawPointer(self).assumingMemoryBound(to: other)
  }
}
