// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The umbrella that users import.

@_exported import DataFormats
@_exported import FeatureMaps
@_exported import Kernels
@_exported import LeverageScores
@_exported import LinearAlgebra
@_exported import NeuralKernels
@_exported import Randomness
@_exported import Regression
@_exported import Sketches
@_exported import SpectralChecks
@_exported import TensorSketches
@_exported import Validation
