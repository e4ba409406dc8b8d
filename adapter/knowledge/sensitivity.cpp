#include "adapter/knowledge/sensitivity.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <optional>

#include "adapter/knowledge/codes_in_text.h"
#include "adapter/knowledge/respelling.h"
#include "fhir/base/ascii.h"

namespace consultd {
namespace {

constexpr std::string_view labels[] = {
    "BH",  "COGN", "DVD",     "EMOTDIS", "ETH", "ETHUD",  "GDIS", "HIV", "MH",  "MST",  "OPIOIDUD",
    "PSY", "SCA",  "PSYTHPN", "SDV",     "SEX", "SICKLE", "SPI",  "STD", "SUD", "TBOO", "VIO"};

// What turns a name's matter: it was not there, it was looked for, somebody else has it.
constexpr std::string_view turning[] = {"absence",   "ausgeschlossen", "ausschluss", "denied",
                                        "denies",    "descartada",     "descartado", "excluded",
                                        "exclu",     "familial",       "family",     "father",
                                        "geen",      "history",        "kein",       "keine",
                                        "mother",    "negative",       "never",      "no",
                                        "not",       "screening",      "sans",       "sin",
                                        "suspected", "uitgesloten"};
// Whose matters are nobody else's: a relative's violence, virus or gene is near to the patient.
constexpr std::string_view of_one[] = {"COGN", "ETHUD", "MH", "OPIOIDUD", "PSY", "SEX", "SUD"};
constexpr std::size_t name_tokens_max = 16;

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
char upper(char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); }

bool is_icd10(std::string_view system) { return system.find("icd-10") != std::string_view::npos; }

// Not of a system that is certainly another: an OID, a local system or none may well be ICD-10.
bool may_be_icd10(std::string_view system, std::string_view code) {
    if (code.size() < 3 || !is_letter(code[0]) || !is_digit(code[1])) return false;
    return is_icd10(system) || !(system.starts_with("http://") || system.starts_with("https://"));
}

// The marks of national modifications ("!", "*", "†", "+", "-") are no part of a code either.
std::string plain_code(std::string_view code) {
    std::string plain;
    for (const char letter : code)
        if (std::isalnum(static_cast<unsigned char>(letter)) != 0) plain += upper(letter);
    return plain;
}

bool is_in_range(std::string_view code, std::string_view first, std::string_view last) {
    return code.size() >= first.size() && code.substr(0, first.size()) >= first &&
           code.substr(0, last.size()) <= last;
}

// What ICD-10-CM's sixth character says of a poisoning by T36 to T65 and of T71.
char intent_of(std::string_view plain) {
    if (plain.size() < 6) return '\0';
    const std::string_view category = plain.substr(0, 3);
    const bool is_poisoning = (category >= "T36" && category <= "T65") || category == "T71";
    return is_poisoning ? plain[5] : '\0';
}

// A long text is read in pieces, so that its tokens are never all in memory; they end between words
// where there are any.
constexpr std::size_t piece_bytes = std::size_t{1} << 20, piece_overlap = 256;
std::string_view first_piece(std::string_view text) {
    if (text.size() <= piece_bytes) return text;
    const std::size_t end = text.substr(0, piece_bytes).find_last_of(" \t\r\n");
    return text.substr(0, end == text.npos || end < piece_bytes / 2 ? piece_bytes : end);
}

// What rows call the system of a code that stands in a text.
std::string_view name_of(CodeInText::System system) {
    using System = CodeInText::System;
    switch (system) {
        case System::Icd10:
            return "icd-10";  // any of them
        case System::Icd9:
            return "http://hl7.org/fhir/sid/icd-9-cm";
        case System::Loinc:
            return "http://loinc.org";
        case System::Snomed:
            return "http://snomed.info/sct";
        case System::Atc:
            return "http://www.whocc.no/atc";
        case System::RxNorm:
            return "http://www.nlm.nih.gov/research/umls/rxnorm";
        case System::Cpt:
            return "http://www.ama-assn.org/go/cpt";
        case System::Hcpcs:
            return "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets";
        case System::Ops:
            return "http://fhir.de/CodeSystem/bfarm/ops";
    }
    return {};
}

// "hivClinic.txt", "hiv_2024": without a blank, and a word more when it is taken apart.
bool is_fused(std::string_view text) {
    return text.size() < 100 && text.find_first_of(" \t\n") == text.npos && in_parts(text) != text;
}

bool is_of_one(std::string_view label) {
    return std::ranges::find(of_one, label) != std::end(of_one);
}

Sensitivity::Level below(Sensitivity::Level level) {
    return level == Sensitivity::Level::Certain ? Sensitivity::Level::Likely
                                                : Sensitivity::Level::Possible;
}

}  // namespace

bool is_sensitivity_label(std::string_view code) {
    return std::ranges::find(labels, code) != std::end(labels);
}

