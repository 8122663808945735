// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Feature maps of any type as stored values, told apart by the names of their laws.

import Kernels
import LinearAlgebra
import NeuralKernels
import Validation

/// A feature map that can be stored under the name of its law.
public protocol StorableFeatureMap: FeatureMap, Codable, Hashable {
  /// What the stored map calls itself, under the key `law`; no other type has the same.
  static var law: String { get }

  /// What the map is made of, in words and numbers, without a full stop: landmarks, frequencies, the degree of
  /// a series and its columns by degree, the landmarks and columns of each layer.
  ///
  /// - Complexity: that of counting the parts.
  var structure: String { get }
}

extension NystromFeatureMap: StorableFeatureMap where ExactKernel: Codable & Hashable {}
extension HybridFeatureMap: StorableFeatureMap
where Remainder: StorableFeatureMap, Remainder.ExactKernel: Codable & Hashable {}
extension RandomFourierFeatureMap: StorableFeatureMap where ExactKernel: Codable & Hashable {}
extension PositiveFeatureMap: StorableFeatureMap {}
extension ArcCosineFeatureMap: StorableFeatureMap {}
extension NetworkFeatureMap: StorableFeatureMap {}
extension PolynomialFeatureMap: StorableFeatureMap {}
extension DotProductFeatureMap: StorableFeatureMap {}
extension GaussianSeriesMap: StorableFeatureMap {}
extension LayeredFeatureMap: StorableFeatureMap {}
extension MonomialFeatures: StorableFeatureMap where ExactKernel: Codable & Hashable {}
extension LeverageFourierFeatureMap: StorableFeatureMap where ExactKernel: Codable & Hashable {}

/// A stored feature map whose type is found when it is read.
///
/// The stored form is that of the map itself.
public struct AnyFeatureMap: Codable, Sendable {
  public let map: any StorableFeatureMap

  public init(_ map: any StorableFeatureMap) {
    self.map = map
  }

  private enum CodingKeys: String, CodingKey {
    case law
  }

  /// - Throws: `InvalidInput` if the law is none of the library's or the map's parts do not fit
  ///   together; `DecodingError` if they are not there.
  public init(from decoder: any Decoder) throws {
    let law = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .law)
    guard let type = Self.types.first(where: { $0.law == law }) else {
      throw InvalidInput("law", found: law, expected: "a feature map of this library")
    }
    map = try type.init(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    try map.encode(to: encoder)
  }

  /// All maps that can be read.
  private static let types: [any StorableFeatureMap.Type] =
    landmarks(GaussianKernel.self) + landmarks(MaternKernel.self) + landmarks(LaplaceKernel.self)
    + landmarks(CauchyKernel.self) + landmarks(ExponentialDotKernel.self)
    + landmarks(PolynomialKernel.self) + landmarks(DotProductKernel.self)
    + landmarks(ArcCosineKernel.self) + landmarks(NeuralKernel.self)
    + withHybrid(RandomFourierFeatureMap<GaussianKernel>.self)
    + withHybrid(RandomFourierFeatureMap<MaternKernel>.self)
    + withHybrid(RandomFourierFeatureMap<LaplaceKernel>.self)
    + withHybrid(RandomFourierFeatureMap<CauchyKernel>.self)
    + withHybrid(PositiveFeatureMap.self) + withHybrid(ArcCosineFeatureMap.self)
    + withHybrid(NetworkFeatureMap.self) + withHybrid(PolynomialFeatureMap.self)
    + withHybrid(DotProductFeatureMap.self)
    + withHybrid(GaussianSeriesMap.self) + withHybrid(LayeredFeatureMap.self) + leverage

  /// Those shaped by leverage.
  private static let leverage: [any StorableFeatureMap.Type] = [
    MonomialFeatures<PolynomialKernel>.self, MonomialFeatures<DotProductKernel>.self,
    MonomialFeatures<ExponentialDotKernel>.self, MonomialFeatures<GaussianKernel>.self,
    MonomialFeatures<NeuralKernel>.self, LeverageFourierFeatureMap<GaussianKernel>.self,
    LeverageFourierFeatureMap<MaternKernel>.self, LeverageFourierFeatureMap<LaplaceKernel>.self,
    LeverageFourierFeatureMap<CauchyKernel>.self,
  ]

  private static func landmarks<K: Kernel & Codable & Hashable>(
    _: K.Type
  ) -> [any StorableFeatureMap.Type] {
    [NystromFeatureMap<K>.self]
  }

  private static func withHybrid<Map: StorableFeatureMap>(
    _: Map.Type
  ) -> [any StorableFeatureMap.Type] where Map.ExactKernel: Codable & Hashable {
    [Map.self, HybridFeatureMap<Map>.self]
  }
}
