// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// FFTW's plans behind Swift types: made once per length and number type, safe on any thread.

import CFFTW
import LinearAlgebra
import Synchronization

/// The forward and inverse real Fourier transforms of one length in one precision.
///
/// Rows are transformed one by one, so the bits of a row do not depend on its batch. The algorithm is
/// chosen by FFTW's fixed rules, not by timing: equal input gives equal bits in every run on
/// machines of a kind, at 1.3 to 1.5 times the time of the plans that FFTW would find by trial.
///
/// All pointers must be aligned to 64 bytes, as `Workspace` gives them; rows lie `realStride` and
/// spectra `spectrumStride` numbers apart. A spectrum is ⌊m/2⌋ + 1 pairs (real part, imaginary part).
///
/// - Source: Frigo, Johnson, "The design and implementation of FFTW3", Proc. IEEE 93, 2005.
public struct FourierPlan<Scalar: RealScalar>: @unchecked Sendable {
  /// m, the number of real entries of a row.
  public let length: Int
  private let forwardPlan: OpaquePointer
  private let inversePlan: OpaquePointer

  fileprivate init(length: Int, forwardPlan: OpaquePointer, inversePlan: OpaquePointer) {
    self.length = length
    self.forwardPlan = forwardPlan
    self.inversePlan = inversePlan
  }

  /// The distance between rows: m rounded up to whole cache lines.
  public var realStride: Int { FourierPlan.padded(length) }

  /// The distance between spectra in numbers (two to a pair), rounded up to whole cache lines.
  public var spectrumStride: Int { FourierPlan.padded(2 * (length / 2 + 1)) }

  private static func padded(_ count: Int) -> Int {
    let line = 64 / MemoryLayout<Scalar>.stride
    return (count + line - 1) / line * line
  }

  /// Writes the spectra of `rowCount` rows, which are left as they are. Cost: O(m log m) per row.
  public func forward(
    _ rows: UnsafeMutablePointer<Scalar>, into spectra: UnsafeMutablePointer<Scalar>,
    rowCount: Int = 1
  ) {
    for row in 0..<rowCount {
      let (input, output) = (rows + row * realStride, spectra + row * spectrumStride)
      checkAlignment(input, output)
      switch Scalar.precision {
      case .single:
        fftwf_execute_dft_r2c(
          forwardPlan, input.cast(to: Float.self), output.complex(fftwf_complex.self))
      case .double:
        fftw_execute_dft_r2c(
          forwardPlan, input.cast(to: Double.self), output.complex(fftw_complex.self))
      }
    }
  }

  /// Writes m times the rows with the given spectra, which are destroyed. Cost: O(m log m) per row.
  ///
  /// The imaginary parts of entry 0 and, for even m, of entry m/2 are taken as zero.
  public func inverse(
    _ spectra: UnsafeMutablePointer<Scalar>, into rows: UnsafeMutablePointer<Scalar>,
    rowCount: Int = 1
  ) {
    for row in 0..<rowCount {
      let (input, output) = (spectra + row * spectrumStride, rows + row * realStride)
      checkAlignment(input, output)
      switch Scalar.precision {
      case .single:
        fftwf_execute_dft_c2r(
          inversePlan, input.complex(fftwf_complex.self), output.cast(to: Float.self))
      case .double:
        fftw_execute_dft_c2r(
          inversePlan, input.complex(fftw_complex.self), output.cast(to: Double.self))
      }
    }
  }

  private func checkAlignment(_ a: UnsafeMutableRawPointer, _ b: UnsafeMutableRawPointer) {
    precondition((UInt(bitPattern: a) | UInt(bitPattern: b)) & 63 == 0, "not aligned to 64 bytes")
  }
}

extension UnsafeMutablePointer {
  /// The same numbers seen as complex pairs.
  fileprivate func complex<Complex>(_ type: Complex.Type) -> UnsafeMutablePointer<Complex> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: type)
  }
}

/// The plans made so far. FFTW's planner must not run on two threads at once; its plans may.
enum FourierPlanCache {
  private struct Key: Hashable {
    let length: Int
    let precision: Precision
  }

  private struct Pair: @unchecked Sendable {
    let forward: OpaquePointer
    let inverse: OpaquePointer
  }

  private static let pairs = Mutex<[Key: Pair]>([:])

  static func plan<Scalar: RealScalar>(length: Int) -> FourierPlan<Scalar> {
    let pair = pairs.withLock { pairs in
      let key = Key(length: length, precision: Scalar.precision)
      if let known = pairs[key] { return known }
      let made = make(length: length, type: Scalar.self)
      pairs[key] = made
      return made
    }
    return FourierPlan(length: length, forwardPlan: pair.forward, inversePlan: pair.inverse)
  }

  /// The planner looks at the alignment of its arrays and leaves their contents alone.
  private static func make<Scalar: RealScalar>(length: Int, type: Scalar.Type) -> Pair {
    let workspace = Workspace()
    let n = Int32(length)
    return workspace.withScratch(Scalar.self, length) { real in
      workspace.withScratch(Scalar.self, 2 * (length / 2 + 1)) { spectrum in
        switch Scalar.precision {
        case .single:
          let (x, z) = (real.cast(to: Float.self), spectrum.complex(fftwf_complex.self))
          return Pair(
            forward: fftwf_plan_dft_r2c_1d(n, x, z, UInt32(FFTW_ESTIMATE)),
            inverse: fftwf_plan_dft_c2r_1d(n, z, x, UInt32(FFTW_ESTIMATE)))
        case .double:
          let (x, z) = (real.cast(to: Double.self), spectrum.complex(fftw_complex.self))
          return Pair(
            forward: fftw_plan_dft_r2c_1d(n, x, z, UInt32(FFTW_ESTIMATE)),
            inverse: fftw_plan_dft_c2r_1d(n, z, x, UInt32(FFTW_ESTIMATE)))
        }
      }
    }
  }
}
