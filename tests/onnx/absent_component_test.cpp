// A static build that has linked no component: this program's own table takes the place of the library's.
#include <gtest/gtest.h>

#include "api/linked_components.h"
#include "keratin/error.h"
#include "keratin/layers.h"
#include "keratin/model.h"
#include "support/throws.h"

namespace keratin {

std::span<const ComponentEntry> linked_components() { return {}; }

namespace {

TEST(OnnxExport, SaysWhichComponentIsAbsentAndHowToGetIt) {
  const Sequential model({Input({4}), layers::Dense(3)});
  EXPECT_THROWS(UnsupportedError, model.export_onnx("model.onnx"),
                "export_onnx: expected the component keratin::onnx, got none");
  EXPECT_THROWS(UnsupportedError, model.export_onnx("model.onnx"), "build Keratin with KERATIN_ONNX=ON");
  EXPECT_THROWS(UnsupportedError, model.export_onnx("model.onnx"),
                "libprotobuf-dev, protobuf-compiler and libonnx-dev");
}

}  // namespace
}  // namespace keratin
