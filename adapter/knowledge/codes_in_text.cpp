#include "adapter/knowledge/codes_in_text.h"

#include <algorithm>
#include <array>
#include <optional>

#include "adapter/knowledge/code_form.h"
#include "fhir/base/ascii.h"

namespace consultd {
namespace {

using System = CodeInText::System;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digits(std::string_view text) { return std::ranges::all_of(text, is_digit); }
bool is_word(char c) { return is_ascii_alnum(c) || static_cast<unsigned char>(c) >= 0x80; }

template <std::size_t n>
bool is_one_of(std::string_view word, const std::array<std::string_view, n>& words) {
    return std::ranges::find(words, word) != words.end();
}

// What is written without a blank: "F10.2", "20447-9", "ICD-10", "B24.-".
struct Piece {
    std::string_view text;
    std::size_t begin, end;
};

class Reader {
public:
    Reader(std::string_view text, LineOfCodes line) : text_(text), line_(line) {}
    std::vector<CodeInText> codes() {
        for (std::size_t at = 0; at < text_.size();) {
            if (!is_word(text_[at])) {
                ++at;
                continue;
            }
            const Piece piece = piece_at(at);
            read(piece);
            at = piece.end;
        }
        return std::move(found_);
    }

private:
    // How many pieces behind its mark a list of codes may go on.
    static constexpr std::size_t list_pieces = 60, near_pieces = 4, pieces_max = 1U << 30U;
    struct Mark {
        std::size_t at = pieces_max;
        bool is_within(std::size_t now, std::size_t pieces) const {
            return at != pieces_max && now - at <= pieces;
        }
    };

    Piece piece_at(std::size_t begin) const {
        std::size_t end = begin;
        while (end < text_.size() &&
               (is_word(text_[end]) || text_[end] == '.' || text_[end] == '-'))
            ++end;
        Piece piece{text_.substr(begin, end - begin), begin, end};
        while (piece.text.ends_with('.') || piece.text.ends_with('-')) piece.text.remove_suffix(1);
        return piece;
    }
    char behind(const Piece& piece) const {
        const std::size_t end = piece.begin + piece.text.size();
        return end < text_.size() ? text_[end] : ' ';
    }
    void add(System system, std::string_view code) {
        found_.push_back({system, std::string(code)});
    }

    void read(const Piece& piece) {
        ++number_;
        const bool has_digit = std::ranges::any_of(piece.text, is_digit);
        if (read_mark(piece, has_digit)) return;
        if (!has_digit) {
            if (begins_history(piece.text)) history_.at = number_;
            word_before_ = piece.text;
            was_code_ = false;
            return;
        }
        if (!numbers_places(word_before_)) read_code(piece);
        word_before_ = {};
    }

    // "Bett B20", "vitamin B12", "version F10.2".
    static bool numbers_places(std::string_view word) {
        static constexpr std::array<std::string_view, 36> words = {
            "bay",      "bed",     "bett",  "block",   "box",   "cama",     "chambre", "cubicle",
            "fig",      "figure",  "flat",  "floor",   "gate",  "haus",     "house",   "kamer",
            "lit",      "lot",     "model", "panel",   "platz", "position", "raum",    "room",
            "seat",     "station", "suite", "tabelle", "table", "unit",     "version", "vitamin",
            "vitamine", "ward",    "well",  "zimmer"};
        return is_one_of(ascii_lower(word), words);
    }

    static bool may_be_mark(std::string_view word) {
        constexpr std::size_t short_max = 12, long_max = 40;
        if (word.size() > short_max)
            return word.size() <= long_max &&
                   (word.find("iagn") != word.npos || word.find("IAGN") != word.npos);
        return std::string_view("acdhilorsACDHILORS").find(word[0]) != std::string_view::npos ||
               word.find("diagn") != word.npos;
    }

