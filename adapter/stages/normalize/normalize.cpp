#include "adapter/stages/normalize/normalize.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "adapter/stages/normalize/duplicates.h"
#include "adapter/stages/normalize/rewrite.h"
#include "fhir/base/crypto.h"

namespace consultd {
namespace {

// RFC 9562 §6.6: names that are URLs.
constexpr std::string_view url_namespace = "6ba7b811-9dad-11d1-80b4-00c04fd430c8";

// A gap of what was folded comes from what it was folded into, which is the same.
void add_gaps(const std::vector<normalizing::Rewritten>& rewritten,
              const std::vector<std::string>& full_urls, const std::vector<std::size_t>& into,
              Normalized& out) {
    std::map<std::string, std::pair<StaticText, std::set<std::string>>> gaps;
    for (std::size_t i = 0; i < rewritten.size(); ++i)
        for (const Gap& gap : rewritten[i].gaps)
            gaps.try_emplace(gap.what, gap.reason, std::set<std::string>())
                .first->second.second.insert(full_urls[into[i]]);
    for (auto& [what, rest] : gaps)
        out.gaps.push_back({{what, rest.first}, {rest.second.begin(), rest.second.end()}});
}

}  // namespace

std::string full_url_of(const Record& record, const PulledResource& pulled) {
    std::string name = pulled.full_url.empty() ? pulled.source : pulled.full_url;
    if (!record.base_url.empty() && !pulled.resource.id().empty()) {
        name = record.base_url;
        while (name.ends_with('/')) name.pop_back();
        name += "/" + pulled.resource.key();
    }
    return "urn:uuid:" + crypto::uuid_v5(url_namespace, name);
}

Result<Normalized> normalize(const Record& record) {
    const std::size_t count = record.resources.size();
    std::vector<std::string> full_urls;
    std::set<std::string_view> sources;
    for (const PulledResource& pulled : record.resources) {
        full_urls.push_back(full_url_of(record, pulled));
        if (!sources.insert(pulled.source).second)
            return Error(ErrorKind::Conflict, "two resources of the record have one name");
    }
    if (std::set<std::string_view>(full_urls.begin(), full_urls.end()).size() != count)
        return Error(ErrorKind::Conflict, "two resources of the record have one full URL");

    const normalizing::RecordIndex index(record);
    std::vector<normalizing::Rewritten> rewritten;
    for (std::size_t i = 0; i < count; ++i)
        rewritten.push_back(normalizing::rewrite(record, index, full_urls, i));
    Normalized out;

    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
        return record.resources[left].source < record.resources[right].source;
    });
    const auto into = normalizing::fold_duplicates(rewritten, full_urls, order);
    add_gaps(rewritten, full_urls, into, out);
    std::map<std::size_t, std::vector<std::string>> copies;
    for (const std::size_t i : order)
        if (into[i] != i) {
            copies[into[i]].push_back(record.resources[i].source);
            out.merged.push_back(
                {record.resources[i].source, full_urls[into[i]], "duplicate.exact"});
        }

    std::sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
        return full_urls[left] < full_urls[right];
    });
    for (const std::size_t i : order) {
        if (into[i] != i) continue;
        TRY_ASSIGN(fhir::Resource resource, fhir::Resource::from(rewritten[i].json));
        out.resources.push_back(
            {record.resources[i].source, full_urls[i], std::move(resource), copies[i]});
        std::move(rewritten[i].changes.begin(), rewritten[i].changes.end(),
                  std::back_inserter(out.changes));
    }
    return out;
}

}  // namespace consultd
