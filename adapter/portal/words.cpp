#include "adapter/portal/words.h"

#include <array>

#include "adapter/portal/catalogue.h"
#include "fhir/datetime.h"

namespace consultd::portal {
namespace {

// One row a language, in the order of the enum.
struct LanguageRow {
    std::string_view code, own_name;
    const Catalogue& catalogue;
    std::string_view date;         // its places: {day}, {month}, {year}
    std::string_view month_alone;  // {month}, {year}
    std::array<std::string_view, 12> months;
};
constexpr std::array<LanguageRow, 2> table{
    {{"en",
      "English",
      english,
      "{day} {month} {year}",
      "{month} {year}",
      {"January", "February", "March", "April", "May", "June", "July", "August", "September",
       "October", "November", "December"}},
     {"es",
      "Español",
      spanish,
      "{day} de {month} de {year}",
      "{month} de {year}",
      {"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
       "octubre", "noviembre", "diciembre"}}}};

const LanguageRow& row_of(Language language) { return table[static_cast<std::size_t>(language)]; }

std::string filled(std::string_view text, Places places) {
    std::string out;
    while (!text.empty()) {
        const std::size_t open = std::min(text.find('{'), text.size());
        out += text.substr(0, open);
        text.remove_prefix(open);
        const std::size_t close = text.find('}');
        if (close == std::string_view::npos) return out.append(text);
        const std::string_view name = text.substr(1, close - 1);
        for (const auto& [known, value] : places)
            if (known == name) out += value;
        text.remove_prefix(close + 1);
    }
    return out;
}

}  // namespace

std::string_view code_of(Language language) { return row_of(language).code; }
std::string_view own_name_of(Language language) { return row_of(language).own_name; }

std::optional<Language> language_of(std::string_view code) {
    for (const Language language : languages)
        if (code_of(language) == code) return language;
    return std::nullopt;
}

std::string_view say(Language language, Word word) {
    return row_of(language).catalogue.words[static_cast<std::size_t>(word)].text;
}

std::string say(Language language, Word word, Places places) {
    return filled(say(language, word), places);
}

std::string say(Language language, Counted counted, std::uint64_t number) {
    const CountedRow& row = row_of(language).catalogue.counted[static_cast<std::size_t>(counted)];
    return filled(number == 1 ? row.one : row.other, {{"n", std::to_string(number)}});
}

std::string date_words(Language language, std::string_view fhir_date) {
    if (fhir_date.size() < 7 || !fhir::Datetime::parse(fhir_date)) return std::string(fhir_date);
    const int month = (fhir_date[5] - '0') * 10 + (fhir_date[6] - '0');
    if (fhir_date.size() < 10)
        return filled(row_of(language).month_alone,
                      {{"month", row_of(language).months[static_cast<std::size_t>(month - 1)]},
                       {"year", fhir_date.substr(0, 4)}});
    std::string_view day = fhir_date.substr(8, 2);
    if (day.front() == '0') day.remove_prefix(1);
    const LanguageRow& row = row_of(language);
    std::string words =
        filled(row.date, {{"day", day},
                          {"month", row.months[static_cast<std::size_t>(month - 1)]},
                          {"year", fhir_date.substr(0, 4)}});
    // Our own instants are in UTC; any other keeps the offset that it has.
    if (fhir_date.size() >= 17 && fhir_date.ends_with('Z'))
        words.append(", ").append(fhir_date.substr(11, 5)).append(" (UTC)");
    return words;
}

}  // namespace consultd::portal
