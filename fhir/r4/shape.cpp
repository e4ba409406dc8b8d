#include "fhir/r4/shape.h"

#include "fhir/r4/walk.h"

namespace consultd::fhir::r4 {
namespace {

class ShapeCheck final : public Walker {
public:
    void misshapen(const ElementPath& parent, JsonView object, std::string_view member) override {
        if (!first.empty() || object[member].is_null()) return;
        const bool is_sibling = member.starts_with('_');
        first = parent.text() + '.' + std::string(member.substr(is_sibling ? 1 : 0));
    }
    std::string first;
};

}  // namespace

std::string misshapen_element(const Json& resource) {
    ShapeCheck check;
    walk(resource, check);
    return check.first;
}

}  // namespace consultd::fhir::r4
