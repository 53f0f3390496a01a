// keras.layers: every layer there is. Options are members of a struct in the order of Keras's arguments.
#pragma once

#include "keratin/layer.h"
#include "keratin/layers/activation.h"
#include "keratin/layers/convolution.h"
#include "keratin/layers/core.h"
#include "keratin/layers/merging.h"
#include "keratin/layers/normalization.h"
#include "keratin/layers/pooling.h"
#include "keratin/layers/preprocessing.h"
#include "keratin/layers/regularization.h"
#include "keratin/layers/reshaping.h"
