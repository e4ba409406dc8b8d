// The knowledge files of config/ and their schema, put into the program when it is built.
#pragma once

#include <span>
#include <string_view>

namespace consultd {

struct BuiltInFile {
    std::string_view path;  // "plans/us-core.json"
    std::string_view text;
};

extern const std::span<const BuiltInFile> built_in_files;
extern const std::string_view knowledge_schema_text;

}  // namespace consultd
