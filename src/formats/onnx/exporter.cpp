#include "formats/onnx/exporter.h"

#include "base/check.h"
#include "formats/onnx/export_session.h"
#include "formats/onnx/graph_export.h"
#include "formats/onnx/passes.h"

namespace keratin {

void write_onnx(const OnnxRequest& request, const OnnxSink& sink) {
  if (request.opset != onnx_opset)
    throw UnsupportedError(
        concat("export_onnx: expected opset ", onnx_opset, ", the only one there is, got ", request.opset));
  ExportSession session(request);
  GraphExport(session, request.graph, session.inputs(), session.outputs()).write_nodes();
  GraphEditor editor(session.model().graph());
  fold_constants(editor);
  move_transposes(editor);
  fold_convolutions(editor);
  editor.drop_unused();
  session.model().write(sink);
}

const void* onnx_component() {
  static constexpr OnnxComponent component{&write_onnx};
  return &component;
}

}  // namespace keratin
