// Knowledge for tests: what is built in, read once, and files written in the test.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "adapter/knowledge/knowledge.h"

namespace consultd::testing {

inline const Knowledge& built_in() {
    static const Knowledge knowledge = built_in_knowledge();
    return knowledge;
}

inline KnowledgeText text_of(KnowledgeKind kind, std::string text, std::string file = "x.json") {
    return {kind, "/knowledge/test/0", std::move(file), std::move(text)};
}

// "path text" of each problem, as `check` tells it.
inline std::vector<std::string> problems_of(std::vector<KnowledgeText> texts) {
    std::vector<std::string> lines;
    const LoadedKnowledge loaded = read_knowledge(std::move(texts));
    for (const config::Problem& problem : loaded.problems)
        lines.push_back(problem.path + " " + problem.text);
    EXPECT_EQ(loaded.knowledge.has_value(), lines.empty());
    return lines;
}

// The labels of signs, each once, sorted.
inline std::vector<std::string> labels_of(const Sensitivity::Signs& signs) {
    std::set<std::string> labels;
    for (const Sensitivity::Sign& sign : signs) labels.insert(sign.row->label);
    return {labels.begin(), labels.end()};
}

// What is built in, with these; they must have no problem.
inline Knowledge with(std::vector<KnowledgeText> texts) {
    LoadedKnowledge loaded = read_knowledge(std::move(texts));
    for (const config::Problem& problem : loaded.problems) ADD_FAILURE() << problem.text;
    return loaded.knowledge ? *std::move(loaded.knowledge) : Knowledge();
}

}  // namespace consultd::testing
