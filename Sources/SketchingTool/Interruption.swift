// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The end by a signal: nothing half-written stays behind.

import Dispatch
import Foundation
import Sketching

enum Interruption {
  /// While the result lives, SIGINT and SIGTERM delete unfinished outputs and end the program with
  /// status 130 or 143.
  static func handle() -> [any DispatchSourceSignal] {
    let queue = DispatchQueue(label: "signals", qos: .userInteractive)
    return [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        AtomicFile.removeUnfinished {
          OutputFolder.removeUnfinished()
          // Not `exit`: its handlers would run beside threads that still compute.
          _exit(128 + number)
        }
      }
      source.resume()
      return source
    }
  }
}
