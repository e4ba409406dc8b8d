#include "adapter/stages/completeness/completeness.h"

#include <algorithm>

#include "adapter/stages/reading/gap_words.h"
#include "adapter/stages/reading/whole_words.h"
#include "fhir/datetime.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;

// What the words of a row are looked for in: names and titles, never a report's prose, where "no
// evidence of …" would count as evidence.
std::string naming_text(const fhir::Resource& resource) {
    std::string text;
    for (const std::string_view name : {"code", "type", "title", "description", "category"})
        text.append(concepts_text(resource[name])).append(" ");
    for (const JsonView& coding : resource["code"]["coding"].items())
        text.append(coding["display"].string()).append(" ");
    for (const JsonView& content : resource["content"].items())
        text.append(content.at("attachment", "title").string()).append(" ");
    return lower(text);
}

bool names_one_of(const ChecklistRow& row, const std::string& text) {
    return std::ranges::any_of(row.words,
                               [&](const std::string& word) { return has_word(text, word); });
}

// In a conclusion or a note, which may say that there is none of it: so it is not found there.
bool is_named_in_prose(const ChecklistRow& row, const Statement& statement) {
    const fhir::Resource& resource = statement.resource();
    if (std::ranges::find(row.types, resource.type()) == row.types.end()) return false;
    return statement.places().found &&
           names_one_of(row, lower(std::string(resource["conclusion"].string()) + " " +
                                   statement.notes + " " + statement.value));
}

// A problem, an allergy, a medicine or a plan of which the record does not know how it goes on is
// told where it is asked for, with that word: it is here.
bool is_here(const Statement& one) {
    constexpr std::string_view lasting[] = {"AllergyIntolerance", "CarePlan", "Condition",
                                            "MedicationRequest", "MedicationStatement"};
    return one.places().found ||
           (one.standing == Standing::Unclear &&
            std::ranges::find(lasting, one.resource().type()) != std::end(lasting));
}

bool matches(const ChecklistRow& row, const NamedSystems& named, const Statement& statement) {
    const fhir::Resource& resource = statement.resource();
    if (std::ranges::find(row.types, resource.type()) == row.types.end()) return false;
    if (!is_here(statement) || statement.says == Statement::Says::NoInformation) return false;
    if (!row.has_bounds()) return true;
    if (row.codes.may_be_in(resource["code"], named) ||
        row.codes.may_be_in(resource["type"], named) ||
        row.categories.may_be_in(resource["category"], named))
        return true;
    return !row.words.empty() && names_one_of(row, naming_text(resource));
}

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

}  // namespace

StaticText state_word(ItemState state) {
    switch (state) {
        case ItemState::Found:
            return "found";
        case ItemState::Old:
            return "old";
        case ItemState::ReportOnly:
            return "report only";
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
    std::vector<ChecklistItem> items;
    for (const auto& row : specialties.find(specialty).specialty.checklist) {
        ChecklistItem item{row, ItemState::NotFound, {}, {}, {}};
        for (const Statement& one : reading.all())
            if (matches(*row, specialties.named, one)) item.found.push_back(&one);
        sort_newest_first(item.found);
        if (!item.found.empty()) {
            const Statement& newest = *item.found.front();
            if (newest.is_dated()) item.newest = newest.when.date;
            item.age_days = age_in_days(item.newest, as_of);
            const bool is_old =
                row->old_after_days > 0 && item.age_days.value_or(0) > row->old_after_days;
            item.state = is_old ? ItemState::Old : ItemState::Found;
        }
        // An ImagingStudy names images; it does not hold them. Without a report they were named and
        // not handed over.
        if (!row->images_of.empty()) {
            const bool has_reports =
                std::any_of(items.begin(), items.end(), [&](const ChecklistItem& other) {
                    return other.row->id == row->images_of && !other.found.empty();
                });
            if (has_reports)
                item.state = ItemState::ReportOnly;
            else if (!item.found.empty())
                item.state = ItemState::NotHandedOver;
        }
        if (item.state == ItemState::NotFound && row->in_texts) {
            for (const Statement& one : reading.all())
                if (is_named_in_prose(*row, one)) item.found.push_back(&one);
            sort_newest_first(item.found);
            if (!item.found.empty()) item.state = ItemState::NamedInText;
        }
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