    // "PMH: HTN, B20": a list of what somebody had, of which each entry stands between commas.
    static bool begins_history(std::string_view word) {
        static constexpr std::array<std::string_view, 16> words = {"anamnese",
                                                                   "antecedentes",
                                                                   "antecedents",
                                                                   "assessment",
                                                                   "comorbidities",
                                                                   "comorbidity",
                                                                   "hx",
                                                                   "impression",
                                                                   "komorbiditat",
                                                                   "pmh",
                                                                   "pmhx",
                                                                   "problem",
                                                                   "problems",
                                                                   "vorerkrankung",
                                                                   "vorerkrankungen",
                                                                   "voorgeschiedenis"};
        return is_one_of(ascii_lower(word), words);
    }
    // It stands between what parts the entries of a list.
    bool is_entry(const Piece& piece) const {
        constexpr std::string_view parting = ",;:\n\r/|";
        std::size_t before = piece.begin, after = piece.begin + piece.text.size();
        while (before > 0 && text_[before - 1] == ' ') --before;
        while (after < text_.size() && (text_[after] == ' ' || text_[after] == '.')) ++after;
        return (before == 0 || parting.find(text_[before - 1]) != parting.npos) &&
               (after == text_.size() || parting.find(text_[after]) != parting.npos);
    }
    // "B20", "2) B20, E11.9": its line holds nothing else, but for what numbers the entries.
    bool is_line_of_codes(const Piece& piece) const {
        constexpr std::size_t line_max = 100;
        const auto begin = text_.find_last_of("\r\n", piece.begin) + 1;  // of npos: 0
        const std::string_view line =
            text_.substr(begin, text_.find_first_of("\r\n", piece.begin) - begin);
        if (line.size() > line_max || line.find(':') != line.npos) return false;
        for (std::size_t at = 0; at < line.size();) {
            if (!is_word(line[at])) {
                ++at;
                continue;
            }
            std::size_t end = at;
            while (end < line.size() && (is_word(line[end]) || line[end] == '.')) ++end;
            const std::string_view word = line.substr(at, end - at);
            const bool is_number = word.find_first_not_of("0123456789.") == word.npos;
            const bool is_code = word.size() >= 3 && is_capital(word[0]) && is_digit(word[1]) &&
                                 is_ascii_alnum(word[2]);
            if (!is_code && !(is_number && word.size() <= 3)) return false;
            at = end;
        }
        return true;
    }

    // The name of a system, or of a list of diagnoses.
    bool read_mark(const Piece& piece, bool has_digit) {
        if (!may_be_mark(piece.text) || (has_digit && !is_ascii_letter(piece.text[0])))
            return false;
        std::string word;
        for (const char letter : piece.text)
            if (letter != '-' && letter != '.') word += to_ascii_lower(letter);
        static constexpr std::array<std::string_view, 10> lists = {
            "icd", "icd10", "icd10cm", "icd10gm", "cim10", "cie10", "dx", "dg", "diag", "hdx"};
        static constexpr std::array<std::string_view, 6> old_lists = {"icd9", "icd9cm", "cim9",
                                                                      "cie9", "dsm",    "dsmiv"};
        const bool is_old = is_one_of(word, old_lists) || word.starts_with("dsm");
        Mark* mark = nullptr;
        if (is_old || is_one_of(word, lists) || word.find("diagn") != word.npos ||
            word.starts_with("icd10"))
            mark = &diagnoses_;
        else if (word == "loinc")
            mark = &loinc_;
        else if (word == "snomed" || word == "sct" || word == "sctid" || word == "snomedct")
            mark = &snomed_;
        else if (word == "rxnorm" || word == "rxcui")
            mark = &rxnorm_;
        else if (word == "cpt" || word == "hcpcs")
            mark = &cpt_;
        else if (word == "ops")
            mark = &ops_;
        else if (word == "atc")
            mark = &atc_;
        if (mark == nullptr) return false;
        mark->at = number_;
        if (is_old) old_.at = number_;
        if (mark == &diagnoses_ && waiting_ && number_ - waiting_at_ <= near_pieces)
            add(System::Icd10, *waiting_);
        waiting_.reset();
        word_before_ = {};
        was_code_ = true;
        return true;
    }

    void read_code(const Piece& piece) {
        const std::string_view text = piece.text;
        const bool is_first_or_next = was_code_;
        was_code_ = true;
        if (text.size() == 7 && is_atc(text)) return add(System::Atc, text);
        if (read_icd10(piece, is_first_or_next) || read_icd9(text, is_first_or_next)) return;
        const std::size_t dash = text.find('-');
        if (dash != text.npos && dash + 2 == text.size() && is_digits(text.substr(0, dash)) &&
            (dash >= 4 || loinc_.is_within(number_, near_pieces)) &&
            code_fault("http://loinc.org", text).empty())
            return add(System::Loinc, text);
        if (is_digits(text)) return read_number(text, is_first_or_next);
        if (text.size() >= 3 && atc_.is_within(number_, near_pieces)) return add(System::Atc, text);
        if (text.size() == 5 && is_capital(text[0]) && is_digits(text.substr(1)) &&
            cpt_.is_within(number_, list_pieces))
            return add(System::Hcpcs, text);
        if (text.size() >= 4 && text[1] == '-' && is_digit(text[0]) &&
            ops_.is_within(number_, list_pieces))
            return add(System::Ops, text);
        was_code_ = false;
    }

    void read_number(std::string_view text, bool is_first_or_next) {
        const bool is_named = snomed_.is_within(number_, near_pieces);
        if ((text.size() >= 8 || is_named) && code_fault("http://snomed.info/sct", text).empty())
            add(System::Snomed, text);
        if (rxnorm_.is_within(number_, near_pieces)) add(System::RxNorm, text);
        if (text.size() == 5 && cpt_.is_within(number_, list_pieces)) add(System::Cpt, text);
        was_code_ = is_first_or_next;
    }

    static bool is_atc(std::string_view text) {
        return is_capital(text[0]) && is_digits(text.substr(1, 2)) && is_capital(text[3]) &&
               is_capital(text[4]) && is_digits(text.substr(5));
    }

