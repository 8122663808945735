// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Certificates: what they say, who may doubt them, and the hash that names the data.

import Foundation
import Kernels
import LinearAlgebra
import TestSupport
import Testing
import Validation

@testable import SpectralChecks

@Suite("Spectral certificates")
struct SpectralCertificateTests {
  private let kernel: PolynomialKernel
  private let ridge = 2.0

  init() throws {
    kernel = try PolynomialKernel(degree: 2, offset: 1)
  }

  private func rule(_ tolerance: Double, _ limit: Int = 100) throws -> StoppingRule {
    try StoppingRule(tolerance: tolerance, iterationLimit: limit)
  }

  private func data() throws -> (x: Rows<Double>, z: Matrix<Double>, k: Matrix<Double>) {
    var generator = CaseGenerator(seed: 1)
    let x = Rows.dense(generator.matrix(40, 4, as: Double.self))
    let exact = try kernel.matrix(x)
    var z = try function(exact) { max(0, $0).squareRoot() }
      .multiplied(by: generator.matrix(40, 30, as: Double.self))
    z.scaleColumns(by: Array(repeating: 1 / 30.0.squareRoot(), count: 30))
    return (x, z, exact)
  }

  private func certificates() throws -> [SpectralCertificate] {
    let (x, z, k) = try data()
    return [
      try SpectralCertificate(
        SpectralErrorEstimate(
          features: z, exact: KernelOperator(kernel, points: x), ridge: ridge,
          stopping: rule(1e-9), seed: 4),
        points: x, features: z, kernel: "polynomial:degree=2", map: "a random mix", seed: 1),
      try SpectralCertificate(
        SpectralError(features: z, exact: k, ridge: ridge), points: x, features: z,
        kernel: "polynomial:degree=2", map: "a random mix", seed: 1),
    ]
  }

  @Test("an independent slow routine finds what they say, and so does another start")
  func verified() throws {
    let (x, z, k) = try data()
    // All eigenvalues by Jacobi rotations.
    let root = try function(k) { 1 / (max(0, $0) + ridge).squareRoot() }
    var shifted = gram(z)
    for i in 0..<40 { shifted[i, i] += ridge }
    let ratios = jacobiEigen(try root.multiplied(by: shifted).multiplied(by: root)).values
    let epsilon = max(ratios.max()! - 1, 1 / ratios.min()! - 1)
    for certificate in try certificates() {
      #expect(abs(certificate.epsilon - epsilon) <= 1e-8 * epsilon)
      #expect(try #require(certificate.epsilonBound) >= epsilon * (1 - 1e-9))
      #expect(abs(certificate.smallestRatio - ratios.min()!) < 1e-8)
      #expect(abs(certificate.largestRatio - ratios.max()!) < 1e-8)
      let objections = try certificate.objections(
        points: x, features: z, exact: k, stopping: rule(1e-8), seed: 99)
      #expect(objections == [])
      let read = try JSONDecoder().decode(
        SpectralCertificate.self, from: JSONEncoder().encode(certificate))
      #expect(read == certificate)
    }
  }

