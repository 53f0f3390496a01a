// keratin/types.h: counts are whole numbers, shapes are lists of them.
#include "keratin/types.h"

[[maybe_unused]] const keratin::Count units = 300;
[[maybe_unused]] const keratin::Shape image = {28, 28, 1};

#if MISUSE == 1  // a fraction for a count: Count
const keratin::Count fraction = 0.5;
#elif MISUSE == 2  // a truth for a count: Count
const keratin::Count truth = true;
#elif MISUSE == 3  // a number for a shape, which of a vector would be as many zeros: Shape
const keratin::Shape number = 784;
#elif MISUSE == 4  // a fraction in a shape: Count|Shape
const keratin::Shape fractions = {28, 0.5};
#endif
