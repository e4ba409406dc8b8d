// What is kept, without what would tell of the withheld.
#include <algorithm>
#include <array>
#include <cassert>

#include "adapter/stages/consent/filter.h"
#include "adapter/stages/consent/labels.h"

namespace consultd::consent {
namespace {

using fhir::Json;
using fhir::JsonView;

// A reference to what is not in the record, by an identifier or by no more than its type: nobody
// could decide what it leads to. Who and where is told by those that others share.
bool says_of_unpulled(JsonView reference) {
    const std::string_view type = reference["type"].string();
    const bool is_shared = type == "Patient" || is_shared_type(type);
    return !is_shared && (!type.empty() || reference.has("identifier"));
}

// Who the patient is, as the match at the destination needs it.
Json minimum_of(const Json& patient) {
    constexpr std::array<std::string_view, 7> identifying = {
        "resourceType", "id", "identifier", "active", "name", "gender", "birthDate"};
    Json minimum = patient;
    for (const fhir::JsonMember& member : patient.members())
        if (std::ranges::find(identifying, member.name()) == identifying.end())
            minimum = minimum.without(member.name());
    return minimum;
}

}  // namespace

// Who referred to a matter and says its words, says them of it, though others are called so too.
bool Filter::repeats_what_it_named(const Item& item, JsonView left) {
    if (item.given.resource.type() == "Patient") return false;
    const auto says = [&](std::size_t target) {
        const Item& one = items_[target];
        if (one.is_kept || !one.is_matter) return false;
        const auto [told, is_new] = told_.try_emplace(target);
        if (is_new) told->second.emplace(phrases_of_resource(one.given.resource.json()));
        return says_beside_its_name(left, *told->second);
    };
    return std::ranges::any_of(item.links, [&](const Link& link) { return says(link.target); }) ||
           std::ranges::any_of(item.logical, [&](const Link& link) {
               return namesakes_[link.target].gone > 0 &&
                      std::ranges::any_of(namesakes_[link.target].members, says);
           });
}

Names Filter::names_of_withheld(const Policy& policy) const {
    Names names;
    // What is denied by code is a matter, though nothing here is of that very code.
    for (const JsonView concept_value : policy.denied_concepts())
        for (const std::string_view name : signs_.names_of(concept_value))
            for (const std::string& phrase : phrases_of_name(name)) names.add_phrase(phrase);
    for (const Item& item : items_) {
        if (item.is_kept) continue;
        names.add(item.given.source, item.given.full_url, item.given.resource.json());
        if (item.is_matter) names.add_matter(item.given.resource.json());
        for (const std::string& copy : item.given.copies) names.add_address(copy);
    }
    for (const Item& item : items_)
        if (item.is_kept)
            names.release(item.given.source, item.given.full_url, item.given.resource.json());
    return names;
}

bool Filter::is_of_kept(const std::string& logical_name) const {
    const auto found = by_identifier_.find(logical_name);
    return found != by_identifier_.end() &&
           namesakes_[found->second].gone < namesakes_[found->second].members.size();
}

// With the labels of what it betrays, for whoever receives it.
void Filter::keep(const Item& item, Json resource, Consented& out) {
    Json labelled = with_labels(resource, item.betrays, item.is_of_programme);
    if (!same_value(labelled["meta"], resource["meta"]))
        out.changes.add(item.given.full_url,
                        std::string(resource["resourceType"].string()) + ".meta", "consent.label",
                        resource.get("meta"), labelled.get("meta"));
    auto made = fhir::Resource::from(std::move(labelled));
    assert(made.ok() && "a label makes no resource another");
    out.resources.push_back(
        {item.given.source, item.given.full_url, *std::move(made), item.given.copies});
    out.why_kept.push_back(item.why);
    out.kept_betray.push_back(item.betrays);
}

Result<bool> Filter::prune_kept(const Policy& policy, Consented& out) {
    out = {.hides_unpulled = policy.looks_at_content()};
    out.resources.reserve(items_.size());
    const std::size_t before = gone_.size();
    const bool has_minimum = std::ranges::any_of(items_, &Item::is_minimum);
    if (gone_.empty() && !out.hides_unpulled && !signs_.displays_betray() && !has_minimum &&
        std::ranges::none_of(items_, &Item::loses_narrative)) {
        for (const Item& item : items_) keep(item, item.given.resource.json(), out);
        return false;
    }
    Names names = names_of_withheld(policy);
    names.hide_references([&](JsonView reference) {
        if (policy.takes(signs_.of_reference(reference))) return true;
        return out.hides_unpulled && !reference.has("reference") && says_of_unpulled(reference) &&
               !is_of_kept(logical_name(reference["identifier"]));
    });
    const bool is_any_told = !gone_.empty() || !policy.denied_concepts().empty();
    for (std::size_t i = 0; i < items_.size(); ++i) {
        TRY(budget_.go_on());
        Item& item = items_[i];
        if (!item.is_kept) continue;
        const fhir::Json& given = item.given.resource.json();
        fhir::Json json = given;
        if (item.is_minimum) {
            json = minimum_of(given);
            add_changes(item.given.full_url, "consent.minimum", given, json, out.changes);
        } else if (item.given.resource.type() == "Patient") {
            json = without_matter(given, names);
            add_changes(item.given.full_url, "consent.patient", given, json, out.changes);
        }
        const bool drops_narrative = !gone_.empty() || item.loses_narrative;
        Pruned pruned = prune(json, item.given.full_url, names,
                              drops_narrative ? Narratives::Drop : Narratives::Keep);
        auto resource = fhir::Resource::from(pruned.resource);
        if (pruned.has_lost_all) {
            withhold(i, "only-with-withheld");
        } else if (!resource || pruned.speaks ||
                   (pruned.may_tell && names.is_matter_of(pruned.resource)) ||
                   (is_any_told && names.is_in_attachment_of(pruned.resource)) ||
                   repeats_what_it_named(item, pruned.resource)) {
            withhold(i, "names-withheld");
        } else {
            keep(item, std::move(pruned.resource), out);
            out.changes.append(pruned.changes);
        }
    }
    return gone_.size() != before;
}

}  // namespace consultd::consent
