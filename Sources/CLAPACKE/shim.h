// Swift cannot import C's _Complex, so the complex types are plain pairs here.
typedef struct { float re, im; } sketching_complex_float;
typedef struct { double re, im; } sketching_complex_double;
#define LAPACK_COMPLEX_CUSTOM
#define lapack_complex_float sketching_complex_float
#define lapack_complex_double sketching_complex_double
#include <lapacke.h>
