// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Learning from the exact NTK of Fashion-MNIST without its matrix, and the ε of features of all
// images. Writes learning.txt and learning.json to a folder; fails if a promise is broken.
//
// Usage: Learning FOLDER PART [IMAGES [LANDMARKS [RIDGE [TOLERANCE]]]], with PART one of
//   steps    conjugate gradients with and without landmarks (20,000 images, 5 minutes)
//   whole    ridge regression on all images (20 minutes)
//   epsilon  ε of Nyström features of all images (30 minutes)
// IMAGES fewer than that show that it works in less time.

import Foundation
import Sketching

func run() throws -> Bool {
  let arguments = CommandLine.arguments.dropFirst()
  let numbers = arguments.dropFirst(2).compactMap { Double($0) }
  guard arguments.count >= 2, let folder = arguments.first, numbers.count == arguments.count - 2
  else {
    print("usage: Learning FOLDER steps|whole|epsilon [IMAGES [LANDMARKS [RIDGE [TOLERANCE]]]]")
    return false
  }
  func number(_ place: Int, or usual: Double) -> Double {
    place < numbers.count ? numbers[place] : usual
  }
  func count(_ place: Int, or usual: Int) -> Int { Int(number(place, or: Double(usual))) }
  let place = URL(filePath: folder)
  var figures = Figures(folder: place)
  var holds = true
  switch arguments.dropFirst().first {
  case "steps":
    let images = try Images("train", count(0, or: 20_000))
    let (ridge, tolerance) = (number(2, or: 0.001), number(3, or: 1e-8))
    let fast = try fit(
      images, landmarks: count(1, or: 2000), ridge: ridge, tolerance: tolerance, limit: 100)
    let plain = try plainFit(images, ridge: ridge, tolerance: tolerance, limit: 301)
    figures.steps = [fast, plain]
    holds = fast.residual <= fast.tolerance && fast.steps < 40 && plain.residual > plain.tolerance
  case "whole":
    let found = try fit(
      Images("train", count(0, or: 60_000)), landmarks: count(1, or: 3500),
      ridge: number(2, or: 3e-4), tolerance: number(3, or: 1e-3), limit: 100,
      test: Images("t10k", 10_000))
    figures.whole = [found]
    holds =
      found.residual <= found.tolerance && found.fitSeconds < 1800
      && found.peakBytes ?? 0 < 2_000_000_000
  case "epsilon":
    figures.epsilon = [
      try spectralError(
        Images("train", count(0, or: 60_000)), landmarks: count(1, or: 2000),
        ridge: number(2, or: 0.06), tolerance: number(3, or: 1e-3))
    ]
  default:
    print("no part \(arguments.dropFirst().first ?? "")")
    return false
  }
  try figures.write(to: place)
  print(figures.text)
  return holds
}

exit(try run() ? 0 : 1)
