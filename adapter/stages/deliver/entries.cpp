#include "adapter/stages/deliver/entries.h"

#include <algorithm>
#include <array>

#include "fhir/base/crypto.h"
#include "fhir/r4/walk.h"
#include "fhir/reference.h"
#include "fhir/url.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;
using fhir::r4::Edit;
using fhir::r4::Visit;

constexpr std::string_view uuid_prefix = "urn:uuid:";

using Targets = std::map<std::string, std::string, std::less<>>;

// Leads Reference.reference and Attachment.url to the transaction's own names.
class Leader final : public fhir::r4::Walker {
public:
    explicit Leader(const Targets& targets) : targets_(targets) {}

    Edit reference(const Visit& visit) override {
        const std::string_view text = visit.value["reference"].string();
        if (text.empty() || text.starts_with('#')) return Edit::keep();
        if (const auto target = targets_.find(text); target != targets_.end())
            return Edit::replace(visit.value.with("reference", target->second));
        const Json rest = visit.value.without("reference");
        if (rest["identifier"].is_object()) return Edit::replace(rest);
        const bool is_uri = fhir::Reference::parse(text).form != fhir::Reference::Form::Relative;
        return Edit::replace(
            rest.with("identifier", make_identifier(is_uri ? "urn:ietf:rfc:3986" : "", text)));
    }
    Edit attachment(const Visit& visit) override {
        const auto target = targets_.find(visit.value["url"].string());
        if (target == targets_.end()) return Edit::keep();
        return Edit::replace(visit.value.with("url", target->second));
    }

private:
    const Targets& targets_;
};

// What a resource's own server put there: https://hl7.org/fhir/R4/resource.html#Meta
Json without_server_facts(Json resource) {
    resource = resource.without("id");
    if (!resource.has("meta")) return resource;
    Json meta = resource.get("meta");
    for (const char* name : {"versionId", "lastUpdated", "source"}) {
        if (meta.has(name)) meta = meta.without(name);
        const std::string sibling = std::string("_") + name;
        if (meta.has(sibling)) meta = meta.without(sibling);
    }
    return meta.size() == 0 ? resource.without("meta") : resource.with("meta", meta);
}

// R4 gives these an `identifier` element and no search parameter for it
// (https://hl7.org/fhir/R4/searchparameter-registry.html): a condition on it is refused.
constexpr std::array<std::string_view, 6> not_searchable_by_identifier{
    "AdverseEvent",          "BiologicallyDerivedProduct",
    "CatalogEntry",          "MedicinalProductIngredient",
    "ObservationDefinition", "SubstanceSpecification"};

// With one more identifier; null where the type has no room for it or cannot be found by it.
Json with_identifier(const Json& resource, const Json& identifier) {
    const std::string_view name = resource["resourceType"].string();
    if (std::find(not_searchable_by_identifier.begin(), not_searchable_by_identifier.end(), name) !=
        not_searchable_by_identifier.end())
        return {};
    const auto* type = fhir::r4::find_type(resource["resourceType"].string());
    const auto* element = type ? type->find("identifier") : nullptr;
    if (!element || element->types.empty() || element->types[0]->name.view() != "Identifier")
        return {};
    if (element->is_many())
        return resource.with("identifier", resource.get("identifier").appended(identifier));
    return resource.has("identifier") ? Json() : resource.with("identifier", identifier);
}

std::string escaped_token(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (c == '\\' || c == ',' || c == '|' || c == '$') escaped += '\\';
        escaped += c;
    }
    return escaped;
}

// Ours are plain words and UUIDs and stay readable; another's may hold anything.
std::string query_text(std::string_view text) {
    for (const char c : text)
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != ':' && c != '-' && c != '/')
            return fhir::percent_encode(escaped_token(text));
    return std::string(text);
}

std::string token_query(std::string_view system, std::string_view value) {
    return query_text(system) + "|" + query_text(value);
}

// https://hl7.org/fhir/R4/resource.html#tag
Json with_tag(const Json& resource, std::string_view code) {
    const Json meta = resource.get("meta");
    const Json tag = Json::object({{"system", entry_system}, {"code", code}});
    const Json tags = meta.get("tag").appended(tag);
    return resource.with("meta",
                         meta.is_object() ? meta.with("tag", tags) : Json::object({{"tag", tags}}));
}

