// ConfigTest: a folder for a configuration file, thrown away with the test.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "config/config.h"

namespace consultd::config {

// A whole configuration that loads; each test changes one thing of it.
inline const std::string whole = R"({
  "state": {"directory": "state", "keyFile": "state.key"},
  "audit": {"origin": "consult.example.org/audit", "keyFile": "audit.key"},
  "sources": {"general": {"name": "General Hospital", "fhirBaseUrl": "https://ehr.example/fhir",
    "auth": {"type": "none"}}},
  "destinations": {"center": {"name": "Cancer Center", "fhirBaseUrl": "https://center.example/r4",
    "auth": {"type": "none"}}}
})";

class ConfigTest : public ::testing::Test {
protected:
    ConfigTest() {
        std::string pattern = std::filesystem::temp_directory_path() / "consultd-config-XXXXXX";
        EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
        folder = std::filesystem::canonical(pattern).string();
    }
    ~ConfigTest() override { std::filesystem::remove_all(folder); }

    std::string write(const std::string& name, const std::string& text) const {
        std::ofstream(folder + "/" + name) << text;
        return folder + "/" + name;
    }
    Loaded load_text(const std::string& text) const {
        const Result<Loaded> loaded = load(write("consultd.json", text));
        EXPECT_TRUE(loaded.ok());
        return loaded.ok() ? *loaded : Loaded{};
    }
    // "path text" of each problem.
    std::vector<std::string> problems(const std::string& text) const {
        std::vector<std::string> lines;
        const Loaded loaded = load_text(text);
        for (const Problem& problem : loaded.problems)
            lines.push_back(problem.path + " " + problem.text);
        EXPECT_EQ(loaded.config.has_value(), lines.empty());
        return lines;
    }
    // `whole` with the first `from` replaced.
    static std::string with(const std::string& from, const std::string& to) {
        std::string text = whole;
        const std::size_t at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        return at == std::string::npos ? text : text.replace(at, from.size(), to);
    }

    std::string folder;
};

}  // namespace consultd::config
