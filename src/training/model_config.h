// Whole models as JSON in Keras's form: layers, and what compile() was given.
#pragma once

#include "functional/layer_config.h"
#include "keratin/saving.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// As Keras's serialize_keras_object(model). Without "compile_config" if the model is not compiled.
Json model_config(const Model& model);
/// Fresh weights; compiled if the document and the options say so.
Model model_from_config(const ConfigPlace& place, const LoadOptions& options);

/// Keras's get_compile_config(). Functions without a name, in losses and metrics, are written as such: not to be read
/// again.
Json compile_config(const CompileOptions& options);
/// The first part that no file can hold, such as "the loss"; empty if there is none.
std::string unsaved_part(const ConfigPlace& compile_config);
/// output_names: of the model that is to be compiled. Device, threads and seed are not in it.
CompileOptions read_compile_config(const ConfigPlace& place, const std::vector<std::string>& output_names,
                                   ObjectReader& objects);

}  // namespace keratin
