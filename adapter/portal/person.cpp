#include "adapter/portal/person.h"

namespace consultd::portal {

using fhir::Json;
using fhir::JsonView;

Person person_in(std::string bundle) {
    Person person;
    const auto document = Json::parse(std::move(bundle), {.bytes_max = std::size_t{2} << 30});
    if (!document) return person;
    for (const JsonView entry : (*document)["entry"].items()) {
        const JsonView resource = entry["resource"];
        if (resource["resourceType"].string() != "Patient") continue;
        person.birth_date = resource["birthDate"].string();
        person.name = name_of_person(resource);
        break;
    }
    return person;
}

std::string name_of_person(JsonView resource) {
    for (const JsonView name : resource["name"].items()) {
        std::string whole(name["text"].string());
        if (!whole.empty()) return whole;
        for (const JsonView given : name["given"].items()) whole.append(given.string()).append(" ");
        return whole.append(name["family"].string());
    }
    return {};
}

}  // namespace consultd::portal
