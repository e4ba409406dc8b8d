// Hospitals: where patients may have their records, as they search for it by name and town: the
// sources of the configuration that are opened by a patient's own sign-in, and all that its
// directories list. One sign-in has many names; a source of the configuration goes before what a
// directory says of the same address. Made once for a configuration, which outlives it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "adapter/directory/word_index.h"
#include "config/config.h"

namespace consultd {

// One that was found, as it is shown.
struct Hospital {
    std::string source;  // key of the configuration: Config::source()
    std::string name, provider, portal;
    std::string towns;  // "Quillhaven, ME; Harbor, ME"
    std::string host;   // of its FHIR base
};

class Hospitals {
public:
    explicit Hospitals(const config::Config& config);

    // How many names there are to look among.
    std::size_t size() const { return entries_.size(); }
    bool has_directories() const { return !config_.directories.empty(); }
    std::vector<Hospital> find(std::string_view asked, std::size_t count_max) const;
    // Those of the configuration itself, by name, and no more than that.
    std::vector<Hospital> configured(std::size_t count_max) const;

private:
    struct Listed {
        const config::Directory* directory;
        const fhir::Brand* brand;
        std::string source;
    };
    using Entry = std::variant<const config::Source*, Listed>;
    void add_directory(const config::Directory& directory,
                       const std::map<std::string, std::string>& configured);
    static Hospital shown(const Entry& entry);

    const config::Config& config_;
    std::vector<Entry> entries_;
    WordIndex index_;
};

}  // namespace consultd
