// Knowledge: everything that decides and is data, as one immutable value with a digest: the search
// plan, sensitivity, checklists and key values, code maps, quirks. Made once of the files that are
// built in and of those that the configuration adds, for as long as that is in force; a file that
// has the name of another takes its place. Same in, same out holds for the record, the consent, the
// question, the time and this.
//
// Each row names its source. What is wrong in any file is told, all at once, and nothing is used.
#pragma once

#include <functional>
#include <optional>

#include "adapter/knowledge/code_maps.h"
#include "adapter/knowledge/quirks.h"
#include "adapter/knowledge/search_plan.h"
#include "adapter/knowledge/sensitivity.h"
#include "adapter/knowledge/specialties.h"

namespace consultd {

struct Knowledge {
    SearchPlan plan;
    Sensitivity sensitivity;
    Specialties specialties;
    CodeMaps maps;
    Quirks quirks;
    // What goes with what is under 42 CFR Part 2: the short statement of § 2.32 (a), unless the
    // configuration has another. https://www.ecfr.gov/current/title-42/section-2.32
    std::string part2_notice =
        "42 CFR part 2 prohibits unauthorized use or disclosure of these records.";
    std::string version;  // the newest of its files: "2026-11-26"
    std::string digest;   // SHA-256 hex of all that its files say, in whatever order they are named
};

struct LoadedKnowledge {
    std::optional<Knowledge> knowledge;  // absent when there is a problem
    std::vector<config::Problem> problems;
};

// One file's text. `place` is what names it in the configuration.
struct KnowledgeText {
    KnowledgeKind kind;
    std::string place, file, text;
};

// What is built in, alone.
Knowledge built_in_knowledge();
// What is built in, with these. Pure.
LoadedKnowledge read_knowledge(std::vector<KnowledgeText> added);
// Takes these for what is withheld unless a consent names it; a problem for each that is unknown.
void withhold_unspoken(const std::vector<std::string>& what, LoadedKnowledge& loaded);
// Takes what the configuration says of 42 CFR Part 2.
void set_part2(const config::Consent& consent, LoadedKnowledge& loaded);
// Makes whole what a file leaves to others to say: see expansion.h. It may replace a text, or take
// it away; what cannot be done is a problem.
using CompleteTexts =
    std::function<void(std::vector<KnowledgeText>&, std::vector<config::Problem>&)>;
// What is built in, with the files that the configuration names, and what it withholds unspoken.
LoadedKnowledge load_knowledge(const config::Knowledge& named, const config::Consent& consent = {},
                               const CompleteTexts& complete = {});

}  // namespace consultd
