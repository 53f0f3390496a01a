// The exporter: an inference graph as an ONNX model.
#pragma once

#include "formats/onnx/onnx_component.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// See OnnxComponent::write.
void write_onnx(const OnnxRequest& request, const OnnxSink& sink);

/// The component's entry: the OnnxComponent.
const void* onnx_component();

}  // namespace keratin
