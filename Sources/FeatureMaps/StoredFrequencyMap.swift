// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Feature maps of random frequencies as stored values: parameters and a seed.

import Validation

/// What a map of random frequencies is made of.
struct StoredFrequencyMap<ExactKernel> {
  var law: String
  var kernel: ExactKernel
  var design: FrequencyDesign
  var inputDimension: Int
  var dimension: Int
  var seed: UInt64
}

extension StoredFrequencyMap: Encodable where ExactKernel: Encodable {}

extension StoredFrequencyMap: Decodable where ExactKernel: Decodable {}

private enum LawKey: String, CodingKey {
  case law
}

/// Throws `InvalidInput` unless a stored map names itself `expected`.
func checkLaw(_ expected: String, in decoder: any Decoder) throws {
  let law = try decoder.container(keyedBy: LawKey.self).decode(String.self, forKey: .law)
  guard law == expected else { throw InvalidInput("law", found: law, expected: expected) }
}