  /// The certificate with some of its JSON replaced.
  private func changed(
    _ certificate: SpectralCertificate, _ changes: [String: Any]
  ) throws -> SpectralCertificate {
    var object = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(certificate)) as? [String: Any])
    for (key, value) in changes {
      #expect(object[key] != nil, "no key \(key)")
      object[key] = value
    }
    return try JSONDecoder().decode(
      SpectralCertificate.self, from: JSONSerialization.data(withJSONObject: object))
  }

  @Test("each kind of falsehood is objected to")
  func refuted() throws {
    let (x, z, k) = try data()
    func objections(
      _ certificate: SpectralCertificate, x: Rows<Double>, z: Matrix<Double>
    ) throws -> [SpectralCertificate.Objection] {
      try certificate.objections(points: x, features: z, exact: k, stopping: rule(1e-8), seed: 7)
    }
    for certificate in try certificates() {
      let truth = certificate.epsilon
      #expect(
        try objections(changed(certificate, ["version": 2]), x: x, z: z) == [.unknownVersion(2)])
      #expect(
        try objections(changed(certificate, ["epsilon": truth / 2]), x: x, z: z) == [.inconsistent])
      #expect(
        try objections(changed(certificate, ["epsilonBound": truth / 2]), x: x, z: z)
          == [.inconsistent])
      #expect(
        try objections(changed(certificate, ["ridge": -1]), x: x, z: z) == [.inconsistent])
      // A consistent lie: half the deviation, on both sides.
      let low = try changed(
        certificate,
        [
          "epsilon": truth / 2, "epsilonBound": truth / 2, "largestRatio": 1 + truth / 2,
          "smallestRatio": 1 / (1 + truth / 2),
        ])
      let refuted = try objections(low, x: x, z: z)
      guard refuted.count == 1, case .refuted(let found) = refuted[0] else {
        Issue.record("not refuted: \(refuted)")
        continue
      }
      #expect(abs(found - truth) < 1e-6 * truth)
      let high = try changed(
        certificate,
        [
          "epsilon": truth * 2, "epsilonBound": truth * 2, "largestRatio": 1 + truth * 2,
          "smallestRatio": 1 / (1 + truth * 2),
        ])
      let doubted = try objections(high, x: x, z: z)
      guard doubted.count == 1, case .notConfirmed = doubted[0] else {
        Issue.record("not doubted: \(doubted)")
        continue
      }
      var other = z
      other[3, 3] *= 2
      #expect(
        try objections(certificate, x: x, z: other) == [.otherFeatures(DataDigest(.dense(other)))])
      var point = x.dense
      point[0, 1] += 1e-12
      #expect(
        try objections(certificate, x: .dense(point), z: z)
          == [.otherPoints(DataDigest(.dense(point)))])
    }
  }

  @Test("one feature doubled is caught by the kernel, if hashed anew")
  func doubled() throws {
    let (x, _, k) = try data()
    let perfect = try function(k) { max(0, $0).squareRoot() }
    let certificate = try SpectralCertificate(
      SpectralErrorEstimate(features: perfect, exact: k, ridge: ridge, stopping: rule(1e-9)),
      points: x, features: perfect, kernel: "", map: "", seed: 0)
    #expect(certificate.epsilon < 1e-9)
    var wrong = perfect
    for i in 0..<40 { wrong[i, 5] *= 2 }
    let moved = try changed(
      certificate,
      [
        "features": JSONSerialization.jsonObject(
          with: JSONEncoder().encode(DataDigest(.dense(wrong))))
      ])
    let found = try moved.objections(
      points: x, features: wrong, exact: k, stopping: rule(1e-8), seed: 3)
    guard found.count == 1, case .refuted = found[0] else {
      Issue.record("not caught: \(found)")
      return
    }
  }

  @Test("shapes must fit")
  func shapes() throws {
    let (x, z, k) = try data()
    let error = try SpectralError(features: z, exact: k, ridge: ridge)
    let estimate = try SpectralErrorEstimate(
      features: z, exact: k, ridge: ridge, stopping: rule(1e-3))
    for (points, features) in [
      (x.rows(0..<39), z), (x, z.rows(0..<39)), (x, z.columns(0..<29)),
    ] {
      #expect(throws: InvalidInput.self) {
        try SpectralCertificate(
          error, points: points, features: features, kernel: "", map: "", seed: 0)
      }
      #expect(throws: InvalidInput.self) {
        try SpectralCertificate(
          estimate, points: points, features: features, kernel: "", map: "", seed: 0)
      }
    }
  }

  @Test("SHA-256 has the standard's answers, however the bytes come")
  func standardHash() {
    func hash(_ text: String, parts: Int = 1) -> String {
      var hash = SHA256()
      let bytes = Array(text.utf8)
      for start in stride(from: 0, to: bytes.count, by: max(1, bytes.count / parts)) {
        Array(bytes[start..<min(bytes.count, start + max(1, bytes.count / parts))])
          .withUnsafeBytes { hash.update($0) }
      }
      return hash.hexadecimal
    }
    #expect(hash("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    let two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
    #expect(hash(two) == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    let million = String(repeating: "a", count: 1_000_000)
    for parts in [1, 3, 1000, 9973] {
      #expect(
        hash(million, parts: parts)
          == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }
  }

  @Test("a digest is of the numbers, not of their form")
  func digest() throws {
    let matrix = try Matrix<Double>(rows: [[1, 0], [-2.5, 3]])
    let digest = DataDigest(.dense(matrix))
    #expect(digest == DataDigest(.sparse(SparseMatrix(matrix))))
    #expect(digest == DataDigest(Rows.dense(matrix).converted(to: Float.self)))
    // hashlib.sha256(numpy.array([[1, 0], [-2.5, 3]], '<f8').tobytes()).hexdigest()
    #expect(digest.sha256 == "42f3306e1d6c8d53ad006a0041683674045f3764d7bec6405e2b6eae67e8252e")
    #expect(digest != DataDigest(.dense(matrix.transposed)))
    let wide = try Matrix<Double>(rowCount: 1, columnCount: 4, elements: [1, 0, -2.5, 3])
    #expect(DataDigest(.dense(wide)).sha256 == digest.sha256 && DataDigest(.dense(wide)) != digest)
  }
}
