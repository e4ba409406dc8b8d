#include "samples/sandbox/load.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "fhir/resource.h"
#include "samples/sandbox/transaction.h"

namespace consultd::sandbox {
namespace {

using fhir::Json;
using fhir::JsonView;

struct Placed {
    Json resource;
    std::string type, id;
};

std::string id_of(JsonView entry) {
    const std::string_view own = entry.at("resource", "id").string();
    if (fhir::is_id(own)) return std::string(own);
    const std::string_view full_url = entry["fullUrl"].string();
    const std::string_view last = full_url.substr(full_url.find_last_of(":/") + 1);
    return fhir::is_id(last) ? std::string(last) : std::string();
}

Result<std::size_t> load_bundle(Store& store, const Json& bundle, Instant now) {
    Links links;
    std::vector<Placed> placed;
    for (const JsonView item : bundle["entry"].items()) {
        const Json entry = bundle.share(item);
        if (!entry.has("resource")) continue;
        TRY_ASSIGN(const fhir::Resource resource, fhir::Resource::from(entry.get("resource")));
        const std::string type(resource.type());
        const std::string_view full_url = entry["fullUrl"].string();
        const std::string_view condition = entry.at("request", "ifNoneExist").string();
        if (!condition.empty()) {
            const auto found = resolve_condition(store, type + "?" + std::string(condition));
            if (found) {
                if (!full_url.empty()) links.emplace(full_url, *found);
                continue;
            }
        }
        std::string id = id_of(item);
        if (id.empty()) id = store.new_id();
        if (!full_url.empty()) links.emplace(full_url, type + "/" + id);
        placed.push_back({resource.json(), type, id});
    }
    for (const Placed& one : placed)
        store.put(one.type, one.id, rewrite_links(one.resource, links), now);
    Links conditional;
    for (const Placed& one : placed) {
        const Json stored = store.find_alive(one.type, one.id)->json;
        bool has_conditional = false;
        for (const std::string& reference : references_of(stored)) {
            if (!is_conditional(reference)) continue;
            has_conditional = true;
            if (conditional.contains(reference)) continue;
            TRY_ASSIGN(std::string key, resolve_condition(store, reference));
            conditional.emplace(reference, std::move(key));
        }
        if (has_conditional) store.amend(one.type, one.id, rewrite_links(stored, conditional));
    }
    return placed.size();
}

Result<std::size_t> load_resource(Store& store, const Json& json, Instant now) {
    TRY_ASSIGN(const fhir::Resource resource, fhir::Resource::from(json));
    const std::string_view kind = json["type"].string();
    if (resource.type() == "Bundle" && kind != "document" && kind != "message")
        return load_bundle(store, json, now);
    const std::string id = resource.id().empty() ? store.new_id() : std::string(resource.id());
    store.put(resource.type(), id, json, now);
    return std::size_t{1};
}

bool is_referenced(const std::filesystem::path& path) {
    const std::string name = path.filename().string();
    return name.find("-referenced") != std::string::npos || name.starts_with("hospital") ||
           name.starts_with("practitioner");
}

}  // namespace

Result<std::size_t> load_text(Store& store, std::string text, Instant now) {
    fhir::JsonLimits limits;
    limits.bytes_max = std::size_t{1} << 30;
    const auto whole = Json::parse(text, limits);
    if (whole) return load_resource(store, *whole, now);
    const std::size_t line_end = text.find('\n');
    // One JSON text over several lines is no NDJSON: its own error says what is wrong.
    if (!Json::parse(text.substr(0, line_end), limits)) return whole.error();
    std::size_t count = 0;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        const std::string line = text.substr(start, end - start);
        start = end + 1;
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        TRY_ASSIGN(const Json json, Json::parse(line, limits));
        TRY_ASSIGN(const std::size_t added, load_resource(store, json, now));
        count += added;
    }
    return count;
}

Result<std::size_t> load_path(Store& store, const std::filesystem::path& path, Instant now) {
    std::error_code failed;
    if (!std::filesystem::is_directory(path, failed)) {
        std::ifstream file(path, std::ios::binary);
        if (!file) return Error(ErrorKind::NotFound, "cannot read a data file");
        return load_text(store, std::string(std::istreambuf_iterator<char>(file), {}), now);
    }
    std::vector<std::filesystem::path> files;
    for (const auto& item : std::filesystem::directory_iterator(path, failed)) {
        const auto extension = item.path().extension();
        if (extension == ".json" || extension == ".ndjson") files.push_back(item.path());
    }
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) {
        return std::pair(!is_referenced(a), a) < std::pair(!is_referenced(b), b);
    });
    std::size_t count = 0;
    for (const auto& file : files) {
        TRY_ASSIGN(const std::size_t added, load_path(store, file, now));
        count += added;
    }
    return count;
}

}  // namespace consultd::sandbox
