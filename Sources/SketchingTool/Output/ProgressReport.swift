// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Progress on standard error: a bar on a terminal, a line every few seconds elsewhere.

import Foundation
import Sketching
import Synchronization

/// Shows how far the current stage is, how fast it goes and how long it will take.
final class ProgressReport: Sendable {
  private struct State {
    var stage = ""
    var total = 0
    /// When the stage was first heard of, and how far it was then.
    var start = ContinuousClock.now
    var first = 0
    var lastShown = ContinuousClock.now
    var hasBar = false
  }

  private let isTerminal: Bool
  private let interval: Duration
  private let state = Mutex(State())

  init() {
    isTerminal = isatty(STDERR_FILENO) == 1
    interval = isTerminal ? .milliseconds(100) : .seconds(4)
  }

  func report(_ progress: Execution.Progress) {
    state.withLock { state in
      let now = ContinuousClock.now
      let isNew =
        state.stage != progress.stage || state.total != progress.total
        || progress.completed < state.first
      if isNew {
        (state.stage, state.total) = (progress.stage, progress.total)
        (state.start, state.first) = (now, progress.completed)
      }
      let isDue = now - state.lastShown >= interval || (isTerminal && isNew)
      guard isDue else { return }
      state.lastShown = now
      let line = Self.line(progress, since: state.start, first: state.first, now, bar: isTerminal)
      if isTerminal {
        Console.put("\r\u{1B}[K\(line)")
        state.hasBar = true
      } else {
        Console.write(line)
      }
    }
  }

  /// Removes the bar.
  func finish() {
    state.withLock { state in
      if state.hasBar { Console.put("\r\u{1B}[K") }
      state.hasBar = false
    }
  }

  private static func line(
    _ progress: Execution.Progress, since start: ContinuousClock.Instant, first: Int,
    _ now: ContinuousClock.Instant, bar: Bool
  ) -> String {
    let stage = progress.stage.isEmpty ? "working" : progress.stage
    guard progress.total > 1 else { return stage + " …" }
    let share = Double(progress.completed) / Double(progress.total)
    var parts = [stage]
    if bar {
      let filled = Int(24 * share)
      parts.append(
        "[" + String(repeating: "█", count: filled)
          + String(repeating: "·", count: 24 - filled) + "]")
    }
    parts.append("\(progress.completed)/\(progress.total)")
    let time = start.duration(to: now).components
    let seconds = Double(time.seconds) + 1e-18 * Double(time.attoseconds)
    let rate = Double(progress.completed - first) / seconds
    if seconds > 0.2, rate > 0 {
      parts.append(number(rate, rate < 10 ? 1 : 0) + "/s")
      parts.append(duration(Double(progress.total - progress.completed) / rate) + " left")
    }
    return parts.joined(separator: "  ")
  }
}
