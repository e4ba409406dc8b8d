#include "adapter/stages/intake/input_entries.h"

#include <algorithm>
#include <array>
#include <set>

#include "fhir/bundle.h"
#include "fhir/operation_outcome.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;

// Where a file lies is no part of the record: the same one elsewhere gives the same packet.
std::string name_of_place(const std::string& place) {
    const std::size_t slash = place.rfind('/');
    return slash == std::string::npos ? place : place.substr(slash + 1);
}

// https://hl7.org/fhir/R4/search.html#entries
bool is_outcome(JsonView entry) {
    return entry.at("search", "mode").string() == "outcome" ||
           entry.at("resource", "resourceType").string() == "OperationOutcome";
}

bool says_that_something_lacks(JsonView outcome) {
    return std::ranges::any_of(issues_of(outcome), [](const fhir::OperationOutcomeIssue& issue) {
        return issue.is_error() || issue.code == "suppressed" || issue.code == "incomplete";
    });
}

// A Bundle that is no more than the list of what is in it: an answer to a batch holds one for each
// search. A document or a message is a whole. https://hl7.org/fhir/R4/valueset-bundle-type.html
bool is_list(JsonView resource) {
    constexpr std::array<std::string_view, 5> lists = {"batch-response", "collection", "history",
                                                       "searchset", "transaction-response"};
    return resource["resourceType"].string() == "Bundle" &&
           std::ranges::find(lists, resource["type"].string()) != lists.end();
}

class TakingApart {
public:
    void take(InputDocument& document, std::size_t file) {
        if (document.json["resourceType"].string() != "Bundle") {
            found.resources.push_back({.json = std::move(document.json),
                                       .place = name_of_place(document.place),
                                       .file = file});
            return;
        }
        position_ = 0;
        take_bundle(document.json, document.json, name_of_place(document.place), file);
    }
    // A page that was left behind, and is none of the files.
    void finish() {
        for (const std::string_view next : nexts_)
            if (!selves_.contains(next)) says_less_ = true;
        if (says_less_) found.gaps.push_back({"record", "fewer-than-total"});
        if (is_suppressed_) found.gaps.push_back({"record outcome", "suppressed"});
    }
    InputEntries found;

private:
    // `whole` keeps alive what the Bundle and its entries are parts of.
    void take_bundle(const Json& whole, JsonView bundle, const std::string& place,
                     std::size_t file) {
        std::size_t number = 0;
        for (const JsonView entry : bundle["entry"].items())
            take_entry(whole, entry, place + "#entry[" + std::to_string(number++) + "]", file);
        look_at_paging(bundle);
    }
    void take_entry(const Json& whole, JsonView entry, const std::string& place, std::size_t file) {
        const std::size_t position = position_++;
        if (entry.at("request", "method").string() == "DELETE") {
            const std::string_view name = entry.has("fullUrl")
                                              ? entry["fullUrl"].string()
                                              : entry.at("request", "url").string();
            found.deleted.push_back(
                {std::string(name),
                 {parse_instant(entry.at("response", "lastModified").string()), file, position}});
        }
        if (!entry.has("resource")) return;
        if (is_outcome(entry)) {
            is_suppressed_ = is_suppressed_ || says_that_something_lacks(entry["resource"]);
            return;
        }
        if (is_list(entry["resource"])) return take_bundle(whole, entry["resource"], place, file);
        found.resources.push_back({whole.share(entry["resource"]),
                                   std::string(entry["fullUrl"].string()), place, file, position});
    }
    // https://hl7.org/fhir/R4/http.html#paging
    void look_at_paging(JsonView bundle) {
        if (bundle["type"].string() != "searchset") return;
        const std::string_view next = fhir::link_of(bundle, "next"),
                               self = fhir::link_of(bundle, "self");
        if (!self.empty()) selves_.insert(self);
        if (!next.empty()) nexts_.push_back(next);
        const bool is_one_page = next.empty() && fhir::link_of(bundle, "previous").empty() &&
                                 fhir::link_of(bundle, "prev").empty();
        const auto total = bundle["total"].integer();
        const auto matches = std::ranges::count_if(bundle["entry"].items(), [](JsonView entry) {
            return entry.at("search", "mode").string() != "include" && !is_outcome(entry);
        });
        if (is_one_page && total && *total > matches) says_less_ = true;
    }

    std::set<std::string_view> selves_;  // of the documents that are Bundles, which outlive this
    std::vector<std::string_view> nexts_;
    std::size_t position_ = 0;  // of the next entry in its file
    bool says_less_ = false, is_suppressed_ = false;
};

}  // namespace

InputEntries take_apart(std::vector<InputDocument> documents) {
    TakingApart apart;
    apart.found.resources.reserve(documents.size());
    for (std::size_t file = 0; file < documents.size(); ++file) apart.take(documents[file], file);
    apart.finish();
    return std::move(apart.found);
}

}  // namespace consultd
