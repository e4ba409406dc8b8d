#include "adapter/stages/candidates/leads.h"

#include <algorithm>

#include "fhir/r4/walk.h"
#include "fhir/reference.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::r4::Edit;
using fhir::r4::Visit;

class Masking final : public fhir::r4::Walker {
public:
    Masking(std::size_t file, const NamesOfAnothers& names, const Addresses& addresses)
        : file_(file), names_(names), addresses_(addresses) {}

    Edit reference(const Visit& visit) override {
        const std::string_view text = visit.value["reference"].string();
        if (text.empty() || !leads_to_another(text)) return Edit::keep();
        // https://hl7.org/fhir/R4/valueset-data-absent-reason.html
        const Json extension = Json::array(
            {Json::object({{"url", "http://hl7.org/fhir/StructureDefinition/data-absent-reason"},
                           {"valueCode", "masked"}})});
        const std::string_view type = fhir::Reference::parse(text).type;
        return Edit::replace(type.empty()
                                 ? Json::object({{"extension", extension}})
                                 : Json::object({{"extension", extension}, {"type", type}}));
    }

private:
    bool leads_to_another(std::string_view text) const {
        if (names_.contains(text)) return true;
        const auto key = addresses_.key(text, file_);
        return key && names_.contains(*key);
    }

    const std::size_t file_;
    const NamesOfAnothers& names_;
    const Addresses& addresses_;
};

}  // namespace

Json without_leads(const Json& resource, std::size_t file, const NamesOfAnothers& names,
                   const Addresses& addresses) {
    Masking masking(file, names, addresses);
    Json masked = fhir::r4::walk(resource, masking);
    return same_value(masked, resource) ? Json() : masked;
}

}  // namespace consultd
