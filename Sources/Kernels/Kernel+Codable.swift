// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Kernels as stored values: their parameters, checked again when they are read.

extension PolynomialKernel: Codable {
  private enum CodingKeys: String, CodingKey {
    case degree, scale, offset
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      degree: container.decode(Int.self, forKey: .degree),
      scale: container.decode(Double.self, forKey: .scale),
      offset: container.decode(Double.self, forKey: .offset))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(degree, forKey: .degree)
    try container.encode(scale, forKey: .scale)
    try container.encode(offset, forKey: .offset)
  }
}

extension GaussianKernel: Codable {
  private enum CodingKeys: String, CodingKey {
    case lengthScale
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(lengthScale: container.decode(Double.self, forKey: .lengthScale))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(lengthScale, forKey: .lengthScale)
  }
}

extension LaplaceKernel: Codable {
  private enum CodingKeys: String, CodingKey {
    case lengthScale
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(lengthScale: container.decode(Double.self, forKey: .lengthScale))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(lengthScale, forKey: .lengthScale)
  }
}

extension CauchyKernel: Codable {
  private enum CodingKeys: String, CodingKey {
    case lengthScale
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(lengthScale: container.decode(Double.self, forKey: .lengthScale))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(lengthScale, forKey: .lengthScale)
  }
}

extension ExponentialDotKernel: Codable {
  private enum CodingKeys: String, CodingKey {
    case scale
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(scale: container.decode(Double.self, forKey: .scale))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(scale, forKey: .scale)
  }
}

extension ArcCosineKernel: Codable {
  private enum CodingKeys: String, CodingKey {
    case order
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(order: container.decode(Int.self, forKey: .order))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(order, forKey: .order)
  }
}

extension MaternKernel: Codable {
  private enum CodingKeys: String, CodingKey {
    case smoothness, lengthScale
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      smoothness: container.decode(Double.self, forKey: .smoothness),
      lengthScale: container.decode(Double.self, forKey: .lengthScale))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(smoothness, forKey: .smoothness)
    try container.encode(lengthScale, forKey: .lengthScale)
  }
}
