#include "adapter/stages/candidates/candidates.h"

#include <algorithm>

#include "adapter/stages/candidates/alteration.h"
#include "fhir/r4/release.h"
#include "fhir/r4/shape.h"

namespace consultd {
namespace {

using fhir::JsonView;

}  // namespace

Incoming in_shape(Incoming incoming) {
    if (!incoming.as_it_came.is_null() || fhir::r4::misshapen_element(incoming.json).empty())
        return incoming;
    incoming.as_it_came = std::exchange(incoming.json, fhir::r4::reshaped(incoming.json));
    return incoming;
}

std::string key_of(const fhir::Resource& resource, std::string_view full_url) {
    constexpr std::string_view urn_uuid = "urn:uuid:";
    if (!resource.id().empty()) return resource.key();
    if (!full_url.starts_with(urn_uuid)) return {};
    return std::string(resource.type()).append("/").append(full_url.substr(urn_uuid.size()));
}

// Another server's resource goes by its URL: it must not stand for, nor shut out, ours of that id.
std::string Candidates::name_of(const Incoming& incoming) {
    const std::string_view type = incoming.json["resourceType"].string();
    const std::string_view id = incoming.json["id"].string();
    const bool is_type =
        fhir::is_resource_type(type) || fhir::r4::is_of_other_release(incoming.json);
    if (is_type && fhir::is_name(id) && !addresses().is_elsewhere(incoming.full_url))
        return std::string(type).append("/").append(id);
    if (!incoming.full_url.empty()) return incoming.full_url;
    if (!incoming.place.empty()) return incoming.place;
    return "entry-without-name/" + std::to_string(++nameless_);
}

Candidate Candidates::judge(const Incoming& incoming,
                            const Result<fhir::Resource>& resource) const {
    Candidate candidate{.json = incoming.json,
                        .as_it_came = incoming.as_it_came,
                        .full_url = incoming.full_url,
                        .file = incoming.file,
                        .position = incoming.position,
                        .belonging = Belonging::Ours};
    candidate.is_at_home =
        bringer_ == Bringer::Server || addresses().key_at_home(incoming.full_url).has_value();
    candidate.is_part = is_subsetted(incoming.json);
    const bool has_name = bringer_ == Bringer::Files || !incoming.full_url.empty() ||
                          (resource && !resource->id().empty());
    const bool is_of_other_release =
        incoming.is_of_other_release || fhir::r4::is_of_other_release(incoming.json);
    // What came as it is has its shape: in_shape has looked.
    const bool is_misshapen =
        !incoming.as_it_came.is_null() && !fhir::r4::misshapen_element(incoming.json).empty();
    if (!resource || !has_name || is_misshapen) {
        candidate.refusal =
            is_of_other_release ? StaticText("other-version") : StaticText("malformed");
        return candidate;
    }
    if (!addresses().is_elsewhere(incoming.full_url))
        candidate.key = key_of(*resource, incoming.full_url);
    if (patient()) {
        const Origin origin{candidate.key, incoming.full_url, incoming.file};
        candidate.belonging = belonging_of(*resource, origin, *patient());
        candidate.refusal = refusal_of(candidate.belonging);
        candidate.names_ours = candidate.refusal && names_ours(*resource, origin, *patient());
        if (!candidate.refusal && has_unknown_modifier(incoming.json))
            candidate.refusal = StaticText("modifier-extension");
    }
    if (!candidate.refusal && is_of_other_release) candidate.refusal = StaticText("other-version");
    return candidate;
}

Status Candidates::add(const Incoming& brought) {
    const Incoming incoming = in_shape(brought);
    const Result<fhir::Resource> resource = fhir::Resource::from(incoming.json);
    const std::string name = name_of(incoming);
    Candidate candidate = judge(incoming, resource);
    // A server's answer is held against its limit; a file was, when it was read.
    if (bringer_ == Bringer::Server) candidate.bytes = incoming.json.print().size();
    return keep(name, std::move(candidate));
}

Status Candidates::add_binary(std::string name, std::string full_url, const fhir::Json& binary) {
    TRY_ASSIGN(const fhir::Resource resource, fhir::Resource::from(binary));
    Candidate candidate{.json = binary, .key = resource.key(), .full_url = std::move(full_url)};
    candidate.is_at_home = true;
    if (patient()) candidate.belonging = belonging_of(resource, {candidate.key, ""}, *patient());
    candidate.refusal = refusal_of(candidate.belonging);
    candidate.bytes = binary["data"].string().size();
    return keep(name, std::move(candidate));
}

void Candidates::add_deletion(const std::string& name, const Deletion& deletion) {
    const auto found = groups_.find(name);
    if (found == groups_.end()) return;
    auto& last = found->second.deletion;
    // The one that is newest, as far as it can be told.
    if (last && last->at && deletion.at && *deletion.at <= *last->at) return;
    last = deletion;
    found->second.settled.clear();
}

Status Candidates::keep(const std::string& name, Candidate candidate) {
    // Most of what comes twice is the same: told at once.
    const auto found = groups_.find(name);
    if (found != groups_.end()) {
        const Candidate& first = found->second.candidates.front();
        if (first.full_url == candidate.full_url && same_value(first.json, candidate.json))
            return {};
    }
    bytes_ += candidate.bytes;
    if (bytes_ > limits_.record_bytes)
        return Error(ErrorKind::TooLarge, "the record has more bytes than the limit");
    if (++count_ > limits_.resources)
        return Error(ErrorKind::TooLarge, "the record has more resources than the limit")
            .with("resources", limits_.resources);
    Group& group = groups_[name];
    group.candidates.push_back(std::move(candidate));
    group.settled.clear();
    return {};
}

const std::vector<Settled>& Candidates::settled(const std::string& name, const Group& group) const {
    if (group.settled.empty()) group.settled = settle(name, group.candidates, group.deletion);
    return group.settled;
}

const Candidate* Candidates::find(std::string_view name) const {
    const auto found = groups_.find(name);
    if (found == groups_.end()) return nullptr;
    const Settled& first = settled(found->first, found->second).front();
    return first.rejected ? nullptr : first.candidate;
}

void Candidates::each_standing(
    const std::function<void(const std::string&, const Candidate&)>& use) const {
    for (const auto& [name, group] : groups_)
        for (const Settled& one : settled(name, group))
            if (!one.rejected) use(one.name, *one.candidate);
}

Reach Candidates::reach(Reach::Remember remember) const {
    Reach reach(addresses(), remember);
    for (const auto& [name, group] : groups_)
        for (const Settled& one : settled(name, group)) {
            if (!one.rejected)
                reach.add(one.name, *one.candidate);
            else if (one.name == name)
                reach.add_rejected(one.candidate->key.empty() ? name : one.candidate->key);
        }
    reach.spread();
    return reach;
}

NamesOfAnothers Candidates::names_of_anothers() const {
    NamesOfAnothers names;
    for (const auto& [name, group] : groups_)
        for (const Settled& one : settled(name, group)) {
            if (!one.rejected || one.rejected->view() != "wrong-patient") continue;
            const Candidate& theirs = *one.candidate;
            if (!theirs.full_url.empty()) names.insert(theirs.full_url);
            // What another server calls so may be ours here.
            if (!theirs.key.empty() && !addresses().is_elsewhere(theirs.full_url) &&
                find(theirs.key) == nullptr)
                names.insert(theirs.key);
        }
    return names;
}

void Candidates::settle_into(Record& record) const {
    const NamesOfAnothers anothers = names_of_anothers();
    // Where nothing is proven, nothing needs to be reached.
    const Reach reached = patient() ? reach() : Reach(addresses());
    record.resources.reserve(record.resources.size() + groups_.size());
    for (const auto& [name, group] : groups_)
        for (const Settled& one : settled(name, group)) {
            std::optional<StaticText> why = one.rejected;
            if (!why && patient() && one.candidate->is_part) why = StaticText("subsetted");
            if (!why && patient() && !reached.is_reached(one.name))
                why = StaticText("unproven-patient");
            if (why) {
                const std::string_view type = one.candidate->json["resourceType"].string();
                record.rejected.push_back({one.name, *why,
                                           fhir::is_resource_type(type) ? std::string(type) : "",
                                           one.candidate->names_ours});
                continue;
            }
            // Nothing says which of two contents holds, and a reader must not take it for two
            // facts.
            if (one.name == name + "#2" && one.candidate->is_at_home)
                record.gaps.push_back({name, "version-conflict"});
            const fhir::Json masked = anothers.empty()
                                          ? fhir::Json()
                                          : without_leads(one.candidate->json, one.candidate->file,
                                                          anothers, addresses());
            if (!masked.is_null()) record.gaps.push_back({one.name, "leads-to-another"});
            const fhir::Json& json = masked.is_null() ? one.candidate->json : masked;
            record.resources.push_back(
                {one.name, one.candidate->full_url, fhir::Resource::from(json).value(),
                 masked.is_null() ? one.candidate->as_it_came : fhir::Json()});
        }
    const auto by_source = [](const auto& left, const auto& right) {
        return left.source < right.source;
    };
    std::ranges::sort(record.resources, by_source);
    std::ranges::sort(record.rejected, by_source);
    add_gaps_of_rejected(record);
    add_gaps_of_redacted(record);
}

}  // namespace consultd
