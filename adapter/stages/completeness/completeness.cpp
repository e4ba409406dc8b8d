#include "adapter/stages/completeness/completeness.h"

#include <algorithm>

#include "adapter/stages/completeness/evidence.h"
#include "adapter/stages/reading/gap_words.h"
#include "fhir/datetime.h"

namespace consultd {
namespace {

using fhir::Json;

// A gap that may have taken what the row looks for: of any of its types, with the category where a
// search says one; or one resource of a type that the row takes whatever it is. Something of the
// record of which nobody may say what it was may be any of those.
bool is_gap_of(const ChecklistRow& row, const Gap& gap) {
    if (is_unnamed(gap)) return !row.has_bounds();
    const std::string type = gap.what.substr(0, gap.what.find_first_of("/? "));
    if (std::ranges::find(row.types, type) == row.types.end()) return false;
    if (gap.what.find("category=") != std::string::npos)
        return std::ranges::any_of(row.categories.codes(), [&](const CodeSet::Code& category) {
            return gap.what.find(category.code) != std::string::npos;
        });
    // Of a file the document that it belongs to tells what it is of.
    if (gap.what.find(" attachment ") != std::string::npos) return false;
    return gap.what.find('/') == std::string::npos || !row.has_bounds();
}

// What is sealed follows by itself; for what else may have taken it somebody can ask.
const Gap* gap_of(const ChecklistRow& row, const std::vector<Gap>& gaps) {
    const Gap* found = nullptr;
    for (const Gap& gap : gaps) {
        if (!is_gap_of(row, gap)) continue;
        if (gap.reason.view() != "first-opinion-sealed") return &gap;
        if (!found) found = &gap;
    }
    return found;
}

// In days, of the first and the last moment that a date can mean: of "2026" a year apart.
struct Ages {
    int most, least;
};
std::optional<Ages> ages_of(std::string_view date, Instant as_of) {
    const auto parsed = fhir::Datetime::parse(date);
    if (!parsed) return std::nullopt;
    const auto days = [&](Instant at) {
        return static_cast<int>(std::chrono::floor<std::chrono::days>(as_of - at).count());
    };
    const int most = days(parsed->earliest());
    const bool has_day = parsed->precision() >= fhir::Datetime::Precision::Day;
    return Ages{most, has_day ? most : std::max(0, days(parsed->latest()))};
}

using Rows = std::vector<std::shared_ptr<const ChecklistRow>>;

// What the specialty asks for, and what is asked for in those of its diseases that the record has.
Rows rows_for(const Specialties& specialties, const Specialty& specialty,
              const Evidence& evidence) {
    Rows rows = specialty.checklist;
    for (const std::size_t position : specialty.within) {
        const Specialty& one = specialties.all[position];
        if (!evidence.has(one.disease)) continue;
        for (const auto& row : one.checklist)
            if (std::ranges::find(rows, row) == rows.end()) rows.push_back(row);
    }
    return rows;
}

void take(ChecklistItem& item, ItemState state, std::vector<const Statement*> found) {
    item.state = state;
    item.found = std::move(found);
}

void find_newest(ChecklistItem& item, Instant as_of) {
    const Statement& newest = *item.found.front();
    if (newest.is_dated()) item.newest = newest.when.date;
    const std::optional<Ages> ages = ages_of(item.newest, as_of);
    if (ages && ages->most == ages->least) item.age_days = ages->most;
    const int limit = item.row->old_after_days;
    if (item.state != ItemState::Found || limit == 0) return;
    if (ages && ages->least > limit)
        item.state = ItemState::Old;
    else if (!ages || ages->most > limit)
        item.state = ItemState::Undated;
}

ChecklistItem item_for(const std::shared_ptr<const ChecklistRow>& row, const Evidence& evidence,
                       Instant as_of) {
    ChecklistItem item{row, ItemState::NotFound, {}, {}, {}};
    Evidence::Of found = evidence.of(*row);
    // A sentence such as "no known allergies" answers what is asked for of allergies and problems.
    constexpr std::string_view answered[] = {"AllergyIntolerance", "Condition"};
    const bool answers =
        row->types.size() == 1 && std::ranges::find(answered, row->types[0]) != std::end(answered);
    if (!found.here.empty())
        take(item, ItemState::Found, std::move(found.here));
    else if (!found.preliminary.empty())
        take(item, ItemState::Preliminary, std::move(found.preliminary));
    else if (!found.known.empty())
        take(item, answers ? ItemState::Found : ItemState::NoneKnown, std::move(found.known));
    else if (!found.named.empty())
        take(item, ItemState::NotHandedOver, std::move(found.named));
    else if (!found.done.empty())
        take(item, ItemState::DoneOnly, std::move(found.done));
    if (!item.found.empty()) find_newest(item, as_of);
    return item;
}

// An ImagingStudy names images; it does not hold them. Without a report they were named and not
// handed over.
void see_images(ChecklistItem& item, const std::vector<ChecklistItem>& before) {
    if (item.row->images_of.empty()) return;
    // A picture is here itself.
    if (!item.found.empty() && item.found.front()->resource().type() == "Media") return;
    const bool has_reports = std::ranges::any_of(before, [&](const ChecklistItem& other) {
        constexpr ItemState here[] = {ItemState::Found, ItemState::Old, ItemState::Undated};
        return other.row->id == item.row->images_of &&
               std::ranges::find(here, other.state) != std::end(here);
    });
    if (has_reports)
        item.state = ItemState::ReportOnly;
    else if (!item.found.empty())
        item.state = ItemState::NotHandedOver;
}

}  // namespace

StaticText state_word(ItemState state) {
    switch (state) {
        case ItemState::Found:
            return "found";
        case ItemState::Old:
            return "old";
        case ItemState::Undated:
            return "found, date not known";
        case ItemState::Preliminary:
            return "preliminary";
        case ItemState::ReportOnly:
            return "report only";
        case ItemState::NoneKnown:
            return "none known";
        case ItemState::DoneOnly:
            return "done, its report is not here";
        case ItemState::NamedInText:
            return "named in a text";
        case ItemState::NotHandedOver:
            return "not handed over";
        case ItemState::NotFound:
            return "not found";
    }
    return "not found";
}

std::string_view checklist_name(const Specialties& specialties, std::string_view specialty) {
    return specialties.find(specialty).name;
}

std::vector<ChecklistItem> check_list(const Specialties& specialties, std::string_view specialty,
                                      Instant as_of, const Reading& reading,
                                      const std::vector<Gap>& gaps) {
    const Specialty& asked = specialties.find(specialty).specialty;
    Evidence evidence(specialties, asked, reading);
    std::vector<ChecklistItem> items;
    for (const auto& row : rows_for(specialties, asked, evidence)) {
        ChecklistItem item = item_for(row, evidence, as_of);
        see_images(item, items);
        // A text that names it may hold what its own report would.
        const bool has_none =
            item.state == ItemState::NotFound || item.state == ItemState::DoneOnly;
        if (has_none && (row->in_texts || row->on_first_screen))
            if (auto texts = evidence.texts_naming(*row); !texts.empty()) {
                item = {row, {}, {}, {}, {}};  // of what is in a text nobody knows the date
                take(item, ItemState::NamedInText, std::move(texts));
            }
        if (item.state == ItemState::NotFound && row->only_if_there) continue;
        const bool is_missing =
            item.state == ItemState::NotFound || item.state == ItemState::DoneOnly;
        if (const Gap* gap = gap_of(*row, gaps); is_missing && gap != nullptr) {
            item.state = ItemState::NotHandedOver;
            item.gap = gap;
        }
        items.push_back(std::move(item));
    }
    return items;
}

Json completeness_json(const std::vector<ChecklistItem>& items, const std::vector<Gap>& gaps,
                       std::string_view letter) {
    std::vector<Json> gap_list, checklist;
    for (const Gap& gap : gaps)
        gap_list.push_back(Json::object({{"what", gap.what}, {"reason", gap.reason.view()}}));
    for (const ChecklistItem& item : items) {
        const auto count = static_cast<std::int64_t>(item.found.size());
        const std::int64_t limit = item.row->old_after_days;
        checklist.push_back(Json::object(
            {{"item", item.row->id},
             {"title", item.row->title},
             // Where no age stands beside it, nobody knows it.
             {"state",
              state_word(item.state == ItemState::Undated ? ItemState::Found : item.state).view()},
             {"where", item.row->where.empty() ? Json() : Json(item.row->where)},
             {"count", Json(count)},
             {"newest", item.newest.empty() ? Json() : Json(item.newest)},
             {"ageDays", item.age_days ? Json(static_cast<std::int64_t>(*item.age_days)) : Json()},
             {"oldAfterDays", limit > 0 ? Json(limit) : Json()}}));
    }
    return Json::object({{"complete", Json(gaps.empty())},
                         {"gaps", Json::array(std::move(gap_list))},
                         {"checklist", Json::array(std::move(checklist))},
                         {"letter", letter.empty() ? Json() : Json(letter)}});
}

}  // namespace consultd
