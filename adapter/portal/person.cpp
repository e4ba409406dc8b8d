#include "adapter/portal/person.h"

#include "fhir/json.h"

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
        for (const JsonView name : resource["name"].items()) {
            person.name = name["text"].string();
            if (!person.name.empty()) break;
            for (const JsonView given : name["given"].items())
                person.name.append(given.string()).append(" ");
            person.name += name["family"].string();
            break;
        }
        break;
    }
    return person;
}

}  // namespace consultd::portal
