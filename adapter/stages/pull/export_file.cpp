#include "adapter/stages/pull/export_file.h"

#include <algorithm>
#include <array>

#include "fhir/r4/facts.h"

namespace consultd {
namespace {

using fhir::Json;

// Of the shared types, each leads to those after it.
constexpr std::array<std::string_view, 6> last_types = {"PractitionerRole", "HealthcareService",
                                                        "Practitioner",     "Location",
                                                        "Organization",     "Endpoint"};

}  // namespace

int reading_order(std::string_view type) {
    const auto last = std::ranges::find(last_types, type);
    if (last != last_types.end()) return 3 + static_cast<int>(last - last_types.begin());
    const fhir::r4::Facts* const facts = fhir::r4::find_facts(type);
    if (!facts) return 0;
    if (facts->sharing == fhir::r4::Sharing::Shared) return 2;
    return facts->sharing == fhir::r4::Sharing::ByTarget ? 1 : 0;
}

ExportFile::ExportFile(Candidates& candidates, std::string_view type, Others others,
                       std::size_t line_max)
    : candidates_(candidates),
      others_(others),
      is_of_patients_(!type.empty() && reading_order(type) == 0),
      lines_(line_max, [this](std::string line) { return take(std::move(line)); }) {}

// What is about somebody names them, and a line that was cut has no end: of a whole one without
// our patient's id nothing is read.
bool ExportFile::is_clearly_anothers(std::string_view line) const {
    if (others_ != Others::AreExpected || !is_of_patients_) return false;
    const std::size_t last = line.find_last_not_of(" \t\r");
    return last != std::string_view::npos && line[last] == '}' &&
           line.find(candidates_.patient()->id) == std::string_view::npos;
}

Status ExportFile::take(std::string line) {
    if (is_clearly_anothers(line)) return {};
    Result<Json> json = Json::parse(std::move(line), {.bytes_max = fhir::JsonLimits().bytes_max});
    if (!json) {
        ++broken_;
        return {};
    }
    return add(*std::move(json));
}

Status ExportFile::add(Json json) {
    const Incoming incoming = in_shape({.json = std::move(json)});
    const Result<fhir::Resource> resource = fhir::Resource::from(incoming.json);
    // Rejected by its name, if it has one.
    if (!resource) return candidates_.add(incoming);
    const std::string name = resource->key();
    const Origin origin{name, ""};
    const PatientIdentity& patient = *candidates_.patient();
    const Belonging belonging = belonging_of(*resource, origin, patient);
    if (!is_read_back_ && !is_for_us(incoming, *resource, belonging)) {
        const bool is_leak = belonging == Belonging::Wrong && others_ == Others::AreLeaks;
        if (!is_leak) return {};
        if (++leaks_ > leaks_max)
            return Error(ErrorKind::Forbidden, "an export is of more patients than was asked for")
                .with("gap", StaticText("not-narrowed"));
    }
    if (belonging == Belonging::Ours) ids_[std::string(resource->type())].insert(resource->key());
    if (!is_read_back_) incoming.json.print_to(kept_ += kept_.empty() ? "" : "\n");
    return candidates_.add(incoming);
}

// Whether something is to be said of it, if only that it is not kept.
bool ExportFile::is_for_us(const Incoming& incoming, const fhir::Resource& resource,
                           Belonging belonging) {
    const PatientIdentity& patient = *candidates_.patient();
    const std::string name = resource.key();
    switch (belonging) {
        case Belonging::Ours:
            return true;
        case Belonging::Shared:
            if (!reach_) reach_.emplace(candidates_.reach(Reach::Remember::Addresses));
            return candidates_.knows(name) || reach_->is_wanted(name, incoming.json);
        case Belonging::ByTarget: {
            const auto targets = incoming.json["target"].items();
            return std::ranges::any_of(targets, [&](fhir::JsonView target) {
                const auto key = patient.addresses.key(target["reference"].string());
                return key && candidates_.knows(*key);
            });
        }
        case Belonging::Wrong:
            return names_ours(resource, {name, ""}, patient);
        case Belonging::Unproven:
            return others_ == Others::AreLeaks || names_ours(resource, {name, ""}, patient);
    }
    return true;
}

std::string ExportFile::kept() const {
    return Json::object({{"lines", Json(lines())}, {"broken", Json(broken())}}).print() + "\n" +
           kept_;
}

Status ExportFile::read_kept(std::string_view text) {
    is_read_back_ = true;
    fhir::NdjsonLines lines(text.size(), [&, is_head = true](std::string line) mutable -> Status {
        TRY_ASSIGN(Json json, Json::parse(std::move(line)));
        if (!std::exchange(is_head, false)) return add(std::move(json));
        broken_ = json["broken"].integer().value_or(0);
        return {};
    });
    TRY(lines.feed(text));
    return lines.finish();
}

}  // namespace consultd