// Each entry after those that it refers to; where they refer to each other in a circle, one of them
// is first. Without recursion: a chain of references may be as long as the record.
class DependencyOrder {
public:
    explicit DependencyOrder(const std::vector<Json>& entries) : targets_(entries.size()) {
        std::map<std::string, std::size_t, std::less<>> places;
        for (std::size_t i = 0; i < entries.size(); ++i)
            places.emplace(entries[i]["fullUrl"].string(), i);
        for (std::size_t i = 0; i < entries.size(); ++i)
            collect(entries[i]["resource"], places, targets_[i]);
    }

    std::vector<std::size_t> places() {
        std::vector<std::size_t> ordered;
        std::vector<bool> is_begun(targets_.size());
        for (std::size_t root = 0; root < targets_.size(); ++root) {
            std::vector<std::pair<std::size_t, std::size_t>> open;  // an entry, its next target
            if (!is_begun[root]) open.emplace_back(root, 0);
            is_begun[root] = true;
            while (!open.empty()) {
                const auto [entry, next] = open.back();
                if (next == targets_[entry].size()) {
                    ordered.push_back(entry);
                    open.pop_back();
                    continue;
                }
                ++open.back().second;
                const std::size_t target = targets_[entry][next];
                if (!is_begun[target]) open.emplace_back(target, 0);
                is_begun[target] = true;
            }
        }
        return ordered;
    }

private:
    static void collect(JsonView json,
                        const std::map<std::string, std::size_t, std::less<>>& places,
                        std::vector<std::size_t>& targets) {
        if (const auto found = places.find(json.string()); found != places.end())
            targets.push_back(found->second);
        for (const JsonView item : json.items()) collect(item, places, targets);
        for (const fhir::JsonMember& member : json.members())
            collect(member.value, places, targets);
    }
    std::vector<std::vector<std::size_t>> targets_;
};

}  // namespace

Json make_identifier(std::string_view system, std::string_view value) {
    return Json::object({{"system", system.empty() ? Json() : Json(system)}, {"value", value}});
}

Json make_concept(std::string_view system, std::string_view code, std::string_view display) {
    const Json coding = Json::object({{"system", system}, {"code", code}, {"display", display}});
    return Json::object({{"coding", Json::array({coding})}});
}

Json make_reference(std::string_view reference) { return Json::object({{"reference", reference}}); }

std::string identifier_query(std::string_view system, std::string_view value) {
    return "identifier=" + token_query(system, value);
}

std::string Entries::urn_of(std::string_view name) const {
    return std::string(uuid_prefix) + crypto::uuid_v5(transfer_id_, name);
}

Json Entries::led(const Json& resource) const {
    Leader leader(targets_);
    return fhir::r4::walk(resource, leader);
}

Json Entries::carried(const Json& resource) const { return without_server_facts(led(resource)); }

void Entries::add(std::string_view name, Json resource, std::string condition) {
    const std::string urn = urn_of(name);
    const std::string uuid = urn.substr(uuid_prefix.size());
    const std::string type(resource["resourceType"].string());
    Json request;
    const std::string value = transfer_id_ + "/" + uuid;
    const bool has_own_name = !condition.empty() && type != "Patient";
    const Json identified =
        has_own_name ? Json() : with_identifier(resource, make_identifier(entry_system, value));
    if (!identified.is_null())
        resource = identified;
    else if (!has_own_name)
        resource = with_tag(resource, value);
    if (condition.empty()) {
        const bool is_found = !identified.is_null() ||
                              (type != "Binary" && !put_own_ids_ && found_by_tag_.contains(type));
        if (is_found)
            condition = identified.is_null() ? "_tag=" + token_query(entry_system, value)
                                             : identifier_query(entry_system, value);
        if (put_own_ids_) {
            resource = resource.with("id", uuid);
            request = Json::object({{"method", "PUT"}, {"url", type + "/" + uuid}});
        }
    }
    if (request.is_null())
        request = Json::object({{"method", "POST"},
                                {"url", type},
                                {"ifNoneExist", condition.empty() ? Json() : Json(condition)}});
    entries_.push_back(
        Json::object({{"fullUrl", urn}, {"resource", resource}, {"request", request}}));
}

Json Entries::transaction() const {
    std::vector<Json> ordered;
    for (const std::size_t place : DependencyOrder(entries_).places())
        ordered.push_back(entries_[place]);
    return Json::object({{"resourceType", "Bundle"},
                         {"type", "transaction"},
                         {"entry", Json::array(std::move(ordered))}});
}

}  // namespace consultd
