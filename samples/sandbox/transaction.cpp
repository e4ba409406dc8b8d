#include "samples/sandbox/transaction.h"

#include <algorithm>
#include <set>
#include <vector>

#include "fhir/operation_outcome.h"
#include "fhir/resource.h"
#include "samples/sandbox/search.h"

namespace consultd::sandbox {

using fhir::Json;
using fhir::JsonView;

namespace {

enum class Method { Delete, Post, Put, Get };

struct Entry {
    std::size_t index = 0;
    Method method = Method::Get;
    std::string type, id, condition;  // of "Type/id", "Type?condition" or "Type"
    std::string full_url, if_match;
    Json resource;
    bool stored = true;  // false when a condition found what is there already
    Written written;
};

Error bad(StaticText text) { return Error(ErrorKind::Malformed, text); }

Result<Entry> read_entry(const Json& json, std::size_t index) {
    Entry entry;
    entry.index = index;
    entry.resource = json.get("resource");
    entry.full_url = json["fullUrl"].string();
    const JsonView request = json["request"];
    const std::string_view method = request["method"].string();
    std::string_view url = request["url"].string();
    if (method == "POST")
        entry.method = Method::Post;
    else if (method == "PUT")
        entry.method = Method::Put;
    else if (method == "DELETE")
        entry.method = Method::Delete;
    else if (method != "GET")
        return bad("an entry has no request that is known here");
    if (const std::size_t mark = url.find('?'); mark != std::string_view::npos) {
        entry.condition = url.substr(mark + 1);
        url = url.substr(0, mark);
    }
    const std::size_t slash = std::min(url.find('/'), url.size());
    entry.type = url.substr(0, slash);
    entry.id = url.substr(std::min(slash + 1, url.size()));
    if (!fhir::is_resource_type(entry.type)) return bad("an entry's url names no resource type");
    if (!entry.id.empty() && !fhir::is_id(entry.id)) return bad("an entry's url has a bad id");
    if (entry.method == Method::Post) entry.condition = request["ifNoneExist"].string();
    if (entry.method == Method::Post || entry.method == Method::Put) {
        TRY_ASSIGN(const fhir::Resource resource, fhir::Resource::from(entry.resource));
        if (resource.type() != entry.type)
            return bad("an entry's resource is not of its url's type");
    }
    entry.if_match = version_of_etag(request["ifMatch"].string());
    return entry;
}

Result<std::vector<Entry>> read_entries(const Json& bundle) {
    std::vector<Entry> entries;
    std::set<std::string> full_urls, identities;
    const auto items = bundle["entry"].items();
    for (std::size_t i = 0; i < items.size(); ++i) {
        TRY_ASSIGN(Entry entry, read_entry(bundle.share(items[i]), i));
        if (!entry.full_url.empty() && entry.method != Method::Get &&
            !full_urls.insert(entry.full_url).second)
            return bad("the same fullUrl twice in a transaction");
        if (!entry.id.empty() && entry.method != Method::Get &&
            !identities.insert(entry.type + "/" + entry.id).second)
            return bad("the same resource twice in a transaction");
        entries.push_back(std::move(entry));
    }
    return entries;
}

std::string condition_url(const std::string& type, std::string_view query) {
    // HAPI takes a whole URL in ifNoneExist too.
    const std::size_t mark = query.find('?');
    if (mark != std::string_view::npos) query.remove_prefix(mark + 1);
    return type + "?" + std::string(query);
}

// The one resource a condition finds; absent when there is none.
Result<std::optional<std::string>> existing(const Store& store, const std::string& type,
                                            std::string_view query, const WriteRules& rules) {
    if (type == "Binary" && !rules.binary_conditions)
        return bad("no condition is known for a Binary").with("issue", "not-supported");
    if (!rules.conditions) return std::optional<std::string>();
    auto found = resolve_condition(rules.index != nullptr ? *rules.index : store,
                                   condition_url(type, query));
    if (found) return std::optional(*found);
    if (found.error().kind() == ErrorKind::NotFound) return std::optional<std::string>();
    return found.error();
}

// Every local reference of what was stored must lead somewhere.
Status check_references(const Store& store, const Json& resource) {
    for (const std::string& reference : references_of(resource)) {
        if (reference.starts_with("urn:")) return bad("a urn reference leads to no entry");
        if (is_conditional(reference)) return bad("a conditional reference outside a transaction");
        if (reference.starts_with("#") || reference.starts_with("http")) continue;
        const std::string key = reference_key(reference);
        if (!key.empty() && store.find_alive(key) == nullptr)
            return bad("a reference leads to a resource that is not here");
    }
    return {};
}

Result<Json> resolve_conditional_references(const Store& store, const Json& resource) {
    Links links;
    for (const std::string& reference : references_of(resource))
        if (is_conditional(reference) && !links.contains(reference)) {
            TRY_ASSIGN(std::string key, resolve_condition(store, reference));
            links.emplace(reference, std::move(key));
        }
    return links.empty() ? resource : rewrite_links(resource, links);
}

// Fixes the identity of every entry that writes, before any content is stored.
Result<Links> assign_ids(Store& store, std::vector<Entry>& entries, const WriteRules& rules) {
    Links links;
    std::set<std::string> conditions;
    for (Entry& entry : entries) {
        if (entry.method != Method::Post && entry.method != Method::Put) continue;
        if (!entry.condition.empty()) {
            if (!conditions.insert(condition_url(entry.type, entry.condition)).second)
                return bad("the same condition twice in a transaction");
            TRY_ASSIGN(const auto found, existing(store, entry.type, entry.condition, rules));
            if (found) {
                entry.id = found->substr(found->find('/') + 1);
                entry.stored = entry.method == Method::Put;
            }
        }
        if (entry.method == Method::Put && entry.condition.empty()) {
            if (entry.id.empty()) return bad("a PUT without an id");
            if (entry.resource["id"].string() != entry.id)
                return bad("the resource's id is not the url's");
            if (store.find(entry.type, entry.id) == nullptr && !rules.update_create)
                return bad("clients may not choose ids here").with("status", 405);
        }
        if (entry.id.empty() || (entry.method == Method::Post && entry.stored))
            entry.id = store.new_id();
        if (!entry.full_url.empty()) links.emplace(entry.full_url, entry.type + "/" + entry.id);
    }
    return links;
}

std::string last_modified_of(const Stored& stored) {
    return std::string(stored.json.at("meta", "lastUpdated").string());
}

Json response_entry(const Store& store, const Written& written) {
    const Stored* stored = store.find_alive(written.key);
    return Json::object(
        {{"response",
          Json::object(
              {{"status", written.created ? "201 Created" : "200 OK"},
               {"location", written.key + "/_history/" + std::to_string(written.version)},
               {"etag", std::to_string(written.version)},
               {"lastModified", stored != nullptr ? Json(last_modified_of(*stored)) : Json()},
               {"outcome",
                fhir::operation_outcome("information", "informational", "Stored as asked")}})}});
}

Json answer_of(const Error& error) {
    return Json::object({{"response", Json::object({{"status", std::to_string(status_of(error))},
                                                    {"outcome", outcome_of(error)}})}});
}

Json response_bundle(std::string_view type, std::vector<Json> entries) {
    return Json::object({{"resourceType", "Bundle"},
                         {"type", type},
                         {"entry", entries.empty() ? Json() : Json::array(std::move(entries))}});
}

Result<Json> answer_get(const Store& store, const Entry& entry) {
    if (entry.id.empty()) return bad("a search within a transaction is not known here");
    const Stored* stored = store.find_alive(entry.type, entry.id);
    if (stored == nullptr) return Error(ErrorKind::NotFound, "there is no such resource");
    return Json::object(
        {{"resource", stored->json}, {"response", Json::object({{"status", "200 OK"}})}});
}

Status write_contents(Store& store, std::vector<Entry>& entries, const Links& links, Instant now) {
    for (const Method method : {Method::Post, Method::Put})
        for (Entry& entry : entries) {
            if (entry.method != method) continue;
            const Stored* before = store.find_alive(entry.type, entry.id);
            entry.written.key = entry.type + "/" + entry.id;
            entry.written.created = before == nullptr;
            if (before != nullptr && !entry.if_match.empty() &&
                entry.if_match != std::to_string(before->version))
                return Error(ErrorKind::Conflict, "another version is held").with("status", 409);
            if (entry.stored)
                store.put(entry.type, entry.id, rewrite_links(entry.resource, links), now);
        }
    return {};
}

}  // namespace

Result<std::string> resolve_condition(const Store& store, std::string_view condition) {
    const std::size_t mark = condition.find('?');
    TRY_ASSIGN(const Parameters parameters, parse_query(condition.substr(mark + 1)));
    if (parameters.empty()) return bad("an empty condition");
    TRY_ASSIGN(SearchResult found, search(store, condition.substr(0, mark), parameters, {}));
    if (found.matches.empty()) return Error(ErrorKind::NotFound, "a condition matches nothing");
    if (found.matches.size() > 1)
        return bad("a condition matches several resources").with("status", 412);
    return std::move(found.matches.front());
}

Result<Written> create(Store& store, const Json& resource, std::string_view condition,
                       const WriteRules& rules, Instant now) {
    TRY_ASSIGN(const fhir::Resource parsed, fhir::Resource::from(resource));
    const std::string type(parsed.type());
    if (!condition.empty()) {
        TRY_ASSIGN(const auto found, existing(store, type, condition, rules));
        if (found) return Written{*found, store.find_alive(*found)->version, false};
    }
    if (rules.referential_integrity) TRY(check_references(store, resource));
    const std::string id = store.new_id();
    return Written{type + "/" + id, store.put(type, id, resource, now).version, true};
}

Result<Written> update(Store& store, std::string_view type, std::string_view id,
                       const Json& resource, std::string_view if_match, const WriteRules& rules,
                       Instant now) {
    TRY_ASSIGN(const fhir::Resource parsed, fhir::Resource::from(resource));
    if (parsed.type() != type) return bad("the resource is not of the url's type");
    if (parsed.id() != id) return bad("the resource's id is not the url's");
    const Stored* before = store.find_alive(type, id);
    if (before == nullptr && !rules.update_create)
        return bad("clients may not choose ids here").with("status", 405);
    if (!if_match.empty() &&
        (before == nullptr || std::to_string(before->version) != version_of_etag(if_match)))
        return Error(ErrorKind::Conflict, "another version is held").with("status", 412);
    if (rules.referential_integrity) TRY(check_references(store, resource));
    const bool created = before == nullptr;
    const Stored& stored = store.put(type, id, resource, now);
    return Written{parsed.key(), stored.version, created};
}

Result<Json> apply_transaction(Store& store, const Json& bundle, const WriteRules& rules,
                               Instant now) {
    TRY_ASSIGN(std::vector<Entry> entries, read_entries(bundle));
    Store changed = store;
    for (const Entry& entry : entries)
        if (entry.method == Method::Delete) changed.remove(entry.type, entry.id);
    TRY_ASSIGN(const Links links, assign_ids(changed, entries, rules));
    TRY(write_contents(changed, entries, links, now));
    for (Entry& entry : entries) {
        if (entry.written.key.empty()) continue;
        if (entry.stored) {
            const Json stored = changed.find_alive(entry.written.key)->json;
            TRY_ASSIGN(const Json resolved, resolve_conditional_references(changed, stored));
            changed.amend(entry.type, entry.id, resolved);
            if (rules.referential_integrity) TRY(check_references(changed, resolved));
        }
        entry.written.version = changed.find_alive(entry.written.key)->version;
    }
    std::vector<Json> answers;
    for (const Entry& entry : entries) {
        if (!entry.written.key.empty()) {
            answers.push_back(response_entry(changed, entry.written));
        } else if (entry.method == Method::Get) {
            TRY_ASSIGN(Json answer, answer_get(changed, entry));
            answers.push_back(std::move(answer));
        } else {
            answers.push_back(
                Json::object({{"response", Json::object({{"status", "204 No Content"}})}}));
        }
    }
    store = std::move(changed);
    return response_bundle("transaction-response", std::move(answers));
}

Result<Json> apply_batch(Store& store, const Json& bundle, const WriteRules& rules, Instant now) {
    std::vector<Json> answers;
    for (const JsonView item : bundle["entry"].items()) {
        const Json single = Json::object(
            {{"resourceType", "Bundle"}, {"entry", Json::array({bundle.share(item)})}});
        const auto answer = apply_transaction(store, single, rules, now);
        if (answer) {
            answers.push_back(answer->share((*answer)["entry"].items()[0]));
            continue;
        }
        answers.push_back(answer_of(answer.error()));
    }
    return response_bundle("batch-response", std::move(answers));
}

Result<Json> apply_each(Store& store, const Json& bundle, const WriteRules& rules, Instant now) {
    TRY_ASSIGN(std::vector<Entry> entries, read_entries(bundle));
    std::vector<std::optional<Error>> refusals(entries.size());
    Links links;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        std::vector<Entry> one{entries[i]};
        const Result<Links> named = assign_ids(store, one, rules);
        if (named)
            links.insert(named->begin(), named->end());
        else
            refusals[i] = named.error();
        entries[i] = one[0];
    }
    std::vector<Json> answers;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        std::vector<Entry> one{entries[i]};
        if (!refusals[i])
            if (const Status written = write_contents(store, one, links, now); !written)
                refusals[i] = written.error();
        if (refusals[i]) {
            answers.push_back(answer_of(*refusals[i]));
            continue;
        }
        one[0].written.version = store.find_alive(one[0].written.key)->version;
        answers.push_back(response_entry(store, one[0].written));
    }
    return response_bundle("transaction-response", std::move(answers));
}

std::string version_of_etag(std::string_view etag) {
    if (etag.starts_with("W/")) etag.remove_prefix(2);
    if (etag.size() >= 2 && etag.front() == '"') etag = etag.substr(1, etag.size() - 2);
    return std::string(etag);
}

int status_of(const Error& error) {
    if (const auto status = error.number("status")) return static_cast<int>(*status);
    switch (error.kind()) {
        case ErrorKind::NotFound:
            return 404;
        case ErrorKind::Conflict:
            return 409;
        case ErrorKind::Unauthorized:
            return 401;
        case ErrorKind::Forbidden:
            return 403;
        case ErrorKind::TooLarge:
            return 413;
        default:
            return 400;
    }
}

Json outcome_of(const Error& error) {
    for (const Error::Detail& detail : error.details())
        if (detail.is_text && detail.name.view() == "issue")
            return fhir::operation_outcome("error", detail.text, error.text());
    return fhir::operation_outcome("error", "processing", error.text());
}

}  // namespace consultd::sandbox