    // G, V, A, Z: certain, suspected, ruled out, after it, as German letters have it behind a code.
    bool is_assured(const Piece& piece) const {
        std::size_t at = piece.begin + piece.text.size();
        while (at < piece.end && (text_[at] == '.' || text_[at] == '-' || text_[at] == '!')) ++at;
        const std::size_t blank = at;
        while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t')) ++at;
        if (at == blank || at >= text_.size()) return false;
        return std::string_view("GVAZ").find(text_[at]) != std::string_view::npos &&
               (at + 1 == text_.size() || !is_word(text_[at + 1]));
    }
    bool is_measure(const Piece& piece) const {
        if (behind(piece) == '%') return true;
        static constexpr std::array<std::string_view, 8> units = {"mm", "cm", "mg",  "ml",
                                                                  "kg", "g",  "mcg", "min"};
        std::size_t at = piece.end;
        while (at < text_.size() && text_[at] == ' ') ++at;
        return is_one_of(
            at < text_.size() && is_word(text_[at]) ? piece_at(at).text : std::string_view(),
            units);
    }

    // https://www.who.int/standards/classifications/classification-of-diseases: a letter, two
    // digits (the second may be a letter in ICD-10-CM), and what is below behind a dot.
    bool read_icd10(const Piece& piece, bool is_first_or_next) {
        std::string code(piece.text);
        if (code.size() < 3 || !is_ascii_letter(code[0]) || !is_digit(code[1]) ||
            !is_ascii_alnum(code[2]))
            return false;
        const bool is_listed = diagnoses_.is_within(number_, list_pieces);
        if (!is_capital(code[0]) && !is_listed) return false;
        // The mark of German letters may stand without a blank: "F10.2G".
        const bool has_mark = code.size() > 3 && is_digit(code[code.size() - 2]) &&
                              std::string_view("GVAZ").find(code.back()) != std::string_view::npos;
        if (has_mark) code.pop_back();
        const bool is_dotted = code.size() > 3 && code[3] == '.';
        const std::string_view below =
            is_dotted ? std::string_view(code).substr(4) : std::string_view(code).substr(3);
        // "F508del" is a gene's: a code's letters are as large as its first.
        const auto is_below = [&](char c) {
            return is_digit(c) || (is_capital(c) && is_capital(code[0]));
        };
        if (below.size() > 4 || !std::ranges::all_of(below, is_below) ||
            (is_dotted && (below.empty() || !is_digit(below[0]))))
            return false;
        // "B24.-" is all of it.
        const bool is_opened =
            behind(piece) == '.' && piece.end > piece.begin + piece.text.size() + 1;
        const bool is_shown = is_dotted || is_opened || has_mark || is_assured(piece);
        if (is_dotted && !is_listed && is_measure(piece)) return false;
        const bool is_alone = (history_.is_within(number_, list_pieces) && is_entry(piece)) ||
                              (line_ == LineOfCodes::Diagnoses && is_line_of_codes(piece));
        if (is_shown || is_listed || is_alone || (is_first_or_next && was_dotted_)) {
            add(System::Icd10, code);
        } else {
            waiting_ = code;
            waiting_at_ = number_;
        }
        // What stands in one list with what is certainly a code, is one.
        if (is_dotted && waiting_ && number_ - waiting_at_ == 1) add(System::Icd10, *waiting_);
        was_dotted_ = is_dotted || (is_first_or_next && was_dotted_);
        return true;
    }

    // "042", "303.90", "V08", "E950.0": numbers as any other, but where a list of them begins.
    bool read_icd9(std::string_view text, bool is_first_or_next) {
        if (!diagnoses_.is_within(number_, list_pieces)) return false;
        if (!is_first_or_next && !old_.is_within(number_, list_pieces)) return false;
        const std::size_t letters = text[0] == 'V' || text[0] == 'E' ? 1 : 0;
        const std::size_t dot = std::min(text.find('.'), text.size());
        const std::string_view head = text.substr(letters, dot - letters);
        const std::string_view below = text.substr(std::min(dot + 1, text.size()));
        if (!is_digits(head) || !is_digits(below) || below.size() > 2 ||
            head.size() != (text[0] == 'V' ? 2U : 3U))
            return false;
        add(System::Icd9, text);
        return true;
    }

    std::string_view text_;
    LineOfCodes line_;
    std::vector<CodeInText> found_;
    std::size_t number_ = 0;  // of the piece that is read
    Mark diagnoses_, old_, history_, loinc_, snomed_, atc_, rxnorm_, cpt_, ops_;
    std::optional<std::string> waiting_;  // has the form of a code, and nothing says so yet
    std::size_t waiting_at_ = 0;
    std::string_view word_before_;  // the piece before, where it is no code
    bool was_code_ = false;         // the piece before was a code, or a mark
    bool was_dotted_ = false;       // and certainly one
};

}  // namespace

std::vector<CodeInText> codes_in_text(std::string_view text, LineOfCodes line) {
    return Reader(text, line).codes();
}

}  // namespace consultd
