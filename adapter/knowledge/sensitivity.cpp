#include "adapter/knowledge/sensitivity.h"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace consultd {
namespace {

using fhir::JsonView;

constexpr std::string_view labels[] = {
    "BH",  "COGN", "DVD",     "EMOTDIS", "ETH", "ETHUD",  "GDIS", "HIV", "MH",  "MST",  "OPIOIDUD",
    "PSY", "SCA",  "PSYTHPN", "SDV",     "SEX", "SICKLE", "SPI",  "STD", "SUD", "TBOO", "VIO"};

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
char upper(char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); }

bool is_icd10(std::string_view system) { return system.find("icd-10") != std::string_view::npos; }

// Not of a system that is certainly another: an OID, a local system or none may well be ICD-10.
bool may_be_icd10(std::string_view system, std::string_view code) {
    if (code.size() < 3 || !is_letter(code[0]) || !is_digit(code[1])) return false;
    return is_icd10(system) || !(system.starts_with("http://") || system.starts_with("https://"));
}

std::string without_dots(std::string_view code) {
    std::string plain(code);
    std::erase(plain, '.');
    std::ranges::transform(plain, plain.begin(), upper);
    return plain;
}

bool is_in_range(std::string_view code, const Sensitivity::Range& range) {
    return code.substr(0, range.first.size()) >= range.first &&
           code.substr(0, range.last.size()) <= range.last;
}

// "A50-A64" or "B20".
void read_ranges(const KnowledgeFile& file, const std::string& where, JsonView row,
                 std::vector<Sensitivity::Range>& ranges, KnowledgeProblems& problems) {
    const auto items = row["ranges"].items();
    for (std::size_t i = 0; i < items.size(); ++i) {
        const std::string_view text = items[i].string();
        const std::size_t dash = std::min(text.find('-'), text.size());
        const std::string_view first = text.substr(0, dash);
        const std::string_view last = dash == text.size() ? first : text.substr(dash + 1);
        if (first.size() != last.size() || first > last)
            problems.add(file, where + row_path("ranges", i),
                         "must end as long, and not before, it begins");
        else
            ranges.push_back({std::string(row["system"].string()), std::string(first),
                              std::string(last), std::string(row["label"].string())});
    }
}

}  // namespace

bool is_sensitivity_label(std::string_view code) {
    return std::ranges::find(labels, code) != std::end(labels);
}

Sensitivity::Sensitivity(std::vector<Code> codes, std::vector<Range> ranges) {
    for (Code& one : codes) {
        named_.add(one.system);
        std::vector<Code>& same = codes_[one.code];
        same.push_back(std::move(one));
    }
    for (const Range& one : ranges)
        for (char letter = one.first[0]; letter <= one.last[0]; ++letter)
            ranges_[static_cast<std::size_t>(letter)].push_back(one);
}

void Sensitivity::add_range_labels(std::string_view system, std::string_view code,
                                   std::vector<std::string_view>& found) const {
    const auto letter = static_cast<unsigned char>(upper(code[0]));
    if (letter >= ranges_.size() || ranges_[letter].empty()) return;
    const bool any_icd10 = may_be_icd10(system, code);
    const std::string plain = without_dots(code);
    for (const Range& range : ranges_[letter])
        if ((range.system == system || (any_icd10 && is_icd10(range.system))) &&
            is_in_range(plain, range))
            found.push_back(range.label);
}

std::vector<std::string_view> Sensitivity::labels_of(std::string_view system,
                                                     std::string_view code) const {
    std::vector<std::string_view> found;
    if (code.empty()) return found;
    if (const auto rows = codes_.find(code); rows != codes_.end())
        for (const Code& one : rows->second)
            if (named_.may_be(system, one.system)) found.push_back(one.label);
    add_range_labels(system, code, found);
    return found;
}

Sensitivity read_sensitivity(std::span<const KnowledgeFile> files, KnowledgeProblems& problems) {
    std::vector<Sensitivity::Code> codes;
    std::vector<Sensitivity::Range> ranges;
    for (const KnowledgeFile& file : files) {
        if (file.json.has("resourceType")) {
            std::ranges::move(read_value_set(file, problems), std::back_inserter(codes));
            continue;
        }
        const auto rows = file.json["rows"].items();
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const JsonView row = rows[i];
            const std::string where = row_path("rows", i);
            if (!is_sensitivity_label(row["label"].string()))
                problems.add(file, where + "/label", "is no sensitivity code of v3-ActCode");
            if (!row.has("codes") && !row.has("ranges"))
                problems.add(file, where, "has neither codes nor ranges");
            for (const JsonView code : row["codes"].items())
                codes.push_back({std::string(row["system"].string()), std::string(code.string()),
                                 std::string(row["label"].string())});
            read_ranges(file, where, row, ranges, problems);
        }
    }
    return {std::move(codes), std::move(ranges)};
}

}  // namespace consultd
