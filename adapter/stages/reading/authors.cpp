#include "adapter/stages/reading/authors.h"

#include <map>
#include <set>

#include "adapter/stages/reading/attachment_text.h"

namespace consultd {
namespace {

using fhir::JsonView;

bool is_note(const Statement& one) {
    const std::string_view type = one.resource().type();
    if (!one.places().found) return false;
    return type == "DocumentReference" || type == "ClinicalImpression" || type == "Composition" ||
           (type == "DiagnosticReport" && is_report(one.resource()));
}

// Who did, wrote or answers for it, each once. The patient and devices write no notes.
std::set<std::string> people_of(const Statement& one, const PacketIndex& index) {
    std::set<std::string> out;
    const fhir::Resource& resource = one.resource();
    const auto add = [&](JsonView reference) {
        const std::string_view type =
            index.resolve(reference, resource.json())["resourceType"].string();
        if (type == "Patient" || type == "Device" || type == "RelatedPerson") return;
        if (std::string name = reference_text(reference, resource.json(), index); !name.empty())
            out.insert(std::move(name));
    };
    const auto add_all = [&](JsonView value) {
        if (!value.is_array()) return add(value);
        for (const JsonView& item : value.items()) {
            JsonView who = item;
            for (const std::string_view name : {"actor", "individual", "member"})
                if (item[name].is_object()) who = item[name];
            add(who);
        }
    };
    for (const std::string_view name : {"author", "performer", "assessor", "requester", "recorder",
                                        "serviceProvider", "participant"})
        add_all(resource[name]);
    return out;
}

}  // namespace

std::vector<NotesOf> notes_by_author(const Reading& reading) {
    std::map<std::string, std::size_t> by_name;
    for (const Statement& one : reading.all()) {
        if (!one.places().shown) continue;
        for (const std::string& who : people_of(one, reading.index()))
            by_name[who] += is_note(one) ? 1 : 0;
    }
    std::vector<NotesOf> out;
    for (const auto& [who, notes] : by_name) out.push_back({who, notes});
    return out;
}

fhir::Json notes_json(const std::vector<NotesOf>& all) {
    std::vector<fhir::Json> out;
    for (const NotesOf& one : all)
        out.push_back(fhir::Json::object(
            {{"who", one.who}, {"notes", fhir::Json(static_cast<std::int64_t>(one.notes))}}));
    return fhir::Json::array(std::move(out));
}

}  // namespace consultd
