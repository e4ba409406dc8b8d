#include <algorithm>
#include <cctype>
#include <string>

#include "adapter/stages/consent/content.h"

namespace consultd::consent {
namespace {

// ICD-10-CM categories by their first three characters, both ends included, or a longer prefix.
// Sources: ICD-10-CM chapters; the SHIFT task force's value sets (github.com/SHIFT-Task-Force/
// SLS-ValueSets, read 2026-11); labels are codes of v3-ActCode.
struct CategoryRow {
    std::string_view first;
    std::string_view last;
    std::string_view label;
};
constexpr CategoryRow category_rows[] = {
    {"A50", "A64", "STD"},   {"B20", "B20", "HIV"},       {"Z21", "Z21", "HIV"},
    {"R75", "R75", "HIV"},   {"O987", "O987", "HIV"},     {"Z717", "Z717", "HIV"},
    {"Z114", "Z114", "HIV"}, {"F10", "F16", "SUD"},       {"F18", "F19", "SUD"},
    {"F01", "F09", "MH"},    {"F20", "F99", "MH"},        {"O00", "O08", "SEX"},
    {"Z332", "Z332", "SEX"}, {"Z30", "Z30", "SEX"},       {"F64", "F64", "SEX"},
    {"T74", "T74", "SDV"},   {"Z62810", "Z62810", "SDV"}, {"D57", "D57", "SICKLE"},
};

// Single codes of LOINC, SNOMED CT, RxNorm, CPT and HCPCS: the same source. What names a substance
// for a use disorder betrays the diagnosis.
struct CodeRow {
    std::string_view code;
    std::string_view label;
};
constexpr CodeRow code_rows[] = {
    {"80203-3", "HIV"},   {"1747692", "HIV"},       {"7580-1", "HIV"},    {"56888-1", "HIV"},
    {"5602001", "SUD"},   {"425741009", "SUD"},     {"352364", "SUD"},    {"1049221", "SUD"},
    {"856987", "SUD"},    {"1860154", "SUD"},       {"44249-1", "MH"},    {"89204-2", "MH"},
    {"96127", "MH"},      {"444175001", "PSYTHPN"}, {"428015005", "STD"}, {"92684-0", "STD"},
    {"330623", "STD"},    {"18391007", "SEX"},      {"59840", "SEX"},     {"76801", "SEX"},
    {"S2260", "SEX"},     {"48800-7", "SEX"},       {"76690-7", "SEX"},   {"42035005", "SEX"},
    {"706893006", "SDV"}, {"713834002", "SDV"},     {"51969-4", "GDIS"},  {"81247-9", "GDIS"},
    {"69548-6", "GDIS"},
};

// Not of a system that is certainly another: an OID, a local system or none may well be ICD-10.
bool may_be_icd10(const Coded& coded) {
    if (coded.code.size() < 3 || std::isalpha(static_cast<unsigned char>(coded.code[0])) == 0 ||
        std::isdigit(static_cast<unsigned char>(coded.code[1])) == 0)
        return false;
    return coded.system.find("icd-10") != std::string_view::npos ||
           !(coded.system.starts_with("http://") || coded.system.starts_with("https://"));
}

bool in_category(std::string_view code, const CategoryRow& row) {
    const std::string_view head = code.substr(0, row.first.size());
    return head >= row.first && head <= row.last;
}

}  // namespace

std::vector<std::string_view> implied_sensitivity(const std::vector<Coded>& codings) {
    std::vector<std::string_view> labels;
    for (const Coded& coded : codings) {
        for (const CodeRow& row : code_rows)
            if (row.code == coded.code) labels.push_back(row.label);
        if (!may_be_icd10(coded)) continue;
        std::string code(coded.code);
        std::erase(code, '.');
        for (char& letter : code)
            letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
        for (const CategoryRow& row : category_rows)
            if (in_category(code, row)) labels.push_back(row.label);
    }
    std::ranges::sort(labels);
    labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
    return labels;
}

}  // namespace consultd::consent
