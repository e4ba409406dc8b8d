// How long a patient waits for the hospital that they look for, among 60,000 names: against one
// look at each name as it stands (std::string::find), which forgives nothing. A search with its
// typing errors should cost no more than ten of those.
#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "adapter/directory/word_index.h"

namespace {

using consultd::WordIndex;

constexpr std::size_t names_count = 60'000;

struct List {
    std::vector<std::string> names;
    WordIndex index;
};

// Names as such lists have them: some words of their own, some that half of them have.
const List& list() {
    static const List made = [] {
        constexpr const char* kinds[] = {"Hospital", "Medical Center",  "Clinic",
                                         "Health",   "Family Practice", "Associates",
                                         "Eye Care", "Pediatrics"};
        constexpr const char* sounds[] = {"ba",  "cor", "del", "fin", "gra",  "hol", "jen", "kel",
                                          "lan", "mor", "nor", "pel", "quin", "ros", "sta", "ver"};
        std::mt19937 random(7);
        const auto any = [&](const auto& of) { return of[random() % std::size(of)]; };
        const auto word = [&] {
            std::string text;
            for (std::size_t left = 2 + random() % 3; left > 0; --left) text += any(sounds);
            return text;
        };
        List out;
        for (std::uint32_t i = 0; i < names_count; ++i) {
            out.names.push_back(word() + " " + word() + " " + any(kinds));
            out.index.add(i, out.names.back(), WordIndex::Field::Name);
            out.index.add(i, word() + " ME", WordIndex::Field::Place);
        }
        out.index.finish();
        return out;
    }();
    return made;
}

void look_at_each_name(benchmark::State& state) {
    const std::vector<std::string>& names = list().names;
    for (auto _ : state) {
        std::size_t found = 0;
        for (const std::string& name : names)
            found += name.find("quinverlan") != std::string::npos ? 1 : 0;
        benchmark::DoNotOptimize(found);
    }
}
BENCHMARK(look_at_each_name)->Unit(benchmark::kMicrosecond);

void find(benchmark::State& state, const char* asked) {
    for (auto _ : state) benchmark::DoNotOptimize(list().index.find(asked, 21));
}
BENCHMARK_CAPTURE(find, a_name, "quinverlan hospital")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(find, with_errors, "qiunverlann hopsital")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(find, common_words, "medical center clinic")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(find, eight_words, "corde lanmor kelver rosta finba holjen quinsta health")
    ->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
