#include "adapter/knowledge/quirks.h"

#include <algorithm>

namespace consultd {

using fhir::JsonView;

Quirks read_quirks(std::span<const KnowledgeFile> files, KnowledgeProblems& problems) {
    Quirks quirks;
    for (const KnowledgeFile& file : files) {
        const auto rows = file.json["boundExtensions"].items();
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const std::string where = row_path("boundExtensions", i);
            BoundExtension row{
                std::string(rows[i]["type"].string()), std::string(rows[i]["extension"].string()),
                std::string(rows[i]["part"].string()),
                read_codes(file, where + "/codes", rows[i]["codes"], quirks.named, problems)};
            if (!is_resource_type(row.type))
                problems.add(file, where + "/type", "is no resource type of R4");
            if (row.codes.empty()) problems.add(file, where + "/codes", "lists no code");
            if (std::ranges::any_of(quirks.bound_extensions, [&](const BoundExtension& other) {
                    return other.type == row.type && other.url == row.url && other.part == row.part;
                }))
                problems.add(file, where, "is bound by another row already");
            quirks.bound_extensions.push_back(std::move(row));
        }
    }
    return quirks;
}

}  // namespace consultd
