#include "adapter/stages/normalize/duplicates.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "fhir/base/crypto.h"
#include "fhir/r4/walk.h"

namespace consultd::normalizing {
namespace {

using fhir::Json;
using fhir::r4::Edit;
using fhir::r4::Visit;

// What a copy of the same thing may differ in: its id, its version and where it was stored, and a
// narrative that was generated from the rest. A narrative that says more (`additional`), or does
// not say what it is, counts. https://hl7.org/fhir/R4/codesystem-narrative-status.html
std::string fingerprint(const Json& resource) {
    Json rest = resource.without("id");
    if (const Json meta = resource.get("meta"); meta.is_object()) {
        const Json kept = meta.without("versionId").without("lastUpdated").without("source");
        rest = kept.size() == 0 ? rest.without("meta") : rest.with("meta", kept);
    }
    const std::string_view status = resource.at("text", "status").string();
    if (status == "generated" || status == "extensions" || status == "empty")
        rest = rest.without("text");
    return crypto::sha256(rest.print_canonical());
}

class Redirector final : public fhir::r4::Walker {
public:
    Redirector(const std::map<std::string, std::string, std::less<>>& moved, std::string full_url,
               std::vector<Change>& changes)
        : moved_(moved), full_url_(std::move(full_url)), changes_(changes) {}

    bool enter(const Visit& visit) override { return visit.type.name.view() != "Bundle"; }
    Edit reference(const Visit& visit) override { return redirect(visit, "reference"); }
    Edit attachment(const Visit& visit) override { return redirect(visit, "url"); }

private:
    Edit redirect(const Visit& visit, std::string_view member) {
        const auto found = moved_.find(visit.value[member].string());
        if (found == moved_.end()) return Edit::keep();
        const Json after(found->second);
        changes_.push_back({full_url_, visit.path.text() + "." + std::string(member),
                            "reference.urn", visit.value.get(member), after});
        return Edit::replace(visit.value.with(member, after));
    }

    const std::map<std::string, std::string, std::less<>>& moved_;
    std::string full_url_;
    std::vector<Change>& changes_;
};

}  // namespace

std::vector<std::size_t> fold_duplicates(std::vector<Rewritten>& resources,
                                         const std::vector<std::string>& full_urls,
                                         const std::vector<std::size_t>& order) {
    std::vector<std::size_t> into(resources.size());
    std::vector<std::string> prints(resources.size());
    for (std::size_t i = 0; i < resources.size(); ++i) {
        into[i] = i;
        prints[i] = fingerprint(resources[i].json);
    }
    // Two results may differ only in that they refer to two copies of one encounter: after those
    // are folded, they are the same too. Each round folds at least one, so the rounds end.
    while (true) {
        std::unordered_map<std::string_view, std::size_t> first;
        std::map<std::string, std::string, std::less<>> moved;
        for (const std::size_t i : order) {
            if (into[i] != i || resources[i].json["resourceType"].string() == "Patient") continue;
            const auto [found, added] = first.emplace(prints[i], i);
            if (added) continue;
            into[i] = found->second;
            moved.emplace(full_urls[i], full_urls[found->second]);
        }
        if (moved.empty()) break;
        for (std::size_t i = 0; i < resources.size(); ++i) {
            Rewritten& resource = resources[i];
            bool affected = false;
            for (std::size_t& link : resource.links) {
                if (into[link] == link) continue;
                link = into[link];
                affected = true;
            }
            if (!affected || into[i] != i) continue;
            Redirector redirector(moved, full_urls[i], resource.changes);
            resource.json = fhir::r4::walk(resource.json, redirector);
            prints[i] = fingerprint(resource.json);
        }
    }
    for (std::size_t& target : into)
        while (into[target] != target) target = into[target];
    return into;
}

}  // namespace consultd::normalizing