std::set<std::string, std::less<>> default_unspoken() {
    return {"HIV", "PSYTHPN", "SDV", "SEX.abortion", "SEX.gender", "SEX.orientation", "SUD"};
}

// Codes are found by a hash: a bucket leads to the last entry of it, each entry to the next.
struct Sensitivity::Data {
    static constexpr std::uint32_t none = 0xffffffff;
    static constexpr std::int32_t neutral = -1;
    struct Entry {
        std::string_view code;
        std::int32_t row;
        std::uint16_t system;
        std::uint32_t next;
    };
    Tables tables;
    NamedSystems named;
    std::vector<std::string> systems;
    std::vector<std::uint32_t> buckets;
    std::vector<Entry> entries;
    std::array<std::vector<const Range*>, 128> ranges;  // by the first letter of what they hold
    std::set<std::string, std::less<>> whole_systems;   // all of which the ranges know
    Row self_harm{"MH", "", Level::Certain, "icd", "ICD-10-CM, intent of a poisoning"};
    Row assault{"SDV", "", Level::Likely, "icd", "ICD-10-CM, intent of a poisoning"};

    explicit Data(Tables given) : tables(std::move(given)), buckets(1U << 16U, none) {
        for (const Codes& one : tables.codes) add(one);
        for (const Range& one : tables.ranges) {
            for (char letter = one.first[0]; letter <= one.last[0]; ++letter)
                ranges[static_cast<std::size_t>(letter)].push_back(&one);
            if (is_icd10(one.system) || one.system.find("icd-9") != std::string::npos ||
                one.system.find("atc") != std::string::npos)
                whole_systems.insert(one.system);
        }
    }
    void add(const Codes& list) {
        named.add(list.system);
        auto system = std::ranges::find(systems, list.system);
        if (system == systems.end()) system = systems.insert(systems.end(), list.system);
        const auto number = static_cast<std::uint16_t>(system - systems.begin());
        std::string_view rest = list.codes;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(' '), rest.size());
            const std::string_view code = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 1, rest.size()));
            std::uint32_t& bucket = bucket_of(code);
            entries.push_back({code, list.row, number, bucket});
            bucket = static_cast<std::uint32_t>(entries.size() - 1);
        }
    }
    std::uint32_t& bucket_of(std::string_view code) {
        return buckets[std::hash<std::string_view>{}(code) & (buckets.size() - 1)];
    }
    template <class Use>
    void each(std::string_view system, std::string_view code, Use use) const {
        const std::size_t bucket = std::hash<std::string_view>{}(code) & (buckets.size() - 1);
        for (std::uint32_t at = buckets[bucket]; at != none; at = entries[at].next)
            if (entries[at].code == code && named.may_be(system, systems[entries[at].system]))
                use(entries[at]);
    }
    const Row& row(std::int32_t number) const {
        return tables.rows[static_cast<std::size_t>(number)];
    }
    void add_ranges(std::string_view system, std::string_view code, Signs& signs) const;
};

Sensitivity::Sensitivity(Tables tables) : data_(std::make_shared<const Data>(std::move(tables))) {}

void Sensitivity::Data::add_ranges(std::string_view system, std::string_view code,
                                   Signs& signs) const {
    const std::string plain = plain_code(code);
    if (plain.empty()) return;
    const auto letter = static_cast<unsigned char>(plain[0]);
    if (letter >= ranges.size() || ranges[letter].empty()) return;
    const bool any_icd10 = may_be_icd10(system, code);
    // A system that rows name is that one alone; any other of ICD-10 may be each of them.
    const bool is_named = whole_systems.contains(system);
    const char intent = any_icd10 ? intent_of(plain) : '\0';
    // What was right and did harm, or was taken too little of, tells little of a habit.
    const bool is_adverse = intent == '5' || intent == '6';
    for (const Range* range : ranges[letter])
        if ((range->system == system || (any_icd10 && !is_named && is_icd10(range->system))) &&
            is_in_range(plain, range->first, range->last)) {
            const Row& found = row(range->row);
            signs.push_back(
                {&found, is_adverse && found.label == "SUD" ? Level::Possible : found.level});
        }
    if (intent == '2') signs.push_back({&self_harm, self_harm.level});
    if (intent == '3') signs.push_back({&assault, assault.level});
}

Sensitivity::Signs Sensitivity::of_code(std::string_view system, std::string_view code) const {
    Signs signs;
    if (code.empty() || !data_) return signs;
    data_->each(system, code, [&](const Data::Entry& entry) {
        if (entry.row == Data::neutral) return;
        const Row& row = data_->row(entry.row);
        signs.push_back({&row, row.level});
    });
    data_->add_ranges(system, code, signs);
    return signs;
}

bool Sensitivity::knows(std::string_view system, std::string_view code) const {
    if (code.empty() || !data_) return true;
    if (data_->whole_systems.contains(system) || is_icd10(system)) return true;
    bool is_listed = false;
    data_->each(system, code, [&](const Data::Entry&) { is_listed = true; });
    return is_listed || !of_code(system, code).empty();
}

