#include "inner_loops.h"
