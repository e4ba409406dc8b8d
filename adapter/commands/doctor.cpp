// doctor: reaches each institution of the configuration, and says what works, what does not, and
// whose turn it is.
#include <sysexits.h>

#include <algorithm>

#include "adapter/commands/commands.h"
#include "adapter/commands/report.h"
#include "adapter/commands/stop_signal.h"
#include "adapter/commands/workplace.h"
#include "adapter/doctor/rooms.h"

namespace consultd::commands {
namespace {

using doctor::Finding;
using doctor::Findings;
using doctor::Mark;
using fhir::Json;

struct Examined {
    std::string side, key, address;
    Findings findings;
};

StaticText word_of(Mark mark) {
    switch (mark) {
        case Mark::Good:
            return "ok";
        case Mark::Note:
            return "note";
        case Mark::Bad:
            return "BAD";
        case Mark::Skip:
            break;
    }
    return "-";
}

std::string padded(std::string_view text, std::size_t width) {
    std::string out(text);
    out.append(width > text.size() ? width - text.size() : 1, ' ');
    return out;
}

std::string table_of(const std::vector<Examined>& all) {
    std::string out;
    for (const Examined& one : all) {
        out += padded(one.side + " " + one.key, 28) + one.address + "\n";
        for (const Finding& finding : one.findings) {
            out += "  " + padded(word_of(finding.mark).view(), 6) +
                   padded(finding.what.view(), 18) + finding.seen + "\n";
            if (!finding.to_do.view().empty())
                out += std::string(26, ' ') + std::string(finding.to_do.view()) + "\n";
        }
    }
    return out;
}

Json json_of(const std::vector<Examined>& all) {
    std::vector<Json> items;
    for (const Examined& one : all) {
        std::vector<Json> lines;
        for (const Finding& finding : one.findings)
            lines.push_back(Json::object({{"mark", word_of(finding.mark).view()},
                                          {"what", finding.what.view()},
                                          {"seen", finding.seen},
                                          {"toDo", finding.to_do.view()}}));
        items.push_back(Json::object({{"side", one.side},
                                      {"name", one.key},
                                      {"address", one.address},
                                      {"findings", Json::array(std::move(lines))}}));
    }
    return Json::array(std::move(items));
}

// Both sides, or the one that was named.
std::vector<Examined> examine(const DoctorOptions& options, const LoadedConfig& loaded,
                              const doctor::Tools& tools) {
    const config::Config& config = *loaded.config;
    Peers peers(config, {.clock = tools.clock, .random = tools.random});
    const bool is_one = !options.source.empty() || !options.destination.empty();
    std::vector<Examined> all;
    const auto look_at = [&](const config::Source& source) {
        Examined& one =
            all.emplace_back(Examined{"source", source.key, source.fhir_base_url.text(), {}});
        look_at_source(source, *peers.source(source.key), loaded.knowledge->plan, options.patient,
                       tools, one.findings);
    };
    for (const auto& [key, source] : config.sources)
        if (!is_one) look_at(source);
    // Also what a directory lists, of which all are too many.
    if (!options.source.empty()) look_at(config.source(options.source).value());
    for (const auto& [key, destination] : config.destinations) {
        if (is_one && key != options.destination) continue;
        Examined& one =
            all.emplace_back(Examined{"destination", key, destination.fhir_base_url.text(), {}});
        look_at_destination(destination, *peers.destination(key), tools, one.findings);
    }
    if (const Result<std::string> keys = public_jwks_of(config); keys && !is_one) {
        Examined& one = all.emplace_back(Examined{"we", "", config.listen.public_url, {}});
        look_at_our_keys(config, *keys, tools, one.findings);
    }
    return all;
}

// What was named and is not there; empty: all is.
std::string wrong_in(const DoctorOptions& options, const config::Config& config) {
    if (!options.source.empty() && !config.source(options.source))
        return "the configuration has no source \"" + options.source + "\"";
    if (!options.destination.empty() && !config.destinations.contains(options.destination))
        return "the configuration has no destination \"" + options.destination + "\"";
    return {};
}

bool is_bad(const Examined& one) {
    return std::ranges::any_of(one.findings,
                               [](const Finding& finding) { return finding.mark == Mark::Bad; });
}

}  // namespace

int doctor(const DoctorOptions& options) {
    const LoadedConfig loaded =
        load_config_and_knowledge(options.config_file, {}, AskTerminology::Yes);
    if (!loaded.config) return loaded.exit_code;
    if (const std::string wrong = wrong_in(options, *loaded.config); !wrong.empty())
        return fail("doctor", wrong, EX_USAGE);
    SystemClock clock;
    SystemRandom random;
    const StopSignal signals;
    const std::vector<Examined> all = examine(options, loaded, {clock, random, signals.token()});
    const std::string text = options.json ? json_of(all).print() + "\n" : table_of(all);
    if (options.report_file.empty()) {
        print_result(text);
    } else if (const Status written =
                   write_file(options.report_file,
                              "consultd doctor, " + format_date_time(clock.now()) + "\n" + text);
               !written) {
        return fail("doctor", written.error().message(), EX_CANTCREAT);
    }
    return std::ranges::any_of(all, is_bad) ? EX_UNAVAILABLE : EX_OK;
}

}  // namespace consultd::commands
