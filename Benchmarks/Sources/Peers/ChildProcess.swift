// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// A program run to its end, with its time and the most memory that it held.

import Foundation

struct ChildProcess {
  /// From start to end, in seconds.
  var seconds: Double
  /// The peak of its resident memory.
  var peakBytes: Int
  var output: String

  struct Failure: Error {
    /// The last line that the program wrote of what went wrong.
    var reason: String
  }

  /// - Throws: `Failure` if the program cannot be run or does not end well.
  init(_ arguments: [String]) throws(Failure) {
    let stem = FileManager.default.temporaryDirectory
      .appending(path: "sketching-peer-\(ProcessInfo.processInfo.processIdentifier)").path
    let (outputPath, errorPath) = (stem + ".out", stem + ".err")
    defer {
      unlink(outputPath)
      unlink(errorPath)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (descriptor, path) in [(STDOUT_FILENO, outputPath), (STDERR_FILENO, errorPath)] {
      posix_spawn_file_actions_addopen(
        &actions, descriptor, path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    }
    let strings = arguments.map { strdup($0) }
    defer { for string in strings { free(string) } }
    var process = pid_t()
    let start = ContinuousClock.now
    let status = posix_spawnp(&process, arguments[0], &actions, nil, strings + [nil], environ)
    guard status == 0 else {
      throw Failure(reason: "\(arguments[0]): \(String(cString: strerror(status)))")
    }
    var (ending, usage) = (Int32(), rusage())
    while wait4(process, &ending, 0, &usage) < 0 && errno == EINTR {}
    let time = start.duration(to: .now).components
    seconds = Double(time.seconds) + Double(time.attoseconds) * 1e-18
    peakBytes = usage.ru_maxrss * 1024
    output = (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? ""
    guard ending == 0 else {
      let errors = (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? ""
      let last = errors.split(separator: "\n").last.map(String.init)
      throw Failure(reason: last ?? "ended with status \(ending)")
    }
  }
}
