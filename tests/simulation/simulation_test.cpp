// simulation_test: the daemon's whole logic in simulated worlds, each from a seed. What is found is
// found again by the seed alone.
//
//     simulation_test                       the worlds that every build runs
//     simulation_test --transfers 10000     so many transfers, in as many worlds as it takes
//     simulation_test --seed N [--aloud]    one world; every event is printed
//     simulation_test --from N              where to begin
//     simulation_test --keep-log FOLDER     the last world's audit log and our public key
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "tests/simulation/world.h"

namespace consultd::simulation {
namespace {

#ifdef CONSULTD_SANITIZED
constexpr std::size_t transfers_by_default = 60;  // a sanitizer makes it ten times slower
#else
constexpr std::size_t transfers_by_default = 600;
#endif

struct Options {
    std::uint64_t first_seed = 1;
    std::size_t transfers = transfers_by_default;
    bool is_one = false, is_aloud = false;
    std::string log_folder;
};

// A few worlds are large, so that their logs have more than one full tile.
std::size_t transfers_of(std::uint64_t seed) { return seed % 64 == 9 ? 160 : 20; }

struct Totals {
    std::uint64_t worlds = 0, transfers = 0, deaths = 0, exchanges = 0, packets = 0;
    std::map<std::string, std::uint64_t> ends;  // by state
};

// What a verifier needs that is not ours: the files, and the key beside them.
void keep_log(const Disk& disk, const std::filesystem::path& folder) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder / "audit");
    for (const auto& [path, inode] : disk.files()) {
        if (!inode) {
            std::filesystem::create_directories(folder / "audit" / path);
            continue;
        }
        std::ofstream(folder / "audit" / path, std::ios::binary) << *inode;
    }
    std::ofstream(folder / "audit.pub") << audit_key().public_pem();
}

// The digest of its history; absent when a promise was broken, which is told.
std::optional<std::uint64_t> run_world(std::uint64_t seed, const Options& options, Totals* totals) {
    World world(seed, transfers_of(seed), options.is_aloud);
    try {
        world.run();
    } catch (const Violation& violation) {
        std::printf("%s\nBROKEN: %s: %s\nagain by: simulation_test --seed %llu\n",
                    world.history().last_events().c_str(), violation.promise.c_str(),
                    violation.what.c_str(), static_cast<unsigned long long>(seed));
        return std::nullopt;
    }
    if (totals != nullptr) {
        if (!options.log_folder.empty()) keep_log(world.disk(), options.log_folder);
        ++totals->worlds;
        totals->transfers += world.asked().size();
        totals->deaths += world.deaths();
        totals->exchanges += world.exchanges();
        for (const auto& [id, asked] : world.asked()) {
            totals->packets += asked.packets;
            ++totals->ends[std::string(name_of(world.tables().find(id)->transfer.state))];
        }
    }
    return world.history().digest();
}

bool run(const Options& options) {
    Totals totals;
    constexpr std::uint64_t repeated_once_in = 16;
    const auto start = std::chrono::steady_clock::now();
    for (std::uint64_t seed = options.first_seed; totals.transfers < options.transfers; ++seed) {
        const auto digest = run_world(seed, options, &totals);
        if (!digest) return false;
        // 7. Same in, same out: the same seed gives the same history, to the byte.
        const bool is_repeated = seed % repeated_once_in == 0 || options.is_one;
        if (is_repeated && !options.is_aloud && run_world(seed, options, nullptr) != digest) {
            std::printf("BROKEN: same in, same out: seed %llu has two histories\n",
                        static_cast<unsigned long long>(seed));
            return false;
        }
        if (options.is_one) break;
    }
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::printf("%llu transfers in %llu worlds (seeds %llu to %llu), %.1f s, %.0f a minute\n",
                static_cast<unsigned long long>(totals.transfers),
                static_cast<unsigned long long>(totals.worlds),
                static_cast<unsigned long long>(options.first_seed),
                static_cast<unsigned long long>(options.first_seed + totals.worlds - 1), seconds,
                60 * static_cast<double>(totals.transfers) / seconds);
    std::printf("%llu deaths, %llu exchanges, %llu packets;",
                static_cast<unsigned long long>(totals.deaths),
                static_cast<unsigned long long>(totals.exchanges),
                static_cast<unsigned long long>(totals.packets));
    for (const auto& [state, count] : totals.ends)
        std::printf(" %s %llu", state.c_str(), static_cast<unsigned long long>(count));
    std::printf("\n");
    return true;
}

std::optional<Options> read_options(int count, char** words) {
    Options options;
    for (int i = 1; i < count; ++i) {
        const std::string_view word = words[i];
        if (word == "--aloud") {
            options.is_aloud = true;
            continue;
        }
        if (++i == count) return std::nullopt;
        if (word == "--keep-log") {
            options.log_folder = words[i];
            continue;
        }
        const std::uint64_t number = std::strtoull(words[i], nullptr, 10);
        if (word == "--seed") {
            options.first_seed = number;
            options.is_one = true;
        } else if (word == "--from") {
            options.first_seed = number;
        } else if (word == "--transfers") {
            options.transfers = number;
        } else {
            return std::nullopt;
        }
    }
    return options;
}

}  // namespace
}  // namespace consultd::simulation

int main(int count, char** words) {
    const auto options = consultd::simulation::read_options(count, words);
    if (!options) {
        std::fprintf(stderr,
                     "simulation_test [--seed N [--aloud]] [--from N] [--transfers N] "
                     "[--keep-log FOLDER]\n");
        return 64;
    }
    return consultd::simulation::run(*options) ? 0 : 1;
}
