#include "adapter/stages/completeness/completeness.h"

#include <algorithm>

#include "adapter/stages/completeness/evidence.h"
#include "adapter/stages/reading/gap_words.h"
#include "fhir/datetime.h"

namespace consultd {
namespace {

using fhir::Json;

// A gap that names what the row looks for: its type in a search, with the category where one is
// said; or one resource of a type that the row takes whatever it is. Something of the record of
// which nobody may say what it was may be any of those.
bool is_gap_of(const ChecklistRow& row, const Gap& gap) {
    if (is_unnamed(gap)) return !row.has_bounds();
    if (gap.what.find("category=") != std::string::npos)
        return std::ranges::any_of(row.categories.codes(), [&](const CodeSet::Code& category) {
            return gap.what.find(category.code) != std::string::npos;
        });
    if (row.types.empty() || gap.what.find(" attachment ") != std::string::npos) return false;
    const std::string type = gap.what.substr(0, gap.what.find_first_of("/? "));
    if (gap.what.find('/') != std::string::npos)
        return !row.has_bounds() && std::ranges::find(row.types, type) != row.types.end();
    return type == row.types.front();
}

std::optional<int> age_in_days(std::string_view date, Instant as_of) {
    const auto parsed = fhir::Datetime::parse(date);
    if (!parsed) return std::nullopt;
    const auto age = std::chrono::floor<std::chrono::days>(as_of - parsed->earliest());
    return static_cast<int>(age.count());
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
    item.age_days = age_in_days(item.newest, as_of);
    const int limit = item.row->old_after_days;
    if (item.state == ItemState::Found && limit > 0 && item.age_days.value_or(0) > limit)
        item.state = ItemState::Old;
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
    else if (!found.known.empty())
        take(item, answers ? ItemState::Found : ItemState::NoneKnown, std::move(found.known));
    else if (!found.done.empty())
        take(item, ItemState::DoneOnly, std::move(found.done));
    if (!item.found.empty()) find_newest(item, as_of);
    return item;
}

// An ImagingStudy names images; it does not hold them. Without a report they were named and not
// handed over.
void see_images(ChecklistItem& item, const std::vector<ChecklistItem>& before) {
    if (item.row->images_of.empty()) return;
    const bool has_reports = std::ranges::any_of(before, [&](const ChecklistItem& other) {
        return other.row->id == item.row->images_of && !other.found.empty();
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
        const auto gap =
            std::ranges::find_if(gaps, [&](const Gap& one) { return is_gap_of(*row, one); });
        if (item.state == ItemState::NotFound && gap != gaps.end()) {
            item.state = ItemState::NotHandedOver;
            item.gap = &*gap;
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
             {"state", state_word(item.state).view()},
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
