#include "adapter/stages/record.h"

#include <algorithm>
#include <array>
#include <map>

#include "fhir/r4/facts.h"

namespace consultd {
namespace {

// Of the definitions' categories (https://hl7.org/fhir/R4/resourcelist.html): who, and under what
// terms.
constexpr std::array<std::string_view, 4> administrative = {
    "Base.Individuals", "Base.Workflow", "Financial.Support", "Foundation.Security"};

// What the source itself has put aside is not in the record, and yet not lacking.
constexpr std::array<std::string_view, 2> put_aside = {"deleted", "superseded"};

// Why it is lacking; absent: it is not.
std::optional<StaticText> lost_for(const RejectedResource& one) {
    if (std::ranges::find(put_aside, one.reason.view()) != put_aside.end()) return std::nullopt;
    if (one.reason.view() != "wrong-patient") return one.reason;
    return one.names_ours ? std::optional(StaticText("names-another")) : std::nullopt;
}

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

std::vector<std::string_view> Record::names() const {
    std::vector<std::string_view> names;
    names.reserve(resources.size() + rejected.size());
    for (const PulledResource& pulled : resources) names.push_back(pulled.source);
    for (const RejectedResource& lost : rejected) names.push_back(lost.source);
    return names;
}

std::vector<std::string> Record::take_names() {
    std::vector<std::string> names;
    names.reserve(resources.size() + rejected.size());
    for (PulledResource& pulled : resources) names.push_back(std::move(pulled.source));
    for (const RejectedResource& lost : rejected) names.push_back(lost.source);
    resources = std::vector<PulledResource>();  // = {} would keep the memory
    return names;
}

bool has_clinical(const Record& record) {
    return std::ranges::any_of(record.resources, [](const PulledResource& pulled) {
        return is_clinical(pulled.resource.type());
    });
}

StaticText why_nothing_clinical(const Record& record) {
    const auto is_open = [](const TypeProof& proof) {
        return is_clinical(proof.type) &&
               (proof.end == TypeEnd::Refused || proof.end == TypeEnd::Truncated ||
                proof.end == TypeEnd::Unreadable);
    };
    const auto is_by_rights = [](const AskedSearch& search) {
        const std::string_view answer = search.answer.view();
        return answer == "answered" || answer == "http-401" || answer == "http-403" ||
               answer == "refused";
    };
    if (has_lost_clinical(record)) return "not-handed-over";
    if (std::ranges::none_of(record.types, is_open)) return "no-records";
    const bool is_refused = std::ranges::all_of(record.types, [&](const TypeProof& proof) {
        return !is_open(proof) ||
               (proof.end == TypeEnd::Refused && std::ranges::all_of(proof.searches, is_by_rights));
    });
    return is_refused ? StaticText("forbidden") : StaticText("not-handed-over");
}

bool has_lost_clinical(const Record& record) {
    return std::ranges::any_of(record.rejected, [](const RejectedResource& lost) {
        return (lost.names_ours || (lost.reason.view() != "wrong-patient" &&
                                    lost.reason.view() != "unproven-patient")) &&
               is_clinical(lost.type);
    });
}

std::string entries_of_the_record(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " entry" : " entries") + " of the record";
}

Gap LostGap::gap() const {
    if (type.empty()) return {entries_of_the_record(count), reason};
    return {type + " (" + std::to_string(count) + (count == 1 ? " entry)" : " entries)"), reason};
}

std::vector<LostGap> lost_by_type(const Record& record) {
    std::map<std::pair<std::string_view, std::string_view>, LostGap> lost;
    for (const RejectedResource& one : record.rejected) {
        const std::optional<StaticText> reason = lost_for(one);
        if (!reason) continue;
        const auto [found, is_new] =
            lost.try_emplace(std::pair(one.type, reason->view()), LostGap{one.type, 0, *reason});
        ++found->second.count;
    }
    std::vector<LostGap> out;
    for (auto& [key, one] : lost) out.push_back(std::move(one));
    return out;
}

std::vector<LostGap> of_any_type(const std::vector<LostGap>& lost) {
    std::map<std::string_view, LostGap> sums;
    for (const LostGap& one : lost)
        sums.try_emplace(one.reason.view(), LostGap{"", 0, one.reason}).first->second.count +=
            one.count;
    std::vector<LostGap> out;
    for (auto& [reason, sum] : sums) out.push_back(std::move(sum));
    return out;
}

void add_gaps_of_rejected(Record& record) {
    for (const LostGap& one : lost_by_type(record)) record.gaps.push_back(one.gap());
}

}  // namespace consultd
