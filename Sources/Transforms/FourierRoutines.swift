// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What the transforms of one length need: FFTW's plans and tables, made once per length and type.

import CFFTW
import CInnerLoops
import Foundation
import LinearAlgebra
import Synchronization

/// FFTW's plans of one length m and precision: real ones for odd m, else complex ones of length m/2.
///
/// Nothing changes it once it is made, and it is never freed.
struct FourierRoutines: @unchecked Sendable {
  let forward: OpaquePointer
  let inverse: OpaquePointer
  /// Present for even m.
  let turns: Turns?
  let vectors = sketching_widest_vectors()

  /// cos 2πk/m and sin 2πk/m for k = 1 … ⌊m/4⌋.
  struct Turns {
    fileprivate let table: UnsafeMutableRawPointer
    fileprivate let count: Int

    func cosines<Scalar: RealScalar>(_ type: Scalar.Type) -> UnsafePointer<Scalar> {
      UnsafePointer(table.assumingMemoryBound(to: type))
    }

    func sines<Scalar: RealScalar>(_ type: Scalar.Type) -> UnsafePointer<Scalar> {
      cosines(type) + count
    }

    init<Scalar: RealScalar>(length: Int, type: Scalar.Type) {
      count = length / 4
      let numbers = UnsafeMutablePointer<Scalar>.allocate(capacity: max(1, 2 * count))
      for k in 0..<count {
        let angle = 2 * Double.pi * Double(k + 1) / Double(length)
        (numbers + k).initialize(to: Scalar(cos(angle)))
        (numbers + count + k).initialize(to: Scalar(sin(angle)))
      }
      table = UnsafeMutableRawPointer(numbers)
    }
  }

  private struct Key: Hashable {
    let length: Int
    let precision: Precision
  }

  private static let known = Mutex<[Key: FourierRoutines]>([:])

  /// The routines of a length. FFTW's planner must not run on two threads at once; its plans may.
  static func routines<Scalar: RealScalar>(length: Int, type: Scalar.Type) -> FourierRoutines {
    known.withLock { known in
      let key = Key(length: length, precision: Scalar.precision)
      if let routines = known[key] { return routines }
      let made = FourierRoutines(length: length, type: type)
      known[key] = made
      return made
    }
  }

  /// The planner looks at the alignment of its arrays and leaves their contents alone.
  private init<Scalar: RealScalar>(length: Int, type: Scalar.Type) {
    let isEven = length % 2 == 0
    let n = Int32(isEven ? length / 2 : length)
    let fixed = UInt32(FFTW_ESTIMATE)
    let workspace = Workspace()
    (forward, inverse) = workspace.withScratch(Scalar.self, length) { x in
      workspace.withScratch(Scalar.self, 2 * (length / 2 + 1)) { z in
        switch Scalar.precision {
        case .single:
          let (real, x, z) = (
            x.cast(to: Float.self), x.complex(fftwf_complex.self), z.complex(fftwf_complex.self)
          )
          return isEven
            ? (
              fftwf_plan_dft_1d(n, x, z, FFTW_FORWARD, fixed),
              fftwf_plan_dft_1d(n, z, x, FFTW_BACKWARD, fixed)
            )
            : (
              fftwf_plan_dft_r2c_1d(n, real, z, fixed), fftwf_plan_dft_c2r_1d(n, z, real, fixed)
            )
        case .double:
          let (real, x, z) = (
            x.cast(to: Double.self), x.complex(fftw_complex.self), z.complex(fftw_complex.self)
          )
          return isEven
            ? (
              fftw_plan_dft_1d(n, x, z, FFTW_FORWARD, fixed),
              fftw_plan_dft_1d(n, z, x, FFTW_BACKWARD, fixed)
            )
            : (fftw_plan_dft_r2c_1d(n, real, z, fixed), fftw_plan_dft_c2r_1d(n, z, real, fixed))
        }
      }
    }
    turns = isEven ? Turns(length: length, type: type) : nil
  }
}
