#include "adapter/stages/completeness/completeness.h"

#include <algorithm>
#include <array>

#include "adapter/stages/reading/sections.h"
#include "fhir/datetime.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;

struct SpecialtyName {
    StaticText name;
    ChecklistRow::Specialty specialty;
};
constexpr SpecialtyName specialty_names[] = {{"oncology", ChecklistRow::Oncology},
                                             {"haematology", ChecklistRow::Haematology},
                                             {"hematology", ChecklistRow::Haematology},
                                             {"rheumatology", ChecklistRow::Rheumatology},
                                             {"general", ChecklistRow::General}};

std::string lower(std::string text) {
    for (char& letter : text)
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    return text;
}

const SpecialtyName& specialty_of(std::string_view specialty) {
    const std::string name = lower(std::string(specialty));
    for (const SpecialtyName& known : specialty_names)
        if (known.name.view() == name) return known;
    return *std::prev(std::end(specialty_names));
}

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
    return lower(std::move(text));
}

bool matches(const ChecklistRow& row, const fhir::Resource& resource) {
    const std::string_view type = resource.type();
    if (std::none_of(row.types.begin(), row.types.end(),
                     [&](const StaticText& one) { return one.view() == type; }))
        return false;
    for (const std::string_view word : status_words(resource))
        if (word == "entered-in-error" || word == "cancelled") return false;
    if (row.codes.empty() && row.categories.empty() && row.words.empty()) return true;
    for (const StaticText& code : row.codes)
        if (has_code(resource["code"], code.view()) || has_code(resource["type"], code.view()))
            return true;
    for (const StaticText& code : row.categories)
        if (has_code(resource["category"], code.view())) return true;
    if (row.words.empty()) return false;
    const std::string text = naming_text(resource);
    return std::any_of(row.words.begin(), row.words.end(), [&](const StaticText& word) {
        return text.find(word.view()) != std::string::npos;
    });
}

// A gap that names what the row looks for: its type in a search, with the category where one is
// said.
bool is_gap_of(const ChecklistRow& row, const Gap& gap) {
    const auto names = [&](std::span<const StaticText> words) {
        return std::any_of(words.begin(), words.end(), [&](const StaticText& word) {
            return gap.what.find(word.view()) != std::string::npos;
        });
    };
    if (gap.what.find("category=") != std::string::npos) return names(row.categories);
    return !row.types.empty() && gap.what.find('/') == std::string::npos &&
           gap.what.starts_with(row.types.front().view());
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
        case ItemState::NotHandedOver:
            return "not handed over";
        case ItemState::NotFound:
            return "not found";
    }
    return "not found";
}

StaticText checklist_name(std::string_view specialty) { return specialty_of(specialty).name; }

std::vector<ChecklistItem> check_list(std::string_view specialty, Instant as_of,
                                      const std::vector<PacketResource>& resources,
                                      const std::vector<Gap>& gaps) {
    const unsigned wanted = specialty_of(specialty).specialty;
    std::vector<ChecklistItem> items;
    for (const ChecklistRow& row : checklist_rows()) {
        if ((row.specialties & wanted) == 0) continue;
        ChecklistItem item{&row, ItemState::NotFound, {}, {}, {}};
        for (const PacketResource& one : resources)
            if (matches(row, one.resource)) item.found.push_back(&one);
        sort_newest_first(item.found);
        if (!item.found.empty()) {
            item.newest = date_of(item.found.front()->resource);
            item.age_days = age_in_days(item.newest, as_of);
            const bool is_old =
                row.old_after_days > 0 && item.age_days.value_or(0) > row.old_after_days;
            item.state = is_old ? ItemState::Old : ItemState::Found;
        }
        // An ImagingStudy names images; it does not hold them. Without a report they were named and
        // not handed over.
        if (!row.images_of.view().empty()) {
            const bool has_reports =
                std::any_of(items.begin(), items.end(), [&](const ChecklistItem& other) {
                    return other.row->id.view() == row.images_of.view() && !other.found.empty();
                });
            if (has_reports)
                item.state = ItemState::ReportOnly;
            else if (!item.found.empty())
                item.state = ItemState::NotHandedOver;
        }
        if (item.state == ItemState::NotFound &&
            std::any_of(gaps.begin(), gaps.end(),
                        [&](const Gap& gap) { return is_gap_of(row, gap); }))
            item.state = ItemState::NotHandedOver;
        items.push_back(std::move(item));
    }
    return items;
}

Json completeness_json(const std::vector<ChecklistItem>& items, const std::vector<Gap>& gaps) {
    std::vector<Json> gap_list, checklist;
    for (const Gap& gap : gaps)
        gap_list.push_back(Json::object({{"what", gap.what}, {"reason", gap.reason.view()}}));
    for (const ChecklistItem& item : items) {
        const auto count = static_cast<std::int64_t>(item.found.size());
        const std::int64_t limit = item.row->old_after_days;
        checklist.push_back(Json::object(
            {{"item", item.row->id.view()},
             {"title", item.row->title.view()},
             {"state", state_word(item.state).view()},
             {"count", Json(count)},
             {"newest", item.newest.empty() ? Json() : Json(item.newest)},
             {"ageDays", item.age_days ? Json(static_cast<std::int64_t>(*item.age_days)) : Json()},
             {"oldAfterDays", limit > 0 ? Json(limit) : Json()}}));
    }
    return Json::object({{"complete", Json(gaps.empty())},
                         {"gaps", Json::array(std::move(gap_list))},
                         {"checklist", Json::array(std::move(checklist))}});
}

}  // namespace consultd
