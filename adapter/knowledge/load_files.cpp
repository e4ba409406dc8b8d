// The files of knowledge that the configuration names: found and read.
#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "adapter/knowledge/knowledge.h"

namespace consultd {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t files_max = 1000;  // of one pattern
constexpr std::uintmax_t file_bytes_max = std::uintmax_t{64} << 20;

// The file of that path, or those whose names in its folder match, in order.
std::vector<std::string> files_of(const std::string& pattern) {
    std::error_code error;
    if (fs::exists(pattern, error)) return {pattern};
    const fs::path path(pattern);
    std::vector<std::string> found;
    for (fs::directory_iterator entry(path.parent_path(), error), end;
         !error && entry != end && found.size() <= files_max; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (::fnmatch(path.filename().c_str(), name.c_str(), FNM_PERIOD) == 0)
            found.push_back(entry->path().string());
    }
    std::ranges::sort(found);
    return found;
}

class Loader {
public:
    void add(KnowledgeKind kind, std::string_view key, const std::vector<std::string>& patterns) {
        for (std::size_t i = 0; i < patterns.size(); ++i) {
            if (patterns[i].empty()) continue;  // the configuration's own check tells it
            const std::string place = "/knowledge" + row_path(key, i);
            const std::vector<std::string> files = files_of(patterns[i]);
            if (files.empty()) problems.push_back({place, patterns[i] + ": names no file"});
            if (files.size() > files_max)
                problems.push_back({place, patterns[i] + ": names too many files"});
            else
                for (const std::string& file : files) read(kind, place, file);
        }
    }

    std::vector<KnowledgeText> texts;
    std::vector<config::Problem> problems;

private:
    // A pipe or a device would be waited for without end.
    void read(KnowledgeKind kind, const std::string& place, const std::string& file) {
        std::error_code error;
        if (!fs::is_regular_file(file, error))
            return problems.push_back({place, file + ": is no regular file"});
        if (fs::file_size(file, error) > file_bytes_max || error)
            return problems.push_back({place, file + ": is larger than 64 MiB"});
        std::ifstream in(file, std::ios::binary);
        if (!in) return problems.push_back({place, file + ": cannot be read"});
        std::string text{std::istreambuf_iterator<char>(in), {}};
        texts.push_back({kind, place, file, std::move(text)});
    }
};

}  // namespace

LoadedKnowledge load_knowledge(const config::Knowledge& named, const config::Consent& consent,
                               const CompleteTexts& complete) {
    Loader loader;
    loader.add(KnowledgeKind::Plan, "plans", named.plans);
    loader.add(KnowledgeKind::Sensitivity, "sensitivity", named.sensitivity);
    loader.add(KnowledgeKind::Specialty, "specialties", named.specialties);
    loader.add(KnowledgeKind::Map, "maps", named.maps);
    loader.add(KnowledgeKind::Quirk, "quirks", named.quirks);
    if (complete) complete(loader.texts, loader.problems);
    LoadedKnowledge loaded = read_knowledge(std::move(loader.texts));
    if (consent.unspoken) withhold_unspoken(*consent.unspoken, loaded);
    set_part2(consent, loaded);
    if (loader.problems.empty()) return loaded;
    loaded.problems.insert(loaded.problems.begin(), loader.problems.begin(), loader.problems.end());
    loaded.knowledge.reset();
    return loaded;
}

}  // namespace consultd
