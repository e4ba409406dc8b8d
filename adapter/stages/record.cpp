#include "adapter/stages/record.h"

#include <algorithm>
#include <array>
#include <map>

#include "fhir/r4/facts.h"
#include "fhir/reference.h"

namespace consultd {
namespace {

// Of the definitions' categories (https://hl7.org/fhir/R4/resourcelist.html): who, and under what
// terms.
constexpr std::array<std::string_view, 4> administrative = {
    "Base.Individuals", "Base.Workflow", "Financial.Support", "Foundation.Security"};

// What is not in the record and yet not lacking: another's, and what the source itself has put
// aside.
constexpr std::array<std::string_view, 3> not_lacking = {"deleted", "superseded", "wrong-patient"};

template <std::size_t n>
bool is_one_of(std::string_view word, const std::array<std::string_view, n>& words) {
    return std::ranges::find(words, word) != words.end();
}

bool is_clinical(std::string_view type) {
    const fhir::r4::Facts* facts = fhir::r4::find_facts(type);
    return facts && facts->sharing == fhir::r4::Sharing::Patients &&
           !is_one_of(facts->category.view(), administrative);
}

}  // namespace

std::vector<std::string> Record::names() const {
    std::vector<std::string> names;
    names.reserve(resources.size() + rejected.size());
    for (const PulledResource& pulled : resources) names.push_back(pulled.source);
    for (const RejectedResource& lost : rejected) names.push_back(lost.source);
    return names;
}

bool has_clinical(const Record& record) {
    return std::ranges::any_of(record.resources, [](const PulledResource& pulled) {
        return is_clinical(pulled.resource.type());
    });
}

bool has_lost_clinical(const Record& record) {
    return std::ranges::any_of(record.rejected, [](const RejectedResource& lost) {
        const std::string_view name =
            std::string_view(lost.source).substr(0, lost.source.find('#'));
        return lost.reason.view() != "wrong-patient" && lost.reason.view() != "unproven-patient" &&
               is_clinical(fhir::Reference::parse(name).type);
    });
}

std::string entries_of_the_record(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " entry" : " entries") + " of the record";
}

void add_gaps_of_rejected(Record& record) {
    std::map<std::string_view, std::size_t> counts;
    for (const RejectedResource& lost : record.rejected)
        if (!is_one_of(lost.reason.view(), not_lacking)) ++counts[lost.reason.view()];
    for (const RejectedResource& lost : record.rejected) {
        const auto found = counts.find(lost.reason.view());
        if (found == counts.end()) continue;
        record.gaps.push_back({entries_of_the_record(found->second), lost.reason});
        counts.erase(found);
    }
}

}  // namespace consultd
