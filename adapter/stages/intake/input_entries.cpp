#include "adapter/stages/intake/input_entries.h"

#include <algorithm>
#include <set>

#include "fhir/operation_outcome.h"

namespace consultd {
namespace {

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

std::string_view link_of(JsonView bundle, std::string_view relation) {
    for (const JsonView link : bundle["link"].items())
        if (link["relation"].string() == relation) return link["url"].string();
    return {};
}

class TakingApart {
public:
    void take(const InputDocument& document, std::size_t file) {
        if (document.json["resourceType"].string() != "Bundle") {
            found.resources.push_back(
                {.json = document.json, .place = name_of_place(document.place), .file = file});
            return;
        }
        std::size_t position = 0;
        for (const JsonView entry : document.json["entry"].items())
            take_entry(document, entry, file, position++);
        look_at_paging(document.json);
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
    void take_entry(const InputDocument& document, JsonView entry, std::size_t file,
                    std::size_t position) {
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
        const std::string place =
            name_of_place(document.place) + "#entry[" + std::to_string(position) + "]";
        found.resources.push_back({document.json.share(entry["resource"]),
                                   std::string(entry["fullUrl"].string()), place, file, position});
    }
    // https://hl7.org/fhir/R4/http.html#paging
    void look_at_paging(JsonView bundle) {
        if (bundle["type"].string() != "searchset") return;
        const std::string_view next = link_of(bundle, "next"), self = link_of(bundle, "self");
        if (!self.empty()) selves_.insert(self);
        if (!next.empty()) nexts_.push_back(next);
        const bool is_one_page =
            next.empty() && link_of(bundle, "previous").empty() && link_of(bundle, "prev").empty();
        const auto total = bundle["total"].integer();
        const auto matches = std::ranges::count_if(bundle["entry"].items(), [](JsonView entry) {
            return entry.at("search", "mode").string() != "include" && !is_outcome(entry);
        });
        if (is_one_page && total && *total > matches) says_less_ = true;
    }

    std::set<std::string_view> selves_;  // of the documents, which outlive this
    std::vector<std::string_view> nexts_;
    bool says_less_ = false, is_suppressed_ = false;
};

}  // namespace

InputEntries take_apart(const std::vector<InputDocument>& documents) {
    TakingApart apart;
    for (std::size_t file = 0; file < documents.size(); ++file) apart.take(documents[file], file);
    apart.finish();
    return std::move(apart.found);
}

}  // namespace consultd
