#include "formats/onnx/model_proto.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <bit>
#include <climits>
#include <exception>

#include "base/check.h"
#include "keratin/version.h"

namespace keratin {
namespace {

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian");

/// Where an extent of the batch stands, its symbol: "batch", "2*batch".
void fill(onnx_ir::TensorShapeProto_Dimension& dimension, std::int64_t extent) {
  if (extent >= 0) {
    dimension.set_dim_value(extent);
  } else {
    dimension.set_dim_param(extent == -1 ? "batch" : concat(-extent, "*batch"));
  }
}

void fill(onnx_ir::ValueInfoProto& value, const std::string& name, const Spec& spec) {
  value.set_name(name);
  onnx_ir::TypeProto_Tensor& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(static_cast<std::int32_t>(onnx_dtype(spec.dtype)));
  type.mutable_shape();  // there, though without extents, for a scalar too
  for (const std::int64_t extent : spec.shape) fill(*type.mutable_shape()->add_dim(), extent);
}

void fill(onnx_ir::AttributeProto& made, const OnnxAttribute& attribute) {
  made.set_name(attribute.name);
  if (const auto* integer = std::get_if<std::int64_t>(&attribute.value)) {
    made.set_type(onnx_ir::AttributeProto_AttributeType_INT);
    made.set_i(*integer);
  } else if (const auto* number = std::get_if<double>(&attribute.value)) {
    made.set_type(onnx_ir::AttributeProto_AttributeType_FLOAT);
    made.set_f(static_cast<float>(*number));
  } else if (const auto* text = std::get_if<std::string>(&attribute.value)) {
    made.set_type(onnx_ir::AttributeProto_AttributeType_STRING);
    made.set_s(*text);
  } else {
    made.set_type(onnx_ir::AttributeProto_AttributeType_INTS);
    for (const std::int64_t item : std::get<std::vector<std::int64_t>>(attribute.value)) made.add_ints(item);
  }
}

/// protobuf's stream into a sink, so that the file never lies in memory as a whole beside the model. protobuf reports
/// errors by false and writes again while it cleans up, so that what the sink throws is kept until it is done.
class SinkStream final : public google::protobuf::io::CopyingOutputStream {
 public:
  explicit SinkStream(const OnnxSink& sink) : sink_(sink) {}
  bool Write(const void* buffer, int size) override {
    if (problem_) return false;
    try {
      sink_({static_cast<const std::byte*>(buffer), static_cast<std::size_t>(size)});
    } catch (...) {
      problem_ = std::current_exception();
    }
    return !problem_;
  }
  const std::exception_ptr& problem() const { return problem_; }

 private:
  const OnnxSink& sink_;
  std::exception_ptr problem_;
};

}  // namespace

ModelProto::ModelProto(const std::string& name, const std::string& description) {
  model_.set_ir_version(onnx_ir_version);
  model_.set_producer_name("Keratin");
  model_.set_producer_version(std::string(version));
  model_.set_doc_string(description);
  onnx_ir::OperatorSetIdProto& operators = *model_.add_opset_import();
  operators.set_domain("");
  operators.set_version(onnx_opset);
  model_.mutable_graph()->set_name(name);
}

void ModelProto::add_input(const std::string& name, const Spec& spec) {
  fill(*model_.mutable_graph()->add_input(), name, spec);
}
void ModelProto::add_output(const std::string& name, const Spec& spec) {
  fill(*model_.mutable_graph()->add_output(), name, spec);
}
void ModelProto::add_value(const std::string& name, const Spec& spec) {
  fill(*model_.mutable_graph()->add_value_info(), name, spec);
}

void ModelProto::add_initializer(const std::string& name, const Array& value, const std::string& description) {
  onnx_ir::TensorProto& tensor = *model_.mutable_graph()->add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(static_cast<std::int32_t>(onnx_dtype(value.dtype())));
  for (const std::int64_t extent : value.shape()) tensor.add_dims(extent);
  const std::span<const std::byte> bytes = value.bytes();
  tensor.set_raw_data(bytes.data(), bytes.size());
  if (!description.empty()) tensor.set_doc_string(description);
}

void ModelProto::add_node(std::string_view type, const std::string& name, const std::vector<std::string>& inputs,
                          const std::vector<std::string>& outputs, const std::vector<OnnxAttribute>& attributes,
                          const std::string& description) {
  onnx_ir::NodeProto& node = *model_.mutable_graph()->add_node();
  node.set_op_type(std::string(type));
  node.set_name(name);
  for (const std::string& input : inputs) node.add_input(input);
  for (const std::string& output : outputs) node.add_output(output);
  for (const OnnxAttribute& attribute : attributes) fill(*node.add_attribute(), attribute);
  if (!description.empty()) node.set_doc_string(description);
}

void ModelProto::add_metadata(const std::string& key, const std::string& value) {
  onnx_ir::StringStringEntryProto& entry = *model_.add_metadata_props();
  entry.set_key(key);
  entry.set_value(value);
}

void ModelProto::write(const OnnxSink& sink) const {
  const std::size_t size = model_.ByteSizeLong();
  if (size > INT_MAX)
    throw UnsupportedError(
        concat("export_onnx: expected a model below 2 GiB, as much as an ONNX file holds, got ", size, " bytes"));
  SinkStream stream(sink);
  bool written = false;
  {
    google::protobuf::io::CopyingOutputStreamAdaptor adaptor(&stream);
    written = model_.SerializeToZeroCopyStream(&adaptor) && adaptor.Flush();
  }
  if (stream.problem()) std::rethrow_exception(stream.problem());
  KERATIN_ASSERT(written);
}

}  // namespace keratin
