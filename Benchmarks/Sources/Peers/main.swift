// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Measures our work and that of public Python libraries side by side, every piece in a process of its
// own, and writes peers.txt and peers.json to a folder. Rows named are measured anew, by default all.
//
// Usage: Peers FOLDER COMMAND PYTHON SCRIPTS [ROW…], or Peers --ours ROW for one row of ours

import Foundation

func run() throws {
  let arguments = Array(CommandLine.arguments.dropFirst())
  if arguments.count == 2, arguments[0] == "--ours", let row = OurWork.rows[arguments[1]] {
    return try row()
  }
  guard arguments.count >= 4 else {
    print("usage: Peers FOLDER COMMAND PYTHON SCRIPTS [ROW…]")
    exit(2)
  }
  let names = Set(arguments.dropFirst(4))
  let inputs = FileManager.default.temporaryDirectory
    .appending(path: "sketching-peers-\(ProcessInfo.processInfo.processIdentifier)")
  let tools = Tools(
    command: arguments[1], python: arguments[2], scripts: arguments[3], inputs: inputs.path)
  for folder in [inputs, URL(filePath: arguments[0])] {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }
  defer { try? FileManager.default.removeItem(at: inputs) }
  let comparisons = try Comparison.all(inputs: inputs.path)
  let order = comparisons.map(\.name)
  var results = Results(folder: arguments[0])
  for comparison in comparisons where names.isEmpty || names.contains(comparison.name) {
    FileHandle.standardError.write(Data((comparison.title + " …\n").utf8))
    try results.add(Result(comparison, tools), name: comparison.name, order: order)
  }
  print(results.table(order))
}

try run()
