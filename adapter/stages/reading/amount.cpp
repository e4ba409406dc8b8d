#include "adapter/stages/reading/amount.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "adapter/stages/reading/whole_words.h"

namespace consultd {
namespace {

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

// Each unit of measure under the first of its names.
struct Names {
    std::string_view names;  // parted by blanks
};
constexpr Names measures[] = {{"mg milligram milligrams milligramm milligrammes mgs"},
                              {"g gram grams gm gramm grammes"},
                              {"ug mcg µg μg microgram micrograms mikrogramm microgrammes"},
                              {"ng nanogram nanograms"},
                              {"kg kilogram kilograms"},
                              {"ml milliliter milliliters millilitre millilitres cc"},
                              {"l liter liters litre litres"},
                              {"u unit units iu [iu] [usp'u] ie ui einheiten i.u i.e"},
                              {"mmol millimole millimoles"},
                              {"meq milliequivalent milliequivalents"},
                              {"% percent"},
                              {"m2 m² [m2]"},
                              {"mol"},
                              {"gy"},
                              {"mbq"},
                              {"cm"}};

// Empty: no unit of measure.
std::string_view measure_of(std::string_view word) {
    for (const Names& row : measures) {
        const std::string padded = ' ' + std::string(row.names) + ' ';
        if (!word.empty() && padded.find(' ' + std::string(word) + ' ') != padded.npos)
            return row.names.substr(0, row.names.find(' '));
    }
    return {};
}

// A number without what does not change it: "0.50" and ".5" are one. A comma before three digits
// parts thousands, any other one is the decimal point.
std::string canonical(std::string_view written) {
    std::string out;
    for (std::size_t i = 0; i < written.size(); ++i) {
        const bool before_three =
            written.size() - i == 4 || (i + 4 < written.size() && !is_digit(written[i + 4]));
        const bool is_thousand = written[i] == ',' && before_three && i > 0 && written[0] != '0';
        if (is_thousand) continue;
        out += written[i] == ',' ? '.' : written[i];
    }
    if (out.find('.') != out.npos) {
        out.erase(out.find_last_not_of('0') + 1);
        if (out.ends_with('.')) out.pop_back();
    }
    out.erase(0, std::min(out.find_first_not_of('0'), out.size()));
    return out;
}

// The word after a number: up to a blank, without the marks that end a sentence.
std::string_view word_at(std::string_view text, std::size_t at) {
    while (at < text.size() && (text[at] == ' ' || text[at] == '-')) ++at;
    std::string_view word = text.substr(at, text.find_first_of(" ,;()", at) - at);
    while (!word.empty() && (word.back() == '.' || word.back() == ':')) word.remove_suffix(1);
    return word;
}

// What an amount is per: a weight, a surface, a volume; per a time is how often, not how much.
std::string_view per_of(std::string_view unit) {
    const std::size_t slash = unit.find('/');
    if (slash == unit.npos) return {};
    const std::string_view rest = unit.substr(slash + 1);
    return measure_of(rest.substr(0, rest.find('/')));
}

// Things that are counted are called by too many names to be compared.
bool is_same_unit(std::string_view written, std::string_view unit) {
    if (unit.empty()) return true;
    const std::string_view ours = measure_of(unit.substr(0, unit.find('/')));
    const std::string_view theirs = measure_of(written.substr(0, written.find('/')));
    return ours == theirs && per_of(unit) == per_of(written);
}

}  // namespace

bool has_amount(std::string_view text, std::string_view number, std::string_view unit) {
    const std::string wanted = canonical(number), ours = lower(unit);
    for (std::size_t at = 0; at < text.size();) {
        if (!is_digit(text[at])) {
            ++at;
            continue;
        }
        const std::size_t from = at;
        const auto goes_on = [&](std::size_t i) {
            return is_digit(text[i]) || ((text[i] == '.' || text[i] == ',') &&
                                         i + 1 < text.size() && is_digit(text[i + 1]));
        };
        while (at < text.size() && goes_on(at)) ++at;
        const bool is_of_word =
            from > 0 && (std::isalpha(static_cast<unsigned char>(text[from - 1])) != 0 ||
                         text[from - 1] == '.');
        if (!is_of_word && canonical(text.substr(from, at - from)) == wanted &&
            is_same_unit(word_at(text, at), ours))
            return true;
    }
    return false;
}

}  // namespace consultd
