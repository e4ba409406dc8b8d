#include "adapter/knowledge/knowledge_file.h"

#include "fhir/r4/elements.h"

namespace consultd {

bool is_resource_type(std::string_view name) {
    const fhir::r4::Type* type = fhir::r4::find_type(name);
    return type != nullptr && type->kind == fhir::r4::Type::Kind::Resource;
}

}  // namespace consultd
