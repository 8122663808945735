// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Walsh-Hadamard transforms of which only some numbers are wanted.

import CInnerLoops
import LinearAlgebra

/// Which numbers of a Walsh-Hadamard transform are kept, sorted as its last stages make them.
///
/// - Complexity: 10 bytes for each, or 6 where they are kept in that order.
package struct HadamardSelection: Sendable {
  /// Their indices, in the order in which they are kept.
  package let indices: [Int32]
  private let length: Int
  private let starts: [UInt32]
  private let places: [UInt16]
  /// Where each goes, or nil if they are kept as they are made.
  private let targets: [Int32]?

  /// Shorter transforms are made whole.
  private static let leastLength = 1024

  /// - Parameter length: of the transform, a power of two above all indices.
  package init(_ indices: [Int32], length: Int) {
    (self.indices, self.length) = (indices, length)
    guard length >= Self.leastLength else {
      (starts, places, targets) = ([], [], nil)
      return
    }
    let (part, stretch) = (length / 8, Self.stretch)
    var starts = [UInt32](repeating: 0, count: part / stretch + 1)
    for index in indices { starts[Int(index) % part / stretch + 1] += 1 }
    for c in starts.indices.dropFirst() { starts[c] += starts[c - 1] }
    var next = starts
    var places = [UInt16](repeating: 0, count: indices.count)
    var targets = [Int32](repeating: 0, count: indices.count)
    for (target, index) in indices.enumerated() {
      let (i, j) = Int(index).quotientAndRemainder(dividingBy: part)
      let k = Int(next[j / stretch])
      next[j / stretch] += 1
      places[k] = UInt16(i * stretch + j % stretch)
      targets[k] = Int32(target)
    }
    (self.starts, self.places) = (starts, places)
    self.targets = targets.indices.allSatisfy { targets[$0] == $0 } ? nil : targets
  }

  private static let stretch = Int(SKETCHING_STRETCH)

  /// The indices in the order in which the last stages make them, so that they are written one after
  /// another; as they are where the transform is made whole.
  package static func sorted(_ indices: [Int32], length: Int) -> [Int32] {
    guard length >= leastLength else { return indices }
    let part = Int32(length / 8)
    func place(_ index: Int32) -> (Int32, Int32) { (index % part / Int32(stretch), index) }
    return indices.sorted { place($0) < place($1) }
  }

  /// Writes `scale` times the kept numbers of H Σ x, for a diagonal Σ of signs and the first `count`
  /// entries of x, the others being zero.
  ///
  /// - Parameter scratch: room for the whole transform.
  package func transform<Scalar: RealScalar>(
    signs: UnsafePointer<Int8>, _ x: UnsafePointer<Scalar>, count: Int, scale: Scalar,
    into output: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>
  ) {
    guard length >= Self.leastLength else {
      WalshHadamard.transform(signs: signs, x, count: count, into: scratch, length: length)
      pick(from: scratch, scale: scale, into: output)
      return
    }
    starts.withUnsafeBufferPointer { starts in
      places.withUnsafeBufferPointer { places in
        withTargets { targets in
          let kept = sketching_kept(
            starts: starts.baseAddress, places: places.baseAddress, targets: targets)
          let vectors = sketching_widest_vectors()
          switch Scalar.precision {
          case .single:
            sketching_kept_hadamard_float(
              signs, x.cast(to: Float.self), 1, count, scratch.cast(to: Float.self), length, kept,
              Float(scale), output.cast(to: Float.self), vectors)
          case .double:
            sketching_kept_hadamard_double(
              signs, x.cast(to: Double.self), 1, count, scratch.cast(to: Double.self), length, kept,
              Double(scale), output.cast(to: Double.self), vectors)
          }
        }
      }
    }
  }

  private func withTargets(_ body: (UnsafePointer<Int32>?) -> Void) {
    if let targets {
      targets.withUnsafeBufferPointer { body($0.baseAddress) }
    } else {
      body(nil)
    }
  }

  /// Writes `scale` times the kept numbers of a whole transform.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func pick<Scalar: RealScalar>(
    from transform: UnsafePointer<Scalar>, scale: Scalar,
    into output: UnsafeMutablePointer<Scalar>
  ) {
    indices.withUnsafeBufferPointer { indices in
      for k in 0..<indices.count { output[k] = scale * transform[Int(indices[k])] }
    }
  }
}
