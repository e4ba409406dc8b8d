// KnowledgeFile: one file of knowledge that has the form of its kind, and the problems that are
// found in all of them. Whoever reads a kind checks what a form cannot say.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.h"
#include "fhir/json.h"

namespace consultd {

enum class KnowledgeKind : std::uint8_t { Plan, Sensitivity, Specialty, Map, Quirk };

struct KnowledgeFile {
    KnowledgeKind kind;
    std::string place;  // what names it in the configuration: "/knowledge/plans/0"; empty: built in
    std::string file;   // its path; "built-in plans/us-core.json"
    std::string name;   // its `name`: what a file must be called to take its place
    fhir::Json json;
};

// All that is wrong, each with its file and the place in it.
class KnowledgeProblems {
public:
    // `path`: a JSON Pointer, or a FHIRPath of what is a FHIR resource.
    void add(const KnowledgeFile& file, std::string_view path, std::string_view what) {
        const std::string path_text(path);
        for (const auto& [of, told] : told_)
            if (of == file.file && (path_text + "/").starts_with(told + "/")) return;
        list_.push_back({file.place.empty() ? "/knowledge" : file.place,
                         file.file + ": " + path_text + " " + std::string(what)});
    }
    // What lies there has not the form of a row: that was told, and is all there is to say of it.
    void leave_out(const KnowledgeFile& file, std::string path) {
        told_.emplace_back(file.file, std::move(path));
    }
    std::vector<config::Problem> take() { return std::move(list_); }

private:
    std::vector<config::Problem> list_;
    std::vector<std::pair<std::string, std::string>> told_;  // file, path
};

bool is_resource_type(std::string_view name);  // of R4

// "/rows/3".
inline std::string row_path(std::string_view list, std::size_t position) {
    return "/" + std::string(list) + "/" + std::to_string(position);
}

}  // namespace consultd
