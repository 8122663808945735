// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The Fourier transforms of one length behind Swift types, safe on any thread.

import CFFTW
import CInnerLoops
import LinearAlgebra

/// The forward and inverse real Fourier transforms of one length in one precision.
///
/// Rows of even length m are transformed as m/2 complex numbers, which takes half of the time of
/// FFTW's real transforms. Rows are transformed one by one, so the bits of a row do not depend on its
/// batch. The algorithm is chosen by FFTW's fixed rules, not by timing: equal input gives equal bits
/// in every run on machines of a kind.
///
/// All pointers must be aligned to 64 bytes, as `Workspace` gives them; rows lie `realStride` and
/// spectra `spectrumStride` numbers apart. A spectrum is ⌊m/2⌋ + 1 pairs (real part, imaginary part).
///
/// - Source: Frigo, Johnson, "The design and implementation of FFTW3", Proc. IEEE 93, 2005.
public struct FourierPlan<Scalar: RealScalar>: Sendable {
  /// m, the number of real entries of a row.
  public let length: Int
  private let routines: FourierRoutines

  init(length: Int, routines: FourierRoutines) {
    self.length = length
    self.routines = routines
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
      switch (Scalar.precision, routines.turns) {
      case (.single, nil):
        fftwf_execute_dft_r2c(
          routines.forward, input.cast(to: Float.self), output.complex(fftwf_complex.self))
      case (.double, nil):
        fftw_execute_dft_r2c(
          routines.forward, input.cast(to: Double.self), output.complex(fftw_complex.self))
      case (.single, let turns?):
        fftwf_execute_dft(
          routines.forward, input.complex(fftwf_complex.self), output.complex(fftwf_complex.self))
        sketching_split_spectrum_float(
          output.cast(to: Float.self), length / 2, turns.cosines(Float.self),
          turns.sines(Float.self), routines.vectors)
      case (.double, let turns?):
        fftw_execute_dft(
          routines.forward, input.complex(fftw_complex.self), output.complex(fftw_complex.self))
        sketching_split_spectrum_double(
          output.cast(to: Double.self), length / 2, turns.cosines(Double.self),
          turns.sines(Double.self), routines.vectors)
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
      switch (Scalar.precision, routines.turns) {
      case (.single, nil):
        fftwf_execute_dft_c2r(
          routines.inverse, input.complex(fftwf_complex.self), output.cast(to: Float.self))
      case (.double, nil):
        fftw_execute_dft_c2r(
          routines.inverse, input.complex(fftw_complex.self), output.cast(to: Double.self))
      case (.single, let turns?):
        sketching_merge_spectrum_float(
          input.cast(to: Float.self), length / 2, turns.cosines(Float.self),
          turns.sines(Float.self), routines.vectors)
        fftwf_execute_dft(
          routines.inverse, input.complex(fftwf_complex.self), output.complex(fftwf_complex.self))
      case (.double, let turns?):
        sketching_merge_spectrum_double(
          input.cast(to: Double.self), length / 2, turns.cosines(Double.self),
          turns.sines(Double.self), routines.vectors)
        fftw_execute_dft(
          routines.inverse, input.complex(fftw_complex.self), output.complex(fftw_complex.self))
      }
    }
  }

  /// y ← x y, entry by entry, for two spectra. Cost: O(m).
  public func multiply(_ x: UnsafePointer<Scalar>, into y: UnsafeMutablePointer<Scalar>) {
    switch Scalar.precision {
    case .single:
      sketching_multiply_spectra_float(
        x.cast(to: Float.self), y.cast(to: Float.self), length / 2 + 1, routines.vectors)
    case .double:
      sketching_multiply_spectra_double(
        x.cast(to: Double.self), y.cast(to: Double.self), length / 2 + 1, routines.vectors)
    }
  }

  private func checkAlignment(_ a: UnsafeMutableRawPointer, _ b: UnsafeMutableRawPointer) {
    precondition((UInt(bitPattern: a) | UInt(bitPattern: b)) & 63 == 0, "not aligned to 64 bytes")
  }
}

extension UnsafeMutablePointer {
  /// The same numbers seen as complex pairs.
  func complex<Complex>(_ type: Complex.Type) -> UnsafeMutablePointer<Complex> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: type)
  }
}
