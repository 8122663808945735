// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The kernel that a command line names: by a network or by a closed form.

import ArgumentParser
import Sketching

extension NeuralKernel.Kind: ExpressibleByArgument {}

struct KernelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("A network as YAML; the kernel is its NTK or NNGP.", valueName: "file"))
  var network: String?

  @Option(help: "Which kernel of the network. (default: ntk)")
  var type: NeuralKernel.Kind?

  @Option(
    help: ArgumentHelp(
      "A closed form: " + KernelDescription.examples.joined(separator: "; ") + ".",
      valueName: "name:key=value,…"))
  var kernel: String?

  var isGiven: Bool { network != nil || type != nil || kernel != nil }

  var networkArgument: FileArgument? { FileArgument("--network", network) }

  /// The kernel named.
  ///
  /// - Throws: `InvalidInput` or `FileError` if none or two are named, or one that does not exist.
  func specification() throws -> KernelSpecification {
    switch (network, kernel) {
    case (let path?, nil):
      let kernel = NeuralKernel(network: try Self.network(path), type: type ?? .ntk)
      guard try Self.scale(of: kernel, path).isFinite else {
        throw FileError(
          path, found: "a kernel that overflows at a point of entries ±1",
          expected: "weightStd, biasStd and layers of moderate scale")
      }
      return .network(kernel)
    case (nil, let text?):
      guard type == nil else {
        throw InvalidInput(
          "--type", found: "one beside --kernel", expected: "--type with --network only")
      }
      try naming("--kernel") { _ = try KernelDescription.kernel(text) }
      return .closedForm(text)
    case (nil, nil), (_?, _?):
      throw InvalidInput(
        "kernel", found: kernel == nil ? "none" : "both --network and --kernel",
        expected: "either --network FILE or --kernel NAME:key=value,…")
    }
  }

  /// The kernel named, of which features can be made.
  ///
  /// - Throws: as `specification()`; `FileError` if it is zero.
  func specificationForFeatures() throws -> KernelSpecification {
    let specification = try specification()
    if case .network(let kernel) = specification, let network,
      try Self.scale(of: kernel, network) == 0
    {
      throw FileError(
        network,
        found: "an \(kernel.type.rawValue.uppercased()) that is zero"
          + (kernel.type == .ntk ? ", since no layer has weights" : ""),
        expected: "a dense layer of weightStd above 0"
          + (kernel.type == .ntk ? ", or --type nngp" : ""))
    }
    return specification
  }

  /// k(x, x) at a point of mean square one; infinite or NaN where it overflows.
  private static func scale(of kernel: NeuralKernel, _ path: String) throws -> Double {
    let d = kernel.network.inputDimension
    let point = try SparseMatrix<Double>(
      columnCount: d, rowOffsets: [0, 1], columnIndices: [0], values: [Double(d).squareRoot()])
    var value = 0.0
    do {
      try kernel.evaluateDiagonal(.sparse(point), into: &value, workspace: Workspace())
    } catch let error as InvalidInput {
      throw FileError(path, at: error.name, found: error.found, expected: error.expected)
    }
    return value
  }

  private static func network(_ path: String) throws -> Network {
    do {
      return try Network(yaml: TextFile.contents(of: path, upTo: Network.largestYAML))
    } catch let error as InvalidInput {
      throw FileError(path, at: error.name, found: error.found, expected: error.expected)
    }
  }
}

/// A kernel as a stored value.
enum KernelSpecification: Codable {
  case network(NeuralKernel)
  /// The text of `KernelDescription`.
  case closedForm(String)

  private enum CodingKeys: String, CodingKey {
    case network, closedForm
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let kernel = try container.decodeIfPresent(NeuralKernel.self, forKey: .network) {
      self = .network(kernel)
    } else {
      self = .closedForm(try container.decode(String.self, forKey: .closedForm))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .network(let kernel): try container.encode(kernel, forKey: .network)
    case .closedForm(let text): try container.encode(text, forKey: .closedForm)
    }
  }

  /// - Throws: `InvalidInput` if there is no such kernel.
  func kernel() throws -> any Kernel & Codable & Hashable {
    switch self {
    case .network(let kernel): return kernel
    case .closedForm(let text):
      guard let kernel = try KernelDescription.kernel(text) as? any Kernel & Codable & Hashable
      else { preconditionFailure("all kernels of the library can be stored") }
      return kernel
    }
  }
}
