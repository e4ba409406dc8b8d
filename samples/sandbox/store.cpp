#include "samples/sandbox/store.h"

namespace consultd::sandbox {

using fhir::Json;

const Stored* Store::find(std::string_view type, std::string_view id) const {
    const ById& known = of_type(type);
    const auto found = known.find(id);
    return found == known.end() ? nullptr : &found->second;
}

const Stored* Store::find_alive(std::string_view type, std::string_view id) const {
    const Stored* stored = find(type, id);
    return stored == nullptr || stored->deleted() ? nullptr : stored;
}

const Stored* Store::find_alive(std::string_view key) const {
    const std::size_t slash = key.find('/');
    if (slash == std::string_view::npos) return nullptr;
    return find_alive(key.substr(0, slash), key.substr(slash + 1));
}

const Store::ById& Store::of_type(std::string_view type) const {
    static const ById none;
    const auto found = by_type_.find(type);
    return found == by_type_.end() ? none : found->second;
}

std::string Store::new_id() { return std::to_string(++last_id_); }

const Stored& Store::put(std::string_view type, std::string_view id, const Json& resource,
                         Instant now) {
    Stored& stored = by_type_[std::string(type)][std::string(id)];
    const Json meta = resource["meta"].is_object() ? resource.get("meta") : Json::object({});
    const auto with_meta = [&](const Json& last_updated) {
        const Json next = meta.with("versionId", std::to_string(stored.version))
                              .with("lastUpdated", last_updated);
        return resource.with("id", id).with("meta", next);
    };
    if (!stored.deleted() &&
        same_value(with_meta(stored.json.get("meta").get("lastUpdated")), stored.json))
        return stored;
    ++stored.version;
    stored.json = with_meta(format_instant(now));
    return stored;
}

void Store::amend(std::string_view type, std::string_view id, const Json& resource) {
    const auto known = by_type_.find(type);
    if (known == by_type_.end()) return;
    const auto found = known->second.find(id);
    if (found != known->second.end()) found->second.json = resource;
}

void Store::remove(std::string_view type, std::string_view id) {
    const auto known = by_type_.find(type);
    if (known == by_type_.end()) return;
    const auto found = known->second.find(id);
    if (found == known->second.end() || found->second.deleted()) return;
    found->second.json = Json();
    ++found->second.version;
}

}  // namespace consultd::sandbox