void Sensitivity::add_codes_in(std::string_view text, Signs& signs) const {
    for (const CodeInText& one : codes_in_text(text, LineOfCodes::Diagnoses))
        for (const Sign& sign : of_code(name_of(one.system), one.code))
            if (sign.level != Level::Possible) signs.push_back(sign);
}

template <class Use>
void Sensitivity::each_reading(std::string_view text, Kind kind, Use use) const {
    const SensitiveWords& words = data_->tables.words;
    const Tokens written(text);
    use(written);
    const std::string respelt_text = respelt(text);
    const std::string_view plain = respelt_text.empty() ? text : respelt_text;
    std::optional<Tokens> respelt_tokens;
    if (!respelt_text.empty()) use(respelt_tokens.emplace(plain));
    const Tokens& tokens = respelt_tokens ? *respelt_tokens : written;
    const auto use_text = [&](std::string_view reading) {
        if (!reading.empty()) use(Tokens(reading));
    };
    use_text(without_spelling(plain, tokens));
    use_text(words.corrected(plain, tokens));
    if (kind == Kind::Name) use_text(words.parted(plain, tokens));
}

Sensitivity::Signs Sensitivity::of_name(std::string_view text, bool is_medicine) const {
    Signs signs;
    if (text.empty() || !data_) return signs;
    each_reading(text, Kind::Name, [&](const Tokens& tokens) {
        bool is_turned = false;
        for (std::size_t i = 0; i < tokens.size() && tokens.size() <= name_tokens_max; ++i)
            is_turned |= std::ranges::find(turning, tokens[i].folded) != std::end(turning);
        for (const SensitiveWords::Found& found : data_->tables.words.find(tokens, is_medicine)) {
            const Row& row = data_->row(found.row);
            const bool is_other =
                (row.otherwise && row.otherwise->stands(tokens, {0, tokens.size()})) ||
                (found.is_of_kin && is_of_one(row.label));
            signs.push_back({&row, is_other    ? Level::Possible
                                   : is_turned ? below(row.level)
                                               : row.level});
        }
    });
    for (const CodeInText& one : codes_in_text(text))
        for (const Sign& sign : of_code(name_of(one.system), one.code))
            if (sign.level != Level::Possible) signs.push_back(sign);
    // The name of a file: its words are fused.
    if (is_fused(text)) std::ranges::copy(of_label(text), std::back_inserter(signs));
    return signs;
}

Sensitivity::Signs Sensitivity::of_label(std::string_view label) const {
    const std::string words = in_parts(label), caseless = in_parts(ascii_lower(label));
    Signs signs = of_name(words);
    if (words.size() != caseless.size())  // "SARTexam"
        std::ranges::copy(of_name(caseless), std::back_inserter(signs));
    return signs;
}

Sensitivity::Signs Sensitivity::of_text(std::string_view text) const {
    Signs signs;
    while (data_ && !text.empty()) {
        const std::string_view piece = first_piece(text);
        each_reading(piece, Kind::Text, [&](const Tokens& tokens) {
            for (const SensitiveWords::Found& found : data_->tables.words.find(tokens))
                if (const Row& row = data_->row(found.row); row.level != Level::Possible)
                    signs.push_back({&row, found.is_denied || found.has_other_reason ||
                                                   (found.is_of_kin && is_of_one(row.label))
                                               ? Level::Possible
                                               : row.level});
        });
        add_codes_in(piece, signs);
        if (piece.size() == text.size()) break;
        // A phrase may stand where the pieces meet.
        const std::size_t next = text.find_first_of(" \t\r\n", piece.size() - piece_overlap);
        text.remove_prefix(std::min(next, piece.size()));
    }
    return signs;
}

bool Sensitivity::gives_other_reason(const Row& row, std::string_view text) {
    if (!row.otherwise || text.empty()) return false;
    const Tokens tokens(text);
    return row.otherwise->stands(tokens, {0, tokens.size()});
}

bool Sensitivity::gives_other_reason(const Row& row, std::string_view system,
                                     std::string_view code) {
    if (!row.otherwise || !may_be_icd10(system, code)) return false;
    const std::string plain = plain_code(code);
    return std::ranges::any_of(row.otherwise->icd10, [&](const auto& range) {
        return is_in_range(plain, range.first, range.second);
    });
}

bool Sensitivity::is_unspoken(const Row& row) const {
    return unspoken_.contains(row.label) ||
           (!row.topic.empty() && unspoken_.contains(row.label + "." + row.topic));
}

bool Sensitivity::has_topic(std::string_view label, std::string_view topic) const {
    return data_ && std::ranges::any_of(data_->tables.rows, [&](const Row& row) {
               return row.label == label && row.topic == topic;
           });
}

}  // namespace consultd
