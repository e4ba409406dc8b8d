#include "adapter/knowledge/code_form.h"

#include <algorithm>
#include <array>

#include "fhir/r4/code_rules.h"
#include "fhir/terminology/system_uris.h"

namespace consultd {
namespace {

using fhir::JsonView;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_digits(std::string_view text, std::size_t least, std::size_t most) {
    return text.size() >= least && text.size() <= most && std::ranges::all_of(text, is_digit);
}
bool is_capital_or_digit(char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); }

// https://loinc.org/kb/users-guide/: a number, a hyphen, its check digit by Luhn's modulus 10;
// parts and answers (LP…, LA…) have another digit there.
bool is_loinc(std::string_view code) {
    const std::size_t dash = code.rfind('-');
    if (dash == std::string_view::npos || dash + 2 != code.size() || !is_digit(code.back()))
        return false;
    std::string_view number = code.substr(0, dash);
    if (number.starts_with("LP") || number.starts_with("LA"))
        return is_digits(number.substr(2), 1, 8);
    if (!is_digits(number, 1, 8)) return false;
    int sum = 0;
    for (std::size_t i = 0; i < number.size(); ++i) {
        int digit = number[number.size() - 1 - i] - '0';
        if (i % 2 == 0) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return (10 - sum % 10) % 10 == code.back() - '0';
}

// https://confluence.ihtsdotools.org/display/DOCRELFMT/5.5+Check-digit: Verhoeff's.
bool is_snomed(std::string_view code) {
    constexpr std::array<std::string_view, 10> multiplied = {
        "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
        "5987604321", "6598710432", "7659821043", "8765932104", "9876543210"};
    constexpr std::array<std::string_view, 8> permuted = {"0123456789", "1576283094", "5803796142",
                                                          "8916043527", "9453126870", "4286573901",
                                                          "2793806415", "7046913258"};
    if (!is_digits(code, 6, 18) || code.front() == '0') return false;
    char check = '0';
    for (std::size_t i = 0; i < code.size(); ++i) {
        const char digit = code[code.size() - 1 - i];
        const char moved = permuted[i % 8][static_cast<std::size_t>(digit - '0')];
        check = multiplied[static_cast<std::size_t>(check - '0')]
                          [static_cast<std::size_t>(moved - '0')];
    }
    return check == '0';
}

// A category, and what is below it behind a dot.
bool is_icd10_cm(std::string_view code) {
    if (code.size() < 3 || code.size() > 8 || !(code[0] >= 'A' && code[0] <= 'Z') ||
        !is_digit(code[1]) || !is_capital_or_digit(code[2]))
        return false;
    return code.size() == 3 || (code[3] == '.' && code.size() > 4 &&
                                std::ranges::all_of(code.substr(4), is_capital_or_digit));
}

bool is_rxnorm(std::string_view code) { return is_digits(code, 1, 8); }
bool is_cvx(std::string_view code) { return is_digits(code, 1, 3); }

struct SystemForm {
    std::string_view system;
    bool (*is_code)(std::string_view);
};
constexpr SystemForm forms[] = {{"http://loinc.org", is_loinc},
                                {"http://snomed.info/sct", is_snomed},
                                {"http://hl7.org/fhir/sid/icd-10-cm", is_icd10_cm},
                                {"http://www.nlm.nih.gov/research/umls/rxnorm", is_rxnorm},
                                {"http://hl7.org/fhir/sid/cvx", is_cvx}};

class CodeCheck {
public:
    CodeCheck(const KnowledgeFile& file, KnowledgeProblems& problems)
        : file_(file), problems_(problems) {}

    void system(const std::string& path, std::string_view uri) {
        if (const std::string fault = system_fault(uri); !fault.empty())
            problems_.add(file_, path, fault);
    }
    void code(const std::string& path, std::string_view uri, std::string_view text) {
        if (const std::string fault = code_fault(uri, text); !fault.empty())
            problems_.add(file_, path, fault);
    }
    void rows() {
        const auto all = file_.json["rows"].items();
        for (std::size_t i = 0; i < all.size(); ++i) {
            const std::string where = row_path("rows", i);
            system(where + "/system", all[i]["system"].string());
            std::string_view codes = all[i]["codes"].string();
            for (std::size_t k = 0; !codes.empty(); ++k) {
                const std::string_view one = codes.substr(0, codes.find(' '));
                codes.remove_prefix(std::min(one.size() + 1, codes.size()));
                code(where + row_path("codes", k), all[i]["system"].string(), one);
            }
        }
    }
    void contained(JsonView contains, const std::string& where) {
        const auto all = contains.items();
        for (std::size_t i = 0; i < all.size(); ++i) {
            const std::string here = where + ".contains[" + std::to_string(i) + "]";
            system(here + ".system", all[i]["system"].string());
            code(here + ".code", all[i]["system"].string(), all[i]["code"].string());
            contained(all[i]["contains"], here);
        }
    }
    void composed(JsonView includes, const std::string& where) {
        const auto all = includes.items();
        for (std::size_t i = 0; i < all.size(); ++i) {
            const std::string here = where + "[" + std::to_string(i) + "]";
            system(here + ".system", all[i]["system"].string());
            const auto concepts = all[i]["concept"].items();
            for (std::size_t k = 0; k < concepts.size(); ++k)
                code(here + ".concept[" + std::to_string(k) + "].code", all[i]["system"].string(),
                     concepts[k]["code"].string());
        }
    }

private:
    const KnowledgeFile& file_;
    KnowledgeProblems& problems_;
};

}  // namespace

std::string system_fault(std::string_view system) {
    if (const auto right = fhir::canonical_system(system); right && right->uri != system)
        return "is another name of " + right->uri;
    if (!system.ends_with('/')) return {};
    std::string_view bare = system;
    while (bare.ends_with('/')) bare.remove_suffix(1);
    const bool is_known =
        std::ranges::any_of(forms, [&](const SystemForm& one) { return one.system == bare; });
    return is_known || bare.find("hl7.org/") != std::string_view::npos
               ? "is another name of " + std::string(bare)
               : std::string();
}

std::string code_fault(std::string_view system, std::string_view code) {
    if (code.empty()) return {};
    const auto* const form =
        std::ranges::find_if(forms, [&](const SystemForm& one) { return one.system == system; });
    if (form != std::end(forms) && !form->is_code(code))
        return "is no code of " + std::string(system);
    if (fhir::r4::code_fault(system, {}, code)) return "is no code of " + std::string(system);
    return {};
}

void check_codes(const KnowledgeFile& file, KnowledgeProblems& problems) {
    // What is built in stands as its source has it.
    if (file.kind != KnowledgeKind::Sensitivity || file.place.empty()) return;
    CodeCheck check(file, problems);
    check.rows();
    check.contained(file.json["expansion"]["contains"], "ValueSet.expansion");
    check.composed(file.json["compose"]["include"], "ValueSet.compose.include");
    check.composed(file.json["compose"]["exclude"], "ValueSet.compose.exclude");
}

}  // namespace consultd
