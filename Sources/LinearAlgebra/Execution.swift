// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How long work runs: on how many threads, with what progress, and until when.

import Dispatch
import Foundation
import Synchronization

/// How work is carried out. It never changes a result, only when and where it is computed.
public struct Execution: Sendable {
  /// How many threads work at once, at most; the machine's cores bound it too.
  public var threads: Int
  /// Called now and then, from any one thread at a time, with what is done so far.
  public var progress: (@Sendable (Progress) -> Void)?
  /// What is being done, for whoever shows the progress.
  public var stage = ""
  /// Asked between blocks; once true, the work ends by throwing `CancellationError`.
  public var isCancelled: @Sendable () -> Bool

  /// Work done so far, out of all of it, in the work's own unit (mostly rows).
  public struct Progress: Sendable {
    public let stage: String
    public let completed: Int
    public let total: Int
  }

  public init(
    threads: Int = ProcessInfo.processInfo.activeProcessorCount,
    progress: (@Sendable (Progress) -> Void)? = nil,
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) {
    self.threads = threads
    self.progress = progress
    self.isCancelled = isCancelled
  }

  /// All cores, silently.
  public static var allCores: Execution { Execution() }

  /// The same without progress, for a part of reported work.
  public var silent: Execution {
    var copy = self
    copy.progress = nil
    return copy
  }

  /// The same under another stage's name.
  public func stage(_ name: String) -> Execution {
    var copy = self
    copy.stage = name
    return copy
  }

  /// Tells the receiver of progress, if any, how far the stage is.
  public func report(_ completed: Int, of total: Int) {
    progress?(Progress(stage: stage, completed: completed, total: total))
  }

  /// Throws `CancellationError` once the work is cancelled.
  public func checkCancellation() throws {
    if isCancelled() { throw CancellationError() }
  }
}

/// Fixed blocks of work spread over threads.
///
/// Block boundaries depend on the count and the block size alone and each block is computed by one
/// thread, so results do not depend on the number of threads.
public enum Parallel {
  /// Calls `body` once for each block of `0..<count` cut at multiples of `blockSize`.
  ///
  /// Each worker keeps one `Workspace` for all its blocks. Blocks may run in any order.
  ///
  /// - Throws: the error of a failed block (the rest are then skipped), or `CancellationError`.
  public static func forEachBlock(
    of count: Int, size blockSize: Int, on execution: Execution,
    _ body: @Sendable (Range<Int>, Workspace) throws -> Void
  ) throws {
    let blockCount = (count + blockSize - 1) / blockSize
    guard blockCount > 0 else { return }
    BLASThreads.keepSerial()
    let next = Atomic<Int>(0)
    let state = Mutex<(completed: Int, failure: (any Error)?)>((0, nil))

    @Sendable func work(_: Int) {
      let workspace = Workspace()
      while true {
        let block = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard block < blockCount else { return }
        let range = block * blockSize..<min(count, (block + 1) * blockSize)
        do {
          try execution.checkCancellation()
          try body(range, workspace)
        } catch {
          state.withLock { $0.failure = $0.failure ?? error }
          next.store(blockCount, ordering: .relaxed)
          return
        }
        if execution.progress != nil {
          state.withLock {
            $0.completed += range.count
            execution.report($0.completed, of: count)
          }
        }
      }
    }
    let workers = min(blockCount, max(1, execution.threads))
    if workers == 1 {
      work(0)
    } else {
      DispatchQueue.concurrentPerform(iterations: workers, execute: work)
    }
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }
}
