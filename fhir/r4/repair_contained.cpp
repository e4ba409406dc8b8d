#include "fhir/r4/repair_contained.h"

#include <set>
#include <utility>

#include "fhir/base/crypto.h"
#include "fhir/resource.h"

namespace consultd::fhir::r4 {
namespace {

using Texts = std::set<std::string, std::less<>>;

constexpr std::string_view id_namespace = "0b8f2c1e-3f55-5d2c-8a57-2d1a3c9b7e60";

// Every string that points inside: "#id", and "#" for the container.
void collect_pointers(JsonView value, Texts& out) {
    if (value.is_string() && value.string().starts_with('#')) out.emplace(value.string());
    for (const JsonView item : value.items()) collect_pointers(item, out);
    for (const JsonMember& member : value.members()) collect_pointers(member.value, out);
}

using Renamed = std::map<std::string, std::string, std::less<>>;

// The value with each string of `names` replaced by what it is called now.
Json with_names(const Json& value, const Renamed& names) {
    if (value.is_string()) {
        const auto found = names.find(value.string());
        return found == names.end() ? value : Json(found->second);
    }
    if (value.is_array()) {
        std::vector<Json> items;
        for (const JsonView item : value.items())
            items.push_back(with_names(value.share(item), names));
        return Json::array(std::move(items));
    }
    if (!value.is_object()) return value;
    std::vector<std::pair<std::string, Json>> members;
    for (const JsonMember& member : value.members())
        members.emplace_back(member.name(), with_names(value.share(member.value), names));
    return Json::object(std::move(members));
}

// What only a server says of a resource (dom-4), and its labels, which `labels` takes (dom-5).
Json without_server_facts(const Json& contained, std::vector<Json>& labels) {
    Json meta = contained.get("meta");
    if (!meta.is_object()) return contained;
    const Json security = meta.get("security");
    for (const JsonView label : security.items()) labels.push_back(security.share(label));
    for (const char* name : {"versionId", "lastUpdated", "security"}) meta = meta.without(name);
    for (const char* name : {"_versionId", "_lastUpdated"}) meta = meta.without(name);
    return contained.with("meta", meta.size() == 0 ? Json() : meta);
}

Json with_labels(const Json& resource, const std::vector<Json>& labels) {
    Json meta = resource.get("meta");
    Json all = meta.get("security");
    for (const Json& label : labels) {
        bool is_there = false;
        for (const JsonView one : all.items()) is_there = is_there || same_value(one, label);
        if (!is_there) all = all.appended(label);
    }
    if (all.is_null()) return resource;
    return resource.with(
        "meta", meta.is_object() ? meta.with("security", all) : Json::object({{"security", all}}));
}

}  // namespace

Json object_of(const std::vector<JsonPlace>& places) {
    std::map<std::string_view, std::vector<Json>> by_name;
    for (const JsonPlace& place : places) by_name[place.name].push_back(place.value);
    std::vector<std::pair<std::string, Json>> members;
    for (const auto& [name, values] : by_name)
        members.emplace_back(name, values.size() == 1 ? values[0] : Json::array(values));
    return Json::object(std::move(members));
}

ContainedTypes contained_types(const Json& container) {
    ContainedTypes types;
    for (const JsonView one : container["contained"].items())
        types.emplace(one["id"].string(), one["resourceType"].string());
    return types;
}

Json with_contained_ids(const Json& resource) {
    Renamed names;
    for (const JsonView one : resource["contained"].items()) {
        const std::string id(one["id"].string());
        if (id.empty() || is_id(id)) continue;
        const std::string other = crypto::uuid_v5(id_namespace, id);
        names.emplace("#" + id, "#" + other);
    }
    if (names.empty()) return resource;
    const Json pointed = with_names(resource, names);
    std::vector<Json> items;
    for (const JsonView one : pointed["contained"].items()) {
        const Json contained = pointed.get("contained").share(one);
        const auto found = names.find("#" + std::string(one["id"].string()));
        items.push_back(found == names.end() ? contained
                                             : contained.with("id", found->second.substr(1)));
    }
    return pointed.with("contained", Json::array(std::move(items)));
}

Json settle_contained(const Json& resource, std::vector<JsonPlace>& over) {
    const Json all = resource.get("contained");
    if (!all.is_array()) return resource;
    Texts pointers, ids;
    collect_pointers(resource, pointers);
    std::vector<Json> kept, labels;
    for (const JsonView one : all.items()) {
        const std::string id(one["id"].string());
        Texts own;
        collect_pointers(one, own);
        const bool is_meant = pointers.contains("#" + id) || own.contains("#");
        if (is_id(id) && is_meant && ids.insert(id).second)
            kept.push_back(without_server_facts(all.share(one), labels));
        else
            over.push_back({"contained", all.share(one)});
    }
    return with_labels(resource.with("contained", kept.empty() ? Json() : Json::array(kept)),
                       labels);
}

}  // namespace consultd::fhir::r4
