#include "adapter/stages/proof.h"

#include <algorithm>
#include <array>

namespace consultd {
namespace {

using fhir::Json;

struct EndRow {
    TypeEnd end;
    StaticText name;
};
constexpr auto ends = std::to_array<EndRow>({{TypeEnd::Complete, "complete"},
                                             {TypeEnd::ByCategoryOnly, "by-category-only"},
                                             {TypeEnd::NotAsked, "not-asked"},
                                             {TypeEnd::NotOffered, "not-offered"},
                                             {TypeEnd::Refused, "refused"},
                                             {TypeEnd::Truncated, "truncated"},
                                             {TypeEnd::Unreadable, "unreadable"}});

constexpr std::array<std::string_view, 15> refusals = {
    "http-400", "http-401",    "http-403",  "http-404", "http-405",
    "http-406", "http-410",    "http-415",  "http-422", "http-451",
    "http-501", "not-granted", "not-found", "redirect", "refused"};
constexpr std::array<std::string_view, 5> unreadables = {"malformed-answer", "http-500",
                                                         "malformed", "other-version", "web-page"};

StaticText word_of(TypeEnd end) { return std::ranges::find(ends, end, &EndRow::end)->name; }

Json number(std::uint64_t value) { return Json(static_cast<std::int64_t>(value)); }

Json search_json(const AskedSearch& search) {
    return Json::object({{"search", search.label},
                         {"answer", search.answer.view()},
                         {"pages", number(search.pages)},
                         {"ids", number(search.ids)},
                         {"total", search.total ? Json(*search.total) : Json()}});
}

}  // namespace

std::string_view name_of(TypeEnd end) { return word_of(end).view(); }

std::optional<StaticText> gap_of(TypeEnd end) {
    if (end == TypeEnd::Complete || end == TypeEnd::NotOffered) return std::nullopt;
    return word_of(end);
}

TypeEnd end_of(StaticText reason) {
    if (std::ranges::find(refusals, reason.view()) != refusals.end()) return TypeEnd::Refused;
    if (std::ranges::find(unreadables, reason.view()) != unreadables.end())
        return TypeEnd::Unreadable;
    return TypeEnd::Truncated;
}

Json proofs_json(const std::vector<TypeProof>& proofs) {
    std::vector<Json> types;
    for (const TypeProof& proof : proofs) {
        std::vector<Json> searches;
        for (const AskedSearch& search : proof.searches) searches.push_back(search_json(search));
        types.push_back(Json::object(
            {{"type", proof.type},
             {"end", name_of(proof.end)},
             {"how", proof.how.view().empty() ? Json() : Json(proof.how.view())},
             {"witness", proof.witness.view().empty() ? Json() : Json(proof.witness.view())},
             {"ids", number(proof.ids)},
             {"searches", searches.empty() ? Json() : Json::array(std::move(searches))}}));
    }
    return Json::array(std::move(types));
}

}  // namespace consultd
