#include "adapter/stages/pull/candidates.h"

#include <algorithm>

#include "fhir/r4/shape.h"

namespace consultd {
namespace {

using fhir::JsonView;

// https://hl7.org/fhir/R4/search.html#summary
bool is_subsetted(JsonView resource) {
    const auto tags = resource.at("meta", "tag").items();
    return std::any_of(tags.begin(), tags.end(),
                       [](JsonView tag) { return tag["code"].string() == "SUBSETTED"; });
}

// Which of two copies stands: versionIds are opaque, so the time of the update decides
// (https://hl7.org/fhir/R4/resource.html#Meta). Conflict: it cannot be decided.
enum class Stands { Old, New };
Result<Stands> choose(const Candidate& held, const Candidate& come) {
    if (held.subsetted != come.subsetted) return held.subsetted ? Stands::New : Stands::Old;
    if (held.subsetted || same_value(held.resource.json(), come.resource.json()))
        return Stands::Old;
    const auto updated = [](const Candidate& c) {
        return parse_instant(c.resource.json().at("meta", "lastUpdated").string());
    };
    const auto held_at = updated(held), come_at = updated(come);
    const bool same_version = held.resource.version_id() == come.resource.version_id() &&
                              !held.resource.version_id().empty();
    if (same_version || !held_at || !come_at || *held_at == *come_at)
        return Error(ErrorKind::Conflict,
                     "the source gave one version of a resource with two contents");
    return *come_at > *held_at ? Stands::New : Stands::Old;
}

}  // namespace

Status Candidates::add(const fhir::Json& json, const std::string& full_url) {
    Result<fhir::Resource> resource = fhir::Resource::from(json);
    const bool is_whole = resource && fhir::r4::misshapen_element(json).empty();
    if (!is_whole || (resource->id().empty() && full_url.empty())) {
        reject(full_url.empty() ? "entry-without-name/" + std::to_string(++nameless_) : full_url,
               "malformed");
        return {};
    }
    // Another server's resource goes by its URL: it must not stand for, nor shut out, ours of that
    // id.
    const bool is_elsewhere = full_url.starts_with("http") && !key_at_base(patient_.base, full_url);
    std::string name = resource->id().empty() || is_elsewhere ? full_url : resource->key();
    if (rejected_.contains(name)) return {};
    const Belonging belonging = belonging_of(*resource, full_url, patient_);
    if (belonging == Belonging::Wrong || belonging == Belonging::Unproven) {
        reject(name, belonging == Belonging::Wrong ? StaticText("wrong-patient")
                                                   : StaticText("unproven-patient"));
        return {};
    }
    if (has_unknown_modifier(json)) {
        reject(name, "modifier-extension");
        return {};
    }
    Candidate candidate{*std::move(resource), full_url,           belonging,
                        json.print().size(),  is_subsetted(json), false};
    if (candidate.full_url.empty()) candidate.full_url = patient_.base.below(name).text();
    return keep(std::move(name), std::move(candidate));
}

Status Candidates::add_binary(std::string name, std::string full_url, const fhir::Json& binary) {
    TRY_ASSIGN(fhir::Resource resource, fhir::Resource::from(binary));
    const Belonging belonging = belonging_of(resource, "", patient_);
    if (belonging != Belonging::Shared) {
        reject(name, belonging == Belonging::Wrong ? StaticText("wrong-patient")
                                                   : StaticText("unproven-patient"));
        return {};
    }
    const std::size_t bytes = binary["data"].string().size();
    return keep(std::move(name), Candidate{std::move(resource), std::move(full_url),
                                           Belonging::Shared, bytes, false, true});
}

Status Candidates::keep(std::string name, Candidate candidate) {
    const auto found = held_.find(name);
    if (found != held_.end()) {
        TRY_ASSIGN(const Stands stands, choose(found->second, candidate));
        if (stands == Stands::Old) return {};
        bytes_ -= found->second.bytes;
        held_.erase(found);
    }
    bytes_ += candidate.bytes;
    if (bytes_ > limits_.record_bytes)
        return Error(ErrorKind::TooLarge, "the record has more bytes than the limit");
    if (held_.size() + rejected_.size() >= limits_.resources)
        return Error(ErrorKind::TooLarge, "the record has more resources than the limit")
            .with("resources", limits_.resources);
    held_.emplace(std::move(name), std::move(candidate));
    return {};
}

const Candidate* Candidates::find(std::string_view name) const {
    const auto found = held_.find(name);
    return found == held_.end() ? nullptr : &found->second;
}

void Candidates::reject(const std::string& name, StaticText reason) {
    const auto found = held_.find(name);
    if (found != held_.end()) {
        bytes_ -= found->second.bytes;
        held_.erase(found);
    }
    rejected_.emplace(name, reason);
}

}  // namespace consultd
