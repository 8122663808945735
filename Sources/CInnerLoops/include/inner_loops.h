// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The C loops where the processor's widest vectors pay.
#ifndef SKETCHING_INNER_LOOPS_H
#define SKETCHING_INNER_LOOPS_H
#include "arc_cosine.h"
#include "erf_dual.h"
#include "gelu_dual.h"
#include "pixel_rows.h"

#endif
