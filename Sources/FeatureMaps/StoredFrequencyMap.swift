// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What a map of random frequencies is made of: parameters and a seed, by which it is stored and compared.

import Validation

/// Two maps of one law are equal where these are.
struct StoredFrequencyMap<ExactKernel> {
  var law: String
  var kernel: ExactKernel
  var design: FrequencyDesign
  var inputDimension: Int
  var dimension: Int
  var seed: UInt64
}

extension StoredFrequencyMap: Equatable where ExactKernel: Equatable {}

extension StoredFrequencyMap: Hashable where ExactKernel: Hashable {}

extension StoredFrequencyMap: Encodable where ExactKernel: Encodable {}

extension StoredFrequencyMap: Decodable where ExactKernel: Decodable {
  /// Throws `InvalidInput` unless the map stored names itself `law`.
  init(law: String, from decoder: any Decoder) throws {
    try checkLaw(law, in: decoder)
    try self.init(from: decoder)
  }
}

private enum LawKey: String, CodingKey {
  case law
}

/// Throws `InvalidInput` unless a stored map names itself `expected`.
func checkLaw(_ expected: String, in decoder: any Decoder) throws {
  let law = try decoder.container(keyedBy: LawKey.self).decode(String.self, forKey: .law)
  guard law == expected else { throw InvalidInput("law", found: law, expected: expected) }
}
