// The files of config/sensitivity as tables.
#include <algorithm>

#include "adapter/knowledge/sensitivity.h"

namespace consultd {
namespace {

using fhir::JsonView;
using Level = Sensitivity::Level;

Level level_of(std::string_view text) {
    if (text == "possible") return Level::Possible;
    return text == "likely" ? Level::Likely : Level::Certain;
}

bool begins_codes(std::string_view text) {
    return !text.empty() && text.size() <= 8 && std::ranges::all_of(text, [](char letter) {
        return (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9');
    });
}

// "F10-F16 K70".
template <class Use>
void each_range(const KnowledgeFile& file, const std::string& where, std::string_view rest,
                KnowledgeProblems& problems, Use use) {
    while (!rest.empty()) {
        const std::string_view text = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(text.size() + 1, rest.size()));
        const std::size_t dash = std::min(text.find('-'), text.size());
        const std::string_view first = text.substr(0, dash);
        const std::string_view last = dash == text.size() ? first : text.substr(dash + 1);
        if (!begins_codes(first) || !begins_codes(last))
            problems.add(file, where, "has what is no beginning of a code");
        else if (first.size() != last.size() || first > last)
            problems.add(file, where, "has one that must end as long, and not before, it begins");
        else
            use(std::string(first), std::string(last));
    }
}

std::shared_ptr<const OtherReason> read_other_reason(const KnowledgeFile& file,
                                                     const std::string& where, JsonView row,
                                                     KnowledgeProblems& problems) {
    if (!row.has("otherwise")) return nullptr;
    auto reason = std::make_shared<OtherReason>();
    reason->phrases = parse_phrases(row["otherwise"].string());
    each_range(file, where + "/otherwiseIcd", row["otherwiseIcd"].string(), problems,
               [&](std::string first, std::string last) {
                   reason->icd10.emplace_back(std::move(first), std::move(last));
               });
    return reason;
}

// What a row without a label may hold.
constexpr const char* unlabelled[] = {"beside",  "cancel", "denies", "kin",
                                      "neutral", "parts",  "right"};

// A row of words that are no sign, or of codes that betray nothing, has no label.
void read_row(const KnowledgeFile& file, const std::string& where, JsonView row,
              Sensitivity::Tables& tables, KnowledgeProblems& problems) {
    tables.words.add_cancels(row["cancel"].string());
    tables.words.add_right(row["right"].string());
    tables.words.add_parts(row["parts"].string());
    tables.words.denials().add_denying(row["denies"].string());
    tables.words.denials().add_beside(row["beside"].string());
    tables.words.denials().add_kin(row["kin"].string());
    const std::string system(row["system"].string());
    const bool needs_system = row.has("codes") || row.has("ranges") || row.has("neutral");
    if (needs_system && system.empty()) problems.add(file, where + "/system", "is missing");
    if (row.has("neutral"))
        tables.codes.push_back({-1, system, std::string(row["neutral"].string())});
    const bool says_words = row.has("words") || row.has("exact");
    if (!row.has("codes") && !row.has("ranges") && !says_words) {
        const auto is_there = [&](const char* name) { return row.has(name); };
        if (std::ranges::none_of(unlabelled, is_there))
            problems.add(file, where, "has neither codes, ranges nor words");
        return;
    }
    if (!is_sensitivity_label(row["label"].string()))
        problems.add(file, where + "/label", "is no sensitivity code of v3-ActCode");
    const int number = static_cast<int>(tables.rows.size());
    tables.rows.push_back({std::string(row["label"].string()), std::string(row["topic"].string()),
                           level_of(row["level"].string()), file.name,
                           std::string(row["source"].string()), row["place"].is_true(),
                           read_other_reason(file, where, row, problems)});
    if (row.has("codes"))
        tables.codes.push_back({number, system, std::string(row["codes"].string())});
    each_range(file, where + "/ranges", row["ranges"].string(), problems,
               [&](std::string first, std::string last) {
                   tables.ranges.push_back({number, system, std::move(first), std::move(last)});
               });
    if (says_words)
        tables.words.add(static_cast<SensitiveWords::Row>(number),
                         {.words = row["words"].string(),
                          .exact = row["exact"].string(),
                          .with = row["with"].string(),
                          .near = row["near"].string(),
                          .all = row["all"].string(),
                          .without = row["not"].string(),
                          .otherwise = tables.rows.back().otherwise,
                          .only_medicine = row["only"].string() == "medicine",
                          .turns = tables.rows.back().level != Level::Possible});
}

}  // namespace

Sensitivity read_sensitivity(std::span<const KnowledgeFile> files, KnowledgeProblems& problems) {
    Sensitivity::Tables tables;
    for (const KnowledgeFile& file : files) {
        if (file.json.has("resourceType")) {
            read_value_set(file, tables, problems);
            continue;
        }
        const auto rows = file.json["rows"].items();
        for (std::size_t i = 0; i < rows.size(); ++i)
            read_row(file, row_path("rows", i), rows[i], tables, problems);
    }
    Sensitivity sensitivity(std::move(tables));
    sensitivity.withhold_unspoken(default_unspoken());
    return sensitivity;
}

}  // namespace consultd
