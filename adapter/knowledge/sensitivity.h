// Sensitivity: which codes and words speak of a sensitive matter, how surely, and where that is
// from: config/sensitivity/*.json, or a FHIR ValueSet, whose label is the code of v3-ActCode in its
// `useContext` of code `focus` (as https://github.com/SHIFT-Task-Force/SLS-ValueSets has it). A
// sign proves neither presence nor absence of a legal protection; it only ever takes something out.
// Knows no consent.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <set>
#include <vector>

#include "adapter/knowledge/code_set.h"
#include "adapter/knowledge/knowledge_file.h"
#include "adapter/knowledge/sensitive_words.h"

namespace consultd {

class Sensitivity {
public:
    // Possible: many that bear the sign have nothing of it. Likely: most have. Certain: it names
    // it.
    enum class Level : std::uint8_t { Possible, Likely, Certain };
    struct Row {
        std::string label;  // of v3-ActCode
        std::string topic;  // within the label: "abortion"; may be empty
        Level level = Level::Certain;
        std::string file, source;
        bool is_place = false;  // it says where somebody was: a clinic, a programme, a service
        std::shared_ptr<const OtherReason> otherwise = {};  // of medicines; none of most
    };
    struct Sign {
        const Row* row;  // lives as long as the Sensitivity and its copies
        Level level;     // the row's, or one below it
    };
    using Signs = std::vector<Sign>;

    // What a file says of codes: a row of it, the system, and single codes or ranges. `first` and
    // `last` begin codes of ICD-10, or of the row's own system, with their dots left out. A row of
    // -1: the codes betray nothing.
    struct Codes {
        int row = -1;
        std::string system, codes;
    };
    struct Range {
        int row;
        std::string system, first, last;
    };
    struct Tables {
        std::vector<Row> rows;
        std::vector<Codes> codes;  // each with spaces between
        std::vector<Range> ranges;
        SensitiveWords words;
    };

    Sensitivity() = default;  // nothing is sensitive
    explicit Sensitivity(Tables tables);

    Signs of_code(std::string_view system, std::string_view code) const;
    // A code that some row names or that is known to betray nothing, or one of a system of which
    // all is known by ranges. Of any other, nothing is known.
    bool knows(std::string_view system, std::string_view code) const;
    // Of the name of something, a few words. A denied or a family's matter is one level below.
    Signs of_name(std::string_view text, bool is_medicine = false) const;
    // Of an id, a part of an address, a local code: words are fused in it, "hivClinic2".
    Signs of_label(std::string_view label) const;
    // Of what somebody wrote: without what is no more than possible. What it denies, and says
    // nothing else of, is possible.
    Signs of_text(std::string_view text) const;

    // Whether a text, or a code of ICD-10, gives a reason for what the row names that is not its
    // matter.
    static bool gives_other_reason(const Row& row, std::string_view text);
    static bool gives_other_reason(const Row& row, std::string_view system, std::string_view code);

    // What is withheld unless a consent names it: "SUD", or a topic of a label, "SEX.abortion".
    void withhold_unspoken(std::set<std::string, std::less<>> what) { unspoken_ = std::move(what); }
    bool is_unspoken(const Row& row) const;
    // Whether what a programme for substance use in the United States holds is under 42 CFR Part 2
    // where we are.
    bool has_part2() const { return has_part2_; }
    void leave_part2() { has_part2_ = false; }
    const std::set<std::string, std::less<>>& unspoken() const { return unspoken_; }
    bool has_topic(std::string_view label, std::string_view topic) const;

private:
    struct Data;
    enum class Kind : std::uint8_t { Name, Text };
    // The text as it is written and as it is meant.
    template <class Use>
    void each_reading(std::string_view text, Kind kind, Use use) const;
    // Of the codes that stand in a text.
    void add_codes_in(std::string_view text, Signs& signs) const;
    std::shared_ptr<const Data> data_;
    std::set<std::string, std::less<>> unspoken_;
    bool has_part2_ = true;
};

// "SUD", "HIV", "PSYTHPN", "SDV", and of SEX abortion, gender and orientation.
std::set<std::string, std::less<>> default_unspoken();

Sensitivity read_sensitivity(std::span<const KnowledgeFile> files, KnowledgeProblems& problems);

// Whether v3-ActCode of R4 has this code among those of sensitivity.
// https://terminology.hl7.org/CodeSystem-v3-ActCode.html, "information sensitivity"
bool is_sensitivity_label(std::string_view code);

// A ValueSet as a row, added to the tables; problems where it cannot be read as a whole.
void read_value_set(const KnowledgeFile& file, Sensitivity::Tables& tables,
                    KnowledgeProblems& problems);

}  // namespace consultd
