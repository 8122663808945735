// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The number types found in files, and how they become floating-point numbers.

import LinearAlgebra

/// How one number lies in a file: its type and the order of its bytes.
struct ElementType: Hashable, Sendable {
  /// The raw value is NumPy's letter and size in bytes.
  enum Kind: String, CaseIterable, Sendable {
    case bool = "b1"
    case int8 = "i1"
    case int16 = "i2"
    case int32 = "i4"
    case int64 = "i8"
    case uint8 = "u1"
    case uint16 = "u2"
    case uint32 = "u4"
    case uint64 = "u8"
    case float16 = "f2"
    case float32 = "f4"
    case float64 = "f8"
  }

  var kind: Kind
  var isBigEndian = false

  /// Its bytes.
  var size: Int {
    switch kind {
    case .bool, .int8, .uint8: 1
    case .int16, .uint16, .float16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }

  /// The type that `Scalar` has in memory.
  static func native<Scalar: RealScalar>(_ type: Scalar.Type) -> ElementType {
    ElementType(
      kind: Scalar.precision == .single ? .float32 : .float64,
      isBigEndian: 1.bigEndian == 1)
  }

  /// Converts `count` packed elements, rounding to nearest. Cost: O(count).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func decode<Scalar: RealScalar>(
    _ input: UnsafeRawPointer, count: Int, into output: UnsafeMutablePointer<Scalar>
  ) {
    switch kind {
    case .bool: convert(input, count, output) { (bits: UInt8) in bits == 0 ? 0 : 1 }
    case .int8: convert(input, count, output) { (bits: Int8) in Scalar(bits) }
    case .int16: convert(input, count, output) { (bits: Int16) in Scalar(bits) }
    case .int32: convert(input, count, output) { (bits: Int32) in Scalar(bits) }
    case .int64: convert(input, count, output) { (bits: Int64) in Scalar(bits) }
    case .uint8: convert(input, count, output) { (bits: UInt8) in Scalar(bits) }
    case .uint16: convert(input, count, output) { (bits: UInt16) in Scalar(bits) }
    case .uint32: convert(input, count, output) { (bits: UInt32) in Scalar(bits) }
    case .uint64: convert(input, count, output) { (bits: UInt64) in Scalar(bits) }
    case .float16: convert(input, count, output) { (bits: UInt16) in Scalar(Self.half(bits)) }
    case .float32:
      convert(input, count, output) { (bits: UInt32) in Scalar(Float(bitPattern: bits)) }
    case .float64:
      convert(input, count, output) { (bits: UInt64) in Scalar(Double(bitPattern: bits)) }
    }
  }

  @inline(__always)
  private func convert<Bits: FixedWidthInteger & BitwiseCopyable, Scalar: RealScalar>(
    _ input: UnsafeRawPointer, _ count: Int, _ output: UnsafeMutablePointer<Scalar>,
    _ value: (Bits) -> Scalar
  ) {
    let size = MemoryLayout<Bits>.size
    if isBigEndian {
      for i in 0..<count {
        let bits = input.loadUnaligned(fromByteOffset: i * size, as: Bits.self)
        output[i] = value(Bits(bigEndian: bits))
      }
    } else {
      for i in 0..<count {
        let bits = input.loadUnaligned(fromByteOffset: i * size, as: Bits.self)
        output[i] = value(Bits(littleEndian: bits))
      }
    }
  }

  /// The half-precision number with these bits (`Float16` is not on every platform of Swift's).
  private static func half(_ bits: UInt16) -> Float {
    let magnitude = UInt32(bits & 0x7fff) << 13
    let sign: Float = bits & 0x8000 == 0 ? 1 : -1
    if bits & 0x7c00 == 0x7c00 { return sign * Float(bitPattern: magnitude | 0x7f80_0000) }
    // The exponent's bias is 15 here and 127 there; the product is exact for subnormals too.
    return sign * Float(bitPattern: magnitude) * 0x1p112
  }
}
