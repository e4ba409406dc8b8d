#include "adapter/stages/consent/trace.h"

#include <algorithm>
#include <array>

#include "fhir/r4/walk.h"

namespace consultd::consent {
namespace {

using fhir::Json;
using fhir::JsonView;
using fhir::r4::Edit;
using fhir::r4::Type;
using fhir::r4::Visit;

constexpr std::string_view absent_url =
    "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

Json absent_reference() {
    return Json::object(
        {{"extension",
          Json::array({Json::object({{"url", absent_url}, {"valueCode", "unknown"}})})}});
}

bool is_absent_reference(JsonView value) {
    const auto extensions = value["extension"].items();
    return value.size() == 1 && extensions.size() == 1 &&
           extensions[0]["url"].string() == absent_url;
}

bool is_address(std::string_view type) {
    constexpr std::array<std::string_view, 5> addresses = {"canonical", "oid", "uri", "url",
                                                           "uuid"};
    return std::ranges::find(addresses, type) != addresses.end();
}

// Takes out what names the withheld. Narratives go in a second walk, once it is known whether they
// must.
class Pruner final : public fhir::r4::Walker {
public:
    explicit Pruner(const Names& names) : names_(names) {}

    Edit reference(const Visit& visit) override {
        if (!names_.in_reference(visit.value)) return Edit::keep();
        if (!visit.element || visit.element->min == 0 || visit.element->is_many())
            return cut(visit, {});
        return cut(visit, absent_reference());
    }

    Edit identifier(const Visit& visit) override {
        const bool is_optional =
            visit.element && (visit.element->min == 0 || visit.element->is_many());
        const bool names = names_.in_text(visit.value["value"].string()) ||
                           names_.in_text(visit.value["system"].string());
        return is_optional && names ? cut(visit, {}) : Edit::keep();
    }

    Edit extension(const Visit& visit) override {
        // An extension that lost its value says nothing.
        const bool is_empty = std::ranges::all_of(visit.value.members(), [](const auto& member) {
            return member.name() == "url" || member.name() == "id";
        });
        return is_empty || names_.in_value(visit.value) ? cut(visit, {}) : Edit::keep();
    }

    Edit element(const Visit& visit) override {
        if (!visit.element) return Edit::keep();
        if (visit.type.kind == Type::Kind::Primitive) {
            const bool goes = visit.element->min == 0 && is_address(visit.type.name.view()) &&
                              names_.in_text(visit.value.string());
            return goes ? cut(visit, {}) : Edit::keep();
        }
        if (visit.type.kind != Type::Kind::Backbone) return Edit::keep();
        // An entry of which the required reference is gone, goes with it; a section without entries
        // too.
        const bool is_hollow =
            visit.type.name.view() == "Composition.section"
                ? !visit.value.has("entry") && !visit.value.has("section") && has_cut_
                : std::ranges::any_of(visit.value.members(), [](const auto& member) {
                      return is_absent_reference(member.value);
                  });
        if (!is_hollow || (visit.element->min > 0 && !visit.element->is_many()))
            return Edit::keep();
        return cut(visit, {});
    }

private:
    Edit cut(const Visit&, Json after) {
        has_cut_ = true;
        return after.is_null() ? Edit::remove() : Edit::replace(after);
    }
    const Names& names_;
    bool has_cut_ = false;
};

class NarrativeDropper final : public fhir::r4::Walker {
public:
    Edit narrative(const Visit&) override { return Edit::remove(); }
};

// The ranks of the diagnoses that are left would tell that others were there.
Json without_ranks(const Json& resource) {
    const Json diagnoses = resource.get("diagnosis");
    if (!diagnoses.is_array()) return resource;
    std::vector<Json> items;
    for (const JsonView item : diagnoses.items())
        items.push_back(item.is_object() ? diagnoses.share(item).without("rank")
                                         : diagnoses.share(item));
    return resource.with("diagnosis", Json::array(std::move(items)));
}

// What a resource of this type is there for; without it nothing is left to say.
constexpr std::array<std::array<std::string_view, 2>, 6> purposes = {
    {{"Composition", "section"},
     {"DiagnosticReport", "result"},
     {"Group", "member"},
     {"List", "entry"},
     {"Linkage", "item"},
     {"Provenance", "target"}}};

bool lost_its_purpose(JsonView before, JsonView after) {
    for (const auto& [type, element] : purposes)
        if (type == before["resourceType"].string() && before.has(element) && !after.has(element))
            return true;
    // A panel is its members, unless it has a value too.
    if (before.has("hasMember") && !after.has("hasMember") && !after.has("component") &&
        std::ranges::none_of(after.members(), [](const fhir::JsonMember& member) {
            return member.name().starts_with("value");
        }))
        return true;
    const Type* type = fhir::r4::find_type(before["resourceType"].string());
    if (!type) return false;
    return std::ranges::any_of(type->elements, [&](const fhir::r4::Element& element) {
        const std::string_view name = element.name.view();
        return element.min > 0 && !element.is_choice && before.has(name) && !after.has(name);
    });
}

}  // namespace

// A change for each member of the resource that lost something, with the whole of it before: what
// is taken out of an array moves what follows it, and takes what it leaves empty along, so that
// only the whole can be put back.
void add_changes(std::string_view full_url, StaticText rule, const Json& before, const Json& after,
                 ChangeList& changes) {
    for (const fhir::JsonMember& member : before.members())
        if (!same_value(member.value, after[member.name()]))
            changes.add(
                full_url,
                std::string(before["resourceType"].string()) + "." + std::string(member.name()),
                rule, before.share(member.value), after.get(member.name()));
}

namespace {

// Only there does R4 let a narrative stand.
bool may_have_narrative(JsonView resource) {
    return resource.has("text") || resource.has("contained") || resource.has("section") ||
           resource.has("entry") || resource.has("parameter");
}

}  // namespace

Pruned prune(const Json& resource, std::string_view full_url, const Names& names,
             Narratives narratives) {
    const Names::Mentions mentions = names.mentions_in(resource);
    Pruned pruned{.resource = resource, .may_tell = mentions.matter};
    if (mentions.name || mentions.reference) {
        Pruner pruner(names);
        pruned.resource = fhir::r4::walk(resource, pruner);
        if (resource["diagnosis"].size() > pruned.resource["diagnosis"].size())
            pruned.resource = without_ranks(pruned.resource);
        add_changes(full_url, "consent.reference", resource, pruned.resource, pruned.changes);
    }
    const bool drops = !pruned.changes.empty() || narratives == Narratives::Drop || mentions.name ||
                       (mentions.matter && names.says_matter(resource.at("text", "div").string()));
    if (drops && may_have_narrative(pruned.resource)) {
        NarrativeDropper dropper;
        const Json with_narratives = pruned.resource;
        pruned.resource = fhir::r4::walk(with_narratives, dropper);
        add_changes(full_url, "consent.narrative", with_narratives, pruned.resource,
                    pruned.changes);
    }
    pruned.has_lost_all = !pruned.changes.empty() && lost_its_purpose(resource, pruned.resource);
    pruned.speaks = mentions.name && names.in_value(pruned.resource);
    return pruned;
}

}  // namespace consultd::consent
