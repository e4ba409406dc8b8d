// The text of consultd.schema.json, put into the program when it is built.
#pragma once

#include <string_view>

namespace consultd::config {

extern const std::string_view schema_text;

}  // namespace consultd::config
