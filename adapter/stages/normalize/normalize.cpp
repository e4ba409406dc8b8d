#include "adapter/stages/normalize/normalize.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <unordered_map>

#include "adapter/stages/normalize/duplicates.h"
#include "adapter/stages/normalize/rewrite.h"
#include "fhir/base/crypto.h"

namespace consultd {
namespace {

// RFC 9562 §6.6: names that are URLs.
constexpr std::string_view url_namespace = "6ba7b811-9dad-11d1-80b4-00c04fd430c8";

using fhir::Json;
using normalizing::Rewritten;

// A gap of what was folded comes from what it was folded into, which is the same.
void add_gaps(const std::vector<Rewritten>& rewritten, const std::vector<Json>& full_urls,
              const std::vector<std::size_t>& into, Normalized& out) {
    std::map<std::string_view, std::pair<StaticText, std::set<std::string_view>>> gaps;
    for (std::size_t i = 0; i < rewritten.size(); ++i)
        for (const Gap& gap : rewritten[i].gaps)
            gaps.try_emplace(gap.what, gap.reason, std::set<std::string_view>())
                .first->second.second.insert(full_urls[into[i]].string());
    for (const auto& [what, rest] : gaps)
        out.gaps.push_back(
            {{std::string(what), rest.first}, {rest.second.begin(), rest.second.end()}});
}

bool has_repeated(std::vector<std::string_view> names) {
    std::sort(names.begin(), names.end());
    return std::adjacent_find(names.begin(), names.end()) != names.end();
}

Result<std::vector<Json>> full_urls_of(const Record& record) {
    std::vector<Json> full_urls;
    std::vector<std::string_view> sources;
    full_urls.reserve(record.resources.size());
    for (const PulledResource& pulled : record.resources) {
        full_urls.emplace_back(full_url_of(record, pulled));
        sources.push_back(pulled.source);
    }
    if (has_repeated(std::move(sources)))
        return Error(ErrorKind::Conflict, "two resources of the record have one name");
    return full_urls;
}

// All positions, ordered by the name that `name_of` gives each.
template <class NameOf>
std::vector<std::size_t> positions_by(std::size_t count, const NameOf& name_of) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t left, std::size_t right) { return name_of(left) < name_of(right); });
    return order;
}

}  // namespace

std::string full_url_of(const Record& record, const PulledResource& pulled) {
    std::string name = pulled.full_url.empty() ? pulled.source : pulled.full_url;
    if (!record.base_url.empty() && !pulled.resource.id().empty()) {
        name = record.base_url;
        while (name.ends_with('/')) name.pop_back();
        name += "/" + pulled.resource.key();
    }
    // Of several contents under one name, each is a resource of its own.
    if (const std::size_t number = pulled.source.find('#'); number != std::string::npos)
        if (name != pulled.source) name += pulled.source.substr(number);
    return "urn:uuid:" + crypto::uuid_v5(url_namespace, name);
}

Result<Normalized> normalize(const Record& record, const Budget& budget, Changes wanted) {
    TRY(budget.fits(record.resources.size(), 0));
    const fhir::JsonScope scope;
    const std::size_t count = record.resources.size();
    TRY_ASSIGN(const std::vector<Json> full_urls, full_urls_of(record));
    const auto by_url = positions_by(count, [&](std::size_t i) { return full_urls[i].string(); });
    const auto same_url = [&](std::size_t left, std::size_t right) {
        return full_urls[left].string() == full_urls[right].string();
    };
    if (std::ranges::adjacent_find(by_url, same_url) != by_url.end())
        return Error(ErrorKind::Conflict, "two resources of the record have one full URL");
    Normalized out;
    std::vector<Rewritten> rewritten(count);
    {
        const normalizing::RecordIndex index(record);
        normalizing::Systems systems;
        // In the order of the changes.
        for (const std::size_t i : by_url) {
            TRY(budget.go_on());
            rewritten[i] = normalizing::rewrite(record, index, systems, full_urls, i, out.changes);
            if (wanted == Changes::Forget) out.changes = {};
        }
    }
    const auto by_source = positions_by(
        count, [&](std::size_t i) { return std::string_view(record.resources[i].source); });
    TRY_ASSIGN(const std::vector<std::size_t> into,
               normalizing::fold_duplicates(rewritten, full_urls, by_source, out.changes, budget));
    add_gaps(rewritten, full_urls, into, out);
    std::unordered_map<std::size_t, std::vector<std::string>> copies;
    for (const std::size_t i : by_source) {
        if (into[i] == i) continue;
        copies[into[i]].push_back(record.resources[i].source);
        out.merged.push_back({record.resources[i].source, std::string(full_urls[into[i]].string()),
                              "duplicate.exact"});
    }
    std::vector<std::string_view> kept;
    kept.reserve(count - out.merged.size());
    out.resources.reserve(count - out.merged.size());
    for (const std::size_t i : by_url) {
        if (into[i] != i) continue;
        kept.push_back(full_urls[i].string());
        TRY_ASSIGN(fhir::Resource resource, fhir::Resource::from(std::move(rewritten[i].json)));
        const auto folded = copies.find(i);
        out.resources.push_back(
            {record.resources[i].source, std::string(kept.back()), std::move(resource),
             folded == copies.end() ? std::vector<std::string>() : std::move(folded->second)});
    }
    if (wanted == Changes::Forget)
        out.changes = {};
    else if (!out.merged.empty())
        out.changes.arrange_by(kept);
    return out;
}

}  // namespace consultd
